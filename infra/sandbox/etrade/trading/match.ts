/** Whether an order meets the market at a moment, and at which price. */
import type { TwoSides } from "./market-view.ts";
import { isBuying, type OrderRecord } from "./records.ts";

/**
 * The price in cents at which the order is filled now, or undefined. A stop that is hit stays hit; the best price
 * of a trailing stop is noted in the order.
 */
export function matchPrice(order: OrderRecord, sides: TwoSides): number | undefined {
  const { ticket } = order;
  const isBuy = isBuying(ticket.action);
  const market = isBuy ? sides.ask : sides.bid;
  switch (ticket.priceType) {
    case "MARKET":
      return market;
    case "LIMIT":
      return withinLimit(ticket.limitPrice, market, isBuy);
    case "STOP":
      return trigger(order, sides.last, 100 * ticket.stopPrice) ? market : undefined;
    case "STOP_LIMIT":
      return trigger(order, sides.last, 100 * ticket.stopPrice)
        ? withinLimit(ticket.limitPrice, market, isBuy)
        : undefined;
    case "TRAILING_STOP_CNST":
    case "TRAILING_STOP_PRCT":
      return trigger(order, sides.last, trailed(order, sides.last)) ? market : undefined;
    default:
      return ticket.priceType satisfies never;
  }
}

function withinLimit(limitPrice: number, market: number, isBuy: boolean): number | undefined {
  // Prices of cheap shares have fractions of a cent, which floating point does not keep.
  const limit = Math.round(limitPrice * 10_000) / 100;
  return (isBuy ? market <= limit : market >= limit) ? market : undefined;
}

function trigger(order: OrderRecord, last: number, stop: number): boolean {
  const isHit = isBuying(order.ticket.action) ? last >= stop - 1e-6 : last <= stop + 1e-6;
  if (isHit) order.hasTriggered = true;
  return order.hasTriggered === true;
}

function trailed(order: OrderRecord, last: number): number {
  const { action, priceType, stopPrice } = order.ticket;
  const isBuy = isBuying(action);
  const peak = isBuy ? Math.min(order.peakCents ?? last, last) : Math.max(order.peakCents ?? last, last);
  order.peakCents = peak;
  const distance = priceType === "TRAILING_STOP_PRCT" ? (peak * stopPrice) / 100 : 100 * stopPrice;
  return isBuy ? peak + distance : peak - distance;
}
