/** A position's stop loss and take profit, made of its order's levels when the order is first filled. Pure. */
import type { Decimal } from "decimal.js";
import type { Level, Side } from "../trading-broker.ts";
import type { Market } from "./match.ts";
import type { PaperAccount, PaperOrder } from "./records.ts";

/** The account with the levels of an order that has just opened its position. A later part moves them no more. */
export function withLevels(account: PaperAccount, order: PaperOrder, market: Market): PaperAccount {
  const { ticket, fills, positionId } = order;
  const [first, ...later] = fills;
  const { rules } = market;
  if (first === undefined || later.length > 0 || ticket.closes !== undefined || rules === undefined) {
    return account;
  }
  const { stopLoss, takeProfit, side } = ticket;
  const against: Side = side === "buy" ? "sell" : "buy";
  const stop = levelPrice(stopLoss as Level | undefined, first.price, against, rules.priceStep);
  const profit = levelPrice(takeProfit as Level | undefined, first.price, side, rules.priceStep);
  let { lastOrder } = account;
  const resting = (price: Decimal) => {
    lastOrder += 1;
    return { brokerOrderId: `o${lastOrder}`, price };
  };
  const levels = {
    ...(stop !== undefined && { stop: resting(stop) }),
    ...(profit !== undefined && { profit: resting(profit) }),
  };
  const positions = account.positions.map((one) => (one.id === positionId ? { ...one, ...levels } : one));
  return { ...account, positions, lastOrder };
}

/** `towards`: on which side of the fill's price a distance goes, `buy` being up. Undefined at zero or below. */
function levelPrice(
  level: Level | undefined,
  filled: Decimal,
  towards: Side,
  priceStep: Decimal,
): Decimal | undefined {
  if (level === undefined) return undefined;
  if ("price" in level) return level.price;
  const price = towards === "buy" ? filled.plus(level.distance) : filled.minus(level.distance);
  const onStep = price.toNearest(priceStep);
  return onStep.gt(0) ? onStep : undefined;
}
