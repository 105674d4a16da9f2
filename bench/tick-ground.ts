/** Many bots on one local store, their strategies warm, and a market that goes on minute by minute. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { type InstrumentRules, instrumentId, instruments } from "../shared/brokers/instrument-rules.ts";
import { type BotConfig, botSchema } from "../shared/config/bot.ts";
import { configSchema } from "../shared/config/config.ts";
import type { ConnectionId } from "../shared/config/connection.ts";
import { DEFAULT_BOTS } from "../shared/config/default-bots.ts";
import type { Clock } from "../shared/platform/clock.ts";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { createSqliteStore } from "../shared/platform/local/sqlite-store.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { createVirtualClock } from "../shared/platform/local/virtual-clock.ts";
import type { Log } from "../shared/platform/log.ts";
import type { Store } from "../shared/platform/store.ts";
import { trendBreakout } from "../shared/strategies/trend-breakout.ts";
import { beat } from "../shared/tokens/heartbeat.ts";
import { accounts } from "../shared/trading/account-record.ts";
import { barId, bars, markets } from "../shared/trading/market-recorder.ts";
import { newYorkDate, newYorkWeek } from "../shared/trading/new-york-day.ts";
import { createBarBook } from "../shared/trading/ticks/bar-book.ts";
import { createBotTick, type RunBotTick } from "../shared/trading/ticks/bot-tick.ts";
import { createMarketData } from "../shared/trading/ticks/market-data.ts";
import { createRecentReads } from "../shared/trading/ticks/recent-reads.ts";
import { type BotStrategy, createStrategyRuns } from "../shared/trading/ticks/strategy-runs.ts";

export const QUIET_LOG: Log = { info() {}, warn() {}, error() {}, for: () => QUIET_LOG };

const CONNECTION = "ctrader-demo" as ConnectionId;
const PAPER = "paper-ctrader-demo" as ConnectionId;
const START = Temporal.Instant.from("2026-11-23T15:00:00Z");
const SYMBOLS = 10;
const BUILD = "bench";
const WARM_BARS = 400;

export interface TickGround {
  /** The next minute: a new bar and a new price of every symbol. */
  nextMinute(): Promise<void>;
  /** One tick of each bot, so many at once; milliseconds that each took. Throws where one did not run. */
  tickAll(atOnce: number): Promise<readonly number[]>;
  /** How many ticks ended with each reason since the ground was opened. */
  readonly reasons: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** `wanting`: every bot wants an order at every tick, in place of what its strategy says. */
export async function openTickGround(count: number, { wanting }: { wanting: boolean }): Promise<TickGround> {
  const folder = makeTemporaryFolder();
  const clock = createVirtualClock({ start: START });
  const store = createSqliteStore({ path: `${folder.path}/store.db`, durability: "process-death" });
  const bots = someBots(count);
  const walk = createWalk();
  const run = openTickRunner({ store, clock, bots, wanting });
  const reasons = new Map<string, number>();

  async function write(openAt: Temporal.Instant): Promise<void> {
    const prices = walk();
    await beat({ store, clock }, "worker", BUILD);
    await store.transact(async (transaction) => {
      for (const [symbol, price] of prices) {
        const bar = { symbol, period: "M1", openAt };
        transaction.set(bars, barId(CONNECTION, bar), {
          ...{ ...bar, connection: CONNECTION, volume: 20, keptUntil: openAt.add({ hours: 9_600 }) },
          ...{ open: price, close: price, high: price.plus(1), low: price.minus(1) },
        });
      }
      const at = clock.now();
      const symbols = [...prices].map(([symbol, bid]) => ({ symbol, bid, ask: bid.plus("0.2"), at }));
      transaction.set(markets, CONNECTION, { connection: CONNECTION, symbols, at });
    });
  }

  async function tickOne({ id }: BotConfig): Promise<number> {
    const started = performance.now();
    const outcome = await run({ bot: id, instant: clock.now() });
    const took = performance.now() - started;
    if (outcome.kind !== "ran") throw new Error(`A tick of ${id} was ${outcome.kind}.`);
    reasons.set(outcome.record.reason, (reasons.get(outcome.record.reason) ?? 0) + 1);
    return took;
  }

  await store.transact(async (transaction) => {
    for (const symbol of symbolNames()) {
      transaction.set(instruments, instrumentId(CONNECTION, symbol), rulesOf(symbol));
    }
    transaction.set(accounts, PAPER, accountOf());
  });
  for (let back = WARM_BARS; back >= 1; back -= 1) await write(START.subtract({ minutes: back }));

  return {
    async nextMinute() {
      await clock.advanceBy(Temporal.Duration.from({ minutes: 1 }));
      await write(clock.now().subtract({ minutes: 1 }));
      // As the worker does: what nobody has looked at for minutes opens nothing.
      const record = { ...accountOf(), at: clock.now() };
      await store.transact(async (transaction) => transaction.set(accounts, PAPER, record));
    },
    async tickAll(atOnce) {
      const waiting = [...bots];
      const took: number[] = [];
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let bot = waiting.pop(); bot !== undefined; bot = waiting.pop()) took.push(await tickOne(bot));
        }),
      );
      return took;
    },
    reasons,
    async close() {
      await store.close();
      folder.remove();
    },
  };
}

/** What runs the ticks of bots on a store; nobody is woken by it. */
export function openTickRunner(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly bots: readonly BotConfig[];
  readonly wanting?: boolean;
}): RunBotTick {
  const { store, clock, bots, wanting = false } = parts;
  const basis = { store, clock, timers: createSystemTimers(), log: QUIET_LOG };
  const reads = createRecentReads(basis);
  return createBotTick({
    ...basis,
    reads,
    bus: {
      publish: async () => undefined,
      subscribe: async () => ({ close: async () => undefined }),
      close: async () => undefined,
    },
    config: { ...configSchema.parse({}), bots: [...bots] },
    build: BUILD,
    subscriber: "worker",
    market: createMarketData(reads),
    runs: createStrategyRuns({ bars: createBarBook(basis), strategyOf: async () => strategyOf(wanting) }),
  });
}

function symbolNames(): readonly string[] {
  return Array.from({ length: SYMBOLS }, (_, index) => `SYM${index}`);
}

/** Bots that tick each minute, spread over the symbols. */
export function someBots(count: number): readonly BotConfig[] {
  const gold = DEFAULT_BOTS.find((one) => one.id === "gold");
  if (gold === undefined) throw new Error("The default bot on gold is gone.");
  const written = JSON.parse(JSON.stringify(gold)) as Record<string, unknown>;
  return Array.from({ length: count }, (_, index) =>
    botSchema.parse({
      ...written,
      ...{ id: `bot-${index}-x`, bars: "M1", everyMinutes: 1, afterMinutes: 0 },
      instruments: [`SYM${index % SYMBOLS}`],
    }),
  );
}

function strategyOf(isWanting: boolean): BotStrategy {
  const parameters = trendBreakout.parameters.parse({});
  return {
    needs: [],
    warmup: trendBreakout.warmup(parameters),
    start() {
      const run = trendBreakout.start(parameters);
      if (!isWanting) return run;
      return {
        bar: (bar) => run.bar(bar),
        isWarm: () => run.isWarm(),
        decide(context) {
          run.decide(context);
          return {
            kind: "enter",
            side: "buy",
            stopDistance: 10,
            takeProfitDistance: 20,
            why: "it is measured",
          };
        },
      };
    },
  };
}

/** The same market in every run. */
function createWalk(): () => ReadonlyMap<string, Decimal> {
  const random = createSeededRandom("ticks");
  const prices = new Map(symbolNames().map((symbol) => [symbol, 2_400]));
  return () => {
    const bytes = random.bytes(SYMBOLS);
    for (const [index, symbol] of symbolNames().entries()) {
      prices.set(symbol, (prices.get(symbol) ?? 0) + ((bytes[index] ?? 0) - 127.5) / 100);
    }
    return new Map([...prices].map(([symbol, price]) => [symbol, new Decimal(price.toFixed(2))]));
  };
}

function rulesOf(instrument: string): InstrumentRules {
  return {
    connection: CONNECTION,
    instrument,
    minimumQuantity: new Decimal("0.01"),
    quantityStep: new Decimal("0.01"),
    priceStep: new Decimal("0.01"),
    currency: "USD",
    canSell: true,
    isTradable: true,
    at: START,
  };
}

function accountOf() {
  const money = new Decimal(100_000);
  return {
    ...{ account: PAPER, mode: "paper" as const, environment: "simulated", currency: "USD", balance: money },
    ...{ unrealised: new Decimal(0), equity: money, peakEquity: money, dayEquity: money, weekEquity: money },
    ...{ day: newYorkDate(START), week: newYorkWeek(START), working: [], isReconciled: true },
    ...{ epoch: 1, build: BUILD, at: START },
  };
}
