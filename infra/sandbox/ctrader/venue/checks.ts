/** Why a new order is not taken. */
import type {
  ProtoOANewOrderReq,
  ProtoOATradeSide,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { tradePrice } from "./execute.ts";
import { badRequest, type Floor, type Refusal, refusal } from "./floor.ts";
import { ownPrice } from "./make-order.ts";
import { equity, openingMargin, usedMargin } from "./margin.ts";
import { type AccountState, isOpen, livePositions, type PositionRecord, workingOrders } from "./records.ts";
import { SYMBOLS, type VenueSymbol } from "./symbols.ts";

/** Orders that rest until their price comes. */
const RESTING: ReadonlySet<string> = new Set(["LIMIT", "STOP", "STOP_LIMIT"]);
const LENGTHS = { label: 100, comment: 512, clientOrderId: 50 } as const;

export const ABSOLUTE_LEVELS_TEXT =
  "SL/TP in absolute values are allowed only for order types: [LIMIT, STOP, STOP_LIMIT]";
export const TRAILING_TEXT = "Can't set Trailing Stop Loss parameter without specified Stop Loss";

/** The first reason against an order; undefined if it is taken. */
export function checkNewOrder(
  floor: Floor,
  account: AccountState,
  request: ProtoOANewOrderReq,
): Refusal | undefined {
  const symbol = SYMBOLS.get(request.symbolId);
  if (symbol === undefined) {
    return badRequest(`Symbol not found with id ${request.symbolId}`, "SYMBOL_NOT_FOUND");
  }
  return (
    checkForm(floor, request, symbol) ??
    checkRights(account) ??
    checkSymbol(floor, symbol, !RESTING.has(request.orderType)) ??
    checkVolume(symbol, request.volume) ??
    checkOrderPrices(floor, request) ??
    checkPosition(account, request) ??
    checkMoney(floor, account, symbol, request)
  );
}

function checkForm(floor: Floor, request: ProtoOANewOrderReq, symbol: VenueSymbol): Refusal | undefined {
  for (const field of ["label", "comment", "clientOrderId"] as const) {
    if ((request[field]?.length ?? 0) > LENGTHS[field]) {
      return badRequest(`The length of ${field} should be at most ${LENGTHS[field]}`);
    }
  }
  const { orderType } = request;
  if (orderType === "STOP_LOSS_TAKE_PROFIT") return badRequest(`Order type ${orderType} can't be sent`);
  const missing = missingFields(request);
  if (missing.length > 0) return badRequest(`Message missing required fields: ${missing.join(", ")}`);
  const hasAbsolute = request.stopLoss !== undefined || request.takeProfit !== undefined;
  if (hasAbsolute && !RESTING.has(orderType)) return badRequest(ABSOLUTE_LEVELS_TEXT);
  const hasStop = request.stopLoss !== undefined || request.relativeStopLoss !== undefined;
  if (request.trailingStopLoss === true && !hasStop) return badRequest(TRAILING_TEXT);
  if (request.guaranteedStopLoss === true) return badRequest("Guaranteed Stop Loss is not available");
  const expiry = request.expirationTimestamp;
  if (request.timeInForce === "GOOD_TILL_DATE" && expiry !== undefined && expiry <= floor.market.now()) {
    return refusal("TRADING_BAD_EXPIRATION_DATE", "Expiration date should be in the future");
  }
  return checkDecimals(floor, symbol, request);
}

function missingFields(request: ProtoOANewOrderReq): string[] {
  const needed: Partial<Record<ProtoOANewOrderReq["orderType"], readonly (keyof ProtoOANewOrderReq)[]>> = {
    LIMIT: ["limitPrice"],
    STOP: ["stopPrice"],
    STOP_LIMIT: ["stopPrice", "slippageInPoints"],
    MARKET_RANGE: ["baseSlippagePrice", "slippageInPoints"],
  };
  const fields = [...(needed[request.orderType] ?? [])];
  if (request.timeInForce === "GOOD_TILL_DATE") fields.push("expirationTimestamp");
  return fields.filter((field) => request[field] === undefined);
}

/** Prices and distances with more decimals than the symbol has, or below zero. */
export function checkDecimals(
  floor: Floor,
  symbol: VenueSymbol,
  asked: {
    readonly [K in "limitPrice" | "stopPrice" | "stopLoss" | "takeProfit" | "baseSlippagePrice"]?: number;
  } & { readonly relativeStopLoss?: number; readonly relativeTakeProfit?: number },
): Refusal | undefined {
  const { digits } = symbol.rules;
  const prices = [
    asked.limitPrice,
    asked.stopPrice,
    asked.stopLoss,
    asked.takeProfit,
    asked.baseSlippagePrice,
  ];
  const isOff = prices.some(
    (price) => price !== undefined && !(price > 0 && Number(price.toFixed(digits)) === price),
  );
  const grain = 10 ** (5 - digits);
  const distances = [asked.relativeStopLoss, asked.relativeTakeProfit];
  const isUneven = distances.some(
    (distance) => distance !== undefined && !(distance >= 0 && distance % grain === 0),
  );
  if (!isOff && !isUneven) return undefined;
  const text = `Invalid price: at most ${digits} decimals are allowed for symbol ${symbol.id}`;
  const code = floor.unsure().badDecimalsCode;
  return code === "INVALID_REQUEST" ? badRequest(text) : refusal(code, text);
}

/** An account that may not trade. */
export function checkRights(account: AccountState): Refusal | undefined {
  const isAllowed = account.terms.accessRights === "FULL_ACCESS";
  return isAllowed ? undefined : refusal("TRADING_NOT_ALLOWED", "Trading is not allowed for this account");
}

/** A symbol that is not traded, for what would trade at once. */
export function checkSymbol(floor: Floor, symbol: VenueSymbol, isNow: boolean): Refusal | undefined {
  if (symbol.rules.tradingMode !== "ENABLED") {
    return refusal("TRADING_DISABLED", `Trading is disabled for symbol ${symbol.id}`);
  }
  if (!isNow) return undefined;
  const state = floor.market.state(symbol.id);
  if (state === "open") return undefined;
  return state === "holiday"
    ? refusal("SYMBOL_HAS_HOLIDAY", `Symbol ${symbol.id} has a holiday`)
    : refusal("MARKET_CLOSED", `Market is closed for symbol ${symbol.id}`);
}

/** A volume outside the rules of the symbol. */
export function checkVolume(symbol: VenueSymbol, volume: number): Refusal | undefined {
  const { minVolume, maxVolume, stepVolume } = symbol.rules;
  if (volume >= minVolume && volume <= maxVolume && volume % stepVolume === 0) return undefined;
  const rule = `from ${minVolume / 100} to ${maxVolume / 100} in steps of ${stepVolume / 100}`;
  return refusal("TRADING_BAD_VOLUME", `Order volume ${volume / 100} should be ${rule}`);
}

/** Where a resting order's own price and levels may lie. */
export function checkOrderPrices(
  floor: Floor,
  request: {
    readonly symbolId: number;
    readonly tradeSide: ProtoOATradeSide;
    readonly orderType: ProtoOANewOrderReq["orderType"];
    readonly limitPrice?: number;
    readonly stopPrice?: number;
    readonly stopLoss?: number;
    readonly takeProfit?: number;
  },
): Refusal | undefined {
  const { stopPrice, tradeSide: side, orderType } = request;
  if (stopPrice !== undefined && (orderType === "STOP" || orderType === "STOP_LIMIT")) {
    const price = tradePrice(floor, request.symbolId, side);
    const isAhead = side === "BUY" ? stopPrice >= price : stopPrice <= price;
    const rule =
      side === "BUY"
        ? `>= current ASK price. current ASK: ${price}`
        : `<= current BID price. current BID: ${price}`;
    if (!isAhead)
      return refusal("TRADING_BAD_PRICES", `${side} stop price should be ${rule}, price: ${stopPrice}`);
  }
  const from = ownPrice(request);
  if (from === undefined) return undefined;
  const way = side === "BUY" ? 1 : -1;
  if (request.stopLoss !== undefined && (request.stopLoss - from) * way >= 0) {
    return refusal(
      "TRADING_BAD_STOPS",
      `SL of a ${side} order is on the wrong side. price: ${from}, SL: ${request.stopLoss}`,
    );
  }
  if (request.takeProfit !== undefined && (request.takeProfit - from) * way <= 0) {
    return refusal(
      "TRADING_BAD_STOPS",
      `TP of a ${side} order is on the wrong side. price: ${from}, TP: ${request.takeProfit}`,
    );
  }
  return undefined;
}

export const positionNotFound = (positionId: number): Refusal =>
  refusal("POSITION_NOT_FOUND", `Position not found with id ${positionId}`);

function checkPosition(account: AccountState, request: ProtoOANewOrderReq): Refusal | undefined {
  const { positionId } = request;
  if (positionId === undefined || positionId === 0) return undefined;
  const position = account.positions.get(positionId);
  if (position === undefined || !isOpen(position)) return positionNotFound(positionId);
  if (position.symbolId !== request.symbolId)
    return badRequest(`Position ${positionId} is of another symbol`);
  const isReducing = position.side !== request.tradeSide;
  return isReducing && !account.terms.isNetted ? checkClosing(account, position, request.volume) : undefined;
}

/** A volume that is more than what a position has left beside the closing orders under way. */
export function checkClosing(
  account: AccountState,
  position: PositionRecord,
  volume: number,
): Refusal | undefined {
  if (!(volume > 0 && volume <= position.volume)) {
    const text = `Close volume ${volume / 100} should be at most ${position.volume / 100}`;
    return refusal("TRADING_BAD_VOLUME", text);
  }
  let underWay = 0;
  for (const order of workingOrders(account)) {
    const isClosing = order.positionId === position.positionId && order.isReduceOnly;
    if (isClosing && order.type === "MARKET") underWay += order.volume - order.executedVolume;
  }
  if (underWay + volume <= position.volume) return undefined;
  return refusal("PENDING_EXECUTION", `Position ${position.positionId} has an order in execution`);
}

/** An order for which the free money is too little. */
export function checkMoney(
  floor: Floor,
  account: AccountState,
  symbol: VenueSymbol,
  request: Pick<ProtoOANewOrderReq, "tradeSide" | "volume" | "positionId">,
): Refusal | undefined {
  const { tradeSide: side } = request;
  let opened = request.volume;
  for (const position of livePositions(account)) {
    const isTarget = account.terms.isNetted
      ? position.symbolId === symbol.id
      : position.positionId === request.positionId;
    if (isTarget && isOpen(position) && position.side !== side)
      opened = Math.max(0, opened - position.volume);
  }
  if (opened === 0) return undefined;
  const more = { symbolId: symbol.id, side, margin: openingMargin(floor, account, symbol, opened) };
  const grows = usedMargin(account, more) > usedMargin(account);
  if (!grows || equity(floor, account) >= usedMargin(account, more)) return undefined;
  return refusal("NOT_ENOUGH_MONEY", "Not enough funds to open the position");
}
