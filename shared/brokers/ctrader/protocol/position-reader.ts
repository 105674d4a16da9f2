/** Hand-written readers of positions, orders and what they trade; they read up to the cursor's end. */
import {
  bool,
  complete,
  type Draft,
  double,
  int64,
  namesOf,
  nested,
  putName,
  string,
  uint32,
  uint64,
} from "./fields.ts";
import {
  DESCRIPTOR,
  type ProtoOAOrder,
  type ProtoOAPosition,
  type ProtoOATradeData,
} from "./open-api.generated.ts";
import type { WireCursor } from "./wire.ts";

const TRADE_SIDES = namesOf(DESCRIPTOR.ProtoOATradeSide.values);
const POSITION_STATUSES = namesOf(DESCRIPTOR.ProtoOAPositionStatus.values);
const ORDER_TYPES = namesOf(DESCRIPTOR.ProtoOAOrderType.values);
const ORDER_STATUSES = namesOf(DESCRIPTOR.ProtoOAOrderStatus.values);
const TIMES_IN_FORCE = namesOf(DESCRIPTOR.ProtoOATimeInForce.values);
const TRIGGER_METHODS = namesOf(DESCRIPTOR.ProtoOAOrderTriggerMethod.values);

/** What an order or a position trades. */
export function readTradeData(cursor: WireCursor): ProtoOATradeData {
  const data: Draft<ProtoOATradeData> = {};
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (field === 1) data.symbolId = int64(cursor, tag);
    else if (field === 2) data.volume = int64(cursor, tag);
    else if (field === 3) putName(data, "tradeSide", cursor, tag, TRADE_SIDES);
    else if (field === 4) data.openTimestamp = int64(cursor, tag);
    else if (field === 5) data.label = string(cursor, tag);
    else if (field === 6) data.guaranteedStopLoss = bool(cursor, tag);
    else if (field === 7) data.comment = string(cursor, tag);
    else if (field === 8) data.measurementUnits = string(cursor, tag);
    else if (field === 9) data.closeTimestamp = uint64(cursor, tag);
    else cursor.skip(tag);
  }
  return complete(cursor, data, ["symbolId", "volume", "tradeSide"]);
}

/** A position. */
export function readPosition(cursor: WireCursor): ProtoOAPosition {
  const position: Draft<ProtoOAPosition> = {};
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (field === 1) position.positionId = int64(cursor, tag);
    else if (field === 2) position.tradeData = nested(cursor, tag, readTradeData);
    else if (field === 3) putName(position, "positionStatus", cursor, tag, POSITION_STATUSES);
    else if (field === 4) position.swap = int64(cursor, tag);
    else if (field === 5) position.price = double(cursor, tag);
    else if (field === 6) position.stopLoss = double(cursor, tag);
    else if (field === 7) position.takeProfit = double(cursor, tag);
    else if (field === 8) position.utcLastUpdateTimestamp = int64(cursor, tag);
    else if (field === 9) position.commission = int64(cursor, tag);
    else if (field === 10) position.marginRate = double(cursor, tag);
    else if (field === 11) position.mirroringCommission = int64(cursor, tag);
    else if (field === 12) position.guaranteedStopLoss = bool(cursor, tag);
    else if (field === 13) position.usedMargin = uint64(cursor, tag);
    else if (field === 14) putName(position, "stopLossTriggerMethod", cursor, tag, TRIGGER_METHODS);
    else if (field === 15) position.moneyDigits = uint32(cursor, tag);
    else if (field === 16) position.trailingStopLoss = bool(cursor, tag);
    else cursor.skip(tag);
  }
  return complete(cursor, position, ["positionId", "tradeData", "positionStatus", "swap"]);
}

/** An order. */
export function readOrder(cursor: WireCursor): ProtoOAOrder {
  const order: Draft<ProtoOAOrder> = {};
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (field === 1) order.orderId = int64(cursor, tag);
    else if (field === 2) order.tradeData = nested(cursor, tag, readTradeData);
    else if (field === 3) putName(order, "orderType", cursor, tag, ORDER_TYPES);
    else if (field === 4) putName(order, "orderStatus", cursor, tag, ORDER_STATUSES);
    else if (field === 6) order.expirationTimestamp = int64(cursor, tag);
    else if (field === 7) order.executionPrice = double(cursor, tag);
    else if (field === 8) order.executedVolume = int64(cursor, tag);
    else if (field === 9) order.utcLastUpdateTimestamp = int64(cursor, tag);
    else if (field === 10) order.baseSlippagePrice = double(cursor, tag);
    else if (field === 11) order.slippageInPoints = int64(cursor, tag);
    else if (field === 12) order.closingOrder = bool(cursor, tag);
    else if (field === 13) order.limitPrice = double(cursor, tag);
    else if (field === 14) order.stopPrice = double(cursor, tag);
    else if (field === 15) order.stopLoss = double(cursor, tag);
    else if (field === 16) order.takeProfit = double(cursor, tag);
    else if (field === 17) order.clientOrderId = string(cursor, tag);
    else if (field === 18) putName(order, "timeInForce", cursor, tag, TIMES_IN_FORCE);
    else if (field === 19) order.positionId = int64(cursor, tag);
    else if (field === 20) order.relativeStopLoss = int64(cursor, tag);
    else if (field === 21) order.relativeTakeProfit = int64(cursor, tag);
    else if (field === 22) order.isStopOut = bool(cursor, tag);
    else if (field === 23) order.trailingStopLoss = bool(cursor, tag);
    else if (field === 24) putName(order, "stopTriggerMethod", cursor, tag, TRIGGER_METHODS);
    else cursor.skip(tag);
  }
  return complete(cursor, order, ["orderId", "tradeData", "orderType", "orderStatus"]);
}
