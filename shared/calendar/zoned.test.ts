import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { clockTimes, dateIn, dateTimeText, midnightAfter, startOfDay, zoneLabel } from "./zoned.ts";

const NEW_YORK = "America/New_York";

test.each([
  ["an ordinary day", "2026-11-23T13:31:00Z", NEW_YORK, "2026-11-24T05:00:00Z"],
  ["the night of the spring change", "2026-03-08T06:30:00Z", NEW_YORK, "2026-03-09T04:00:00Z"],
  ["the night of the autumn change", "2026-11-01T05:30:00Z", NEW_YORK, "2026-11-02T05:00:00Z"],
  ["the repeated hour's second run", "2026-11-01T06:30:00Z", NEW_YORK, "2026-11-02T05:00:00Z"],
  ["midnight itself", "2026-11-23T05:00:00Z", NEW_YORK, "2026-11-24T05:00:00Z"],
  ["the last moment of a day", "2026-11-23T04:59:59.999999999Z", NEW_YORK, "2026-11-23T05:00:00Z"],
  ["a day without 00:00", "2018-11-03T12:00:00Z", "America/Sao_Paulo", "2018-11-04T03:00:00Z"],
  ["a day before one that was left out", "2011-12-29T20:00:00Z", "Pacific/Apia", "2011-12-30T10:00:00Z"],
])("the next midnight after %s is found", (_name, at, timeZone, midnight) => {
  expect(midnightAfter(instant(at), timeZone).toString()).toBe(midnight);
});

test("a day runs from its start up to the next midnight, and no further", () => {
  const zones = fc.constantFrom(NEW_YORK, "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "UTC");
  const range = { min: instant("2019-01-01T00:00Z"), max: instant("2050-01-01T00:00Z") };
  const moments = fc.integer({ min: range.min.epochMilliseconds, max: range.max.epochMilliseconds });

  fc.assert(
    fc.property(moments, zones, (ms, timeZone) => {
      const at = Temporal.Instant.fromEpochMilliseconds(ms);
      const start = startOfDay(at, timeZone);
      const end = midnightAfter(at, timeZone);

      expect(Temporal.Instant.compare(start, at)).toBeLessThanOrEqual(0);
      expect(Temporal.Instant.compare(at, end)).toBeLessThan(0);
      const day = dateIn(at, timeZone);
      expect(dateIn(start, timeZone).equals(day)).toBe(true);
      expect(dateIn(end.subtract({ nanoseconds: 1 }), timeZone).equals(day)).toBe(true);
      expect(dateIn(end, timeZone).equals(day.add({ days: 1 }))).toBe(true);
      expect(dateIn(start.subtract({ nanoseconds: 1 }), timeZone).equals(day.subtract({ days: 1 }))).toBe(
        true,
      );
      expect(startOfDay(end, timeZone).equals(end)).toBe(true);
    }),
  );
});

test.each([
  ["2026-11-23T13:30:00Z", ["08:30 ET", "05:30 PT", "13:30 London"]],
  ["2026-07-06T12:30:00Z", ["08:30 ET", "05:30 PT", "13:30 London"]],
  ["2026-03-16T12:30:00Z", ["08:30 ET", "05:30 PT", "12:30 London"]],
])("at %s the clocks show %j", (at, texts) => {
  const zones = [NEW_YORK, "America/Los_Angeles", "Europe/London"];

  expect(clockTimes(instant(at), zones)).toEqual(texts);
});

test("a clock on another date than the first names its day, and a zone named twice is told once", () => {
  const at = instant("2026-11-23T13:30:00Z");

  const texts = clockTimes(at, [NEW_YORK, "Australia/Sydney", "America/Los_Angeles", NEW_YORK]);

  expect(texts).toEqual(["08:30 ET", "Tue 00:30 Sydney", "05:30 PT"]);
  expect(clockTimes(at, [])).toEqual([]);
});

test("zones are named for both halves of the year or by their city", () => {
  const zones = [NEW_YORK, "America/Los_Angeles", "Etc/UTC", "Asia/Ho_Chi_Minh", "America/Argentina/Salta"];

  expect(zones.map(zoneLabel)).toEqual(["ET", "PT", "UTC", "Ho Chi Minh", "Salta"]);
});

test("the full text follows daylight saving", () => {
  const [winter, summer] = [instant("2026-01-15T12:00:00Z"), instant("2026-07-15T12:00:00Z")];

  expect(dateTimeText(winter, NEW_YORK)).toBe("Thu 2026-01-15 07:00");
  expect(dateTimeText(summer, NEW_YORK)).toBe("Wed 2026-07-15 08:00");
});

test("an unknown zone throws", () => {
  expect(() => midnightAfter(instant("2026-01-15T12:00:00Z"), "Mars/Olympus")).toThrow(RangeError);
});

function instant(text: string): Temporal.Instant {
  return Temporal.Instant.from(text);
}
