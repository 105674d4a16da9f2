/** What was closed today as it is shown, and by what each of it was closed. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { toIso } from "../platform/instant.ts";
import type { Store, Stored } from "../platform/store.ts";
import { minus, plus, times } from "../trading/ledger/exact.ts";
import { type Leg, positionBookId, positionBooks } from "../trading/ledger/position-book.ts";
import { type Trade, trades } from "../trading/ledger/records.ts";
import { newYorkDate, newYorkMidnight } from "../trading/new-york-day.ts";
import { PROTECTION } from "../trading/protection/records.ts";
import { type OrderRecord, orderId, orders } from "../trading/records.ts";
import { PRICE_PLACES } from "./order-report.ts";
import type { ApiTrade, ApiTrading } from "./trading-api.ts";
import type { AccountBooks } from "./trading-books.ts";

type Reader = Pick<Store, "get" | "query">;
type Closer = ApiTrade["closedBy"];

/** Of each account, and of all together. */
const MOST_SHOWN = 50;
const MOST_REMEMBERED = 1_000;
/** By this share of it a level may lie beside its exact price: brokers put it on a whole step. */
const STEP_SHARE = new Decimal("0.0001");

export interface ClosedToday {
  /** The latest first. */
  of(accounts: readonly AccountBooks[], now: Temporal.Instant): Promise<ApiTrading["trades"]>;
}

/** Remembers for as long as the process lives by what a trade was closed: the page asks again and again. */
export function createClosedToday(store: Reader): ClosedToday {
  const known = new Map<string, Closer>();
  const closerOf = async ({ id, value }: Stored<Trade>): Promise<Closer> => {
    // A fill whose order is recognised late makes another trade of the same name.
    const name = `${id} ${value.clientOrderId ?? ""}`;
    const closer = known.get(name) ?? (await findCloser(store, value));
    if (known.size >= MOST_REMEMBERED) known.clear();
    if (closer !== undefined) known.set(name, closer);
    return closer;
  };
  return {
    async of(accounts, now) {
      const found = await Promise.all(accounts.map((books) => readClosed(store, books, now)));
      const all = found.flat().toSorted(byLatest);
      const shown = all.slice(0, MOST_SHOWN);
      const closed = await Promise.all(
        shown.map(async (one) => reportTrade(one, accounts, await closerOf(one))),
      );
      return { date: newYorkDate(now), closed, isCut: all.length > shown.length };
    },
  };
}

async function readClosed(
  store: Reader,
  { account, ledger }: AccountBooks,
  now: Temporal.Instant,
): Promise<readonly Stored<Trade>[]> {
  // Books that have not begun the day have closed nothing in it.
  if (ledger === undefined || ledger.day.date < newYorkDate(now)) return [];
  const midnight = newYorkMidnight(now);
  const latest = await store.query(trades, {
    where: { account: account.id },
    orderBy: ["closedAt", "desc"],
    limit: MOST_SHOWN + 1,
  });
  return latest.filter(({ value }) => Temporal.Instant.compare(value.closedAt, midnight) >= 0);
}

function byLatest(one: Stored<Trade>, other: Stored<Trade>): number {
  return Temporal.Instant.compare(other.value.closedAt, one.value.closedAt) || (one.id < other.id ? 1 : -1);
}

function reportTrade(
  { id, value }: Stored<Trade>,
  accounts: readonly AccountBooks[],
  closedBy: Closer,
): ApiTrade {
  const { account, bot, instrument, side, quantity, entryPrice, exitPrice, openedAt, closedAt, net } = value;
  const currency = accounts.find((one) => one.account.id === account)?.record?.currency;
  return {
    ...{ id, account, instrument, side, quantity: quantity.toFixed(), exitPrice: exitPrice.toFixed() },
    ...{ net: net.toFixed(), closedAt: toIso(closedAt) },
    ...(bot !== undefined && { bot }),
    ...(entryPrice !== undefined && { entryPrice: entryPrice.toDecimalPlaces(PRICE_PLACES).toFixed() }),
    ...(currency !== undefined && { currency }),
    ...(openedAt !== undefined && { openedAt: toIso(openedAt) }),
    ...(closedBy !== undefined && { closedBy }),
  };
}

/** By the order that closed it; without one of ours by the levels that its own orders gave the position. */
async function findCloser(store: Reader, trade: Trade): Promise<Closer> {
  const { account, clientOrderId, positionId, side, bot } = trade;
  if (clientOrderId !== undefined) {
    const order = await store.get(orders, orderId(account, clientOrderId));
    return order && closerOfOrder(order);
  }
  const book = await store.get(positionBooks, positionBookId(account, positionId));
  const opening = (book?.legs ?? []).filter((leg) => leg.side === side && leg.bot === bot);
  const isLong = side === "buy";
  const isAt = (level: Decimal | undefined, isAbove: boolean) =>
    level !== undefined && isReached(trade.exitPrice, level, isAbove);
  if (opening.some(({ stopLoss }) => isAt(stopLoss, !isLong))) return "stop";
  const targets = await Promise.all(opening.map((leg) => targetOf(store, account, leg)));
  return targets.some((target) => isAt(target, isLong)) ? "target" : undefined;
}

function closerOfOrder({ byOwner, source, ticket, bot }: OrderRecord): Closer {
  if (byOwner !== undefined) return "you";
  if (source === PROTECTION) return ticket.type === "stop" ? "stop" : "openbell";
  return bot === undefined ? "you" : "strategy";
}

async function targetOf(
  store: Reader,
  account: string,
  { clientOrderId, price, side }: Leg,
): Promise<Decimal | undefined> {
  if (clientOrderId === undefined) return undefined;
  const level = (await store.get(orders, orderId(account, clientOrderId)))?.ticket.takeProfit;
  if (level === undefined || "price" in level) return level?.price;
  return side === "buy" ? plus(price, level.distance) : minus(price, level.distance);
}

function isReached(price: Decimal, level: Decimal, isAbove: boolean): boolean {
  const step = times(level, STEP_SHARE);
  return isAbove ? price.gte(minus(level, step)) : price.lte(plus(level, step));
}
