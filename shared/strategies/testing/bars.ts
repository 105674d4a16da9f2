/** Bars and contexts for the tests of strategies. */
import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import type { Bar, HeldPosition, Signal, Strategy, StrategyContext, StrategyRun } from "../strategy.ts";

export const START = Temporal.Instant.from("2026-03-10T13:30:00Z");

export interface BarOptions {
  readonly start?: Temporal.Instant;
  readonly minutes?: number;
  readonly volume?: number;
}

/** One bar for each close; each opens at the close before it, and reaches `reach` beyond both. */
export function barsOf(
  closes: readonly number[],
  options: BarOptions & { readonly reach?: number } = {},
): Bar[] {
  const { start = START, minutes = 5, volume = 100, reach = 0 } = options;
  return closes.map((close, index) => {
    const open = closes[index - 1] ?? close;
    return {
      openAt: start.add({ minutes: index * minutes }),
      ...{ open, close, volume },
      high: Math.max(open, close) + reach,
      low: Math.min(open, close) - reach,
    };
  });
}

/** The moment at which the last bar is over. */
export function endOf(bars: readonly Bar[], minutes = 5): Temporal.Instant {
  return (bars.at(-1)?.openAt ?? START).add({ minutes });
}

export function contextAt(
  now: Temporal.Instant,
  price: number,
  more: Partial<StrategyContext> = {},
): StrategyContext {
  return { now, instrument: "X", price: { bid: price, ask: price, at: now }, positions: [], ...more };
}

export function aPosition(more: Partial<HeldPosition> = {}): HeldPosition {
  return { id: "p1", side: "buy", quantity: 1, price: 100, openedAt: START, ...more };
}

/** A run that has seen these bars. */
export function runOf<P>(strategy: Strategy<P>, bars: readonly Bar[], parameters: object = {}): StrategyRun {
  const run = strategy.start(strategy.parameters.parse(parameters));
  for (const bar of bars) run.bar(bar);
  return run;
}

/** Any series of bars that a market could show: never at or under 0, the high and the low around open and close. */
export function anyBars(length: { readonly minLength: number; readonly maxLength: number }) {
  const step = fc.record({
    move: fc.double({ min: -0.03, max: 0.03, noNaN: true }),
    up: fc.double({ min: 0, max: 0.01, noNaN: true }),
    down: fc.double({ min: 0, max: 0.01, noNaN: true }),
    volume: fc.integer({ min: 0, max: 10_000 }),
  });
  return fc.array(step, length).map((steps) => {
    let close = 100;
    return steps.map(({ move, up, down, volume }, index): Bar => {
      const open = close;
      close = open * (1 + move);
      const high = Math.max(open, close) * (1 + up);
      const low = Math.min(open, close) * (1 - down);
      return { openAt: START.add({ minutes: index * 5 }), open, high, low, close, volume };
    });
  });
}

/** What a strategy that is asked after each bar says, beside what one says that saw the same bars in one go. */
export function toldBarByBar<P>(
  strategy: Strategy<P>,
  bars: readonly Bar[],
  parameters: object,
  contextOf: (bar: Bar) => StrategyContext,
): readonly { readonly inSteps: Signal; readonly again: Signal; readonly inOneGo: Signal }[] {
  const given = strategy.parameters.parse(parameters);
  const run = strategy.start(given);
  return bars.flatMap((bar, index) => {
    run.bar(bar);
    if (!run.isWarm()) return [];
    const context = contextOf(bar);
    const fresh = runOf(strategy, bars.slice(0, index + 1), parameters);
    return [{ inSteps: run.decide(context), again: run.decide(context), inOneGo: fresh.decide(context) }];
  });
}
