import { Temporal } from "temporal-polyfill";
import { z } from "zod";

/**
 * An instant as it is stored and sent: ISO 8601 in UTC with exactly three decimals, so that text order is
 * time order. Finer parts than a millisecond are cut off.
 */
export function toIso(instant: Temporal.Instant): string {
  return instant.toString({ fractionalSecondDigits: 3 });
}

/** Schema of a stored instant: ISO text outside, `Temporal.Instant` inside. */
export const instantSchema = z.codec(z.iso.datetime({ offset: true }), z.instanceof(Temporal.Instant), {
  decode: (text) => Temporal.Instant.from(text),
  encode: (instant) => toIso(instant),
});

/** Schema of a stored calendar date: `YYYY-MM-DD` outside, `Temporal.PlainDate` inside. */
export const plainDateSchema = z.codec(z.iso.date(), z.instanceof(Temporal.PlainDate), {
  decode: (text) => Temporal.PlainDate.from(text),
  encode: (date) => date.toString(),
});
