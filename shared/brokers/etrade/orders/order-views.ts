/** The broker's orders in the product's own words. Pure. */
import type { Fill, OrderStanding, WorkingOrder } from "../../trading-broker.ts";
import { meaningOf } from "./order-codes.ts";
import { positionOfAction } from "./order-request.ts";
import type { EtradeOrder } from "./order-schemas.ts";

/** Beside the broker's codes: what a ticket breaks of the rules known here, and what a preview understood wrongly. */
export const TICKET_INVALID = "TICKET_INVALID";
export const PREVIEW_DIFFERS = "PREVIEW_DIFFERS";

const ENDED: ReadonlySet<string> = new Set([
  "EXECUTED",
  "DONE_TRADE_EXECUTED",
  "CANCELLED",
  "EXPIRED",
  "REJECTED",
]);

/** An order's name outside: the broker counts orders by account, so the account's last four characters are part of it. */
export function brokerIdOf(lastFour: string, orderId: string): string {
  return `${lastFour}-${orderId}`;
}

/** The broker's number in a name of `lastFour`'s; undefined for a name of another account. */
export function orderIdOf(lastFour: string, brokerOrderId: string): string | undefined {
  const [account, orderId, ...rest] = brokerOrderId.split("-");
  const isNumber = orderId !== undefined && /^\d{1,15}$/.test(orderId);
  return account === lastFour && isNumber && rest.length === 0 ? orderId : undefined;
}

/**
 * Whether the broker says that nothing more happens to it. Where it calls an order executed that by its own
 * numbers is not, they are still to come.
 */
export function isEnded(order: Pick<EtradeOrder, "status" | "filled" | "quantity" | "term">): boolean {
  if (!ENDED.has(order.status)) return false;
  return !isExecuted(order) || order.filled.gte(order.quantity) || isCutShort(order);
}

function isExecuted({ status }: Pick<EtradeOrder, "status">): boolean {
  return status === "EXECUTED" || status === "DONE_TRADE_EXECUTED";
}

/** What such an order does not get at once it never gets. */
function isCutShort({ term, filled }: Pick<EtradeOrder, "term" | "filled">): boolean {
  return filled.gt(0) && (term === "IMMEDIATE_OR_CANCEL" || term === "FILL_OR_KILL");
}

/**
 * An order as far as it is known and its fills are counted. It is not `filled` before every share has its fill:
 * the broker's word of the end may come before its numbers.
 */
export function standingOf(order: EtradeOrder, brokerOrderId: string, fills: readonly Fill[]): OrderStanding {
  const counted = fills.reduce((sum, fill) => sum.plus(fill.quantity), order.quantity.times(0));
  const about = { brokerOrderId, positionId: positionOfAction(order.symbol, order.action), fills };
  // What is told of as filled and is not counted yet is still to come.
  if (counted.lt(order.filled)) return { kind: "accepted", ...about };
  switch (order.status) {
    case "EXECUTED":
    case "DONE_TRADE_EXECUTED":
      if (counted.gte(order.quantity)) return { kind: "filled", ...about };
      return { kind: isCutShort(order) ? "cancelled" : "accepted", ...about };
    case "CANCELLED":
      return { kind: "cancelled", ...about };
    case "EXPIRED":
      return { kind: "expired", ...about };
    case "REJECTED":
      return counted.isZero()
        ? { kind: "rejected", brokerCode: "REJECTED", reason: "the broker rejected it after taking it" }
        : { kind: "cancelled", ...about };
    default:
      return { kind: "accepted", ...about };
  }
}

/** An order that may still trade. */
export function workingOrderOf(
  order: EtradeOrder,
  brokerOrderId: string,
  clientOrderId: string | undefined,
): WorkingOrder {
  const { symbol, action, quantity, priceType, limitPrice, stopPrice } = order;
  const isClosing = action === "SELL" || action === "BUY_TO_COVER";
  return {
    brokerOrderId,
    ...(clientOrderId !== undefined && { clientOrderId }),
    instrument: symbol,
    side: action.startsWith("BUY") ? "buy" : "sell",
    quantity,
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
    ...(isClosing && priceType.includes("STOP") && { protects: positionOfAction(symbol, action) }),
  };
}

/** A refusal with the broker's own number, in words. */
export function rejected(code: number): OrderStanding {
  return { kind: "rejected", brokerCode: String(code), reason: meaningOf(code) };
}
