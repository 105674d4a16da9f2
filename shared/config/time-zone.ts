import { Temporal } from "temporal-polyfill";
import { z } from "zod";

/** A name of a zone that this machine can reckon in. */
export const timeZoneSchema = z
  .string()
  .refine(isTimeZone, { error: "is not an IANA time zone such as America/New_York" });

/** The engine's own list leaves out newer names of the zones in it, e.g. Asia/Kolkata: ask for a time there. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
