import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { nextOccurrence, occurrences } from "./cron.ts";

const NEW_YORK = "America/New_York";
const MORNING = "*/10 7-9 * * 1-5";

/** Schedules beside the set of minutes they mean, written out by hand for the minute-by-minute comparison. */
const SCHEDULES: readonly (readonly [cron: string, matches: (wall: Temporal.PlainDateTime) => boolean])[] = [
  [MORNING, (wall) => wall.minute % 10 === 0 && wall.hour >= 7 && wall.hour <= 9 && wall.dayOfWeek <= 5],
  ["*/5 * * * *", (wall) => wall.minute % 5 === 0],
  ["30 2 * * *", (wall) => wall.minute === 30 && wall.hour === 2],
  ["0,45 1 * * *", (wall) => (wall.minute === 0 || wall.minute === 45) && wall.hour === 1],
  ["15 0 * * 7", (wall) => wall.minute === 15 && wall.hour === 0 && wall.dayOfWeek === 7],
  ["15 0 * * 0", (wall) => wall.minute === 15 && wall.hour === 0 && wall.dayOfWeek === 7],
  ["0 8 1 * MON", (wall) => wall.minute === 0 && wall.hour === 8 && (wall.day === 1 || wall.dayOfWeek === 1)],
  ["59 23 * 3,11 *", (wall) => wall.minute === 59 && wall.hour === 23 && [3, 11].includes(wall.month)],
];

/** Days around both changes, in either year; Lord Howe moves by half an hour. */
const moments = fc
  .record({
    day: fc.constantFrom("2026-03-07", "2026-04-03", "2026-10-02", "2026-10-30", "2027-03-12", "2026-11-29"),
    minutes: fc.integer({ min: 0, max: 2 * 24 * 60 }),
    seconds: fc.constantFrom(0, 0, 1, 59.5),
  })
  .map(({ day, minutes, seconds }) =>
    instant(`${day}T00:00:00Z`).add({ minutes, milliseconds: seconds * 1_000 }),
  );

test("what is listed is what a look at the wall clock each minute finds, in order", () => {
  const zones = fc.constantFrom(NEW_YORK, "Europe/London", "Australia/Lord_Howe", "UTC");

  fc.assert(
    fc.property(
      fc.constantFrom(...SCHEDULES),
      zones,
      moments,
      fc.integer({ min: 0, max: 4_000 }),
      (...drawn) => {
        const [[cron, matches], timeZone, from, minutes] = drawn;
        const to = from.add({ minutes });

        const listed = occurrences({ cron, timeZone, from, to }).map(String);

        const scanned = minutesAfter(from, to)
          .filter((at) => matches(at.toZonedDateTimeISO(timeZone).toPlainDateTime()))
          .map(String);
        expect(listed).toEqual(scanned);
        expect(listed).toEqual([...new Set(listed)].sort());
      },
    ),
    { numRuns: 150 },
  );
});

test("the next call is the first of the list", () => {
  fc.assert(
    fc.property(fc.constantFrom(...SCHEDULES), moments, ([cron], after) => {
      const next = nextOccurrence({ cron, timeZone: NEW_YORK }, after);

      const listed = occurrences({ cron, timeZone: NEW_YORK, from: after, to: next });
      expect(listed.map(String)).toEqual([next.toString()]);
    }),
    { numRuns: 50 },
  );
});

test("the morning job calls at the same New York times in both weeks around each change, once each", () => {
  const callsOn = (day: string) => {
    const start = Temporal.PlainDate.from(day).toZonedDateTime(NEW_YORK);
    const range = { from: start.toInstant(), to: start.add({ days: 1 }).toInstant() };
    return occurrences({ cron: MORNING, timeZone: NEW_YORK, ...range });
  };
  const [winter, spring] = ["2026-03-06", "2026-03-09"].map(callsOn);
  const [summer, autumn] = ["2026-10-30", "2026-11-02"].map(callsOn);

  expect(winter).toHaveLength(18);
  expect(winter?.at(0)?.toString()).toBe("2026-03-06T12:00:00Z");
  expect(winter?.at(-1)?.toString()).toBe("2026-03-06T14:50:00Z");
  expect(spring).toHaveLength(18);
  expect(spring?.at(0)?.toString()).toBe("2026-03-09T11:00:00Z");
  expect(summer).toHaveLength(18);
  expect(summer?.at(0)?.toString()).toBe("2026-10-30T11:00:00Z");
  expect(autumn).toHaveLength(18);
  expect(autumn?.at(0)?.toString()).toBe("2026-11-02T12:00:00Z");
  expect(callsOn("2026-03-08")).toEqual([]);
});

test("a time that the clocks skip does not call, one that they show twice calls twice", () => {
  const calls = (cron: string, from: string, to: string) =>
    occurrences({ cron, timeZone: NEW_YORK, from: instant(from), to: instant(to) }).map(String);

  expect(calls("30 2 * * *", "2026-03-07T12:00:00Z", "2026-03-09T12:00:00Z")).toEqual([
    "2026-03-09T06:30:00Z",
  ]);
  expect(calls("30 1 * * *", "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z")).toEqual([
    "2026-11-01T05:30:00Z",
    "2026-11-01T06:30:00Z",
  ]);
});

test("the beginning of a range is left out and its end is taken in", () => {
  const range = { from: instant("2026-11-23T13:00:00Z"), to: instant("2026-11-23T13:10:00Z") };

  const calls = occurrences({ cron: "*/5 * * * *", timeZone: "UTC", ...range }).map(String);

  expect(calls).toEqual(["2026-11-23T13:05:00Z", "2026-11-23T13:10:00Z"]);
  expect(occurrences({ cron: "* * * * *", timeZone: "UTC", from: range.to, to: range.from })).toEqual([]);
});

test("a schedule of leap days calls after eight years without one", () => {
  const next = nextOccurrence({ cron: "0 0 29 2 *", timeZone: "UTC" }, instant("2096-03-01T00:00:00Z"));

  expect(next.toString()).toBe("2104-02-29T00:00:00Z");
});

test.each([
  "",
  "* * * *",
  "* * * * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 8",
  "9-5 * * * *",
  "*/0 * * * *",
  "5/5 * * * *",
  "0 0 L * *",
  "0 0 * * 1#2",
  "? * * * *",
  "@daily",
  "0 0 30 2 *",
])("the text %j is refused", (cron) => {
  expect(() => nextOccurrence({ cron, timeZone: "UTC" }, instant("2026-11-23T00:00:00Z"))).toThrow(
    RangeError,
  );
});

test("an unknown zone is refused", () => {
  const schedule = { cron: "* * * * *", timeZone: "Mars/Olympus" };

  expect(() => nextOccurrence(schedule, instant("2026-11-23T00:00:00Z"))).toThrow(RangeError);
});

/** Every full minute after `from` and up to `to`. */
function minutesAfter(from: Temporal.Instant, to: Temporal.Instant): readonly Temporal.Instant[] {
  const first = Math.floor(from.epochMilliseconds / 60_000) + 1;
  const last = Math.floor(to.epochMilliseconds / 60_000);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Temporal.Instant.fromEpochMilliseconds((first + index) * 60_000),
  );
}

function instant(text: string): Temporal.Instant {
  return Temporal.Instant.from(text);
}
