import { DatabaseSync } from "node:sqlite";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { type InstrumentRules, instrumentId, instruments } from "../../shared/brokers/instrument-rules.ts";
import { accountSchema } from "../../shared/config/account.ts";
import { type BotConfig, botSchema } from "../../shared/config/bot.ts";
import { type Config, configSchema } from "../../shared/config/config.ts";
import type { ConnectionId } from "../../shared/config/connection.ts";
import { DEFAULT_ACCOUNTS, DEFAULT_BOTS } from "../../shared/config/default-bots.ts";
import type { Bus } from "../../shared/platform/bus.ts";
import { createSqliteStore } from "../../shared/platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { createVirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import { createVirtualTimers } from "../../shared/platform/local/virtual-timers.ts";
import type { Store } from "../../shared/platform/store.ts";
import type { Signal, StrategyContext } from "../../shared/strategies/strategy.ts";
import { beat } from "../../shared/tokens/heartbeat.ts";
import { type AccountRecord, accounts } from "../../shared/trading/account-record.ts";
import { newAccountLedger } from "../../shared/trading/ledger/periods.ts";
import { accountLedgers, type Lot } from "../../shared/trading/ledger/records.ts";
import { barId, bars, markets } from "../../shared/trading/market-recorder.ts";
import { newYorkDate, newYorkWeek } from "../../shared/trading/new-york-day.ts";
import { type OrderRecord, orders } from "../../shared/trading/records.ts";
import { createBarBook } from "../../shared/trading/ticks/bar-book.ts";
import { type BotTickDeps, createBotTick, type RunBotTick } from "../../shared/trading/ticks/bot-tick.ts";
import { createMarketData } from "../../shared/trading/ticks/market-data.ts";
import { createRecentReads } from "../../shared/trading/ticks/recent-reads.ts";
import { type BotStrategy, createStrategyRuns } from "../../shared/trading/ticks/strategy-runs.ts";
import { createNotedBus, silentLog } from "./token-house.ts";

/** 10:00 in New York on a Monday: a minute of every cadence that divides an hour. */
export const TEN = Temporal.Instant.from("2026-11-23T15:00:00Z");
export const CONNECTION = "ctrader-demo" as ConnectionId;
export const PAPER = "paper-ctrader-demo" as ConnectionId;
export const GOLD = "XAUUSD";
export const BUILD = "test-build";

/** A bot on gold that ticks each minute and is warm after three bars of a minute. */
export function aBot(over: Record<string, unknown> = {}): BotConfig {
  const { limits, afterMinutes: _, ...rest } = DEFAULT_BOTS.find((one) => one.id === "gold") as BotConfig;
  const written = JSON.parse(JSON.stringify({ ...rest, limits }));
  return botSchema.parse({ ...written, bars: "M1", everyMinutes: 1, ...over });
}

export function aConfig(bots: readonly BotConfig[]): Config {
  return { ...configSchema.parse({}), bots: [...bots] };
}

/** What a scripted strategy answers; a function is asked each time. */
export type Script = Signal | ((context: StrategyContext) => Signal);

export const HOLD: Signal = { kind: "hold", why: "nothing moves" };
export const BUY: Extract<Signal, { kind: "enter" }> = {
  kind: "enter",
  side: "buy",
  stopDistance: 10,
  takeProfitDistance: 20,
  why: "it rises",
};

export interface ProcessOptions {
  readonly store?: Store;
  readonly bus?: Bus;
  readonly over?: Partial<BotTickDeps>;
}

/** A store that many houses may use, one after the other. */
export interface TickPlace {
  readonly store: Store;
  /** Removes everything from it. */
  empty(): void;
  close(): Promise<void>;
}

export function openPlace(): TickPlace {
  const folder = makeTemporaryFolder();
  const path = `${folder.path}/store.db`;
  const store = createSqliteStore({ path, durability: "process-death" });
  const database = new DatabaseSync(path);
  return {
    store,
    empty: () => database.exec("DELETE FROM documents"),
    async close() {
      database.close();
      await store.close();
      folder.remove();
    },
  };
}

/** A store with a market, an account and bars, and processes that run ticks on it. */
export async function openTickHouse(
  options: {
    readonly bots?: readonly BotConfig[];
    readonly start?: Temporal.Instant;
    readonly place?: TickPlace;
  } = {},
) {
  const place = options.place ?? openPlace();
  const clock = createVirtualClock({ start: options.start ?? TEN });
  const timers = createVirtualTimers();
  const { store } = place;
  const bus = createNotedBus();
  const config = aConfig(options.bots ?? [aBot()]);
  const script: { answer: Script; warmup: number; starts: number } = { answer: HOLD, warmup: 3, starts: 0 };

  const write: Store["transact"] = (work) => store.transact(work);

  async function strategyOf(): Promise<BotStrategy> {
    return {
      needs: [],
      warmup: script.warmup,
      start() {
        script.starts += 1;
        let seen = 0;
        return {
          bar() {
            seen += 1;
          },
          isWarm: () => seen >= script.warmup,
          decide: (context) => (typeof script.answer === "function" ? script.answer(context) : script.answer),
        };
      },
    };
  }

  /** A process of its own: nothing in memory is shared with another one. */
  function start(given: ProcessOptions = {}): RunBotTick {
    const basis = { store: given.store ?? store, bus: given.bus ?? bus, clock, timers, log: silentLog };
    const reads = createRecentReads(basis);
    return createBotTick({
      ...basis,
      reads,
      config,
      build: BUILD,
      subscriber: "worker",
      market: createMarketData(reads),
      runs: createStrategyRuns({ bars: createBarBook(basis), strategyOf }),
      ...given.over,
    });
  }

  const house = {
    ...{ clock, timers, store, bus, config, script, start, strategyOf },
    bot: config.bots[0] as BotConfig,
    /** From now on the strategy is warm after so many bars. */
    async needsBars(count: number): Promise<void> {
      script.warmup = count;
    },
    /** Prices of now, from a worker that lives. */
    quote: async (prices: Readonly<Record<string, readonly [number, number]>>, at = clock.now()) => {
      await beat({ store, clock }, "worker", BUILD);
      await write(async (transaction) => {
        transaction.set(markets, CONNECTION, {
          connection: CONNECTION,
          symbols: Object.entries(prices).map(([symbol, [bid, ask]]) => ({
            symbol,
            ...{ bid: new Decimal(bid), ask: new Decimal(ask), at },
          })),
          at,
        });
      });
    },
    rules: (over: Partial<InstrumentRules> = {}) =>
      write(async (transaction) => {
        const rules = { ...someRules(clock.now()), ...over };
        transaction.set(instruments, instrumentId(rules.connection, rules.instrument), rules);
      }),
    account: (over: Partial<AccountRecord> = {}) =>
      write(async (transaction) => {
        const record = { ...someAccount(clock.now()), ...over };
        transaction.set(accounts, record.account, record);
      }),
    /** The latest bars of a minute that are over. */
    bars: (count: number, instrument = GOLD) =>
      write(async (transaction) => {
        const last = clock.now().round({ smallestUnit: "minute", roundingMode: "floor" });
        for (let back = 1; back <= count; back += 1) {
          const openAt = last.subtract({ minutes: back });
          const bar = { symbol: instrument, period: "M1", openAt };
          const price = new Decimal(2_400);
          transaction.set(bars, barId(CONNECTION, bar), {
            ...bar,
            connection: CONNECTION,
            ...{ open: price, high: price, low: price, close: price, volume: 10 },
            keptUntil: last.add({ hours: 24 }),
          });
        }
      }),
    lots: (lots: readonly Lot[], account = PAPER) =>
      write(async (transaction) => {
        transaction.set(accountLedgers, account, {
          ...newAccountLedger(account, clock.now()),
          lots: [...lots],
        });
      }),
    orders: async (): Promise<readonly OrderRecord[]> =>
      (await store.query(orders, { orderBy: ["createdAt", "asc"] })).map((one) => one.value),
    /** A place that was given stays open. */
    async close() {
      if (options.place === undefined) await place.close();
    },
  };
  await house.quote({ [GOLD]: [2_400, 2_400.4] });
  await house.rules();
  await house.account();
  await house.bars(5);
  return house;
}

export type TickHouse = Awaited<ReturnType<typeof openTickHouse>>;

export function someRules(at: Temporal.Instant): InstrumentRules {
  return {
    connection: CONNECTION,
    instrument: GOLD,
    minimumQuantity: new Decimal("0.01"),
    quantityStep: new Decimal("0.01"),
    priceStep: new Decimal("0.01"),
    currency: "USD",
    canSell: true,
    isTradable: true,
    at,
  };
}

export function someAccount(at: Temporal.Instant): AccountRecord {
  const money = new Decimal(10_000);
  return {
    account: PAPER,
    mode: "paper",
    environment: "simulated",
    currency: "USD",
    balance: money,
    unrealised: new Decimal(0),
    ...{ equity: money, peakEquity: money, dayEquity: money, weekEquity: money },
    day: newYorkDate(at),
    week: newYorkWeek(at),
    working: [],
    isReconciled: true,
    epoch: 1,
    build: BUILD,
    at,
  };
}

export function aLot(over: Partial<Lot> = {}): Lot {
  return {
    positionId: "p1",
    instrument: GOLD,
    side: "buy",
    quantity: new Decimal(2),
    price: new Decimal(2_390),
    openedAt: TEN.subtract({ minutes: 30 }),
    fees: new Decimal(0),
    bot: "gold",
    ...over,
  };
}

/** The account's limits of the defaults, for live too. */
export function liveAccount(connection: ConnectionId) {
  const [first] = DEFAULT_ACCOUNTS;
  const limits = JSON.parse(JSON.stringify(first?.limits));
  return accountSchema.parse({ connection, mode: "live", limits });
}
