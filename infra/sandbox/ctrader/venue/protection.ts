/** Stop loss and take profit of positions, and the one order per position that stands for both. */
import { type Floor, type Origin, tellExecution } from "./floor.ts";
import {
  type AccountState,
  isOpen,
  isWorking,
  type OrderRecord,
  opposite,
  type PositionRecord,
} from "./records.ts";
import { symbolOf } from "./symbols.ts";

/** How the protective order was brought in line with its position. */
export type ProtectionChange = "placed" | "replaced" | "cancelled" | "same";

/** A price with the decimals of its symbol. */
export function roundPrice(symbolId: number, price: number): number {
  return Number(price.toFixed(symbolOf(symbolId).rules.digits));
}

/** The protective order that works for a position. */
export function protectiveOrder(account: AccountState, position: PositionRecord): OrderRecord | undefined {
  const order = account.orders.get(position.protectiveOrderId ?? 0);
  return order !== undefined && isWorking(order) ? order : undefined;
}

/** Gives a position the levels that its order asked for, measured from the price of the fill. */
export function takeLevels(position: PositionRecord, order: OrderRecord): void {
  const fill = order.executionPrice;
  if (fill === undefined || order.isClosing || !isOpen(position) || position.side !== order.side) return;
  const way = position.side === "BUY" ? 1 : -1;
  if (order.relativeStopLoss !== undefined) {
    const distance = order.relativeStopLoss;
    position.stopLoss = roundPrice(position.symbolId, fill - (way * distance) / 100_000);
    position.trailingStopLoss = order.trailingStopLoss;
    position.trailingDistance = order.trailingStopLoss ? distance : undefined;
  }
  if (order.relativeTakeProfit !== undefined) {
    position.takeProfit = roundPrice(position.symbolId, fill + (way * order.relativeTakeProfit) / 100_000);
  }
}

/** Brings the protective order in line with its position and tells everybody what changed. */
export function alignProtection(
  floor: Floor,
  account: AccountState,
  position: PositionRecord,
  telling: { readonly origin: Origin | undefined; readonly isServerEvent: boolean },
): ProtectionChange {
  const { isServerEvent, origin } = telling;
  const order = protectiveOrder(account, position);
  const isWanted = isOpen(position) && (position.stopLoss !== undefined || position.takeProfit !== undefined);
  const isFit = order !== undefined && order.side === opposite(position.side);
  if (order !== undefined && !(isWanted && isFit)) drop(floor, account, { position, order }, telling);
  if (!isWanted) return order === undefined ? "same" : "cancelled";
  if (order === undefined || !isFit) {
    const placed = place(floor, account, position);
    tellExecution(floor, account, { type: "ORDER_ACCEPTED", order: placed, position, isServerEvent }, origin);
    return "placed";
  }
  const isSame =
    order.volume === position.volume &&
    order.stopPrice === position.stopLoss &&
    order.limitPrice === position.takeProfit &&
    order.trailingStopLoss === position.trailingStopLoss &&
    order.triggerMethod === position.triggerMethod;
  if (isSame) return "same";
  follow(order, position, floor.market.now());
  tellExecution(floor, account, { type: "ORDER_REPLACED", order, position, isServerEvent }, origin);
  return "replaced";
}

function follow(order: OrderRecord, position: PositionRecord, now: number): void {
  order.volume = position.volume;
  order.stopPrice = position.stopLoss;
  order.limitPrice = position.takeProfit;
  order.trailingStopLoss = position.trailingStopLoss;
  order.triggerMethod = position.triggerMethod;
  order.updatedAt = now;
}

function place(floor: Floor, account: AccountState, position: PositionRecord): OrderRecord {
  const now = floor.market.now();
  const order: OrderRecord = {
    orderId: ++floor.ids.order,
    positionId: position.positionId,
    symbolId: position.symbolId,
    side: opposite(position.side),
    volume: position.volume,
    type: "STOP_LOSS_TAKE_PROFIT",
    status: "ORDER_STATUS_ACCEPTED",
    timeInForce: "GOOD_TILL_CANCEL",
    createdAt: now,
    updatedAt: now,
    closedAt: undefined,
    clientOrderId: position.clientOrderId,
    label: position.label,
    comment: position.comment,
    executedVolume: 0,
    executionPrice: undefined,
    limitPrice: position.takeProfit,
    stopPrice: position.stopLoss,
    baseSlippagePrice: undefined,
    slippageInPoints: undefined,
    expiresAt: undefined,
    relativeStopLoss: undefined,
    relativeTakeProfit: undefined,
    trailingStopLoss: position.trailingStopLoss,
    triggerMethod: position.triggerMethod,
    isClosing: true,
    isReduceOnly: true,
    isStopOut: false,
    restsAt: undefined,
    wasMet: false,
  };
  account.orders.set(order.orderId, order);
  account.working.add(order);
  position.protectiveOrderId = order.orderId;
  position.wasMet = false;
  return order;
}

function drop(
  floor: Floor,
  account: AccountState,
  about: { readonly position: PositionRecord; readonly order: OrderRecord },
  telling: { readonly origin: Origin | undefined; readonly isServerEvent: boolean },
): void {
  const { position, order } = about;
  const now = floor.market.now();
  order.status = "ORDER_STATUS_CANCELLED";
  order.updatedAt = now;
  order.closedAt = now;
  position.protectiveOrderId = undefined;
  if (position.status === "POSITION_STATUS_CLOSED" && !floor.unsure().closeCancelsProtection) return;
  const { isServerEvent, origin } = telling;
  tellExecution(floor, account, { type: "ORDER_CANCELLED", order, position, isServerEvent }, origin);
}
