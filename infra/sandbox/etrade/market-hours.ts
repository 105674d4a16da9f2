import { Temporal } from "temporal-polyfill";
import { NEW_YORK } from "./token-life.ts";

/** The regular session of one day. */
export interface MarketSession {
  readonly open: Temporal.Instant;
  readonly close: Temporal.Instant;
}

/** The regular session on a date in New York; undefined on a day without one. */
export type SessionOn = (date: Temporal.PlainDate) => MarketSession | undefined;

/** Where the day stands; `extended` is 07:00 to the open and the close to 20:00, New York time. */
export type Phase = "closed" | "before-extended" | "extended" | "open" | "after-extended";

const isBefore = (a: Temporal.Instant, b: Temporal.Instant) => Temporal.Instant.compare(a, b) < 0;

function at(date: Temporal.PlainDate, time: string): Temporal.Instant {
  return date.toZonedDateTime({ timeZone: NEW_YORK, plainTime: Temporal.PlainTime.from(time) }).toInstant();
}

/** A calendar without holidays: 09:30 to 16:00 from Monday to Friday. */
export function weekdaySession(date: Temporal.PlainDate): MarketSession | undefined {
  return date.dayOfWeek <= 5 ? { open: at(date, "09:30"), close: at(date, "16:00") } : undefined;
}

/** Tells where the market day stands at `now`. */
export function phaseAt(sessionOn: SessionOn, now: Temporal.Instant): Phase {
  const date = now.toZonedDateTimeISO(NEW_YORK).toPlainDate();
  const session = sessionOn(date);
  if (session === undefined || isBefore(now, at(date, "04:00"))) return "closed";
  if (isBefore(now, at(date, "07:00"))) return "before-extended";
  if (isBefore(now, session.open)) return "extended";
  if (isBefore(now, session.close)) return "open";
  return isBefore(now, at(date, "20:00")) ? "extended" : "after-extended";
}

/** The session that was opened last at `now`: the one under way, or the last one. Throws when there was none for 30 days. */
export function lastSession(sessionOn: SessionOn, now: Temporal.Instant): MarketSession {
  const today = now.toZonedDateTimeISO(NEW_YORK).toPlainDate();
  for (let days = 0; days <= 30; days += 1) {
    const session = sessionOn(today.subtract({ days }));
    if (session !== undefined && !isBefore(now, session.open)) return session;
  }
  throw new RangeError("The simulated market had no session for 30 days.");
}

/** The session before the one that was opened last. */
export function sessionBefore(sessionOn: SessionOn, session: MarketSession): MarketSession {
  return lastSession(sessionOn, session.open.subtract({ milliseconds: 1 }));
}

/** When the last regular trade was done: now, while the market is open, or its last close. */
export function lastTradeAt(session: MarketSession, now: Temporal.Instant): Temporal.Instant {
  return isBefore(now, session.close) ? now : session.close;
}
