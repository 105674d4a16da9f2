import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createAtr,
  createChannel,
  createEma,
  createRsi,
  type Indicator,
  wilderWarmup,
} from "./indicators.ts";
import type { Bar } from "./strategy.ts";
import { anyBars, barsOf } from "./testing/bars.ts";

function fed(indicator: Indicator, bars: readonly Bar[]): number | undefined {
  for (const bar of bars) indicator.add(bar);
  return indicator.value();
}

/** Wilder's own example. */
const WILDER = [
  44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.1, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28,
  46.0, 46.03, 46.41, 46.22, 45.64,
];

describe("relative strength", () => {
  test.each([
    [15, 70.46],
    [16, 66.25],
    [17, 66.48],
    [18, 69.35],
    [19, 66.29],
    [20, 57.92],
  ])("after %i closes of the well-known example it is %d", (count, expected) => {
    expect(fed(createRsi(14), barsOf(WILDER.slice(0, count)))).toBeCloseTo(expected, 1);
  });

  test("is not known before one bar more than its period", () => {
    expect(fed(createRsi(14), barsOf(WILDER.slice(0, 14)))).toBeUndefined();
  });

  test("of a price that has stood still for its period is in the middle, not where its last move left it", () => {
    expect(fed(createRsi(3), barsOf([5, 5, 5, 5, 5, 5]))).toBe(50);
    expect(fed(createRsi(3), barsOf([4, 5, 5, 5, 5]))).toBe(50);
    expect(fed(createRsi(3), barsOf([4, 5, 5, 5]))).toBe(100);
  });

  test("of a price that only rose is 100, and of one that only fell 0", () => {
    expect(fed(createRsi(3), barsOf([1, 2, 3, 4, 5]))).toBe(100);
    expect(fed(createRsi(3), barsOf([5, 4, 3, 2, 1]))).toBe(0);
  });

  test("of a run begun within the warm-up differs by less than a point and a half from one of all bars", () => {
    const move = fc
      .tuple(fc.boolean(), fc.double({ min: 0.0005, max: 0.005, noNaN: true }))
      .map(([isUp, size]) => (isUp ? 1 + size : 1 - size));
    fc.assert(
      fc.property(fc.array(move, { minLength: 150, maxLength: 200 }), (moves) => {
        let close = 100;
        const bars = barsOf(moves.map((factor) => (close *= factor)));
        const all = fed(createRsi(14), bars) ?? Number.NaN;
        const late = fed(createRsi(14), bars.slice(-wilderWarmup(14) - 1)) ?? Number.NaN;

        expect(Math.abs(all - late)).toBeLessThan(1.5);
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });
});

test("the exponential average weighs the latest by two out of its period and one", () => {
  expect(fed(createEma(3), barsOf([2, 4, 8]))).toBeCloseTo(5.5, 10);
  expect(fed(createEma(3), barsOf([2, 4]))).toBeUndefined();
});

test("the average range counts a jump from the close before", () => {
  const bars = [
    { ...barsOf([10])[0], high: 11, low: 9 },
    { ...barsOf([10])[0], high: 21, low: 20, close: 20 },
  ] as Bar[];

  expect(fed(createAtr(2), bars)).toBeCloseTo((2 + 11) / 2, 10);
});

describe("the channel", () => {
  test("is of the last bars only, and not known before there are so many", () => {
    const channel = createChannel(2);
    const [first, ...rest] = barsOf([100, 10, 12, 11]);
    channel.add(first as Bar);
    expect(channel.value()).toBeUndefined();

    for (const bar of rest) channel.add(bar);

    expect(channel.value()).toEqual({ high: 12, low: 10 });
  });

  test("holds every high and low of its bars", () => {
    fc.assert(
      fc.property(
        anyBars({ minLength: 5, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (bars, length) => {
          const channel = createChannel(length);
          for (const bar of bars) channel.add(bar);
          const last = bars.slice(-length);

          expect(channel.value()).toEqual({
            high: Math.max(...last.map(({ high }) => high)),
            low: Math.min(...last.map(({ low }) => low)),
          });
        },
      ),
    );
  });
});
