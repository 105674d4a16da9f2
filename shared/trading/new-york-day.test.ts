import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { newYorkDate, newYorkMidnight, newYorkWeek } from "./new-york-day.ts";

const at = (text: string) => Temporal.Instant.from(text);

test.each([
  ["2026-03-02T04:59:59.999Z", "2026-03-01", "2026-02-23"],
  ["2026-03-02T05:00:00Z", "2026-03-02", "2026-03-02"],
  // The day on which the clocks go forward has 23 hours, the one on which they go back 25.
  ["2026-03-08T04:59:59Z", "2026-03-07", "2026-03-02"],
  ["2026-03-08T05:00:00Z", "2026-03-08", "2026-03-02"],
  ["2026-03-09T03:59:59Z", "2026-03-08", "2026-03-02"],
  ["2026-03-09T04:00:00Z", "2026-03-09", "2026-03-09"],
  ["2026-11-01T04:00:00Z", "2026-11-01", "2026-10-26"],
  ["2026-11-02T04:59:59Z", "2026-11-01", "2026-10-26"],
  ["2026-11-02T05:00:00Z", "2026-11-02", "2026-11-02"],
  ["2027-01-01T04:59:59Z", "2026-12-31", "2026-12-28"],
])("at %s New York's date is %s and its week began on %s", (instant, date, week) => {
  expect([newYorkDate(at(instant)), newYorkWeek(at(instant))]).toEqual([date, week]);
});

test("whatever was asked before, the date is the time zone's own", () => {
  const minutes = fc.integer({ min: 29_000_000, max: 32_000_000 });
  fc.assert(
    fc.property(fc.array(minutes, { minLength: 1, maxLength: 5 }), (asked) => {
      for (const minute of asked) {
        const instant = Temporal.Instant.fromEpochMilliseconds(minute * 60_000);
        const zoned = instant.toZonedDateTimeISO("America/New_York");
        expect(newYorkDate(instant)).toBe(zoned.toPlainDate().toString());
        expect(newYorkMidnight(instant).equals(zoned.startOfDay().toInstant())).toBe(true);
        const monday = Temporal.PlainDate.from(newYorkWeek(instant));
        expect(monday.dayOfWeek).toBe(1);
        expect(zoned.toPlainDate().since(monday).days).toBeLessThan(7);
      }
    }),
    { numRuns: 200 },
  );
});
