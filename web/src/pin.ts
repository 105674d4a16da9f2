const PIN = /^[A-Z0-9]{4,10}$/;
/** More than this cannot be a PIN, whatever was in the clipboard. */
const LONGEST_INPUT = 40;

/** What was typed or pasted, as brokers show it: capitals, no spaces. */
export function normalisePin(text: string): string {
  return text.replace(/\s+/gu, "").slice(0, LONGEST_INPUT).toUpperCase();
}

/** Whether a normalised text has the form of a PIN: 4 to 10 letters and digits. */
export function isPin(text: string): boolean {
  return PIN.test(text);
}
