/** At which price and with how much an order meets the market. Pure. */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { PaperTerms } from "../../config/account.ts";
import type { InstrumentRules } from "../instrument-rules.ts";
import type { Side } from "../trading-broker.ts";
import { type Draw, drawnBetween, isDrawn } from "./draws.ts";
import type { PaperQuote } from "./paper-prices.ts";
import type { PaperOrder, PaperPosition } from "./records.ts";
import type { Execution } from "./settle.ts";

/** An instrument's market at one moment, as far as an order is concerned. */
export interface Market {
  readonly now: Temporal.Instant;
  readonly quote: PaperQuote | undefined;
  readonly rules: InstrumentRules | undefined;
  /** Money of the account for one of the prices' currency. */
  readonly rate: Decimal | undefined;
  /** Why nothing is traded now: code and reason. */
  readonly trouble: readonly [code: string, reason: string] | undefined;
}

/** A market in which something can be traded now. */
interface OpenMarket {
  readonly now: Temporal.Instant;
  readonly quote: PaperQuote;
  readonly rules: InstrumentRules;
  readonly rate: Decimal;
}

interface Chances {
  readonly terms: PaperTerms;
  readonly draw: Draw;
}

/** Which share of an order its first part has, where it comes in two. */
const FIRST_PART = [0.3, 0.7] as const;

/** The market of a moment. `staleAfter`: a quote older than that is none. */
export function marketOf(facts: {
  readonly now: Temporal.Instant;
  readonly quote: PaperQuote | undefined;
  readonly rules: InstrumentRules | undefined;
  readonly rate: Decimal | undefined;
  readonly isOpen: boolean;
  readonly staleAfterMs: number;
}): Market {
  const { now, quote, rules, rate } = facts;
  return { now, quote, rules, rate, trouble: troubleOf(facts) };
}

function troubleOf({ now, quote, isOpen, staleAfterMs }: Parameters<typeof marketOf>[0]): Market["trouble"] {
  if (!isOpen) return ["MARKET_CLOSED", "the market is closed"];
  if (quote === undefined) return ["QUOTE_MISSING", "the instrument has no price now"];
  if (quote.bid.lte(0) || quote.ask.lt(quote.bid)) return ["QUOTE_MISSING", "the instrument's price is none"];
  const ageMs = now.epochMilliseconds - quote.at.epochMilliseconds;
  return ageMs > staleAfterMs
    ? ["QUOTE_STALE", `the instrument's last price is ${Math.round(ageMs / 1_000)} s old`]
    : undefined;
}

/** What an order trades now; undefined where the market is not there. `held`: of a close, what the position has. */
export function executionOf(
  order: PaperOrder,
  held: Decimal | undefined,
  market: Market,
  chances: Chances,
): Execution | undefined {
  const open = openMarket(market);
  if (open === undefined) return undefined;
  const price = priceOf(order, open, chances);
  if (price === undefined) return undefined;
  const { ticket, brokerOrderId, positionId } = order;
  const part = partOf(order, open.rules, chances);
  const { clientOrderId, instrument, side } = ticket;
  return {
    ...{ brokerOrderId, positionId, clientOrderId, instrument, side, price },
    quantity: held === undefined ? part : Decimal.min(part, held),
    ...moneyOf(open, chances),
  };
}

/** What closes a position whose stop loss, or else whose take profit, is reached; undefined where neither is. */
export function protectionHit(
  position: PaperPosition,
  market: Market,
  chances: Chances,
): Execution | undefined {
  const open = openMarket(market);
  if (open === undefined) return undefined;
  const { id: positionId, instrument, quantity, stop, profit } = position;
  const side: Side = position.side === "buy" ? "sell" : "buy";
  const now = opposite(open.quote, side);
  const about = { positionId, instrument, side, quantity, ...moneyOf(open, chances) };
  if (stop !== undefined && isReached(stop.price, now, side)) {
    const price = slipped(now, side, open.rules, { ...chances, order: positionId, subject: "stop" });
    return { ...about, brokerOrderId: stop.brokerOrderId, price };
  }
  if (profit !== undefined && isWithin(profit.price, now, side)) {
    return { ...about, brokerOrderId: profit.brokerOrderId, price: now };
  }
  return undefined;
}

function openMarket({ now, quote, rules, rate, trouble }: Market): OpenMarket | undefined {
  const isOpen = trouble === undefined && quote !== undefined && rules !== undefined && rate !== undefined;
  return isOpen ? { now, quote, rules, rate } : undefined;
}

function moneyOf({ rate, now }: OpenMarket, { terms }: Chances) {
  return { rate, feePercent: terms.feePercent, at: now };
}

function priceOf(
  { ticket, isTriggered, fills }: PaperOrder,
  { quote, rules }: OpenMarket,
  chances: Chances,
): Decimal | undefined {
  const { side, limitPrice, stopPrice, clientOrderId } = ticket;
  const now = opposite(quote, side);
  if (ticket.type === "limit") {
    return limitPrice !== undefined && isWithin(limitPrice, now, side) ? now : undefined;
  }
  const isWaiting = ticket.type === "stop" && !isTriggered;
  if (isWaiting && (stopPrice === undefined || !isReached(stopPrice, now, side))) return undefined;
  return slipped(now, side, rules, { ...chances, order: clientOrderId, subject: `slip ${fills.length + 1}` });
}

/** What a buyer pays, or a seller gets. */
function opposite({ bid, ask }: PaperQuote, side: Side): Decimal {
  return side === "buy" ? ask : bid;
}

/** Whether a price is as good as the limit, or better. */
function isWithin(limit: Decimal, price: Decimal, side: Side): boolean {
  return side === "buy" ? price.lte(limit) : price.gte(limit);
}

/** Whether a price is at the stop, or beyond. */
function isReached(stop: Decimal, price: Decimal, side: Side): boolean {
  return side === "buy" ? price.gte(stop) : price.lte(stop);
}

/** A price made worse by the share that is drawn, on a whole step. */
function slipped(
  price: Decimal,
  side: Side,
  { priceStep }: InstrumentRules,
  { terms, draw, order, subject }: Chances & { readonly order: string; readonly subject: string },
): Decimal {
  const share = drawnBetween(draw(order, subject), terms.slippagePercent).div(100);
  if (side === "buy") return price.times(share.plus(1)).toNearest(priceStep, Decimal.ROUND_UP);
  const worse = price.times(share.negated().plus(1)).toNearest(priceStep, Decimal.ROUND_DOWN);
  // Nothing is sold for nothing.
  return worse.gt(0) ? worse : Decimal.min(price, priceStep);
}

/** All that is left, or the first of two parts. */
function partOf({ ticket, fills }: PaperOrder, { quantityStep }: InstrumentRules, { terms, draw }: Chances) {
  const { clientOrderId, quantity } = ticket;
  if (fills.length > 0) return fills.reduce((left, fill) => left.minus(fill.quantity), quantity);
  if (!isDrawn(draw(clientOrderId, "partial"), terms.partialPercent)) return quantity;
  const share = drawnBetween(draw(clientOrderId, "part"), FIRST_PART);
  const first = quantity.times(share).toNearest(quantityStep, Decimal.ROUND_DOWN);
  return first.gt(0) ? first : quantity;
}
