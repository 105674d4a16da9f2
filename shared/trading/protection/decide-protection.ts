/**
 * What is to be done for one lot's stop loss and take profit. Pure.
 *
 * 1. A new stop is placed only when the one before is over, and never for more than the lot has beside what is
 *    being closed already.
 * 2. A stop that rests for more than its lot has is cancelled, whatever the trading state.
 * 3. Where no stop rests, the price is looked at. In a halt stops are placed all the same, and nothing is closed.
 * 4. Where the broker attaches stops to positions, none is placed here: one that is missing is watched.
 */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { isDone } from "../order-progress.ts";
import type { OrderRecord } from "../records.ts";
import type { Quote } from "../ticks/market-data.ts";
import type { TradingState } from "../trading-state.ts";

export interface LotToProtect {
  readonly instrument: string;
  readonly side: "buy" | "sell";
  readonly quantity: Decimal;
  readonly stop: Decimal | undefined;
  readonly takeProfit: Decimal | undefined;
}

export interface ProtectionFacts {
  /** Undefined where nothing is left of it. */
  readonly lot: LotToProtect | undefined;
  /** The stop that was placed last, and the last close of a watched price. */
  readonly stopOrder: OrderRecord | undefined;
  readonly closeOrder: OrderRecord | undefined;
  /** Units of the lot that orders on their way are closing. */
  readonly closing: Decimal;
  /** The broker shows the position. */
  readonly isThere: boolean;
  readonly state: TradingState;
  /** Young enough to act on. */
  readonly quote: Pick<Quote, "bid" | "ask"> | undefined;
  readonly priceStep: Decimal | undefined;
  readonly now: Temporal.Instant;
  /** Whether the broker shows the lot's position with a stop; undefined where it attaches none. */
  readonly isAttached?: boolean | undefined;
}

export type ProtectionStep =
  | { readonly kind: "rest" | "wait" | "none" | "cancel" }
  | { readonly kind: "place"; readonly quantity: Decimal; readonly stopPrice: Decimal }
  | { readonly kind: "close"; readonly quantity: Decimal; readonly why: string }
  | { readonly kind: "watch"; readonly code: string; readonly text: string };

/** What the broker refused is asked for again no sooner. */
const REFUSED_AGAIN = Temporal.Duration.from({ seconds: 60 });
const UNSENT_AGAIN = Temporal.Duration.from({ seconds: 5 });
/** A cancel that was answered and did not end the order is asked for again no sooner. */
const CANCEL_AGAIN = Temporal.Duration.from({ seconds: 3 });

/** The next step for a lot; told again after it was done, it is `rest`, `wait`, `watch` or `none`. */
export function decideProtection(facts: ProtectionFacts): ProtectionStep {
  const { lot, stopOrder, closing, isThere, state, isAttached } = facts;
  const free = lot === undefined ? undefined : lot.quantity.minus(closing);
  const canAct = lot !== undefined && free?.gt(0) === true && isThere;
  if (isAttached === undefined && canAct && state !== "halted" && isBeyond(lot, facts, "takeProfit"))
    return closeAt(facts, free, "Its take profit was reached.");
  if (stopOrder !== undefined && !isDone(stopOrder.state)) return underWay(stopOrder, facts);
  if (lot === undefined || (lot.stop === undefined && lot.takeProfit === undefined)) return { kind: "none" };
  if (isAttached === true) return { kind: "rest" };
  if (!canAct) return { kind: "wait" };
  if (isBeyond(lot, facts, "stop")) {
    return state === "halted"
      ? watched("TRADING_HALTED", "The stop was passed, and in a halt Openbell closes nothing by itself.")
      : closeAt(facts, free, "Its stop loss was passed, and did not rest.");
  }
  if (lot.stop === undefined) return { kind: "none" };
  if (isAttached === false) return watched("STOP_NOT_ATTACHED", "The broker shows the position without it.");
  return place(facts, lot, { stop: lot.stop, free });
}

/** A stop in the lot's favour: rounded so that it costs no more than was wanted. */
export function stopPriceOf({ side, stop }: Pick<LotToProtect, "side"> & { stop: Decimal }, step?: Decimal) {
  if (step === undefined || !step.gt(0)) return stop;
  const rounding = side === "buy" ? Decimal.ROUND_UP : Decimal.ROUND_DOWN;
  return stop.div(step).toDecimalPlaces(0, rounding).times(step);
}

/** Asked for already, and either still to be done or answered just now. */
export function isBeingCancelled(order: OrderRecord, now: Temporal.Instant): boolean {
  if (order.cancelRequestedAt === undefined) return false;
  return order.isDue || isWithin(CANCEL_AGAIN, order, now);
}

function underWay(order: OrderRecord, { lot, closing, priceStep, now }: ProtectionFacts): ProtectionStep {
  const left = order.ticket.quantity.minus(order.filledQuantity);
  const wanted =
    lot?.stop === undefined ? undefined : stopPriceOf({ side: lot.side, stop: lot.stop }, priceStep);
  const isTooMuch = lot === undefined || left.gt(lot.quantity);
  // What an order on its way closes has its own shares: the sender clears them when that order can go.
  const isOther =
    closing.isZero() && (wanted === undefined || !left.eq(lot?.quantity ?? 0) || !isAt(order, wanted));
  if (order.cancelRequestedAt !== undefined || isTooMuch || isOther) {
    return { kind: isBeingCancelled(order, now) ? "wait" : "cancel" };
  }
  const isResting = order.state === "accepted" || order.state === "partially-filled";
  return { kind: isResting ? "rest" : "wait" };
}

function isAt({ ticket }: OrderRecord, price: Decimal): boolean {
  return ticket.stopPrice?.eq(price) === true;
}

function place(
  { stopOrder, priceStep, now }: ProtectionFacts,
  { side }: LotToProtect,
  { stop, free }: { readonly stop: Decimal; readonly free: Decimal },
): ProtectionStep {
  if (stopOrder !== undefined && hasFailedAtBroker(stopOrder) && isWithin(REFUSED_AGAIN, stopOrder, now)) {
    const { code = stopOrder.state, text = "The stop is over, and nobody here asked for that." } =
      stopOrder.refusal ?? {};
    return watched(code, text);
  }
  const isUnsent = stopOrder?.state === "not-sent" || stopOrder?.state === "refused";
  if (isUnsent && isWithin(UNSENT_AGAIN, stopOrder, now)) return { kind: "wait" };
  return { kind: "place", quantity: free, stopPrice: stopPriceOf({ side, stop }, priceStep) };
}

function hasFailedAtBroker({ state, cancelRequestedAt }: OrderRecord): boolean {
  return (
    state === "rejected" || state === "absent" || (state === "cancelled" && cancelRequestedAt === undefined)
  );
}

function closeAt({ closeOrder, now }: ProtectionFacts, quantity: Decimal, why: string): ProtectionStep {
  const hasFailed = closeOrder !== undefined && closeOrder.state !== "filled";
  if (hasFailed && isWithin(REFUSED_AGAIN, closeOrder, now)) {
    const { code = closeOrder.state, text = "The order that closes it did not go through." } =
      closeOrder.refusal ?? {};
    return watched(code, text);
  }
  return { kind: "close", quantity, why };
}

/** Whether the price at which the lot would be closed has reached a level. */
function isBeyond(
  lot: LotToProtect,
  { quote }: Pick<ProtectionFacts, "quote">,
  name: "stop" | "takeProfit",
): boolean {
  const level = lot[name];
  if (level === undefined || quote === undefined) return false;
  const isLong = lot.side === "buy";
  const price = isLong ? quote.bid : quote.ask;
  return isLong === (name === "stop") ? price.lte(level) : price.gte(level);
}

function isWithin(span: Temporal.Duration, { changedAt }: OrderRecord, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(now, changedAt.add(span)) < 0;
}

function watched(code: string, text: string): ProtectionStep {
  return { kind: "watch", code, text };
}
