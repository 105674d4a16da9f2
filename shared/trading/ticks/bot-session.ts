/** When a bot may trade, by the calendar alone. Pure. */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE, type Session, tradingDay } from "../../calendar/sessions.ts";
import { dateTimeText, zoneLabel } from "../../calendar/zoned.ts";
import type { BotSession } from "../../config/bot.ts";

export type SessionAt =
  /** `open` is its first instant, `close` the first after it; without both it has no end. */
  | { readonly kind: "open"; readonly open?: Temporal.Instant; readonly close?: Temporal.Instant }
  | {
      readonly kind: "closed";
      readonly reason: "MARKET_CLOSED" | "OUTSIDE_SESSION";
      /** One sentence. */
      readonly text: string;
    };

type OwnSession = Exclude<BotSession, string>;

const EXTENDED_OPEN = Temporal.PlainTime.from("04:00");

/** The session under way at an instant, or why there is none. `always` is the broker's to say, so it is open here. */
export function sessionAt(session: BotSession, instant: Temporal.Instant): SessionAt {
  switch (session) {
    case "always":
      return { kind: "open" };
    case "exchange":
    case "extended":
      return exchangeSession(session, instant);
    default:
      return ownSession(session, instant);
  }
}

function exchangeSession(session: "exchange" | "extended", instant: Temporal.Instant): SessionAt {
  const date = instant.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate();
  const day = tradingDay(date);
  if (!day.ok) return closed("MARKET_CLOSED", `The calendar does not know ${date.toString()}.`);
  if (day.value.kind === "closed") {
    return closed("MARKET_CLOSED", `The exchange is closed: ${day.value.reason}.`);
  }
  const open = session === "exchange" ? day.value.open : extendedOpen(day.value);
  const { close } = day.value;
  if (isWithin(instant, { open, close })) return { kind: "open", open, close };
  const isBefore = Temporal.Instant.compare(instant, open) < 0;
  const [word, at] = isBefore ? ["begins", open] : ["ended", close];
  return closed("OUTSIDE_SESSION", `The session ${word} at ${timeText(at, EXCHANGE_TIME_ZONE)}.`);
}

function extendedOpen({ date }: Session): Temporal.Instant {
  return date.toZonedDateTime({ timeZone: EXCHANGE_TIME_ZONE, plainTime: EXTENDED_OPEN }).toInstant();
}

/** One whose end is not after its beginning lasts into the next day, and is the day's on which it begins. */
function ownSession(session: OwnSession, instant: Temporal.Instant): SessionAt {
  const { timeZone, days, from, to } = session;
  const today = instant.toZonedDateTimeISO(timeZone).toPlainDate();
  for (const date of [today, today.subtract({ days: 1 })]) {
    if (!days.includes(date.dayOfWeek)) continue;
    const until = to > from ? date : date.add({ days: 1 });
    const window = {
      open: date.toZonedDateTime({ timeZone, plainTime: from }).toInstant(),
      close: until.toZonedDateTime({ timeZone, plainTime: to }).toInstant(),
    };
    if (isWithin(instant, window)) return { kind: "open", ...window };
  }
  return closed(
    "OUTSIDE_SESSION",
    `The bot trades from ${from} to ${to} ${zoneLabel(timeZone)} on its days.`,
  );
}

interface Window {
  readonly open: Temporal.Instant;
  readonly close: Temporal.Instant;
}

function isWithin(instant: Temporal.Instant, { open, close }: Window): boolean {
  return Temporal.Instant.compare(instant, open) >= 0 && Temporal.Instant.compare(instant, close) < 0;
}

function closed(reason: "MARKET_CLOSED" | "OUTSIDE_SESSION", text: string): SessionAt {
  return { kind: "closed", reason, text };
}

function timeText(instant: Temporal.Instant, timeZone: string): string {
  return `${dateTimeText(instant, timeZone)} ${zoneLabel(timeZone)}`;
}
