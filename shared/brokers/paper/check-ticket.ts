/** The rules that a ticket must keep before it leaves, as a live broker's client checks them. Pure. */
import type { Decimal } from "decimal.js";
import type { InstrumentRules } from "../instrument-rules.ts";
import type { Level, OrderTicket, Side } from "../trading-broker.ts";
import type { PaperPosition } from "./records.ts";

/** The code of an order that never left because it breaks a rule that is known here. */
export const TICKET_INVALID = "TICKET_INVALID";

const CLIENT_ORDER_ID = /^[A-Za-z0-9]{1,20}$/;

/** What is wrong with a ticket, for a person; undefined where nothing is. `position`: the one that it closes. */
export function ticketFault(
  ticket: OrderTicket,
  rules: InstrumentRules | undefined,
  position: PaperPosition | undefined,
): string | undefined {
  if (!CLIENT_ORDER_ID.test(ticket.clientOrderId)) return "the order's id must be 1 to 20 letters and digits";
  if (rules === undefined) return `the broker has no instrument ${ticket.instrument}`;
  return (
    quantityFault(ticket, rules, position) ??
    priceFault(ticket, rules) ??
    expiryFault(ticket) ??
    (ticket.closes === undefined ? openingFault(ticket, rules) : closingFault(ticket, position))
  );
}

/** All of a position may be closed whatever the steps. */
function quantityFault(
  { quantity, closes }: OrderTicket,
  { minimumQuantity, maximumQuantity, quantityStep }: InstrumentRules,
  position: PaperPosition | undefined,
): string | undefined {
  if (!quantity.isFinite() || quantity.lte(0)) return "the quantity must be above zero";
  if (closes !== undefined && position !== undefined) {
    if (quantity.gt(position.quantity)) return "the position has less than the quantity to close";
    if (quantity.eq(position.quantity)) return undefined;
  }
  if (quantity.lt(minimumQuantity)) return `the quantity is below the least of ${minimumQuantity.toFixed()}`;
  if (maximumQuantity !== undefined && quantity.gt(maximumQuantity)) {
    return `the quantity is above the most of ${maximumQuantity.toFixed()}`;
  }
  if (!quantity.mod(quantityStep).isZero()) return `the quantity is no multiple of ${quantityStep.toFixed()}`;
  return undefined;
}

function priceFault(
  { type, limitPrice, stopPrice }: OrderTicket,
  rules: InstrumentRules,
): string | undefined {
  if (type === "market") {
    return limitPrice === undefined && stopPrice === undefined ? undefined : "a market order has no price";
  }
  const [price, other] = type === "limit" ? [limitPrice, stopPrice] : [stopPrice, limitPrice];
  if (price === undefined || other !== undefined) return `a ${type} order has a ${type} price and no other`;
  return stepFault(price, rules);
}

function stepFault(price: Decimal, { priceStep }: InstrumentRules): string | undefined {
  if (!price.isFinite() || price.lte(0)) return "a price must be above zero";
  return price.mod(priceStep).isZero() ? undefined : `a price is no multiple of ${priceStep.toFixed()}`;
}

function expiryFault({ type, timeInForce, expiresAt }: OrderTicket): string | undefined {
  if (timeInForce !== "gtd") return expiresAt === undefined ? undefined : "only a gtd order has an expiry";
  if (type === "market") return "a market order has no expiry";
  return expiresAt === undefined ? "a gtd order needs its expiry" : undefined;
}

function closingFault(
  { instrument, side, stopLoss, takeProfit }: OrderTicket,
  position: PaperPosition | undefined,
): string | undefined {
  if (stopLoss !== undefined || takeProfit !== undefined) return "an order that closes has no levels";
  // Whether the position is still there is the broker's to say.
  if (position === undefined) return undefined;
  if (position.instrument !== instrument) return "the position is of another instrument";
  return position.side === side ? "an order that closes trades against its position" : undefined;
}

function openingFault(ticket: OrderTicket, rules: InstrumentRules): string | undefined {
  if (ticket.side === "sell" && !rules.canSell) return "the instrument can only be bought";
  const { stopLoss, takeProfit, side } = ticket;
  const against: Side = side === "buy" ? "sell" : "buy";
  return levelFault(ticket, stopLoss, against, rules) ?? levelFault(ticket, takeProfit, side, rules);
}

/** `towards`: the side of the entry's price on which the level lies, `buy` being above. */
function levelFault(
  { type, limitPrice, stopPrice }: OrderTicket,
  level: Level | undefined,
  towards: Side,
  rules: InstrumentRules,
): string | undefined {
  if (level === undefined) return undefined;
  const least = rules.minimumLevelDistance ?? rules.priceStep;
  const tooClose = `a level's distance must be at least ${least.toFixed()}`;
  const entry = limitPrice ?? stopPrice;
  if ("distance" in level) {
    if (!level.distance.isFinite() || level.distance.lt(least)) return tooClose;
    const isBelow = towards === "sell" && entry !== undefined && level.distance.gte(entry);
    return isBelow ? "a level must be above zero" : undefined;
  }
  if (type === "market") return "a market order takes its levels by distance, not by price";
  const fault = stepFault(level.price, rules);
  if (fault !== undefined || entry === undefined) return fault;
  const distance = towards === "buy" ? level.price.minus(entry) : entry.minus(level.price);
  if (distance.lte(0)) return "a level lies on the wrong side of the price";
  return distance.lt(least) ? tooClose : undefined;
}
