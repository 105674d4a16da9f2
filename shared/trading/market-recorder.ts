/** Writes down what the market does on a connection: a snapshot of prices now and then, and each bar that closed. */
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type InstrumentRules, instrumentId, instruments } from "../brokers/instrument-rules.ts";
import type { MarketBar, MarketFeed, MarketQuote } from "../brokers/market-feed.ts";
import { type Connection, connectionIdSchema } from "../config/connection.ts";
import type { Clock } from "../platform/clock.ts";
import { decimalSchema } from "../platform/decimal.ts";
import { instantSchema } from "../platform/instant.ts";
import type { Lease, Leases } from "../platform/lease.ts";
import type { Log } from "../platform/log.ts";
import { collection, type Store } from "../platform/store.ts";
import type { Timers } from "../platform/timers.ts";

const SNAPSHOT_EVERY_MS = 10_000;
/** Prices that have not changed are written so often, to be no older than a minute: they are still the broker's. */
const CONFIRM_EVERY_MS = 50_000;
const BARS_KEPT_FOR = Temporal.Duration.from({ hours: 24 * 400 });

export const marketSchema = z.strictObject({
  connection: connectionIdSchema,
  symbols: z.array(
    z.strictObject({
      symbol: z.string(),
      bid: decimalSchema.optional(),
      ask: decimalSchema.optional(),
      at: instantSchema,
    }),
  ),
  at: instantSchema,
});
export type MarketRecord = z.output<typeof marketSchema>;

export const barSchema = z.strictObject({
  connection: connectionIdSchema,
  symbol: z.string(),
  period: z.string(),
  openAt: instantSchema,
  open: decimalSchema,
  high: decimalSchema,
  low: decimalSchema,
  close: decimalSchema,
  /** Number of ticks. */
  volume: z.int().min(0),
  keptUntil: instantSchema,
});
export type BarRecord = z.output<typeof barSchema>;

/** The watched prices of a connection, by connection: soon after one has changed, and once a minute while they come. */
export const markets = collection("markets", marketSchema);
/** By connection, symbol, period and the open in minutes since 1970, see `barId`. */
export const bars = collection("bars", barSchema, { expiresBy: "keptUntil" });

/** A bar's document. What a document's name cannot hold of a symbol's name is written as its hexadecimal code. */
export function barId(
  connection: string,
  { symbol, period, openAt }: Pick<MarketBar, "symbol" | "period" | "openAt">,
): string {
  const safe = symbol.replace(/[^A-Za-z0-9.-]/gu, (sign) => `_${sign.codePointAt(0)?.toString(16)}`);
  return `${connection}:${safe}:${period}:${Math.floor(openAt.epochMilliseconds / 60_000)}`;
}

export interface RecorderDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly leases: Pick<Leases, "isHeld">;
  readonly connection: Connection;
  readonly feed: MarketFeed;
}

export interface MarketRecorder {
  /** Writes from now on, for as long as this term lasts. */
  lead(term: Lease): void;
  yield(): void;
  /** Writes down now what there is, without waiting for its time. */
  observe(): Promise<void>;
  /** Resolves when nothing is at hand. */
  idle(): Promise<void>;
}

/** A market that is not written down costs a picture, not an order: what cannot be written is logged and left. */
export function createMarketRecorder(deps: RecorderDeps): MarketRecorder {
  const { timers, feed, log, connection } = deps;
  let term: Lease | undefined;
  let written: { readonly shown: string; readonly at: number } | undefined;
  const ruled = new Map<string, string>();
  let cancel = () => {};
  let unsubscribe = () => {};
  let writing: Promise<void> = Promise.resolve();

  function enqueue(write: (held: Lease) => Promise<void>): void {
    const held = term;
    if (held === undefined) return;
    writing = writing
      .then(() => write(held))
      .catch((error: unknown) => log.warn("market-not-written", { connection: connection.id, error }));
  }

  function snapshot(): void {
    const quotes = feed.quotes();
    const shown = JSON.stringify(quotes.map(({ at: _, ...prices }) => prices));
    const isConfirmed = written !== undefined && timers.now() - written.at < CONFIRM_EVERY_MS;
    if (quotes.length > 0 && !(isConfirmed && shown === written?.shown)) {
      enqueue(async (held) => {
        await writeSnapshot(deps, held, quotes);
        written = { shown, at: timers.now() };
      });
    }
    for (const rules of feed.instruments()) writeRules(rules);
    cancel = timers.after(SNAPSHOT_EVERY_MS, snapshot);
  }

  /** Rules change seldom: they are written when they do. */
  function writeRules(rules: InstrumentRules): void {
    const { at: _, ...said } = rules;
    const text = JSON.stringify(said);
    if (ruled.get(rules.instrument) === text) return;
    enqueue(async (held) => {
      await writeInstrument(deps, held, rules);
      ruled.set(rules.instrument, text);
    });
  }

  return {
    lead(held) {
      term = held;
      unsubscribe = feed.onBar((bar) => enqueue(() => writeBar(deps, bar)));
      snapshot();
    },
    yield() {
      term = undefined;
      cancel();
      unsubscribe();
    },
    observe() {
      if (term === undefined) return writing;
      cancel();
      snapshot();
      return writing;
    },
    idle: () => writing,
  };
}

function writeSnapshot(
  { store, clock, leases, connection }: RecorderDeps,
  term: Lease,
  quotes: readonly MarketQuote[],
): Promise<void> {
  return store.transact(async (transaction) => {
    if (!(await leases.isHeld(transaction, term))) return;
    const record = { connection: connection.id, symbols: [...quotes], at: clock.now() };
    transaction.set(markets, connection.id, record);
  });
}

function writeInstrument(
  { store, leases, connection }: RecorderDeps,
  term: Lease,
  rules: InstrumentRules,
): Promise<void> {
  return store.transact(async (transaction) => {
    if (!(await leases.isHeld(transaction, term))) return;
    transaction.set(instruments, instrumentId(connection.id, rules.instrument), rules);
  });
}

/** A bar that is over is the same whoever writes it. */
function writeBar({ store, clock, connection }: RecorderDeps, bar: MarketBar): Promise<void> {
  const keptUntil = clock.now().add(BARS_KEPT_FOR);
  const id = barId(connection.id, bar);
  return store.transact(async (transaction) => {
    if ((await transaction.get(bars, id)) !== undefined) return;
    transaction.set(bars, id, { connection: connection.id, ...bar, keptUntil });
  });
}
