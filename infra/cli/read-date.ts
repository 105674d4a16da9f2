import { InvalidArgumentError } from "commander";
import { Temporal } from "temporal-polyfill";

/** The form of a date. */
export const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A date of the command line; what is none is not understood. */
export function readDate(text: string): Temporal.PlainDate {
  try {
    if (DATE.test(text)) return Temporal.PlainDate.from(text, { overflow: "reject" });
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError("It is not a date like 2026-11-23.");
}
