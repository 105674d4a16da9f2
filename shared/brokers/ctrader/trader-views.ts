/** The broker's orders and positions in the product's own words. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { OpenPosition, Side, WorkingOrder } from "../trading-broker.ts";
import { amountOf } from "./money.ts";
import { isProtective } from "./order-subject.ts";
import type { ProtoOAOrder, ProtoOAPosition, ProtoOATradeSide } from "./protocol/open-api.generated.ts";
import { isClientOrderId } from "./tickets.ts";
import { unitsOf } from "./units.ts";

/** A side in lower case. */
export function sideOf(side: ProtoOATradeSide): Side {
  return side === "BUY" ? "buy" : "sell";
}

/** An instant of the broker's milliseconds. */
export function instantOf(ms: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(ms);
}

/** An open position; its comment is the id of the order that opened it, where that was ours. */
export function openPositionOf(position: ProtoOAPosition, instrument: string): OpenPosition {
  const { tradeData, stopLoss, takeProfit, moneyDigits } = position;
  return {
    id: String(position.positionId),
    instrument,
    side: sideOf(tradeData.tradeSide),
    quantity: unitsOf(tradeData.volume),
    price: new Decimal(position.price ?? 0),
    ...(stopLoss ? { stopLoss: new Decimal(stopLoss) } : {}),
    ...(takeProfit ? { takeProfit: new Decimal(takeProfit) } : {}),
    openedAt: instantOf(tradeData.openTimestamp ?? position.utcLastUpdateTimestamp ?? 0),
    commission: amountOf(position.commission ?? 0, moneyDigits),
    swap: amountOf(position.swap, moneyDigits),
    ...(isClientOrderId(tradeData.comment) ? { clientOrderId: tradeData.comment } : {}),
  };
}

/** A working order; a protective one inherits its entry's id, which is not its own. */
export function workingOrderOf(order: ProtoOAOrder, instrument: string): WorkingOrder {
  const { clientOrderId, tradeData, limitPrice, stopPrice, positionId } = order;
  const protects = isProtective(order);
  return {
    brokerOrderId: String(order.orderId),
    ...(!protects && isClientOrderId(clientOrderId) ? { clientOrderId } : {}),
    instrument,
    side: sideOf(tradeData.tradeSide),
    quantity: unitsOf(tradeData.volume),
    ...(limitPrice ? { limitPrice: new Decimal(limitPrice) } : {}),
    ...(stopPrice ? { stopPrice: new Decimal(stopPrice) } : {}),
    ...(protects && positionId ? { protects: String(positionId) } : {}),
  };
}
