import { fail, type Result, succeed } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";

/** Five characters today; documents of the broker show four to ten. */
const PIN = /^[A-Z0-9]{4,10}$/;

/** A PIN as the broker shows it: without white space around or inside, in upper case. */
export function normalizePin(text: string): Result<Secret, "PIN_MALFORMED"> {
  const pin = text.replace(/\s+/g, "").toUpperCase();
  return PIN.test(pin) ? succeed(Secret.of(pin)) : fail("PIN_MALFORMED", { length: Math.min(pin.length, 1_000) });
}
