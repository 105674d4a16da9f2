/** What holds of every built-in strategy, whatever the market does. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BUILT_IN } from "./registry.ts";
import type { Bar, Signal, StrategyContext } from "./strategy.ts";
import { strategyFaults } from "./strategy-faults.ts";
import { anyBars, aPosition, contextAt, runOf, START, toldBarByBar } from "./testing/bars.ts";

/** Few bars make them warm, so that a short market is enough. */
const SHORT: Readonly<Record<string, object>> = {
  "rsi-sentiment": { rsiPeriod: 3, atrPeriod: 3, stopAtr: 2, oversold: 45, overbought: 55, exitRsi: 60 },
  "trend-breakout": { fastPeriod: 2, slowPeriod: 4, channelBars: 4, atrPeriod: 3, trailBars: 5 },
  "premarket-momentum": { rangeMinutes: 15, entryMinutes: 200, volumeFactor: 0.5, sides: "both" },
};
const SESSION = { open: START, close: START.add({ hours: 6, minutes: 30 }) };

const anySituation = fc.record({
  score: fc.double({ min: -1, max: 1, noNaN: true }),
  isNeutralised: fc.boolean(),
  held: fc.constantFrom("none", "buy", "sell"),
  spread: fc.double({ min: 0, max: 0.5, noNaN: true }),
});
type Situation = typeof anySituation extends fc.Arbitrary<infer T> ? T : never;

function contextOf(situation: Situation): (bar: Bar) => StrategyContext {
  const { score, isNeutralised, held, spread } = situation;
  return (bar) => {
    const now = bar.openAt.add({ minutes: 5 });
    return contextAt(now, bar.close, {
      price: { bid: bar.close, ask: bar.close + spread, at: now },
      sentiment: { score, isNeutralised, at: now },
      watchlist: ["X"],
      session: SESSION,
      positions: held === "none" ? [] : [aPosition({ side: held })],
    });
  };
}

function isSound(signal: Signal): boolean {
  if (signal.kind !== "enter") return signal.why.length > 0;
  const amounts = [signal.stopDistance, signal.takeProfitDistance ?? 1, signal.limitPrice ?? 1];
  return signal.why.length > 0 && amounts.every((one) => Number.isFinite(one) && one > 0);
}

describe.each([...BUILT_IN])("%s", (name, strategy) => {
  const parameters = SHORT[name] ?? {};

  test("is a strategy, and every parameter has a default", () => {
    expect(strategy.name).toBe(name);
    expect(strategyFaults(strategy)).toEqual([]);
  });

  test("says the same when asked twice, and the same as one that saw all bars in one go", () => {
    fc.assert(
      fc.property(anyBars({ minLength: 20, maxLength: 60 }), anySituation, (bars, situation) => {
        for (const told of toldBarByBar(strategy, bars, parameters, contextOf(situation))) {
          expect(told.again).toEqual(told.inSteps);
          expect(told.inOneGo).toEqual(told.inSteps);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("cannot know what comes later: another future changes nothing of what it said", () => {
    fc.assert(
      fc.property(
        anyBars({ minLength: 20, maxLength: 40 }),
        anyBars({ minLength: 1, maxLength: 20 }),
        anySituation,
        (past, other, situation) => {
          const last = past.at(-1) as Bar;
          const future = other.map((bar, index) => ({
            ...bar,
            openAt: last.openAt.add({ minutes: 5 * (index + 1) }),
          }));
          const context = contextOf(situation);

          const alone = toldBarByBar(strategy, past, parameters, context);
          const followed = toldBarByBar(strategy, [...past, ...future], parameters, context);

          expect(followed.slice(0, alone.length)).toEqual(alone);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("never asks for a stop or a profit at no distance, and always says why", () => {
    fc.assert(
      fc.property(anyBars({ minLength: 20, maxLength: 60 }), anySituation, (bars, situation) => {
        const told = toldBarByBar(strategy, bars, parameters, contextOf(situation));

        expect(told.every(({ inSteps }) => isSound(inSteps))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("enters with nothing held and leaves only what is held", () => {
    let entries = 0;
    fc.assert(
      fc.property(anyBars({ minLength: 20, maxLength: 60 }), anySituation, (bars, situation) => {
        for (const { inSteps } of toldBarByBar(strategy, bars, parameters, contextOf(situation))) {
          if (inSteps.kind === "enter") entries += 1;
          expect(inSteps.kind).not.toBe(situation.held === "none" ? "exit" : "enter");
          if (inSteps.kind === "exit") expect(inSteps.positionId).toBe("p1");
        }
      }),
      { numRuns: 100 },
    );
    expect(entries, "a strategy that never enters would hold all of this").toBeGreaterThan(0);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("enters at no price of %d", (price) => {
    fc.assert(
      fc.property(anyBars({ minLength: 20, maxLength: 60 }), anySituation, (bars, situation) => {
        const context = contextOf({ ...situation, held: "none" });
        const run = runOf(strategy, bars, parameters);
        const seen = context(bars.at(-1) as Bar);

        expect(run.decide({ ...seen, price: { ...seen.price, bid: price, ask: price } }).kind).toBe("hold");
      }),
      { numRuns: 40 },
    );
  });
});
