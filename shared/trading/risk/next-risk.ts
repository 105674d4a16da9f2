/** What is counted and reserved when an order was weighed, and what that adds. Pure. */

import type { Decimal } from "decimal.js";
import { newYorkDate } from "../new-york-day.ts";
import type { StoredTicket } from "../records.ts";
import type { Latch, RiskFacts, RiskQuestion } from "./check-order.ts";
import { ZERO } from "./findings.ts";
import type { AccountRisk, BotRisk, Reservation } from "./records.ts";
import { amendedBy, openReservations, remainingOf } from "./reservations.ts";
import type { Weighing } from "./weigh.ts";

const MINUTE_MS = 60_000;

type Counts = AccountRisk["counts"];
type At = { readonly epochMilliseconds: number };

/** Instrument, side, quantity and type as one text: what a duplicate and a repeat are measured by. */
export function likenessOf({ instrument, side, quantity, type, closes }: StoredTicket): string {
  const likeness = `${instrument} ${side} ${quantity.toFixed()} ${type}`;
  return closes === undefined ? likeness : `${likeness} close`;
}

/** The counts of a day; a day that is over counts nothing. One from ahead, after a clock was set back, goes on. */
export function countsOf(
  { counts }: { readonly counts: Counts },
  today: string,
): { readonly day: string; readonly notional: Decimal; readonly trades: number } {
  return counts.day >= today ? counts : { day: today, notional: ZERO, trades: 0 };
}

/** The instants of the last minute. */
export function recentOf({ recent }: Counts, now: At): Counts["recent"] {
  return recent.filter((at) => now.epochMilliseconds - at.epochMilliseconds < MINUTE_MS);
}

/** How often the same order was asked for, one after the other, before this one. */
export function alikeInARow(
  { counts, repeats, alike }: BotRisk,
  ticket: StoredTicket,
  today: string,
): number {
  return counts.day >= today && alike === likenessOf(ticket) ? repeats : 0;
}

/** What the order adds to a day's counts. One that replaces another of the day adds what it is worth more. */
export function amendsToday({ notional, book: { amended }, facts, today }: Weighing): {
  readonly notional: Decimal;
  readonly trades: number;
} {
  if (amended === undefined || newYorkDate(amended.at) !== today) return { notional, trades: 1 };
  const left = remainingOf(amended, facts.reserved.get(amended.clientOrderId));
  const more = notional.minus(left.times(amended.unitValue));
  return { notional: more.gt(0) ? more : ZERO, trades: 0 };
}

/** The books with the order in them. An order that closes is not weighed, and adds to no count. */
export function afterPass(
  question: RiskQuestion,
  facts: RiskFacts,
  weighing: Weighing | undefined,
): { readonly risk: AccountRisk; readonly botRisk: BotRisk } {
  const { now, ticket } = question;
  const today = weighing?.today ?? newYorkDate(now);
  const added = weighing === undefined ? undefined : amendsToday(weighing);
  const counted = (book: AccountRisk | BotRisk): Counts => {
    const { day, notional, trades } = countsOf(book, today);
    const recent = recentOf(book.counts, now);
    if (added === undefined) return { day, notional, trades, recent };
    return {
      day,
      notional: notional.plus(added.notional),
      trades: trades + added.trades,
      recent: [...recent, now],
    };
  };
  const likeness = likenessOf(ticket);
  return {
    risk: {
      ...facts.risk,
      reservations: reservationsWith(question, facts, weighing),
      counts: counted(facts.risk),
    },
    botRisk: {
      ...facts.botRisk,
      counts: counted(facts.botRisk),
      last: { likeness, at: now },
      repeats: weighing === undefined ? 0 : alikeInARow(facts.botRisk, ticket, today) + 1,
      alike: likeness,
      ...peak(facts, weighing),
    },
  };
}

/**
 * The bot's book after a refusal. What is asked for while trading is not active is not counted, and a latch
 * begins anew: the state that it has brought about is what keeps the bot from going on.
 */
export function afterDenial(
  { ticket, now }: RiskQuestion,
  facts: RiskFacts,
  { weighing, latch }: { readonly weighing: Weighing | undefined; readonly latch: Latch | undefined },
): BotRisk {
  const { botRisk, tradingState } = facts;
  const known = { ...botRisk, ...peak(facts, weighing) };
  if (ticket.closes !== undefined || tradingState !== "active") return known;
  const today = weighing?.today ?? newYorkDate(now);
  const { day, notional, trades } = countsOf(botRisk, today);
  return {
    ...known,
    counts: { day, notional, trades, recent: recentOf(botRisk.counts, now) },
    repeats: latch === undefined ? alikeInARow(botRisk, ticket, today) + 1 : 0,
    alike: likenessOf(ticket),
  };
}

function reservationsWith(
  question: RiskQuestion,
  facts: RiskFacts,
  weighing: Weighing | undefined,
): Reservation[] {
  const { clientOrderId, bot, ticket, now } = question;
  const amended = amendedBy(question, facts);
  const mine: Reservation = {
    clientOrderId,
    bot: bot.id,
    instrument: ticket.instrument,
    side: ticket.side,
    quantity: ticket.quantity,
    unitValue: weighing?.unitValue ?? ZERO,
    opens: ticket.closes === undefined,
    at: now,
  };
  const kept = openReservations(question, facts).map((one) =>
    one === amended ? { ...one, replacedBy: clientOrderId } : one,
  );
  return [...kept, mine];
}

/** A sum with something unpriced in it is none. */
function peak({ botRisk }: RiskFacts, weighing: Weighing | undefined): { peakProfit?: Decimal } {
  if (weighing?.book.unpriced !== undefined) return {};
  const isHigher = weighing?.profit.gt(botRisk.peakProfit ?? ZERO) === true;
  return isHigher ? { peakProfit: weighing.profit } : {};
}
