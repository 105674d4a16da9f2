/** What runs bots' ticks, put together for one process; loaded with its first use. */
import type { Temporal } from "temporal-polyfill";
import type { AppOptions, Platform } from "./app.ts";
import type { Brokers } from "./app-brokers.ts";
import { type Scanned, scanAll } from "./app-scan.ts";
import { openSentiment } from "./app-sentiment.ts";
import type { Audit } from "./audit/audit-log.ts";
import type { BotConfig } from "./config/bot.ts";
import { loadStrategy } from "./strategies/registry.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { readWatchlist } from "./trading/scan/records.ts";
import { createBarBook } from "./trading/ticks/bar-book.ts";
import { createBotTick, type RunBotTick } from "./trading/ticks/bot-tick.ts";
import { type FannedOut, fanOut } from "./trading/ticks/fan-out.ts";
import { createNoteBots } from "./trading/ticks/first-seen.ts";
import { createMarketData } from "./trading/ticks/market-data.ts";
import { createRecentReads } from "./trading/ticks/recent-reads.ts";
import { type BotStrategy, createStrategyRuns, StrategyFault } from "./trading/ticks/strategy-runs.ts";
import { todaysTrades } from "./trading/ticks/todays-trades.ts";

export interface TickSurroundings {
  readonly platform: Platform;
  readonly options: Pick<
    AppOptions,
    "config" | "profile" | "build" | "timers" | "http" | "strategyFolder" | "sentimentApiRoot"
  >;
  /** Whose acknowledgement of a token counts. */
  readonly subscriber: string;
  readonly brokers: Pick<Brokers, "scanQuotesOf">;
  readonly audit: Audit;
}

export interface Ticks {
  run: RunBotTick;
  /** Tells each bot that is due at the minute. */
  fanOut(instant: Temporal.Instant): Promise<FannedOut>;
  /** Makes the lists of the bots whose scan before the open is due. */
  scan(instant: Temporal.Instant): Promise<Scanned>;
}

/** Keeps strategies warm in this process's memory. */
export function openTicks(surroundings: TickSurroundings): Ticks {
  const { platform, options, subscriber, brokers, audit } = surroundings;
  const { store, bus, clock } = platform;
  const { config, build, timers, strategyFolder = "." } = options;
  const basis = { store, bus, clock, timers, log: platform.log.for("ticks") };
  const reads = createRecentReads(basis);
  const sentiment = openSentiment(platform, options);
  const noteBots = createNoteBots(basis);
  return {
    run: createBotTick({
      ...basis,
      ...{ reads, config, build, subscriber, audit },
      market: createMarketData(reads),
      runs: createStrategyRuns({
        bars: createBarBook(basis),
        strategyOf: (bot) => strategyOf(bot, strategyFolder),
      }),
      sentimentOf: (instrument) => sentiment.about(instrument, clock.now()),
      tradesOf: (bot, now) => todaysTrades({ store, reads }, bot, now),
      watchlistOf: (bot, now) => readWatchlist({ store }, bot.id, now),
    }),
    async fanOut(instant) {
      await noteBots(config.bots, instant);
      return fanOut({ bus, clock, bots: config.bots }, instant);
    },
    scan: (instant) => scanAll({ platform, config, strategyFolder, brokers }, instant),
  };
}

/** Throws a `StrategyFault` for a strategy that is not there, and for parameters that it does not take. */
async function strategyOf(bot: BotConfig, folder: string): Promise<BotStrategy> {
  const loaded = await loadStrategy(bot.strategy, folder);
  if (!loaded.ok) throw new StrategyFault(`${bot.strategy} ${String(loaded.detail.reason)}`);
  const strategy: Strategy = loaded.value;
  const parsed = strategy.parameters.safeParse(bot.parameters);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StrategyFault(`its parameter ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is wrong"}`);
  }
  const parameters = parsed.data;
  return {
    needs: strategy.needs,
    warmup: strategy.warmup(parameters),
    start: () => strategy.start(parameters),
  };
}
