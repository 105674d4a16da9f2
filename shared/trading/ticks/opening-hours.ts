/**
 * When a bot may open something, asked again where the order is written down: a look takes its time. A market
 * order that a broker would keep until its next session is not given to it: nobody knows at what price that
 * begins. Pure.
 */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE, sessionUnderWayOrNext } from "../../calendar/sessions.ts";
import { dateTimeText, zoneLabel } from "../../calendar/zoned.ts";
import type { Connection } from "../../config/connection.ts";
import { newYorkDate } from "../new-york-day.ts";

export interface OpeningHours {
  /** Why nothing at all is opened now; one sentence. */
  readonly closed: string | undefined;
  /** Why nothing is opened at the market, or with a stop; one sentence. */
  readonly closedToMarket: string | undefined;
  /** When an order that opens at the market may not be sent any more; undefined where no end is known. */
  readonly until: Temporal.Instant | undefined;
  /** When an order that opens and rests has to end; undefined where it need not. */
  readonly restsUntil: Temporal.Instant | undefined;
}

/** From our last look to the exchange an order takes a preview and a place. */
const ON_ITS_WAY = Temporal.Duration.from({ seconds: 15 });

/** `closeAt`: when the bot's own session ends; undefined where it does not. */
export function openingHours(
  { broker }: Pick<Connection, "broker">,
  { now, closeAt }: { readonly now: Temporal.Instant; readonly closeAt: Temporal.Instant | undefined },
): OpeningHours {
  const isOver = closeAt !== undefined && Temporal.Instant.compare(now, closeAt) >= 0;
  const over = isOver ? "The bot's session has ended." : undefined;
  // What cTrader does not trade now it says by its rules, and it keeps no market order.
  if (broker !== "etrade") return { closed: over, closedToMarket: over, until: closeAt, restsUntil: closeAt };
  const session = sessionUnderWayOrNext(now);
  if (!session.ok) return { ...NEVER, until: closeAt, restsUntil: closeAt };
  const { open, close, date } = session.value;
  const until = earlier(closeAt, close.subtract(ON_ITS_WAY));
  const closed = over ?? (newYorkDate(now) === date.toString() ? undefined : unattended(open));
  return {
    closed,
    closedToMarket: closed ?? whyKept(now, { open, until }),
    until,
    restsUntil: earlier(closeAt, close),
  };
}

const UNKNOWN_DAY = "The calendar does not know the day.";
const NEVER = { closed: UNKNOWN_DAY, closedToMarket: UNKNOWN_DAY };

/** Its token ends at midnight: what rests at the next open is filled perhaps before anybody can place its stop. */
function unattended(open: Temporal.Instant): string {
  return `The exchange opens at ${textOf(open)}: until then an order would rest with nobody to look after it.`;
}

function whyKept(
  now: Temporal.Instant,
  { open, until }: { readonly open: Temporal.Instant; readonly until: Temporal.Instant },
): string | undefined {
  if (Temporal.Instant.compare(now, open) < 0) {
    return `The broker would keep a market order until the exchange opens at ${textOf(open)}.`;
  }
  if (Temporal.Instant.compare(now, until) < 0) return undefined;
  return "The exchange closes in seconds: the broker would keep a market order until the next session.";
}

function textOf(instant: Temporal.Instant): string {
  return `${dateTimeText(instant, EXCHANGE_TIME_ZONE)} ${zoneLabel(EXCHANGE_TIME_ZONE)}`;
}

function earlier(one: Temporal.Instant | undefined, other: Temporal.Instant): Temporal.Instant {
  return one !== undefined && Temporal.Instant.compare(one, other) < 0 ? one : other;
}
