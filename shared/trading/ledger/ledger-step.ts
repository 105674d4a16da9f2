/**
 * The ledger's part of the transaction that writes fills down: it reads the books by their ids before anything
 * is written, and writes what the fills make of them. Without effects, so the transaction may run again.
 */
import type { Decimal } from "decimal.js";
import type { Fill } from "../../brokers/trading-broker.ts";
import type { AccountId } from "../../config/account.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Transaction } from "../../platform/store.ts";
import type { OrderRecord } from "../records.ts";
import { foldFill, newPositionBook, ownersOf } from "./fold-fill.ts";
import { newAccountLedger } from "./periods.ts";
import { type PositionBook, positionBookId, positionBooks } from "./position-book.ts";
import {
  type AccountLedger,
  accountLedgers,
  type BotLedger,
  botLedgerId,
  botLedgers,
  type Lot,
  type Trade,
  trades,
} from "./records.ts";

export interface LedgerDeps {
  readonly clock: Clock;
  /** What lots stand at, in the account's currency, from which a day that begins with a fill is measured; undefined while one has no price. */
  readonly unrealisedOf?: (lots: readonly Lot[]) => Decimal | undefined;
}

/** A fill that the ledger does not have, or has without its order. */
export interface FillToFold {
  readonly fill: Fill;
  /** Its own, where it is one of ours. */
  readonly order: OrderRecord | undefined;
  /** It was folded before, without its order. */
  readonly isKnown: boolean;
}

/** The books that fills touch, as a transaction has read them. */
export interface ReadBooks {
  readonly account: AccountLedger;
  readonly bots: ReadonlyMap<string, BotLedger>;
  readonly positions: ReadonlyMap<string, PositionBook>;
}

/** Reads every book that the fills may touch. */
export async function readBooks(
  { clock }: LedgerDeps,
  transaction: Transaction,
  account: AccountId,
  fills: readonly FillToFold[],
): Promise<ReadBooks> {
  const ledger = await transaction.get(accountLedgers, account);
  const positions = new Map<string, PositionBook>();
  const names = new Set<string>();
  for (const { fill, order } of fills) {
    const { positionId } = fill;
    if (order?.bot !== undefined) names.add(order.bot);
    if (positions.has(positionId)) continue;
    const stored = await transaction.get(positionBooks, positionBookId(account, positionId));
    const book = stored ?? newPositionBook(account, fill);
    positions.set(positionId, book);
    for (const name of ownersOf(book)) names.add(name);
  }
  const bots = new Map<string, BotLedger>();
  for (const name of names) {
    const found = await transaction.get(botLedgers, botLedgerId(account, name));
    if (found !== undefined) bots.set(name, found);
  }
  return { account: ledger ?? newAccountLedger(account, clock.now()), bots, positions };
}

/** Folds the fills in, one after the other, and writes the books that have changed. */
export function writeFolded(
  { clock, unrealisedOf }: LedgerDeps,
  transaction: Transaction,
  read: ReadBooks,
  fills: readonly FillToFold[],
): void {
  let { account, bots } = read;
  const positions = new Map(read.positions);
  const closed = new Map<string, Trade | undefined>();
  for (const { fill, order, isKnown } of fills) {
    const position = positions.get(fill.positionId) ?? newPositionBook(account.account, fill);
    const options = { now: clock.now(), isKnown, ...(unrealisedOf && { unrealisedOf }) };
    const folded = foldFill({ account, bots, position }, fill, order, options);
    ({ account, bots } = folded);
    positions.set(fill.positionId, folded.position);
    for (const [id, trade] of folded.trades) closed.set(id, trade);
  }
  if (account === read.account) return;
  transaction.set(accountLedgers, account.account, account);
  for (const [name, bot] of bots) {
    if (bot !== read.bots.get(name)) transaction.set(botLedgers, botLedgerId(account.account, name), bot);
  }
  for (const [id, book] of positions) {
    if (book !== read.positions.get(id)) {
      transaction.set(positionBooks, positionBookId(account.account, id), book);
    }
  }
  for (const [id, trade] of closed) {
    if (trade === undefined) transaction.delete(trades, id);
    else transaction.set(trades, id, trade);
  }
}
