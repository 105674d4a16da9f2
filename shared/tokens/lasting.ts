import { ERRORS, type ErrorCode } from "../errors.ts";

/**
 * Whether a failure stays until a person changes something: trying again soon brings nothing. A refusal whose
 * reason only the broker knows may pass by itself, and must not keep a good token from green for minutes.
 */
export function isLasting(code: ErrorCode): boolean {
  return ERRORS[code].retry === "never" && code !== "BROKER_REFUSED";
}
