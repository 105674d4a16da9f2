import { ERRORS, type ErrorCode } from "../errors.ts";

/** Whether a failure stays until a person changes something: trying again soon brings nothing. */
export function isLasting(code: ErrorCode): boolean {
  return ERRORS[code].retry === "never";
}
