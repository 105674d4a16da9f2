/**
 * An order's fills from what E*TRADE tells, which is only how much of an order is filled so far and at which
 * average. Pure.
 *
 * 1. The cuts between fills are stored, and added to in a transaction of the store: whoever looks, however
 *    often and from whichever process, makes the same fills of the same order.
 * 2. Every share lies between exactly two cuts, so the fills add up to what the broker told last.
 */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { Fill } from "../../trading-broker.ts";
import { positionOfAction } from "./order-request.ts";
import type { EtradeOrder } from "./order-schemas.ts";

/** How an order stood at one moment: all that was filled until then. */
export interface Cut {
  readonly quantity: Decimal;
  /** Quantity times the average price. */
  readonly money: Decimal;
  /** Commission and fees so far, as the broker estimates them. */
  readonly costs: Decimal;
  readonly at: Temporal.Instant;
}

const PRICE_PLACES = 8;
const COST_PLACES = 2;
const NOTHING = { quantity: new Decimal(0), money: new Decimal(0), costs: new Decimal(0) };

/** How the order stands now; undefined while nothing is filled, or its price is not told yet. */
export function cutOf(order: EtradeOrder, now: Temporal.Instant): Cut | undefined {
  const { filled, averagePrice, costs, quantity, executedAt, placedAt } = order;
  if (averagePrice === undefined || !filled.gt(0)) return undefined;
  const share = quantity.gt(0) ? Decimal.min(1, filled.div(quantity)) : new Decimal(1);
  return {
    quantity: filled,
    money: filled.times(averagePrice),
    costs: costs.times(share).toDecimalPlaces(COST_PLACES),
    at: executedAt !== undefined && isSane(executedAt, placedAt, now) ? executedAt : now,
  };
}

/** The cuts with one more; the very same list where it brings no more shares. */
export function withCut(cuts: readonly Cut[], seen: Cut): readonly Cut[] {
  const last = cuts.at(-1);
  return last !== undefined && seen.quantity.lte(last.quantity) ? cuts : [...cuts, seen];
}

/** One fill between each two cuts, called by the order and by all that was filled with it. */
export function fillsBetween(
  cuts: readonly Cut[],
  { symbol, action }: Pick<EtradeOrder, "symbol" | "action">,
  ids: Pick<Fill, "brokerOrderId" | "clientOrderId">,
): readonly Fill[] {
  return cuts.map((cut, index): Fill => {
    const before = cuts[index - 1] ?? NOTHING;
    const quantity = cut.quantity.minus(before.quantity);
    const price = cut.money.minus(before.money).div(quantity);
    // Averages are rounded, so a small part may come out as nonsense: then the average is the better price.
    const sound = price.gt(0) ? price : cut.money.div(cut.quantity);
    return {
      ...ids,
      id: `${ids.brokerOrderId}:${cut.quantity.toFixed()}`,
      positionId: positionOfAction(symbol, action),
      instrument: symbol,
      side: action.startsWith("BUY") ? "buy" : "sell",
      quantity,
      price: sound.toDecimalPlaces(PRICE_PLACES),
      commission: cut.costs.minus(before.costs).neg(),
      at: cut.at,
      ...((action === "SELL" || action === "BUY_TO_COVER") && { closes: true as const }),
    };
  });
}

/** Recorded times lie a few milliseconds before the placing at times, and years off at others. */
function isSane(
  executedAt: Temporal.Instant,
  placedAt: Temporal.Instant | undefined,
  now: Temporal.Instant,
): boolean {
  const ms = executedAt.epochMilliseconds;
  const from = placedAt?.epochMilliseconds ?? 0;
  return ms >= from - MARGIN_MS && ms <= now.epochMilliseconds + MARGIN_MS;
}

const MARGIN_MS = 60_000;
