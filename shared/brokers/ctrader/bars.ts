/** Bars as they close. `open-bars.ts` makes it. */
import type { ProtoOATrendbarPeriod } from "./protocol/open-api.generated.ts";

export interface ClosedBar {
  readonly symbolId: number;
  readonly period: ProtoOATrendbarPeriod;
  /** The bar's open, in minutes since 1970, UTC. */
  readonly openMinute: number;
  /** Integers of 1/100,000, by bid. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Number of ticks. */
  readonly volume: number;
}

export interface BarBoard {
  /**
   * Subscribes on this and every later connection. The symbol's quotes are subscribed too. `fromMinute`: bars that
   * have opened since then, in minutes since 1970, come from history first.
   */
  subscribe(symbolId: number, period: ProtoOATrendbarPeriod, fromMinute?: number): void;
  /** Every bar that closed, once, in order by symbol and period; those missed while disconnected come from history. */
  listen(listener: (bar: ClosedBar) => void): () => void;
}
