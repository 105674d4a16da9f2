/** Fresh records for an order and for the position that it reserves. */
import type { ProtoOANewOrderReq } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { Floor } from "./floor.ts";
import {
  type AccountState,
  isOpen,
  livePositions,
  type OrderRecord,
  opposite,
  type PositionRecord,
} from "./records.ts";

/** The distance between a level and the price that it is measured from, times 100,000. */
export function levelDistance(level: number | undefined, from: number | undefined): number | undefined {
  if (level === undefined || from === undefined) return undefined;
  return Math.round(Math.abs(level - from) * 100_000);
}

const positive = (value: number | undefined) => (value === undefined || value === 0 ? undefined : value);

/** What an order's levels are measured from before it is filled: its own price. */
export const ownPrice = (order: {
  readonly limitPrice?: number | undefined;
  readonly stopPrice?: number | undefined;
}) => order.limitPrice ?? order.stopPrice;

/** Writes an order down, with the position that it reserves, adds to or reduces. */
export function recordOrder(
  floor: Floor,
  account: AccountState,
  request: ProtoOANewOrderReq,
): { readonly order: OrderRecord; readonly position: PositionRecord } {
  const now = floor.market.now();
  const isMarket = request.orderType === "MARKET" || request.orderType === "MARKET_RANGE";
  const position = positionFor(floor, account, request);
  const asked = request.timeInForce ?? "GOOD_TILL_CANCEL";
  const order: OrderRecord = {
    orderId: ++floor.ids.order,
    positionId: position.positionId,
    symbolId: request.symbolId,
    side: request.tradeSide,
    volume: request.volume,
    type: request.orderType,
    status: "ORDER_STATUS_ACCEPTED",
    timeInForce: isMarket && asked !== "FILL_OR_KILL" ? "IMMEDIATE_OR_CANCEL" : asked,
    createdAt: now,
    updatedAt: now,
    closedAt: undefined,
    clientOrderId: request.clientOrderId,
    label: request.label,
    comment: request.comment,
    executedVolume: 0,
    executionPrice: undefined,
    limitPrice: request.orderType === "LIMIT" ? request.limitPrice : undefined,
    stopPrice:
      request.orderType === "STOP" || request.orderType === "STOP_LIMIT" ? request.stopPrice : undefined,
    baseSlippagePrice: request.baseSlippagePrice,
    slippageInPoints: request.slippageInPoints,
    expiresAt: asked === "GOOD_TILL_DATE" ? request.expirationTimestamp : undefined,
    relativeStopLoss:
      positive(request.relativeStopLoss) ?? levelDistance(request.stopLoss, ownPrice(request)),
    relativeTakeProfit:
      positive(request.relativeTakeProfit) ?? levelDistance(request.takeProfit, ownPrice(request)),
    trailingStopLoss: request.trailingStopLoss ?? false,
    triggerMethod: request.stopTriggerMethod ?? "TRADE",
    isClosing: isOpen(position) && position.side !== request.tradeSide && request.volume <= position.volume,
    isReduceOnly: !account.terms.isNetted && isOpen(position) && position.side !== request.tradeSide,
    isStopOut: false,
    restsAt: undefined,
    wasMet: false,
  };
  account.orders.set(order.orderId, order);
  account.working.add(order);
  return { order, position };
}

/** Writes down the order that closes a position, or a part of it. */
export function recordClosing(
  floor: Floor,
  account: AccountState,
  position: PositionRecord,
  volume: number,
): OrderRecord {
  const { order } = recordOrder(floor, account, {
    ctidTraderAccountId: account.terms.ctidTraderAccountId,
    symbolId: position.symbolId,
    orderType: "MARKET",
    tradeSide: opposite(position.side),
    volume,
    positionId: position.positionId,
    ...(position.label === undefined ? {} : { label: position.label }),
    ...(position.comment === undefined ? {} : { comment: position.comment }),
    ...(position.clientOrderId !== undefined && floor.unsure().closingInheritsId
      ? { clientOrderId: position.clientOrderId }
      : {}),
  });
  order.isClosing = true;
  order.isReduceOnly = true;
  return order;
}

/** A netted account has one position per symbol; a hedged one reserves a new one unless the request names one. */
function positionFor(floor: Floor, account: AccountState, request: ProtoOANewOrderReq): PositionRecord {
  const named = account.positions.get(request.positionId ?? 0);
  if (named !== undefined && isOpen(named)) return named;
  const netted = account.terms.isNetted ? nettedPosition(account, request.symbolId) : undefined;
  if (netted !== undefined) return netted;
  const position: PositionRecord = {
    positionId: ++floor.ids.position,
    symbolId: request.symbolId,
    label: request.label,
    comment: request.comment,
    clientOrderId: request.clientOrderId,
    side: request.tradeSide,
    volume: 0,
    status: "POSITION_STATUS_CREATED",
    price: 0,
    swap: 0,
    commission: 0,
    marginRate: 0,
    usedMargin: 0,
    openedAt: undefined,
    closedAt: undefined,
    updatedAt: floor.market.now(),
    stopLoss: undefined,
    takeProfit: undefined,
    trailingStopLoss: false,
    trailingDistance: undefined,
    triggerMethod: request.stopTriggerMethod ?? "TRADE",
    protectiveOrderId: undefined,
    wasMet: false,
    openings: [],
  };
  account.positions.set(position.positionId, position);
  account.live.add(position);
  return position;
}

/** The one position of a symbol that is open or reserved. */
export function nettedPosition(account: AccountState, symbolId: number): PositionRecord | undefined {
  return livePositions(account).find((position) => position.symbolId === symbolId);
}

/**
 * The position that an order fills into now. On a netted account the one it reserved may be gone, or another may
 * have been opened since; a new one is reserved where there is none.
 */
export function positionAtFill(floor: Floor, account: AccountState, order: OrderRecord): PositionRecord {
  const reserved = account.positions.get(order.positionId);
  if (reserved !== undefined && reserved.status !== "POSITION_STATUS_CLOSED") return reserved;
  const position = positionFor(floor, account, {
    ctidTraderAccountId: account.terms.ctidTraderAccountId,
    symbolId: order.symbolId,
    orderType: order.type,
    tradeSide: order.side,
    volume: order.volume,
    ...(order.label === undefined ? {} : { label: order.label }),
    ...(order.comment === undefined ? {} : { comment: order.comment }),
    ...(order.clientOrderId === undefined ? {} : { clientOrderId: order.clientOrderId }),
  });
  order.positionId = position.positionId;
  return position;
}
