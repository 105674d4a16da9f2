/**
 * Each bot's strategy, warm in memory, one run an instrument. A run is a cache: it is made from the stored bars,
 * fed with those that came since, and made anew whenever that is in doubt.
 */
import type { BotConfig } from "../../config/bot.ts";
import type { Bar, Strategy, StrategyRun } from "../../strategies/strategy.ts";
import type { BarBook, SeriesView } from "./bar-book.ts";

/** A strategy with the parameters of one bot. */
export interface BotStrategy {
  readonly needs: Strategy["needs"];
  /** How many bars make it warm. */
  readonly warmup: number;
  start(): StrategyRun;
}

/** The strategy's own fault: it could not be loaded, or it threw. `cause` is what it threw. */
export class StrategyFault extends Error {
  override readonly name = "StrategyFault";
}

export interface StrategyRunsDeps {
  readonly bars: BarBook;
  /** Loads a bot's strategy; rejects where there is none. */
  strategyOf(bot: BotConfig): Promise<BotStrategy>;
}

export interface ReadyRun {
  readonly run: StrategyRun;
  /** How many bars it was fed with. */
  readonly seen: number;
  readonly isWarm: boolean;
  /** The latest of them; undefined where there is none. */
  readonly newest: Bar | undefined;
}

export interface StrategyRuns {
  /** Loaded once a bot; a load that failed is tried again. Throws a `StrategyFault`. */
  strategy(bot: BotConfig): Promise<BotStrategy>;
  /** The run of an instrument, fed with every stored bar that is over. Throws a `StrategyFault` for what the strategy throws. */
  ready(bot: BotConfig, instrument: string): Promise<ReadyRun>;
}

interface Kept {
  readonly run: StrategyRun;
  edition: number;
  /** The open of the last bar that it was fed with, in milliseconds since 1970. */
  fedUntil: number;
  seen: number;
}

/** An indicator that remembers for ever has settled after so many times its warm-up. */
const SETTLED_AFTER = 2;

export function createStrategyRuns({ bars, strategyOf }: StrategyRunsDeps): StrategyRuns {
  const loaded = new Map<string, Promise<BotStrategy>>();
  const kept = new Map<string, Kept>();

  function strategy(bot: BotConfig): Promise<BotStrategy> {
    const known = loaded.get(bot.id);
    if (known !== undefined) return known;
    const loading = strategyOf(bot).catch((error: unknown) => {
      loaded.delete(bot.id);
      throw faultOf(error);
    });
    loaded.set(bot.id, loading);
    return loading;
  }

  return {
    strategy,
    async ready(bot, instrument) {
      const own = await strategy(bot);
      const { connection, bars: period } = bot;
      const series = await bars.read({ connection, instrument, period }, own.warmup * SETTLED_AFTER);
      const name = `${bot.id}:${instrument}`;
      try {
        const mine = fed(kept.get(name), own, series);
        kept.set(name, mine);
        const { run, seen } = mine;
        // A run may take its bars in only when it is asked.
        return { run, seen, isWarm: run.isWarm(), newest: series.bars.at(-1) };
      } catch (error) {
        kept.delete(name);
        throw faultOf(error);
      }
    },
  };
}

/** Without a pause in it, so that two ticks of one bot at once never feed a bar twice. */
function fed(before: Kept | undefined, own: BotStrategy, { bars, edition }: SeriesView): Kept {
  const kept =
    before?.edition === edition
      ? before
      : { run: own.start(), edition, fedUntil: Number.NEGATIVE_INFINITY, seen: 0 };
  for (let index = firstAfter(bars, kept.fedUntil); index < bars.length; index += 1) {
    const bar = bars[index];
    if (bar === undefined) break;
    kept.run.bar(bar);
    kept.fedUntil = bar.openAt.epochMilliseconds;
    kept.seen += 1;
  }
  return kept;
}

/** New bars stand at the end. */
function firstAfter(bars: SeriesView["bars"], openMs: number): number {
  let index = bars.length;
  for (; index > 0; index -= 1) {
    const before = bars[index - 1];
    if (before === undefined || before.openAt.epochMilliseconds <= openMs) break;
  }
  return index;
}

function faultOf(error: unknown): StrategyFault {
  if (error instanceof StrategyFault) return error;
  const text = error instanceof Error ? error.message : "It threw something that is no error.";
  return new StrategyFault(text, { cause: error });
}
