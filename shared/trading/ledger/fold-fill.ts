/**
 * What a fill does to the books of its account. Pure.
 *
 * 1. Of an account and of each of its bots: realised + fees + swap in all = the net of its trades + the fees
 *    of its open lots.
 * 2. The books come out the same in whatever order and however often the fills are told, and whether their
 *    owner is known at once or later; only the day and week in which money counts are those of the folding.
 * 3. An account's sums are those of its bots and of nobody together.
 */
import type { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { Fill } from "../../brokers/trading-broker.ts";
import type { AccountId } from "../../config/account.ts";
import type { OrderRecord, StoredTicket } from "../records.ts";
import { minus, over, plus, sum, ZERO } from "./exact.ts";
import { type FoldedPosition, foldPosition } from "./fold-position.ts";
import { measureFrom, NO_SUMS, newBotLedger, rollBook, type Sums, withSums } from "./periods.ts";
import type { Holding, Leg, PositionBook } from "./position-book.ts";
import type { AccountLedger, BotLedger, Lot, Trade } from "./records.ts";

/** So many fills of a position can still be followed by one that belongs before them. */
const KEPT_LEGS = 50;
/** A fill that comes so late to a position that was closed is taken for one without an opening. */
const CLOSED_KEPT = Temporal.Duration.from({ hours: 30 * 24 });

export interface Books {
  readonly account: AccountLedger;
  /** Of the bots that {@link ownersOf} the position, and of the fill's order, those that have one. */
  readonly bots: ReadonlyMap<string, BotLedger>;
  readonly position: PositionBook;
}

export interface FoldedFill extends Books {
  /** By id, those that are new or have become others; undefined: there is none any more. */
  readonly trades: ReadonlyMap<string, Trade | undefined>;
}

export interface FoldOptions {
  readonly now: Temporal.Instant;
  /** The fill was folded before, without its order. */
  readonly isKnown?: boolean;
  /** What lots stand at, from which a day that begins with this fill is measured: undefined while one has no price; default: nothing. */
  readonly unrealisedOf?: (lots: readonly Lot[]) => Decimal | undefined;
}

/**
 * Folds a fill into the books; the very same books where it is in them already. `order`: the fill's own, where
 * it is one of ours. A fill that was folded without its order and comes again with it changes its owner.
 */
export function foldFill(
  books: Books,
  fill: Fill,
  order: OrderRecord | undefined,
  options: FoldOptions,
): FoldedFill {
  const leg = legOf(fill, order);
  const { position } = books;
  const legs = withLeg(position, leg, options.isKnown ?? false);
  if (legs === position.legs) return { ...books, trades: new Map() };
  const before = foldPosition(position);
  const after = foldPosition({ ...position, legs });
  const bots = new Set([...ownersOf(position), ...(leg.bot === undefined ? [] : [leg.bot])]);
  const account = accountAfter(books.account, { position, before, after, options });
  return {
    account,
    bots: botsAfter(books, account, { names: bots, touched: leg.bot, before, after, options }),
    position: positionAfter({ ...position, legs }, after, options.now),
    trades: changedTrades(before.trades, after.trades),
  };
}

/** The book of a position of which no fill is known. */
export function newPositionBook(account: AccountId, { positionId, instrument }: Fill): PositionBook {
  return { account, positionId, instrument, carried: [], legs: [] };
}

/** The bots that have, or have had, a share of a position. */
export function ownersOf({ carried, legs }: PositionBook): ReadonlySet<string> {
  return new Set([...carried, ...legs].flatMap(({ bot }) => (bot === undefined ? [] : [bot])));
}

function legOf(fill: Fill, order: OrderRecord | undefined): Leg {
  const { id, at, side, quantity, price, commission, closed } = fill;
  const stopLoss = order && stopOf(order.ticket, price);
  const closing =
    closed?.quantity ?? (order?.ticket.closes === undefined && !fill.closes ? undefined : quantity);
  return {
    fill: id,
    // As it is stored: what is read back must sort as what was written.
    at: Temporal.Instant.fromEpochMilliseconds(at.epochMilliseconds),
    side,
    quantity,
    price,
    commission,
    ...(closing !== undefined && { closing }),
    ...(closed !== undefined && { closed: figuresOf(closed) }),
    ...(order?.bot !== undefined && { bot: order.bot }),
    ...(order !== undefined && { clientOrderId: order.clientOrderId }),
    ...(stopLoss !== undefined && { stopLoss }),
  };
}

function figuresOf({
  grossProfit,
  swap,
  commission,
  entryPrice,
}: NonNullable<Fill["closed"]>): Leg["closed"] {
  return { grossProfit, swap, commission, ...(entryPrice !== undefined && { entryPrice }) };
}

function stopOf({ stopLoss, side, closes }: StoredTicket, price: Decimal): Decimal | undefined {
  if (stopLoss === undefined || closes !== undefined) return undefined;
  if ("price" in stopLoss) return stopLoss.price;
  return side === "buy" ? minus(price, stopLoss.distance) : plus(price, stopLoss.distance);
}

/** With the leg in its place; the same legs where it is in them, or in what they were carried on from. */
function withLeg({ legs, carried }: PositionBook, leg: Leg, isKnown: boolean): PositionBook["legs"] {
  const index = legs.findIndex(({ fill }) => fill === leg.fill);
  const known = legs[index];
  if (known !== undefined) {
    const isNamed = known.clientOrderId !== undefined || leg.clientOrderId === undefined;
    return isNamed ? legs : legs.with(index, leg);
  }
  // It is in what is carried on from, or was taken over from the broker: there it was counted, and stays nobody's.
  const isCarried = legs.length > 0 || carried.length > 0;
  return isKnown && isCarried ? legs : [...legs, leg].toSorted(byTime);
}

/** Of one instant by the broker's ids, which count upwards. */
function byTime(one: Leg, other: Leg): number {
  return (
    Temporal.Instant.compare(one.at, other.at) ||
    one.fill.length - other.fill.length ||
    (one.fill < other.fill ? -1 : 1)
  );
}

interface Change {
  readonly before: FoldedPosition;
  readonly after: FoldedPosition;
  readonly options: FoldOptions;
}

function accountAfter(
  ledger: AccountLedger,
  change: Change & { readonly position: PositionBook },
): AccountLedger {
  const { before, after, options, position } = change;
  const own = lotsOf(position, after.holdings);
  const lots = [...ledger.lots.filter((lot) => lot.positionId !== position.positionId), ...own];
  const rolled = begin(ledger, options, { before: ledger.lots, after: lots });
  return { ...withSums(rolled, difference(before, after)), lots, edition: ledger.edition + 1 };
}

function botsAfter(
  { account, bots }: Books,
  { lots }: Pick<AccountLedger, "lots">,
  change: Change & { readonly names: ReadonlySet<string>; readonly touched: string | undefined },
): ReadonlyMap<string, BotLedger> {
  const { before, after, options } = change;
  const result = new Map(bots);
  for (const name of change.names) {
    const sums = difference(ofOwner(before, name), ofOwner(after, name));
    if (isNothing(sums) && name !== change.touched) continue;
    const ledger = bots.get(name) ?? newBotLedger(account.account, name, options.now);
    const rolled = begin(ledger, options, {
      before: account.lots.filter((lot) => lot.bot === name),
      after: lots.filter((lot) => lot.bot === name),
    });
    result.set(name, { ...withSums(rolled, sums), edition: ledger.edition + 1 });
  }
  return result;
}

interface Lots {
  readonly before: readonly Lot[];
  readonly after: readonly Lot[];
}

/** Of a book with nothing open any more nothing stands anywhere: what had no price is in its sums by now. */
function begin<B extends AccountLedger | BotLedger>(
  book: B,
  { now, unrealisedOf }: FoldOptions,
  { before, after }: Lots,
): B {
  const stands = unrealisedOf === undefined ? ZERO : unrealisedOf(before);
  return measureFrom(rollBook(book, now, stands), () => (after.length === 0 ? ZERO : undefined));
}

/** Folds what is far behind into what is carried on from, so that a book does not grow for ever. */
function positionAfter(
  book: PositionBook,
  { holdings }: FoldedPosition,
  now: Temporal.Instant,
): PositionBook {
  const { keptUntil: _, ...rest } = book;
  const old = book.legs.slice(0, -KEPT_LEGS);
  const carried = old.length > 0 && {
    carried: [...foldPosition({ ...book, legs: old }).holdings],
    legs: book.legs.slice(-KEPT_LEGS),
  };
  return { ...rest, ...carried, ...(holdings.length === 0 && { keptUntil: now.add(CLOSED_KEPT) }) };
}

function lotsOf({ positionId, instrument }: PositionBook, holdings: readonly Holding[]): readonly Lot[] {
  return holdings.map(({ cost, ...held }) => ({
    positionId,
    instrument,
    ...held,
    price: over(cost, held.quantity),
  }));
}

function ofOwner({ holdings, trades }: FoldedPosition, bot: string): FoldedPosition {
  return {
    holdings: holdings.filter((one) => one.bot === bot),
    trades: trades.filter((one) => one.bot === bot),
  };
}

function difference(before: FoldedPosition, after: FoldedPosition): Sums {
  const [was, is] = [sumsOf(before), sumsOf(after)];
  return {
    realised: minus(is.realised, was.realised),
    fees: minus(is.fees, was.fees),
    swap: minus(is.swap, was.swap),
    trades: is.trades - was.trades,
    wins: is.wins - was.wins,
  };
}

function sumsOf({ holdings, trades }: FoldedPosition): Sums {
  return {
    ...NO_SUMS,
    realised: sum(trades.map((one) => one.profit)),
    fees: plus(sum(trades.map((one) => one.fees)), sum(holdings.map((one) => one.fees))),
    swap: sum(trades.map((one) => one.swap)),
    trades: trades.length,
    wins: trades.filter((one) => one.net.gt(0)).length,
  };
}

function isNothing({ realised, fees, swap, trades, wins }: Sums): boolean {
  return realised.isZero() && fees.isZero() && swap.isZero() && trades === 0 && wins === 0;
}

function changedTrades(
  before: readonly Trade[],
  after: readonly Trade[],
): ReadonlyMap<string, Trade | undefined> {
  const [was, is] = [byId(before), byId(after)];
  const changed = new Map<string, Trade | undefined>();
  for (const [id, trade] of is) {
    const old = was.get(id);
    if (old === undefined || !isSame(old, trade)) changed.set(id, trade);
  }
  for (const id of was.keys()) if (!is.has(id)) changed.set(id, undefined);
  return changed;
}

function byId(trades: readonly Trade[]): ReadonlyMap<string, Trade> {
  const found = new Map<string, Trade>();
  const parts = new Map<string, number>();
  for (const trade of trades) {
    const id = `${trade.account}:${trade.brokerFillId}`;
    const part = parts.get(id) ?? 0;
    parts.set(id, part + 1);
    found.set(part === 0 ? id : `${id}:${part}`, trade);
  }
  return found;
}

/** All fields are text, decimals or instants, which write themselves out. */
function isSame(one: Trade, other: Trade): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
