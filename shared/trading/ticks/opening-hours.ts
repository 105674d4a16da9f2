/**
 * When a bot may open something, asked again where the order is written down: a look takes its time. A market
 * order that a broker would keep until its next session is not given to it: nobody knows at what price that
 * begins. Pure.
 */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE, sessionUnderWayOrNext } from "../../calendar/sessions.ts";
import { dateTimeText, zoneLabel } from "../../calendar/zoned.ts";
import type { Connection } from "../../config/connection.ts";

export interface OpeningHours {
  /** Why nothing at all is opened now; one sentence. */
  readonly closed: string | undefined;
  /** Why nothing is opened at the market, or with a stop; one sentence. */
  readonly closedToMarket: string | undefined;
  /** When an order that opens at the market may not be sent any more; undefined where no end is known. */
  readonly until: Temporal.Instant | undefined;
}

/** From our last look to the exchange an order takes a preview and a place. */
const ON_ITS_WAY = Temporal.Duration.from({ seconds: 15 });

/** `closeAt`: when the bot's own session ends; undefined where it does not. */
export function openingHours(
  { broker }: Pick<Connection, "broker">,
  { now, closeAt }: { readonly now: Temporal.Instant; readonly closeAt: Temporal.Instant | undefined },
): OpeningHours {
  const isOver = closeAt !== undefined && Temporal.Instant.compare(now, closeAt) >= 0;
  const closed = isOver ? "The bot's session has ended." : undefined;
  // What cTrader does not trade now it says by its rules, and it keeps no market order.
  if (broker !== "etrade") return { closed, closedToMarket: closed, until: closeAt };
  const session = sessionUnderWayOrNext(now);
  if (!session.ok) return { closed, closedToMarket: "The calendar does not know the day.", until: closeAt };
  const { open, close } = session.value;
  const until = earlier(closeAt, close.subtract(ON_ITS_WAY));
  return { closed, closedToMarket: closed ?? whyKept(now, { open, until }), until };
}

function whyKept(
  now: Temporal.Instant,
  { open, until }: { readonly open: Temporal.Instant; readonly until: Temporal.Instant },
): string | undefined {
  if (Temporal.Instant.compare(now, open) < 0) {
    const opensAt = `${dateTimeText(open, EXCHANGE_TIME_ZONE)} ${zoneLabel(EXCHANGE_TIME_ZONE)}`;
    return `The broker would keep a market order until the exchange opens at ${opensAt}.`;
  }
  if (Temporal.Instant.compare(now, until) < 0) return undefined;
  return "The exchange closes in seconds: the broker would keep a market order until the next session.";
}

function earlier(one: Temporal.Instant | undefined, other: Temporal.Instant): Temporal.Instant {
  return one !== undefined && Temporal.Instant.compare(one, other) < 0 ? one : other;
}
