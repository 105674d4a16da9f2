/** Finding an order of ours among the broker's, which tells nothing of our id. Pure. */
import { Temporal } from "temporal-polyfill";
import type { SentOrder } from "./order-memory.ts";
import type { OrderRequest } from "./order-request.ts";
import type { EtradeOrder } from "./order-schemas.ts";

/** The clocks of this machine and of the broker may differ by so much. */
export const CLOCK_MARGIN = Temporal.Duration.from({ seconds: 60 });

/** Whether two orders would look the same in the broker's list. */
export function looksAlike(one: OrderRequest, other: OrderRequest): boolean {
  return likenessOf(one) === likenessOf(other);
}

/** What an order is recognised by, as text. */
export function likenessOf(order: OrderRequest): string {
  const { symbol, action, quantity, priceType, limitPrice, stopPrice, term } = order;
  const prices = [limitPrice, stopPrice].map((price) => price?.toFixed() ?? "");
  return [symbol, action, quantity.toFixed(), priceType, ...prices, term].join(" ");
}

/**
 * The broker's orders that may be the one that was sent: of the same kind, placed not before it, made by no
 * change of another. Whether one is known to be another's is not asked here.
 */
export function candidatesFor(sent: SentOrder, orders: Iterable<EtradeOrder>): readonly EtradeOrder[] {
  const earliest = sent.sentAt.subtract(CLOCK_MARGIN);
  return [...orders].filter((order) => isLike(sent, order) && isPlacedFrom(earliest, order));
}

function isLike(sent: SentOrder, order: EtradeOrder): boolean {
  return (
    order.legs === 1 &&
    order.replacesOrderId === undefined &&
    order.symbol === sent.symbol &&
    order.action === sent.action &&
    order.quantity.eq(sent.quantity) &&
    order.priceType === sent.priceType &&
    (order.term === "" || order.term === sent.term) &&
    (order.session === "" || order.session === "REGULAR") &&
    // Prices that are not asked for are told at times, e.g. that of a market order.
    isPrice(sent.limitPrice, order.limitPrice) &&
    isPrice(sent.stopPrice, order.stopPrice)
  );
}

function isPrice(sent: SentOrder["limitPrice"], told: EtradeOrder["limitPrice"]): boolean {
  return sent === undefined || told?.eq(sent) === true;
}

function isPlacedFrom(earliest: Temporal.Instant, { placedAt }: EtradeOrder): boolean {
  return placedAt !== undefined && Temporal.Instant.compare(placedAt, earliest) >= 0;
}
