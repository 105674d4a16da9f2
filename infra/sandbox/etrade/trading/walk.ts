/**
 * Lets time pass for an account's orders: from the last look to now, moment by moment, so that a stop that was hit
 * in a night of one step is found.
 *
 * 1. An order only moves forward: what is executed, cancelled, expired or rejected stays so.
 * 2. Nothing is filled outside its session, before it is active, or after its end.
 * 3. A look twice at the same moment changes nothing the second time.
 */
import type { Faults } from "../faults.ts";
import type { Look, MarketView, Trading, TwoSides } from "./market-view.ts";
import { matchPrice } from "./match.ts";
import { type AccountTrading, filledOf, isBuying, isWorking, leftOf, type OrderRecord } from "./records.ts";
import { settle } from "./settle.ts";

/** The switches that decide about fills. */
export type FillSwitches = Pick<Faults, "neverFill" | "partialRestMs">;

/** Walks to `now`; tells whether anything happened. */
export function walkTo(
  account: AccountTrading,
  now: number,
  market: MarketView,
  switches: FillSwitches,
): boolean {
  const from = Math.min(account.walkedTo ?? now, now);
  account.walkedTo = now;
  let hasChanged = false;
  let working = account.orders.filter(isWorking);
  for (const look of working.length > 0 ? looksOf(working, [from, now], market) : []) {
    const known = new Map<string, TwoSides>();
    const sides = (symbol: string) => {
      const found = known.get(symbol) ?? market.sides(symbol, look.at);
      known.set(symbol, found);
      return found;
    };
    for (const order of working) {
      const before = order.events.length;
      pass(account, order, { look, sides, switches });
      hasChanged ||= order.events.length > before;
    }
    working = working.filter(isWorking);
    if (working.length === 0) break;
  }
  return hasChanged;
}

function looksOf(
  working: readonly OrderRecord[],
  [from, to]: readonly [number, number],
  market: MarketView,
): readonly Look[] {
  const wanted = new Set<Trading>(
    working.map(({ ticket }) => (ticket.marketSession === "REGULAR" ? "open" : "extended")),
  );
  const own = working
    .flatMap(({ activeAt, cancelAt, restAt }) => [activeAt, cancelAt, restAt])
    .filter((at): at is number => at !== undefined && at > from && at < to);
  const moments = [...new Set([...own, to])];
  const looks = [
    ...market.looksWithin(from, to, wanted),
    ...moments.map((at) => ({ at, trading: market.tradingAt(at) })),
  ];
  return looks.sort((a, b) => a.at - b.at);
}

interface Passing {
  readonly look: Look;
  sides(symbol: string): TwoSides;
  readonly switches: FillSwitches;
}

function pass(account: AccountTrading, order: OrderRecord, passing: Passing): void {
  const { at, trading } = passing.look;
  const { cancelAt = Number.POSITIVE_INFINITY, expiresAt } = order;
  const isItsSession = trading === (order.ticket.marketSession === "REGULAR" ? "open" : "extended");
  if (Math.min(cancelAt, expiresAt) <= at) {
    if (cancelAt > expiresAt) end(order, "EXPIRED", expiresAt);
    else if (order.fillsLate && isItsSession) force(account, order, passing);
    else end(order, "CANCELLED", cancelAt);
    return;
  }
  if (at < order.activeAt) return;
  if (order.fate.isRejected) {
    end(order, "REJECTED", order.activeAt);
    return;
  }
  if (isItsSession && !passing.switches.neverFill && at >= (order.restAt ?? 0)) fill(account, order, passing);
  const isAtOnce = ["IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"].includes(order.ticket.orderTerm);
  if (isAtOnce && isWorking(order)) end(order, "CANCELLED", at);
}

function fill(account: AccountTrading, order: OrderRecord, { look, sides, switches }: Passing): void {
  const market = sides(order.ticket.symbol);
  const cents = matchPrice(order, market);
  if (cents === undefined) return;
  const left = leftOf(order);
  const isInParts = order.fate.isPartial && filledOf(order) === 0 && left > 1;
  const quantity = isInParts ? Math.max(1, Math.floor(left * 0.4)) : left;
  if (isInParts) order.restAt = look.at + switches.partialRestMs;
  settle(account, order, { at: look.at, quantity, cents });
}

function force(account: AccountTrading, order: OrderRecord, { look, sides }: Passing): void {
  const cents = forcedPrice(order, sides(order.ticket.symbol));
  settle(account, order, { at: look.at, quantity: leftOf(order), cents });
}

/** The price of an order that is filled although the market may be elsewhere, in cents. */
export function forcedPrice(order: OrderRecord, market: TwoSides): number {
  const { limitPrice, action } = order.ticket;
  if (limitPrice > 0) return Math.max(1, Math.round(limitPrice * 100));
  return isBuying(action) ? market.ask : market.bid;
}

/** Ends a working order. */
export function end(order: OrderRecord, status: "CANCELLED" | "EXPIRED" | "REJECTED", at: number): void {
  const names = { CANCELLED: "ORDER_CANCELED", EXPIRED: "ORDER_EXPIRED", REJECTED: "ORDER_REJECTED" };
  order.status = status;
  order.events.push({ name: names[status], at });
}
