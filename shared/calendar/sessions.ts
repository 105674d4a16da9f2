import { Temporal } from "temporal-polyfill";
import { fail, type Result, succeed } from "../platform/result.ts";
import { halfDaysIn, holidaysIn } from "./holidays.ts";
import { SPECIAL_DAYS } from "./special-days.ts";

/** The exchange's time zone. */
export const EXCHANGE_TIME_ZONE = "America/New_York";

/** The years this calendar answers for, both included. */
export const CALENDAR_YEARS = { first: 2019, last: 2050 } as const;

const OPEN = Temporal.PlainTime.from("09:30");
const CLOSE = Temporal.PlainTime.from("16:00");
const HALF_DAY_CLOSE = Temporal.PlainTime.from("13:00");
const WEEKEND = new Map([
  [6, "Saturday"],
  [7, "Sunday"],
]);

/** The regular trading hours of one day on the exchange; auctions and late trading are not part of it. */
export interface Session {
  /** `half`: the exchange closes at 13:00. */
  readonly kind: "full" | "half";
  /** The exchange's date. */
  readonly date: Temporal.PlainDate;
  readonly open: Temporal.Instant;
  /** The first instant that no longer belongs to the session. */
  readonly close: Temporal.Instant;
  /** The open on the exchange's clock. */
  readonly localOpen: Temporal.PlainTime;
  /** The close on the exchange's clock. */
  readonly localClose: Temporal.PlainTime;
  /** Why it is a half day; absent on full days. */
  readonly reason?: string;
}

export interface ClosedDay {
  readonly kind: "closed";
  readonly date: Temporal.PlainDate;
  /** The holiday, the special closure, or the day of the weekend. */
  readonly reason: string;
}

export type TradingDay = Session | ClosedDay;

/** `closed`: no trading day; `before-open` and `after-close`: the rest of a trading day, midnight to midnight. */
export type MarketPhase = "closed" | "before-open" | "open" | "after-close";

/** Tells what the exchange does on `date`. Fails outside {@link CALENDAR_YEARS}. */
export function tradingDay(date: Temporal.PlainDate): Result<TradingDay, "CALENDAR_OUT_OF_RANGE"> {
  const { first, last } = CALENDAR_YEARS;
  if (date.year < first || date.year > last) {
    return fail("CALENDAR_OUT_OF_RANGE", { date: date.toString(), firstYear: first, lastYear: last });
  }
  const weekend = WEEKEND.get(date.dayOfWeek);
  if (weekend !== undefined) return succeed({ kind: "closed", date, reason: weekend });
  const unusual = unusualDay(date);
  if (unusual?.kind === "closed") return succeed({ kind: "closed", date, reason: unusual.reason });
  return succeed(session(date, unusual?.reason));
}

/** The session on `date`, or undefined on a closed day. */
export function sessionOn(date: Temporal.PlainDate): Result<Session | undefined, "CALENDAR_OUT_OF_RANGE"> {
  const day = tradingDay(date);
  if (!day.ok) return day;
  return succeed(day.value.kind === "closed" ? undefined : day.value);
}

/** The first session that opens after `instant`; one that opens at this very instant is not it. */
export function nextSession(instant: Temporal.Instant): Result<Session, "CALENDAR_OUT_OF_RANGE"> {
  return search(instant, (candidate) => isAfter(candidate.open, instant));
}

/** The session under way at `instant`, else the next one: the first that closes after `instant`. */
export function sessionUnderWayOrNext(instant: Temporal.Instant): Result<Session, "CALENDAR_OUT_OF_RANGE"> {
  return search(instant, (candidate) => isAfter(candidate.close, instant));
}

/** The sessions from `from` to `to`, both dates included, ascending; none when `to` lies before `from`. */
export function tradingDaysBetween(
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): Result<readonly Session[], "CALENDAR_OUT_OF_RANGE"> {
  const sessions: Session[] = [];
  for (let date = from; Temporal.PlainDate.compare(date, to) <= 0; date = date.add({ days: 1 })) {
    const day = sessionOn(date);
    if (!day.ok) return day;
    if (day.value !== undefined) sessions.push(day.value);
  }
  return succeed(sessions);
}

/** Where the exchange's day stands at `instant`. */
export function marketPhase(instant: Temporal.Instant): Result<MarketPhase, "CALENDAR_OUT_OF_RANGE"> {
  const day = sessionOn(exchangeDate(instant));
  if (!day.ok) return day;
  return succeed(day.value === undefined ? "closed" : phaseWithin(day.value, instant));
}

function search(
  from: Temporal.Instant,
  fits: (candidate: Session) => boolean,
): Result<Session, "CALENDAR_OUT_OF_RANGE"> {
  for (let date = exchangeDate(from); ; date = date.add({ days: 1 })) {
    const day = sessionOn(date);
    if (!day.ok) return day;
    if (day.value !== undefined && fits(day.value)) return succeed(day.value);
  }
}

function phaseWithin(day: Session, instant: Temporal.Instant): Exclude<MarketPhase, "closed"> {
  if (isAfter(day.open, instant)) return "before-open";
  return isAfter(day.close, instant) ? "open" : "after-close";
}

/** A special day beats the rules: the exchange has spoken about this very date. */
function unusualDay(date: Temporal.PlainDate): { kind: "closed" | "half"; reason: string } | undefined {
  const text = date.toString();
  return (
    SPECIAL_DAYS.find((day) => day.date === text) ??
    holidaysIn(date.year).find((day) => day.date.equals(date)) ??
    halfDaysIn(date.year).find((day) => day.date.equals(date))
  );
}

function session(date: Temporal.PlainDate, halfDayReason: string | undefined): Session {
  const localClose = halfDayReason === undefined ? CLOSE : HALF_DAY_CLOSE;
  const times = {
    date,
    open: onExchangeClock(date, OPEN),
    close: onExchangeClock(date, localClose),
    localOpen: OPEN,
    localClose,
  };
  return halfDayReason === undefined
    ? { kind: "full", ...times }
    : { kind: "half", ...times, reason: halfDayReason };
}

function onExchangeClock(date: Temporal.PlainDate, time: Temporal.PlainTime): Temporal.Instant {
  return date.toZonedDateTime({ timeZone: EXCHANGE_TIME_ZONE, plainTime: time }).toInstant();
}

function exchangeDate(instant: Temporal.Instant): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate();
}

function isAfter(one: Temporal.Instant, other: Temporal.Instant): boolean {
  return Temporal.Instant.compare(one, other) > 0;
}
