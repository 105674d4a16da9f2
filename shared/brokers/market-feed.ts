/** What a connected broker tells of the market, in the product's own words. */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { InstrumentRules } from "./instrument-rules.ts";

/** The latest price of one symbol; a side that has not been seen on this connection is missing. */
export interface MarketQuote {
  /** The broker's own name, e.g. `EURUSD`. */
  readonly symbol: string;
  readonly bid?: Decimal;
  readonly ask?: Decimal;
  /** When the broker last stood by it: when it came, or later where the connection that brings it lived on. */
  readonly at: Temporal.Instant;
}

/** A bar that is over, by bid. */
export interface MarketBar {
  readonly symbol: string;
  /** e.g. `M1`. */
  readonly period: string;
  readonly openAt: Temporal.Instant;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  /** Number of ticks. */
  readonly volume: number;
}

export interface MarketFeed {
  /** The watched symbols that have a price now; empty while there is no connection. */
  quotes(): readonly MarketQuote[];
  /** The rules of the watched instruments, as far as they are known. */
  instruments(): readonly InstrumentRules[];
  /** Every bar that closed, once. */
  onBar(listener: (bar: MarketBar) => void): () => void;
  /**
   * Follows the prices of these symbols too from now on, without bars; those that it follows already, and those of
   * which it can tell no price by unit, change nothing. Missing where the market is somebody else's to choose.
   */
  follow?(symbols: readonly string[]): void;
  /** Asks for prices now, where they come by asking; resolves when they are there, or could not be had. */
  observe?(): Promise<void>;
  /**
   * How old the last price was when it came, or how long it was waited for where it is asked for; in milliseconds.
   * Undefined where none has come since `since` of the machine's timers: before that, nothing can be said.
   */
  lagMs(since: number): number | undefined;
}
