/** Tickets as the broker's requests, with the rules of the symbol. A text in place of a request says what is wrong. */
import type { Decimal } from "decimal.js";
import type { Level, OrderTicket } from "../trading-broker.ts";
import type { NewOrder, SentClose } from "./order-desk.ts";
import type { ProtoOAOrderType, ProtoOAPosition, ProtoOATimeInForce } from "./protocol/open-api.generated.ts";
import type { KnownSymbol } from "./symbols.ts";
import { orderDistance, orderPrice, unitsOf, volumeOf } from "./units.ts";

const CLIENT_ORDER_ID = /^[A-Za-z0-9]{1,20}$/;

const ORDER_TYPES: Record<OrderTicket["type"], ProtoOAOrderType> = {
  market: "MARKET",
  limit: "LIMIT",
  stop: "STOP",
};

const TIMES_IN_FORCE: Record<OrderTicket["timeInForce"], ProtoOATimeInForce> = {
  gtc: "GOOD_TILL_CANCEL",
  gtd: "GOOD_TILL_DATE",
  ioc: "IMMEDIATE_OR_CANCEL",
};

/** True for an id in the form that our orders have. */
export function isClientOrderId(text: string | undefined): text is string {
  return text !== undefined && CLIENT_ORDER_ID.test(text);
}

/** The request that closes a position or a part of it. All of a position may be closed whatever the steps. */
export function closeOf(
  ticket: OrderTicket,
  symbol: KnownSymbol,
  position: ProtoOAPosition | undefined,
): SentClose | string {
  if (ticket.type !== "market") return "a position is closed by a market order";
  const positionId = Number(ticket.closes);
  if (!Number.isSafeInteger(positionId) || positionId <= 0) return "the position to close has no such id";
  const volume = volumeOf(ticket.quantity);
  if (volume !== undefined && volume === position?.tradeData.volume) return { positionId, volume };
  if (position !== undefined && volume !== undefined && volume > position.tradeData.volume) {
    return "the position has less than the quantity to close";
  }
  const checked = volumeWithin(ticket.quantity, symbol);
  return typeof checked === "string" ? checked : { positionId, volume: checked };
}

/** The request for a new order. Whether its prices and levels are on the right side is the broker's to say. */
export function orderOf(ticket: OrderTicket, symbol: KnownSymbol): NewOrder | string {
  if (!isClientOrderId(ticket.clientOrderId)) return "the order's id must be 1 to 20 letters and digits";
  const volume = volumeWithin(ticket.quantity, symbol);
  if (typeof volume === "string") return volume;
  const price = priceOfTicket(ticket, symbol);
  if (typeof price === "string") return price;
  const stop = levelOf(ticket, ticket.stopLoss, symbol);
  if (typeof stop === "string") return stop;
  const profit = levelOf(ticket, ticket.takeProfit, symbol);
  if (typeof profit === "string") return profit;
  const expiry = expiryOf(ticket);
  if (typeof expiry === "string") return expiry;
  return {
    clientOrderId: ticket.clientOrderId,
    symbolId: symbol.light.symbolId,
    orderType: ORDER_TYPES[ticket.type],
    tradeSide: ticket.side === "buy" ? "BUY" : "SELL",
    volume,
    ...price,
    ...(stop.price === undefined ? {} : { stopLoss: stop.price }),
    ...(stop.distance === undefined ? {} : { relativeStopLoss: stop.distance }),
    ...(profit.price === undefined ? {} : { takeProfit: profit.price }),
    ...(profit.distance === undefined ? {} : { relativeTakeProfit: profit.distance }),
    // A market order has no other time in force than its own.
    ...(ticket.type === "market" ? {} : { timeInForce: TIMES_IN_FORCE[ticket.timeInForce] }),
    ...expiry,
  };
}

function volumeWithin(quantity: Decimal, { rules }: KnownSymbol): number | string {
  const volume = volumeOf(quantity);
  const { minVolume, maxVolume, stepVolume } = rules;
  if (volume === undefined) return "the quantity must be a positive number of hundredths of a unit";
  if (minVolume !== undefined && volume < minVolume) {
    return `the quantity is below the least of ${unitsOf(minVolume)}`;
  }
  if (maxVolume && volume > maxVolume) return `the quantity is above the most of ${unitsOf(maxVolume)}`;
  if (stepVolume && volume % stepVolume !== 0) {
    return `the quantity is no multiple of ${unitsOf(stepVolume)}`;
  }
  return volume;
}

function priceOfTicket(
  { type, limitPrice, stopPrice }: OrderTicket,
  { rules }: KnownSymbol,
): { readonly limitPrice?: number; readonly stopPrice?: number } | string {
  const isLimit = type === "limit";
  const price = isLimit ? limitPrice : stopPrice;
  const other = isLimit ? stopPrice : limitPrice;
  if (type === "market") {
    return limitPrice === undefined && stopPrice === undefined ? {} : "a market order has no price";
  }
  if (price === undefined || other !== undefined) return `a ${type} order has a ${type} price and no other`;
  const sent = orderPrice(price, rules.digits);
  if (!(sent > 0)) return "a price must be above zero";
  return isLimit ? { limitPrice: sent } : { stopPrice: sent };
}

function levelOf(
  { type }: OrderTicket,
  level: Level | undefined,
  { rules }: KnownSymbol,
): { readonly price?: number; readonly distance?: number } | string {
  if (level === undefined) return {};
  if ("price" in level) {
    if (type === "market") return "a market order takes its levels by distance, not by price";
    const price = orderPrice(level.price, rules.digits);
    return price > 0 ? { price } : "a level must be above zero";
  }
  const distance = orderDistance(level.distance, rules.digits);
  if (!(distance > 0)) return "a level's distance must be at least one point";
  return Number.isSafeInteger(distance) ? { distance } : "a level's distance is out of range";
}

function expiryOf({ type, timeInForce, expiresAt }: OrderTicket): { expirationTimestamp?: number } | string {
  if (timeInForce !== "gtd") return expiresAt === undefined ? {} : "only a gtd order has an expiry";
  if (type === "market") return "a market order has no expiry";
  return expiresAt === undefined
    ? "a gtd order needs its expiry"
    : { expirationTimestamp: expiresAt.epochMilliseconds };
}
