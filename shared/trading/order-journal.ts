/**
 * Writes down what the broker says of orders and fills, and in the same transaction what the fills make of the
 * ledger: orders, lots and money never disagree, and a fill counts once by its broker's id. What the broker said
 * is true whoever writes it, and a record only moves forward: so these writes need no leader, and may be repeated.
 */
import type { Fill, OrderStanding } from "../brokers/trading-broker.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../platform/store.ts";
import type { Timers } from "../platform/timers.ts";
import { type FillToFold, type LedgerDeps, readBooks, writeFolded } from "./ledger/ledger-step.ts";
import { logFills, logStanding } from "./log-news.ts";
import { isFillOf, withFill, withStanding } from "./order-progress.ts";
import { type FillRecord, fills, type OrderRecord, orderId, orders } from "./records.ts";
import type { TradedAccount } from "./traded-account.ts";

export interface JournalDeps extends LedgerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly account: TradedAccount;
}

export interface OrderJournal {
  /** Written after everything given before of the same order. */
  standing(clientOrderId: string, standing: OrderStanding): Promise<void>;
  fill(fill: Fill): Promise<void>;
  /** Resolves when everything given so far is written, or given up by `close`. */
  written(): Promise<void>;
  /** Tries no write again that fails from now on. */
  close(): void;
}

const RETRY_AFTER_MS = 1_000;
/** Orders of others whose fills are remembered; those of a day and more. */
const STRANGE_KEPT = 500;

/** A store that is away delays what is written and loses none of it. */
export function createOrderJournal(deps: JournalDeps): OrderJournal {
  return new QueuedJournal(deps);
}

class QueuedJournal implements OrderJournal {
  readonly #deps: JournalDeps;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  /** Ends when the last fill that waits is written, or could not be. */
  #folding: Promise<void> = Promise.resolve();
  /** Fills written as nobody's, by the broker's number of their order: it may turn out to be one of ours. */
  readonly #strange = new Map<string, Fill[]>();

  constructor(deps: JournalDeps) {
    this.#deps = deps;
  }

  standing(clientOrderId: string, standing: OrderStanding): Promise<void> {
    const write = () => writeStanding(this.#deps, clientOrderId, standing);
    const hasFills = "fills" in standing && standing.fills.length > 0;
    return this.#inOrder(clientOrderId, async () => {
      await (hasFills ? this.#oneAtATime(write) : write());
      // A fill that was told without our id may have come before the order's number was known.
      if ("brokerOrderId" in standing) await this.#adopt(standing.brokerOrderId);
    });
  }

  fill(fill: Fill): Promise<void> {
    return this.#inOrder(fill.clientOrderId ?? fill.brokerOrderId, () => this.#fold(fill));
  }

  async #fold(fill: Fill): Promise<void> {
    if (await this.#oneAtATime(() => writeFill(this.#deps, fill))) return;
    const { brokerOrderId } = fill;
    this.#strange.set(brokerOrderId, [...(this.#strange.get(brokerOrderId) ?? []), fill]);
    for (const oldest of this.#strange.keys()) {
      if (this.#strange.size <= STRANGE_KEPT) break;
      this.#strange.delete(oldest);
    }
    // Its order may have learnt its number while this was being written.
    if ((await orderOf(this.#deps, fill)) !== undefined) await this.#adopt(brokerOrderId);
  }

  async #adopt(brokerOrderId: string): Promise<void> {
    for (const fill of this.#strange.get(brokerOrderId) ?? []) {
      await this.#oneAtATime(() => writeFill(this.#deps, fill));
      const left = this.#strange.get(brokerOrderId)?.filter((one) => one !== fill) ?? [];
      if (left.length > 0) this.#strange.set(brokerOrderId, left);
      else this.#strange.delete(brokerOrderId);
    }
  }

  async written(): Promise<void> {
    await Promise.all(this.#queues.values());
  }

  close(): void {
    this.#closing.abort();
  }

  #inOrder(key: string, write: () => Promise<void>): Promise<void> {
    const before = this.#queues.get(key) ?? Promise.resolve();
    const mine = before.then(() => this.#persist(key, write));
    this.#queues.set(key, mine);
    const forget = () => {
      if (this.#queues.get(key) === mine) this.#queues.delete(key);
    };
    return mine.then(forget);
  }

  /** All fills go into one ledger: at once they would only win races against each other. */
  #oneAtATime<R>(write: () => Promise<R>): Promise<R> {
    const mine = this.#folding.then(write);
    this.#folding = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  async #persist(order: string, write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        const isGivenUp = this.#closing.signal.aborted;
        this.#deps.log.error("order-not-written", { order, isGivenUp, error });
        if (isGivenUp) return;
      }
      await new Promise<void>((resolve) => {
        this.#deps.timers.after(RETRY_AFTER_MS, resolve);
        this.#closing.signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}

async function writeStanding(
  deps: JournalDeps,
  clientOrderId: string,
  standing: OrderStanding,
): Promise<void> {
  const { store, clock, account, log } = deps;
  const id = orderId(account.id, clientOrderId);
  const told =
    "fills" in standing ? [...new Map(standing.fills.map((fill) => [fill.id, fill])).values()] : [];
  const written = await store.transact(async (transaction) => {
    const record = await transaction.get(orders, id);
    if (record === undefined) return undefined;
    const known: (FillRecord | undefined)[] = [];
    for (const fill of told) known.push(await transaction.get(fills, fillId(account, fill)));
    const news = told
      .map((fill, index): FillToFold => ({ fill, order: record, isKnown: known[index] !== undefined }))
      .filter((_, index) => known[index]?.clientOrderId === undefined);
    const books = news.length === 0 ? undefined : await readBooks(deps, transaction, account.id, news);
    let next = record;
    for (const { fill } of news) {
      transaction.set(fills, fillId(account, fill), fillRecord(account, fill, clientOrderId));
      next = withFill(next, fill, clock.now());
    }
    if (books !== undefined) writeFolded(deps, transaction, books, news);
    next = withStanding(next, standing, clock.now());
    if (next !== record) transaction.set(orders, id, next);
    return { before: record, after: next, news };
  });
  if (written === undefined) {
    log.warn("order-unheard-of", { connection: account.id, order: clientOrderId, told: standing.kind });
    return;
  }
  logStanding(log, written, standing.kind);
  logFills(log, account.id, written.news);
}

/** False where it was told without our id and belongs to no order that is known yet. */
async function writeFill(deps: JournalDeps, fill: Fill): Promise<boolean> {
  const { store, clock, account, log } = deps;
  const id = await orderOf(deps, fill);
  const written = await store.transact(async (transaction) => {
    const known = await transaction.get(fills, fillId(account, fill));
    const record = id === undefined ? undefined : await transaction.get(orders, id);
    const order = record !== undefined && isFillOf(record, fill) ? record : undefined;
    if (known?.clientOrderId !== undefined || (known !== undefined && order === undefined)) return [];
    const news: FillToFold[] = [{ fill, order, isKnown: known !== undefined }];
    const books = await readBooks(deps, transaction, account.id, news);
    transaction.set(fills, fillId(account, fill), fillRecord(account, fill, order?.clientOrderId));
    if (id !== undefined && order !== undefined) {
      transaction.set(orders, id, withFill(order, fill, clock.now()));
    }
    writeFolded(deps, transaction, books, news);
    return news;
  });
  logFills(log, account.id, written);
  return id !== undefined;
}

/** The order that a fill may belong to: by our id where the broker told it, else by the broker's. */
async function orderOf({ store, account }: JournalDeps, fill: Fill): Promise<string | undefined> {
  if (fill.clientOrderId !== undefined) return orderId(account.id, fill.clientOrderId);
  const where: Partial<OrderRecord> = { connection: account.id, brokerOrderId: fill.brokerOrderId };
  const [found] = await store.query(orders, { where, limit: 1 });
  return found?.id;
}

function fillId(account: TradedAccount, fill: Fill): string {
  return `${account.id}:${fill.id}`;
}

function fillRecord(account: TradedAccount, fill: Fill, clientOrderId: string | undefined): FillRecord {
  const { id, clientOrderId: _told, ...rest } = fill;
  return {
    connection: account.id,
    brokerFillId: id,
    ...rest,
    ...(clientOrderId !== undefined && { clientOrderId }),
  };
}
