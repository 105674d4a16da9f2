/** What the market does to orders and positions at each look at a price. */
import { checkMoney } from "./checks.ts";
import { cancelRest, execute, fillOnce, protectSoon } from "./execute.ts";
import type { Floor } from "./floor.ts";
import { recordClosing } from "./make-order.ts";
import { equity, usedMargin } from "./margin.ts";
import { protectiveOrder, roundPrice } from "./protection.ts";
import {
  type AccountState,
  isOpen,
  isWorking,
  livePositions,
  type OrderRecord,
  type PositionRecord,
  workingOrders,
} from "./records.ts";
import { isInExecution } from "./requests.ts";
import { symbolOf } from "./symbols.ts";
import type { TwoSides } from "./tape.ts";

/** Lets every account feel the price of a symbol, in integers of 1/100,000. */
export function lookAt(floor: Floor, symbolId: number, quote: TwoSides): void {
  const isTraded = floor.market.state(symbolId) === "open";
  for (const account of floor.accounts.values()) {
    for (const order of workingOrders(account)) {
      if (order.symbolId === symbolId) lookAtOrder(floor, account, order, { quote, isTraded });
    }
    if (!isTraded) continue;
    const positions = livePositions(account).filter((one) => one.symbolId === symbolId && isOpen(one));
    for (const position of positions) {
      trail(floor, account, position, quote);
      lookAtLevels(floor, account, position, quote);
    }
    if (positions.length > 0) stopOut(floor, account);
  }
}

interface Look {
  readonly quote: TwoSides;
  readonly isTraded: boolean;
}

function lookAtOrder(floor: Floor, account: AccountState, order: OrderRecord, look: Look): void {
  const rests = order.type === "LIMIT" || order.type === "STOP" || order.type === "STOP_LIMIT";
  // One look may end an order that is still ahead in the list.
  if (!rests || isInExecution(order) || !isWorking(order)) return;
  const job = { account, order, origin: undefined };
  if (order.expiresAt !== undefined && order.expiresAt <= floor.market.now()) {
    cancelRest(floor, job, { type: "ORDER_EXPIRED", isServerEvent: true });
    return;
  }
  const price = look.isTraded ? reached(floor, order, look.quote) : undefined;
  if (price === undefined) return;
  const request = { tradeSide: order.side, volume: order.volume, positionId: order.positionId };
  const against = checkMoney(floor, account, symbolOf(order.symbolId), request);
  if (against === undefined) execute(floor, job, { sentAt: floor.market.now(), price });
  else cancelRest(floor, job, { type: "ORDER_CANCELLED", isServerEvent: true });
}

/** The price at which a resting order is filled now, a plain decimal; undefined if it goes on resting. */
function reached(floor: Floor, order: OrderRecord, quote: TwoSides): number | undefined {
  const isBuy = order.side === "BUY";
  const price = (isBuy ? quote.ask : quote.bid) / 100_000;
  const isWithin = (limit: number) => (isBuy ? price <= limit : price >= limit);
  if (order.type === "LIMIT") return isWithin(order.limitPrice ?? 0) ? price : undefined;
  if (order.restsAt !== undefined) return isWithin(order.restsAt) ? price : undefined;
  if (!isStopMet(order, isBuy, order.stopPrice ?? 0, quote)) return undefined;
  const point = 10 ** -symbolOf(order.symbolId).rules.digits;
  const way = isBuy ? 1 : -1;
  if (order.type === "STOP") return slipped(floor, order.symbolId, price, way);
  const reach = way * (order.slippageInPoints ?? 0) * point;
  order.restsAt = roundPrice(order.symbolId, (order.stopPrice ?? 0) + reach);
  return isWithin(order.restsAt) ? price : undefined;
}

/**
 * Whether the price has come to a stop: from below for one that buys. By default that which would be traded
 * counts; the opposite methods look at the other side, the double ones want two looks in a row.
 */
function isStopMet(
  keeper: Pick<OrderRecord, "triggerMethod" | "wasMet">,
  buys: boolean,
  stop: number,
  quote: TwoSides,
): boolean {
  const isOpposite = keeper.triggerMethod === "OPPOSITE" || keeper.triggerMethod === "DOUBLE_OPPOSITE";
  const isDouble = keeper.triggerMethod === "DOUBLE_TRADE" || keeper.triggerMethod === "DOUBLE_OPPOSITE";
  const price = (buys !== isOpposite ? quote.ask : quote.bid) / 100_000;
  const isMet = buys ? price >= stop : price <= stop;
  const isSecond = isMet && keeper.wasMet;
  keeper.wasMet = isMet;
  return isDouble ? isSecond : isMet;
}

/** A stop is filled a little beyond the market. `way`: 1 for one that buys. */
function slipped(floor: Floor, symbolId: number, price: number, way: number): number {
  const points = Math.floor(floor.draw() * ((floor.faults().slipPoints ?? 3) + 1));
  return roundPrice(symbolId, price + way * points * 10 ** -symbolOf(symbolId).rules.digits);
}

function lookAtLevels(floor: Floor, account: AccountState, position: PositionRecord, quote: TwoSides): void {
  const order = protectiveOrder(account, position);
  if (order === undefined) return;
  const isLong = position.side === "BUY";
  const market = (isLong ? quote.bid : quote.ask) / 100_000;
  const { stopLoss, takeProfit } = position;
  const isStopped = stopLoss !== undefined && isStopMet(position, !isLong, stopLoss, quote);
  const isPaid = takeProfit !== undefined && (isLong ? market >= takeProfit : market <= takeProfit);
  if (!isStopped && !isPaid) return;
  const price = isStopped ? slipped(floor, position.symbolId, market, isLong ? -1 : 1) : market;
  const { volume } = position;
  order.volume = volume;
  const fill = { order, position, volume, filledVolume: volume, price, createdAt: floor.market.now() };
  fillOnce(floor, { account, order, origin: undefined }, fill);
}

/** Lets a trailing stop follow the market; neither the order nor the position is told anew. */
function trail(floor: Floor, account: AccountState, position: PositionRecord, quote: TwoSides): void {
  const { stopLoss, trailingDistance: distance } = position;
  const order = protectiveOrder(account, position);
  if (!position.trailingStopLoss || stopLoss === undefined || distance === undefined) return;
  if (order === undefined) return;
  const isLong = position.side === "BUY";
  const stopPrice = (isLong ? quote.bid - distance : quote.ask + distance) / 100_000;
  if (isLong ? stopPrice <= stopLoss : stopPrice >= stopLoss) return;
  position.stopLoss = roundPrice(position.symbolId, stopPrice);
  order.stopPrice = position.stopLoss;
  const body = {
    ctidTraderAccountId: account.terms.ctidTraderAccountId,
    positionId: position.positionId,
    orderId: order.orderId,
    stopPrice: position.stopLoss,
    utcLastUpdateTimestamp: floor.market.now(),
  };
  floor.tell(account, { name: "ProtoOATrailingSLChangedEvent", body }, undefined);
}

/** Takes the position with the most margin from an account that cannot carry its positions. */
function stopOut(floor: Floor, account: AccountState): void {
  const used = usedMargin(account);
  if (used === 0 || equity(floor, account) * 100 >= used * floor.stopOutPercent) return;
  const traded = livePositions(account).filter(
    (one) => isOpen(one) && floor.market.state(one.symbolId) === "open",
  );
  const [position] = traded.sort((a, b) => b.usedMargin - a.usedMargin);
  if (position === undefined) return;
  const { bid, ask } = floor.market.quote(position.symbolId);
  const price = (position.side === "BUY" ? bid : ask) / 100_000;
  const { volume } = position;
  const order = recordClosing(floor, account, position, volume);
  order.isStopOut = true;
  const fill = { order, position, volume, filledVolume: volume, price, createdAt: floor.market.now() };
  const job = { account, order, origin: undefined };
  fillOnce(floor, job, fill);
  protectSoon(floor, job, position);
}
