/** What an order is known by. */
import type { SentClose } from "./order-desk.ts";
import type {
  ProtoOAExecutionType,
  ProtoOANewOrderReq,
  ProtoOAOrder,
} from "./protocol/open-api.generated.ts";

/** How to tell an order of ours among those that the broker speaks of. */
export interface OrderSubject {
  /** For people and `pending`. */
  readonly label: string;
  /** A stop loss or take profit was asked for with it. */
  readonly asksLevels: boolean;
  /** By what the broker repeats of ours, whoever caused the event. */
  isOurs(order: ProtoOAOrder): boolean;
  /** The broker says that this order answers our request: can it be so? Ids of other clients may be equal to ours. */
  canAnswer(order: ProtoOAOrder): boolean;
  /** The position that a close takes from; undefined for a new order. */
  readonly close?: SentClose;
  /** What a new order carries; undefined for a close. */
  readonly submit?: {
    readonly clientOrderId: string;
    readonly order?: Pick<ProtoOANewOrderReq, "symbolId" | "tradeSide">;
  };
}

/** A stop loss, take profit or both of a position. */
export function isProtective(order: ProtoOAOrder): boolean {
  return order.orderType === "STOP_LOSS_TAKE_PROFIT";
}

/** It fills at once or not at all: nothing of it rests at the broker. */
export function isImmediate(order: ProtoOAOrder): boolean {
  const { orderType, timeInForce } = order;
  if (timeInForce === "MARKET_ON_OPEN") return false;
  return (
    orderType === "MARKET" ||
    orderType === "MARKET_RANGE" ||
    timeInForce === "IMMEDIATE_OR_CANCEL" ||
    timeInForce === "FILL_OR_KILL"
  );
}

/**
 * A new order. Protective orders inherit its id, and so may the orders that close its position: they are told
 * apart by their side. Without the order itself (a process before this one sent it) nothing but the id is known.
 */
export function submitted(
  clientOrderId: string,
  order?: Omit<ProtoOANewOrderReq, "ctidTraderAccountId">,
): OrderSubject {
  const isOwnSide = (seen: ProtoOAOrder) =>
    order === undefined || seen.tradeData.tradeSide === order.tradeSide;
  const levels = [order?.stopLoss, order?.takeProfit, order?.relativeStopLoss, order?.relativeTakeProfit];
  return {
    label: clientOrderId,
    asksLevels: levels.some((level) => level !== undefined && level !== 0),
    isOurs: (seen) =>
      !isProtective(seen) &&
      isOwnSide(seen) &&
      (seen.clientOrderId === clientOrderId || seen.tradeData.comment === clientOrderId),
    canAnswer: (seen) =>
      !isProtective(seen) && isOwnSide(seen) && (seen.clientOrderId || clientOrderId) === clientOrderId,
    submit: { clientOrderId, ...(order === undefined ? {} : { order }) },
  };
}

/** A close: the broker takes no id of ours with it, so the stream alone never shows that it is ours. */
export function closing(close: SentClose): OrderSubject {
  return {
    label: `close of position ${close.positionId}`,
    asksLevels: false,
    isOurs: () => false,
    canAnswer: (seen) => !isProtective(seen) && seen.positionId === close.positionId,
    close,
  };
}

/** Of the orders that close a position those that may be this close, the oldest first: of its volume, and not known before it was sent. */
export function closesAmong(
  orders: Iterable<ProtoOAOrder>,
  close: SentClose,
  facts: { readonly sinceMs: number; isKnown(orderId: number): boolean },
): readonly ProtoOAOrder[] {
  return [...orders]
    .filter(
      (seen) =>
        !isProtective(seen) &&
        seen.closingOrder === true &&
        seen.positionId === close.positionId &&
        seen.tradeData.volume === close.volume &&
        createdAt(seen) >= facts.sinceMs &&
        !facts.isKnown(seen.orderId),
    )
    .toSorted((one, other) => one.orderId - other.orderId);
}

/** Of several orders that carry one id the entry is the oldest; the others inherited it. */
export function oldest(orders: Iterable<ProtoOAOrder>): ProtoOAOrder | undefined {
  let first: ProtoOAOrder | undefined;
  for (const order of orders) if (first === undefined || order.orderId < first.orderId) first = order;
  return first;
}

function createdAt(order: ProtoOAOrder): number {
  return order.tradeData.openTimestamp ?? order.utcLastUpdateTimestamp ?? Number.POSITIVE_INFINITY;
}

/** The ways in which an order that was accepted ends. */
export type EndKind = "filled" | "cancelled" | "expired";

/** How an order ended; undefined while it lives. The event's own word counts where the status lags behind it. */
export function endOf(order: ProtoOAOrder, type?: ProtoOAExecutionType): EndKind | undefined {
  if (order.orderStatus === "ORDER_STATUS_FILLED" || type === "ORDER_FILLED") return "filled";
  if (order.orderStatus === "ORDER_STATUS_CANCELLED" || type === "ORDER_CANCELLED") return "cancelled";
  if (order.orderStatus === "ORDER_STATUS_EXPIRED" || type === "ORDER_EXPIRED") return "expired";
  return undefined;
}

/** Deals in the order in which they were executed. */
export function byExecution(
  one: { readonly dealId: number; readonly executionTimestamp: number },
  other: { readonly dealId: number; readonly executionTimestamp: number },
): number {
  return one.executionTimestamp - other.executionTimestamp || one.dealId - other.dealId;
}
