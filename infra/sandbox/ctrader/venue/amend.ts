/** Changes to orders that rest and to the levels of positions. Each gives the reason against it, or does it. */
import type {
  Messages,
  ProtoOATradeSide,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import {
  checkDecimals,
  checkOrderPrices,
  checkRights,
  checkVolume,
  positionNotFound,
  TRAILING_TEXT,
} from "./checks.ts";
import { present } from "./dress.ts";
import { badRequest, type Floor, type Origin, type Refusal, refusal, tellExecution } from "./floor.ts";
import { levelDistance, ownPrice } from "./make-order.ts";
import { alignProtection } from "./protection.ts";
import { type AccountState, isOpen, isWorking, type OrderRecord, type PositionRecord } from "./records.ts";
import { isInExecution } from "./requests.ts";
import { symbolOf, type VenueSymbol } from "./symbols.ts";

type AmendOrder = Messages["ProtoOAAmendOrderReq"];
type AmendLevels = Messages["ProtoOAAmendPositionSLTPReq"];

/** Gives an order that rests other values; it keeps its id. */
export function amendOrder(
  floor: Floor,
  account: AccountState,
  request: AmendOrder,
  origin: Origin,
): Refusal | undefined {
  const { orderId } = request;
  const order = account.orders.get(orderId);
  if (order === undefined || !isWorking(order)) {
    return refusal("ORDER_NOT_FOUND", `Order not found with id ${orderId}`, orderId);
  }
  const against = checkRights(account) ?? checkAmend(floor, order, request);
  if (against !== undefined) return against;
  change(order, request, floor.unsure().amendKeepsLeftOut);
  order.updatedAt = floor.market.now();
  const position = account.positions.get(order.positionId);
  const shown = position === undefined ? { order } : { order, position };
  tellExecution(floor, account, { type: "ORDER_REPLACED", ...shown, isServerEvent: false }, origin);
  return undefined;
}

function checkAmend(floor: Floor, order: OrderRecord, request: AmendOrder): Refusal | undefined {
  const { orderId, type } = order;
  if (type === "STOP_LOSS_TAKE_PROFIT") {
    return refusal("UNABLE_TO_AMEND_ORDER", `Order ${orderId} protects a position`, orderId);
  }
  if (isInExecution(order)) {
    return refusal("CONCURRENT_MODIFICATION", `Order ${orderId} is in execution`, orderId);
  }
  const symbol = symbolOf(order.symbolId);
  const hasStop = request.stopLoss !== undefined || request.relativeStopLoss !== undefined;
  const isKept = floor.unsure().amendKeepsLeftOut && order.relativeStopLoss !== undefined;
  if (request.trailingStopLoss === true && !hasStop && !isKept) return badRequest(TRAILING_TEXT);
  if (request.expirationTimestamp !== undefined && request.expirationTimestamp <= floor.market.now()) {
    return refusal("TRADING_BAD_EXPIRATION_DATE", "Expiration date should be in the future", orderId);
  }
  const asked = present<Parameters<typeof checkOrderPrices>[1]>({
    symbolId: order.symbolId,
    tradeSide: order.side,
    orderType: type,
    limitPrice: type === "LIMIT" ? (request.limitPrice ?? order.limitPrice) : undefined,
    stopPrice: type === "LIMIT" ? undefined : (request.stopPrice ?? order.stopPrice),
    stopLoss: request.stopLoss,
    takeProfit: request.takeProfit,
  });
  return (
    (request.volume === undefined ? undefined : checkVolume(symbol, request.volume)) ??
    checkDecimals(floor, symbol, request) ??
    checkOrderPrices(floor, asked)
  );
}

/** Volume and price stay when they are left out, since an order cannot be without; the rest by the switch. */
function change(order: OrderRecord, request: AmendOrder, isKept: boolean): void {
  const or = <T>(value: T | undefined, before: T | undefined) => value ?? (isKept ? before : undefined);
  order.volume = request.volume ?? order.volume;
  if (order.type === "LIMIT") order.limitPrice = request.limitPrice ?? order.limitPrice;
  else order.stopPrice = request.stopPrice ?? order.stopPrice;
  order.slippageInPoints = or(request.slippageInPoints, order.slippageInPoints);
  order.expiresAt = or(request.expirationTimestamp, order.expiresAt);
  order.timeInForce = order.expiresAt === undefined ? "GOOD_TILL_CANCEL" : "GOOD_TILL_DATE";
  const from = ownPrice(order);
  const stop = request.relativeStopLoss ?? levelDistance(request.stopLoss, from);
  const profit = request.relativeTakeProfit ?? levelDistance(request.takeProfit, from);
  order.relativeStopLoss = or(stop, order.relativeStopLoss);
  order.relativeTakeProfit = or(profit, order.relativeTakeProfit);
  order.trailingStopLoss = request.trailingStopLoss ?? (isKept && order.trailingStopLoss);
  if (order.relativeStopLoss === undefined) order.trailingStopLoss = false;
  order.triggerMethod = request.stopTriggerMethod ?? (isKept ? order.triggerMethod : "TRADE");
  order.restsAt = undefined;
  order.wasMet = false;
}

/** Sets both levels of a position: one that is left out is removed, a trailing stop that is left out stays one. */
export function amendLevels(
  floor: Floor,
  account: AccountState,
  request: AmendLevels,
  origin: Origin,
): Refusal | undefined {
  const position = account.positions.get(request.positionId);
  if (position === undefined || !isOpen(position)) return positionNotFound(request.positionId);
  const against = checkRights(account) ?? checkLevels(floor, position, request);
  if (against !== undefined) return against;
  const { bid, ask } = floor.market.quote(position.symbolId);
  const { stopLoss } = request;
  position.stopLoss = stopLoss;
  position.takeProfit = request.takeProfit;
  position.trailingStopLoss =
    stopLoss !== undefined && (request.trailingStopLoss ?? position.trailingStopLoss);
  position.triggerMethod = request.stopLossTriggerMethod ?? "TRADE";
  position.trailingDistance =
    stopLoss !== undefined && position.trailingStopLoss
      ? Math.abs((position.side === "BUY" ? bid : ask) - Math.round(stopLoss * 100_000))
      : undefined;
  position.updatedAt = floor.market.now();
  const changed = alignProtection(floor, account, position, { origin, isServerEvent: false });
  // The same levels once more are answered as a change is: a request is never left without an answer.
  const order = account.orders.get(position.protectiveOrderId ?? 0);
  if (changed !== "same" || order === undefined) return undefined;
  tellExecution(floor, account, { type: "ORDER_REPLACED", order, position, isServerEvent: false }, origin);
  return undefined;
}

function checkLevels(floor: Floor, position: PositionRecord, request: AmendLevels): Refusal | undefined {
  const { stopLoss, takeProfit } = request;
  if (request.trailingStopLoss !== undefined && stopLoss === undefined) return badRequest(TRAILING_TEXT);
  if (request.guaranteedStopLoss === true) return badRequest("Guaranteed Stop Loss is not available");
  const isBare = position.stopLoss === undefined && position.takeProfit === undefined;
  if (isBare && stopLoss === undefined && takeProfit === undefined) return badRequest("Nothing to amend.");
  const symbol = symbolOf(position.symbolId);
  return checkDecimals(floor, symbol, request) ?? checkSides(floor, position, request, symbol);
}

/** A stop belongs behind the market and a profit ahead of it, each by the distance that the symbol asks for. */
function checkSides(
  floor: Floor,
  position: PositionRecord,
  request: AmendLevels,
  symbol: VenueSymbol,
): Refusal | undefined {
  const { bid, ask } = floor.market.quote(position.symbolId);
  const price = (position.side === "BUY" ? bid : ask) / 100_000;
  const point = 10 ** -symbol.rules.digits;
  const levels = [
    {
      name: "SL",
      level: request.stopLoss,
      isAbove: position.side === "SELL",
      least: symbol.rules.slDistance,
    },
    {
      name: "TP",
      level: request.takeProfit,
      isAbove: position.side === "BUY",
      least: symbol.rules.tpDistance,
    },
  ];
  for (const { name, level, isAbove, least } of levels) {
    if (level === undefined) continue;
    if (isAbove ? level < price : level > price) {
      return refusal("TRADING_BAD_STOPS", sideText({ name, side: position.side, isAbove, price, level }));
    }
    const slack = point / 1_000;
    if (Math.abs(level - price) + slack < (least ?? 0) * point) {
      const text = `${name} is too close to the market: at least ${least} points are needed`;
      return refusal(floor.unsure().tooCloseCode, text);
    }
  }
  return undefined;
}

function sideText(facts: {
  readonly name: string;
  readonly side: ProtoOATradeSide;
  readonly isAbove: boolean;
  readonly price: number;
  readonly level: number;
}): string {
  const { name, side, isAbove, price, level } = facts;
  const quote = side === "BUY" ? "BID" : "ASK";
  const rule = `${isAbove ? ">=" : "<="} current ${quote} price. current ${quote}: ${price}`;
  return `New ${name} for ${side} position should be ${rule}, ${name}: ${level}`;
}
