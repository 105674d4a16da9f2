/** From an accepted order to its fills. */

import { type Floor, type Origin, tellExecution } from "./floor.ts";
import { positionAtFill } from "./make-order.ts";
import { averagePrice } from "./money.ts";
import { alignProtection, protectiveOrder, takeLevels } from "./protection.ts";
import {
  type AccountState,
  isOpen,
  isWorking,
  type OrderRecord,
  type PositionRecord,
  workingOrders,
} from "./records.ts";
import { type Fill, settle } from "./settle.ts";
import { symbolOf } from "./symbols.ts";

/** An order on its way, and the request that hears of it; undefined for one that the market set off. */
export interface Job {
  readonly account: AccountState;
  readonly order: OrderRecord;
  readonly origin: Origin | undefined;
}

const LIMITED: ReadonlySet<string> = new Set(["LIMIT", "STOP_LIMIT", "MARKET_RANGE"]);

/** The price at which a side trades now, a plain decimal. */
export function tradePrice(floor: Floor, symbolId: number, side: "BUY" | "SELL"): number {
  const { bid, ask } = floor.market.quote(symbolId);
  return (side === "BUY" ? ask : bid) / 100_000;
}

/** Fills an order after the usual time. */
export function fillSoon(floor: Floor, job: Job): void {
  floor.later(floor.faults().fillMs, () => execute(floor, job, { sentAt: job.order.createdAt }));
}

/**
 * Fills an order at the market, or at the price given; what cannot be filled is cancelled. `sentAt`: when it was
 * sent for execution, in milliseconds since 1970.
 */
export function execute(
  floor: Floor,
  job: Job,
  how: { readonly sentAt: number; readonly price?: number },
): void {
  const { account, order } = job;
  if (!isWorking(order)) return;
  const isTraded = floor.market.state(order.symbolId) === "open";
  const price = how.price ?? tradePrice(floor, order.symbolId, order.side);
  const position = account.positions.get(order.positionId);
  const reducible = position !== undefined && isOpen(position) ? position.volume : 0;
  const left = order.volume - order.executedVolume;
  const fillable = order.isReduceOnly ? Math.min(left, reducible) : left;
  const canFill = isTraded && fillable > 0 && isWithinLimits(order, price);
  fillParts(floor, job, how, canFill ? partsOf(floor, order, fillable) : [0]);
}

function isWithinLimits(order: OrderRecord, price: number): boolean {
  const isBuy = order.side === "BUY";
  if (order.type === "LIMIT" && order.limitPrice !== undefined) {
    return isBuy ? price <= order.limitPrice : price >= order.limitPrice;
  }
  if (order.type !== "MARKET_RANGE" || order.baseSlippagePrice === undefined) return true;
  const reach = (order.slippageInPoints ?? 0) * 10 ** -symbolOf(order.symbolId).rules.digits;
  // Half of the finest decimal, so that the sum of two doubles cannot decide.
  const slack = 0.000_005;
  return isBuy
    ? price <= order.baseSlippagePrice + reach + slack
    : price >= order.baseSlippagePrice - reach - slack;
}

/** One part, or two to three when the switch says so; a last part of 0 stands for a rest that is not filled. */
function partsOf(floor: Floor, order: OrderRecord, volume: number): number[] {
  const { stepVolume, minVolume } = symbolOf(order.symbolId).rules;
  const { partialFillShare, cancelledRestShare } = floor.faults();
  const whole = volume < order.volume - order.executedVolume ? [volume, 0] : [volume];
  const isDrawn = partialFillShare > 0 && floor.draw() < partialFillShare;
  if (!isDrawn || order.timeInForce === "FILL_OR_KILL" || volume < 2 * minVolume) return whole;
  const steps = Math.floor(volume / stepVolume);
  const first = Math.max(1, Math.min(steps - 1, Math.floor(floor.draw() * steps))) * stepVolume;
  const rest = volume - first;
  const isRestCancelled = (cancelledRestShare ?? 0) > 0 && floor.draw() < (cancelledRestShare ?? 0);
  if (isRestCancelled) return [first, 0];
  const second = Math.floor(rest / stepVolume / 2) * stepVolume;
  return second > 0 ? [first, second, rest - second] : [first, rest];
}

function fillParts(
  floor: Floor,
  job: Job,
  how: { readonly sentAt: number; readonly price?: number },
  parts: readonly number[],
): void {
  const { order, account } = job;
  const [part = 0, ...rest] = parts;
  if (!isWorking(order)) return;
  const reserved = account.positions.get(order.positionId);
  // Something else may have closed it between two parts.
  const isGone = order.isReduceOnly && !(reserved !== undefined && isOpen(reserved));
  if (part === 0 || isGone) {
    cancelRest(floor, job);
    return;
  }
  const price = how.price ?? tradePrice(floor, order.symbolId, order.side);
  const position = positionAtFill(floor, account, order);
  fillOnce(floor, job, {
    order,
    position,
    volume: order.volume - order.executedVolume,
    filledVolume: order.isReduceOnly ? Math.min(part, position.volume) : part,
    price,
    createdAt: how.sentAt,
  });
  // A part may close the position, and the next one open another.
  if (!isWorking(order) || !isOpen(position)) protectSoon(floor, job, position);
  if (!isWorking(order)) return;
  if (rest[0] === undefined || rest[0] === 0) cancelRest(floor, job);
  else {
    // An order with a limit keeps to it in every part; the others follow the market.
    const next = LIMITED.has(order.type) ? { sentAt: how.sentAt, price } : { sentAt: how.sentAt };
    floor.later(floor.faults().fillMs, () => fillParts(floor, job, next, rest));
  }
}

/** Settles one fill and tells everybody. */
export function fillOnce(floor: Floor, job: Job, fill: Fill): void {
  const { account, order, origin } = job;
  const { position, filledVolume, price } = fill;
  const deal = settle(floor, account, fill);
  const before = { price: order.executionPrice ?? price, volume: order.executedVolume };
  order.executionPrice = averagePrice(before, { price, volume: filledVolume });
  order.executedVolume += filledVolume;
  order.updatedAt = floor.market.now();
  const isDone = order.executedVolume === order.volume;
  if (isDone) {
    order.status = "ORDER_STATUS_FILLED";
    order.closedAt = order.updatedAt;
  }
  const type = isDone ? "ORDER_FILLED" : "ORDER_PARTIAL_FILL";
  tellExecution(floor, account, { type, order, position, deal, isServerEvent: origin === undefined }, origin);
}

/** Cancels what is left of an order; with fills before, they stay. */
export function cancelRest(
  floor: Floor,
  job: Job,
  as: { readonly type: "ORDER_CANCELLED" | "ORDER_EXPIRED"; readonly isServerEvent: boolean } = {
    type: "ORDER_CANCELLED",
    isServerEvent: false,
  },
): void {
  const { account, order, origin } = job;
  const now = floor.market.now();
  order.status = as.type === "ORDER_EXPIRED" ? "ORDER_STATUS_EXPIRED" : "ORDER_STATUS_CANCELLED";
  order.updatedAt = now;
  order.closedAt = now;
  const position = account.positions.get(order.positionId);
  if (position !== undefined) release(account, position, now);
  tellExecution(
    floor,
    account,
    {
      type: as.type,
      order,
      ...(position === undefined ? {} : { position }),
      isServerEvent: as.isServerEvent,
    },
    origin,
  );
  if (order.executedVolume > 0 && position !== undefined) protectSoon(floor, job, position);
}

/** A reserved position is given up once no order waits to fill it. */
function release(account: AccountState, position: PositionRecord, now: number): void {
  if (position.status !== "POSITION_STATUS_CREATED") return;
  if (workingOrders(account).some((order) => order.positionId === position.positionId)) return;
  position.status = "POSITION_STATUS_CLOSED";
  position.closedAt = now;
  position.updatedAt = now;
}

/** After an order has ended, its levels become a protective order, or the one that is there follows the position. */
export function protectSoon(floor: Floor, job: Job, position: PositionRecord): void {
  const { account, order, origin } = job;
  const hasLevels = order.relativeStopLoss !== undefined || order.relativeTakeProfit !== undefined;
  if (!hasLevels && protectiveOrder(account, position) === undefined) return;
  floor.later(floor.faults().protectionMs, () => {
    takeLevels(position, order);
    alignProtection(floor, account, position, { origin, isServerEvent: true });
  });
}
