/** Where a paper account's prices come from: a broker's feed, polled quotes, or the simulated market. */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";

/** A price with both its sides. */
export interface PaperQuote {
  /** The broker's own name, e.g. `EURUSD`. */
  readonly instrument: string;
  readonly bid: Decimal;
  readonly ask: Decimal;
  /** When it came, or was last confirmed. */
  readonly at: Temporal.Instant;
}

export interface PaperPrices {
  /** The latest quote; undefined where none is known, or none holds any more. */
  latest(instrument: string): PaperQuote | undefined;
  /**
   * Every quote as it comes, also one that repeats the price before it: what rests is looked at with each.
   * Gives back the way to hear no more.
   */
  onQuote(listener: (quote: PaperQuote) => void): () => void;
}
