import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { Result } from "../platform/result.ts";
import {
  CALENDAR_YEARS,
  marketPhase,
  nextSession,
  type Session,
  sessionOn,
  sessionUnderWayOrNext,
  tradingDay,
  tradingDaysBetween,
} from "./sessions.ts";

/** The exchange's announcements, https://www.nyse.com/trade/hours-calendars and its press releases: month-day. */
const PUBLISHED: readonly (readonly [year: number, closed: string, half: string])[] = [
  [2019, "01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"],
  [2020, "01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25", "11-27 12-24"],
  [2021, "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24", "11-26"],
  [2022, "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26", "11-25"],
  [2023, "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25", "07-03 11-24"],
  [2024, "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"],
  [2025, "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25", "07-03 11-28 12-24"],
  [2026, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25", "11-27 12-24"],
  [2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24", "11-26"],
  [2028, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25", "07-03 11-24"],
];

test.each(PUBLISHED)(
  "%i has the holidays and half days that the exchange published",
  (year, closed, half) => {
    const weekdays = datesOf(year).filter((date) => date.dayOfWeek <= 5);

    const days = weekdays.map((date) => unwrap(tradingDay(date)));

    const monthDays = (kind: string) =>
      days.filter((day) => day.kind === kind).map((day) => day.date.toString().slice(5));
    expect(monthDays("closed").join(" ")).toBe(closed);
    expect(monthDays("half").join(" ")).toBe(half);
  },
);

test.each([
  ["2019-04-19", "closed", "Good Friday"],
  ["2021-12-31", "full", undefined],
  ["2022-06-20", "closed", "Juneteenth (observed)"],
  ["2023-01-02", "closed", "New Year's Day (observed)"],
  ["2025-01-09", "closed", "National Day of Mourning for Jimmy Carter"],
  ["2026-07-03", "closed", "Independence Day (observed)"],
  ["2026-11-21", "closed", "Saturday"],
  ["2026-11-22", "closed", "Sunday"],
  ["2026-11-27", "half", "Day after Thanksgiving"],
  ["2026-12-24", "half", "Christmas Eve"],
  ["2027-12-31", "full", undefined],
  ["2028-07-03", "half", "Day before Independence Day"],
])("%s is %s: %s", (text, kind, reason) => {
  const day = unwrap(tradingDay(date(text)));

  expect(day.kind).toBe(kind);
  expect(day.reason).toBe(reason);
});

test.each([
  ["2026-03-06", "2026-03-06T14:30:00Z", "2026-03-06T21:00:00Z"],
  ["2026-03-09", "2026-03-09T13:30:00Z", "2026-03-09T20:00:00Z"],
  ["2026-10-30", "2026-10-30T13:30:00Z", "2026-10-30T20:00:00Z"],
  ["2026-11-02", "2026-11-02T14:30:00Z", "2026-11-02T21:00:00Z"],
  ["2026-11-27", "2026-11-27T14:30:00Z", "2026-11-27T18:00:00Z"],
])("the session of %s opens at %s and closes at %s", (text, open, close) => {
  const session = unwrap(sessionOn(date(text)));

  expect(session?.open.toString()).toBe(open);
  expect(session?.close.toString()).toBe(close);
});

test.each([
  ["2026-11-27T05:00:00Z", "before-open"],
  ["2026-11-27T14:29:59.999Z", "before-open"],
  ["2026-11-27T14:30:00Z", "open"],
  ["2026-11-27T17:59:59.999Z", "open"],
  ["2026-11-27T18:00:00Z", "after-close"],
  ["2026-11-28T04:59:59.999Z", "after-close"],
  ["2026-11-28T05:00:00Z", "closed"],
  ["2026-11-26T15:00:00Z", "closed"],
])("at %s the market is %s", (text, phase) => {
  expect(unwrap(marketPhase(instant(text)))).toBe(phase);
});

test("what comes next after an instant is told by the session's edges, open included and close not", () => {
  const open = instant("2026-11-27T14:30:00Z");
  const close = instant("2026-11-27T18:00:00Z");
  const justBefore = { nanoseconds: 1 };

  const found = (look: (at: Temporal.Instant) => Result<Session | undefined>, at: Temporal.Instant) =>
    unwrap(look(at))?.date.toString();

  expect(found(nextSession, open.subtract(justBefore))).toBe("2026-11-27");
  expect(found(nextSession, open)).toBe("2026-11-30");
  expect(found(sessionUnderWayOrNext, open)).toBe("2026-11-27");
  expect(found(sessionUnderWayOrNext, close.subtract(justBefore))).toBe("2026-11-27");
  expect(found(sessionUnderWayOrNext, close)).toBe("2026-11-30");
});

test("the sessions between two dates include both ends and are none when the ends are swapped", () => {
  const forwards = unwrap(tradingDaysBetween(date("2026-11-25"), date("2026-11-30")));
  const backwards = unwrap(tradingDaysBetween(date("2026-11-30"), date("2026-11-25")));

  expect(forwards.map((session) => session.date.toString())).toEqual([
    "2026-11-25",
    "2026-11-27",
    "2026-11-30",
  ]);
  expect(backwards).toEqual([]);
});

test("dates outside the supported years fail, and dates at their very ends do not", () => {
  expect(tradingDay(date("2018-12-31"))).toEqual({
    ok: false,
    code: "CALENDAR_OUT_OF_RANGE",
    detail: { date: "2018-12-31", firstYear: 2019, lastYear: CALENDAR_YEARS.last },
  });
  expect(tradingDay(date(`${CALENDAR_YEARS.last + 1}-01-01`)).ok).toBe(false);
  expect(tradingDaysBetween(date("2018-12-31"), date("2019-01-05")).ok).toBe(false);
  expect(nextSession(instant(`${CALENDAR_YEARS.last}-12-31T23:00:00Z`)).ok).toBe(false);
  expect(tradingDay(date("2019-01-01")).ok).toBe(true);
  expect(tradingDay(date(`${CALENDAR_YEARS.last}-12-31`)).ok).toBe(true);
});

test("every supported year has 250 to 253 sessions, each on a weekday from 09:30 to 16:00 or 13:00", () => {
  for (let year: number = CALENDAR_YEARS.first; year <= CALENDAR_YEARS.last; year++) {
    const sessions = unwrap(tradingDaysBetween(date(`${year}-01-01`), date(`${year}-12-31`)));

    expect(sessions.length).toBeGreaterThanOrEqual(250);
    expect(sessions.length).toBeLessThanOrEqual(253);
    for (const session of sessions) {
      const [openText, closeText] = [session.open, session.close].map((at) =>
        at.toZonedDateTimeISO("America/New_York").toPlainDateTime().toString({ smallestUnit: "minute" }),
      );
      expect(session.date.dayOfWeek).toBeLessThanOrEqual(5);
      expect(openText).toBe(`${session.date}T09:30`);
      expect(closeText).toBe(`${session.date}T${session.kind === "half" ? "13:00" : "16:00"}`);
      expect(session.localOpen.toString()).toBe("09:30:00");
      expect(session.localClose.toString({ smallestUnit: "minute" })).toBe(closeText?.slice(-5));
    }
  }
});

test("no instant lies in a gap: what is before, under way and next always fit together", () => {
  const start = instant("2019-02-01T00:00:00Z").epochMilliseconds;
  const end = instant(`${CALENDAR_YEARS.last}-11-30T00:00:00Z`).epochMilliseconds;

  fc.assert(
    fc.property(fc.integer({ min: start, max: end }), (ms) => {
      const at = Temporal.Instant.fromEpochMilliseconds(ms);
      const next = unwrap(nextSession(at));
      const coming = unwrap(sessionUnderWayOrNext(at));
      const isUnderWay = Temporal.Instant.compare(coming.open, at) <= 0;
      const earlier = unwrap(
        tradingDaysBetween(coming.date.subtract({ days: 10 }), coming.date.subtract({ days: 1 })),
      ).at(-1);
      const between = unwrap(tradingDaysBetween(coming.date, next.date)).map(({ date }) => `${date}`);

      expect(earlier && Temporal.Instant.compare(earlier.close, at)).toBeLessThanOrEqual(0);
      expect(Temporal.Instant.compare(coming.close, at)).toBeGreaterThan(0);
      expect(Temporal.Instant.compare(next.open, at)).toBeGreaterThan(0);
      expect(between).toEqual((isUnderWay ? [coming, next] : [next]).map(({ date }) => `${date}`));
      expect(unwrap(marketPhase(at)) === "open").toBe(isUnderWay);
    }),
    { numRuns: 300 },
  );
});

function date(text: string): Temporal.PlainDate {
  return Temporal.PlainDate.from(text);
}

function instant(text: string): Temporal.Instant {
  return Temporal.Instant.from(text);
}

function datesOf(year: number): readonly Temporal.PlainDate[] {
  const first = new Temporal.PlainDate(year, 1, 1);
  return Array.from({ length: first.daysInYear }, (_, days) => first.add({ days }));
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.code} ${JSON.stringify(result.detail)}`);
  return result.value;
}
