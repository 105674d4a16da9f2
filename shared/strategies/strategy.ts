/**
 * What a strategy is: a pure reader of bars and prices that now and then wants something. Backtest, paper and
 * live run the same one. It neither knows what money there is nor what may be sent: size, limits and orders are
 * not its business.
 */
import type { Temporal } from "temporal-polyfill";
import type { z } from "zod";

/** One bar that is over. Prices as numbers: indicators compute with them, orders do not. */
export interface Bar {
  readonly openAt: Temporal.Instant;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface Price {
  readonly bid: number;
  readonly ask: number;
  readonly at: Temporal.Instant;
}

/** A position of this very bot in the instrument. */
export interface HeldPosition {
  readonly id: string;
  readonly side: "buy" | "sell";
  readonly quantity: number;
  /** The average price at which it was opened. */
  readonly price: number;
  readonly openedAt: Temporal.Instant;
}

/** A position of this very bot that has ended, or the part of it that one fill has closed. */
export interface PastTrade {
  readonly positionId: string;
  readonly side: "buy" | "sell";
  /** Missing where nobody told of the opening. */
  readonly openedAt?: Temporal.Instant;
  readonly closedAt: Temporal.Instant;
  /** What it brought, its costs taken off, in the account's currency; below 0 where it lost. */
  readonly net: number;
}

/** A number from -1 (bad) to 1 (good) for an instrument; 0 with `isNeutralised` where nobody could say. */
export interface Sentiment {
  readonly score: number;
  readonly isNeutralised: boolean;
  readonly at: Temporal.Instant;
}

/** What a strategy sees at one tick, for one instrument. */
export interface StrategyContext {
  readonly now: Temporal.Instant;
  readonly instrument: string;
  /** For a bot that holds something it may be old, or the close of the latest bar: then only an exit is taken. */
  readonly price: Price;
  /** The bot's own positions in the instrument. */
  readonly positions: readonly HeldPosition[];
  /** Where the strategy asks for it by `needs`. */
  readonly sentiment?: Sentiment;
  /** The day's list of the pre-market scan, best first, where the strategy asks for it by `needs`. */
  readonly watchlist?: readonly string[];
  /** What the bot has closed in the instrument on this New York day, oldest first, where the strategy asks for it by `needs`. */
  readonly trades?: readonly PastTrade[];
  /** The session under way: when it began and when it ends; undefined for one without an end. */
  readonly session?: { readonly open: Temporal.Instant; readonly close: Temporal.Instant };
}

/** What a strategy wants. Distances are in the price's units, above 0. `why` is one sentence for the owner. */
export type Signal =
  | {
      readonly kind: "enter";
      readonly side: "buy" | "sell";
      /** Default: market. A limit order rests until the next tick that wants something else, or the session's end. */
      readonly limitPrice?: number;
      readonly stopDistance: number;
      readonly takeProfitDistance?: number;
      readonly why: string;
    }
  | { readonly kind: "exit"; readonly positionId: string; readonly why: string }
  /** Nothing to do; `why` says what was missing. */
  | { readonly kind: "hold"; readonly why: string };

/** One instrument's run of a strategy: holds its indicators, warm, and nothing else. */
export interface StrategyRun {
  /** Every bar that closed, in order, each once. */
  bar(bar: Bar): void;
  /** Whether enough bars were seen. */
  isWarm(): boolean;
  /** Asked only when warm. Asking twice gives the same answer: it changes nothing. */
  decide(context: StrategyContext): Signal;
}

export interface Strategy<Parameters = unknown> {
  readonly name: string;
  /** One sentence for the owner. */
  readonly summary: string;
  /** What `parameters` of the configuration must be; every one with a default. */
  readonly parameters: z.ZodType<Parameters>;
  readonly needs: readonly ("sentiment" | "watchlist" | "trades")[];
  /** How many bars make it warm. */
  warmup(parameters: Parameters): number;
  /** So many minutes may lie between two of its ticks, where more would make it miss what it must not; left out: any. */
  longestCadence?(parameters: Parameters): number;
  start(parameters: Parameters): StrategyRun;
}
