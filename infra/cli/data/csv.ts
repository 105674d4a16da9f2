/** Rows of text as CSV per RFC 4180, safe to open in a spreadsheet. Pure. */

/** What a spreadsheet would take for the beginning of a formula, were it not a number. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

/** One line with its end. Empty cells stand for what is missing. */
export function csvLine(cells: readonly (string | undefined)[]): string {
  return `${cells.map((cell) => csvCell(cell ?? "")).join(",")}\r\n`;
}

/** Numbers stay as they are; text that would be run as a formula gets an apostrophe before it. */
function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
