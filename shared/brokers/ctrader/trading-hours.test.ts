import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { ProtoOAHoliday } from "./protocol/open-api.generated.ts";
import { isTradedAt } from "./trading-hours.ts";

const at = (text: string) => Temporal.Instant.from(text);
const hours = (...parts: readonly (readonly [number, number])[]) =>
  parts.map(([startSecond, endSecond]) => ({ startSecond, endSecond }));

/** As a real broker sends them for EURUSD. */
const EURUSD = {
  schedule: hours(
    [86_700, 172_500],
    [173_100, 258_900],
    [259_500, 345_300],
    [345_900, 431_700],
    [432_300, 518_100],
  ),
  scheduleTimeZone: "Europe/Moscow",
  holiday: [] as readonly ProtoOAHoliday[],
};
const CHRISTMAS: ProtoOAHoliday = {
  holidayId: 1,
  name: "Christmas Day",
  scheduleTimeZone: "Europe/Moscow",
  // The 25th of December 2025.
  holidayDate: 20_447,
  isRecurring: true,
};

test.each([
  ["the second of the open", "2026-03-08T21:05:00Z", true],
  ["a millisecond before it", "2026-03-08T21:04:59.999Z", false],
  ["the end of a day, left out", "2026-03-09T20:55:00Z", false],
  ["after the break", "2026-03-09T21:05:00Z", true],
  ["a Saturday", "2026-03-14T12:00:00Z", false],
  ["a Sunday before the open", "2026-03-15T12:00:00Z", false],
])("hours are seconds of the zone's own week: %s", (_name, instant, isOpen) => {
  expect(isTradedAt(EURUSD, at(instant))).toBe(isOpen);
});

test("hours follow the zone's wall clock over a change of it", () => {
  // 09:30 to 16:00 on Fridays and Mondays in New York.
  const schedule = hours([5 * 86_400 + 34_200, 5 * 86_400 + 57_600], [86_400 + 34_200, 86_400 + 57_600]);
  const symbol = { schedule, scheduleTimeZone: "America/New_York", holiday: [] };

  const opens = ["2026-03-06T14:30:00Z", "2026-03-09T13:30:00Z"].map((text) => [
    isTradedAt(symbol, at(text).subtract({ seconds: 1 })),
    isTradedAt(symbol, at(text)),
  ]);

  expect(opens).toEqual([
    [false, true],
    [false, true],
  ]);
});

test.each([
  ["the day itself", CHRISTMAS, "2025-12-25T10:00:00Z", false],
  ["the same day of another year", CHRISTMAS, "2026-12-25T10:00:00Z", false],
  ["the evening before, when it is the day in the zone", CHRISTMAS, "2026-12-24T21:06:00Z", false],
  ["the day before", CHRISTMAS, "2026-12-24T10:00:00Z", true],
  [
    "another year of a day that does not recur",
    { ...CHRISTMAS, isRecurring: false },
    "2026-12-25T10:00:00Z",
    true,
  ],
  ["before the hours of half a holiday", { ...CHRISTMAS, startSecond: 64_800 }, "2025-12-25T14:59:59Z", true],
  ["in the hours of half a holiday", { ...CHRISTMAS, startSecond: 64_800 }, "2025-12-25T15:00:00Z", false],
  [
    "hours that are written as zero",
    { ...CHRISTMAS, startSecond: 0, endSecond: 0 },
    "2025-12-25T10:00:00Z",
    false,
  ],
  [
    "a zone that nobody knows",
    { ...CHRISTMAS, scheduleTimeZone: "Mars/Olympus" },
    "2026-03-10T10:00:00Z",
    false,
  ],
])("holidays: %s", (_name, holiday, instant, isOpen) => {
  expect(isTradedAt({ ...EURUSD, holiday: [holiday] }, at(instant))).toBe(isOpen);
});

test("without hours the broker's word alone counts, and in a zone that nobody knows nothing is traded", () => {
  const saturday = at("2026-03-14T12:00:00Z");
  const weekday = at("2026-03-11T12:00:00Z");

  expect(isTradedAt({ ...EURUSD, schedule: [] }, saturday)).toBe(true);
  expect(isTradedAt({ ...EURUSD, scheduleTimeZone: "Mars/Olympus" }, weekday)).toBe(false);
});
