import { describe, expect, test } from "vitest";
import type { Bar, HeldPosition, Signal } from "./strategy.ts";
import { aPosition, barsOf, contextAt, endOf, runOf } from "./testing/bars.ts";
import { trendBreakout } from "./trend-breakout.ts";

const QUICK = { fastPeriod: 3, slowPeriod: 8, channelBars: 5, atrPeriod: 3, trailBars: 5, breakoutAtr: 0 };

function decide(
  bars: readonly Bar[],
  parameters: object = {},
  positions: readonly HeldPosition[] = [],
): Signal {
  const run = runOf(trendBreakout, bars, { ...QUICK, ...parameters });
  expect(run.isWarm()).toBe(true);
  return run.decide(contextAt(endOf(bars), bars.at(-1)?.close ?? 0, { positions }));
}

/** It rises slowly for long enough to be warm, then does what the test is about. */
function rising(...then: readonly number[]): readonly Bar[] {
  const before = Array.from({ length: 25 }, (_, index) => 100 + index * 0.1);
  return barsOf([...before, ...then], { reach: 0.5 });
}

function falling(...then: readonly number[]): readonly Bar[] {
  const before = Array.from({ length: 25 }, (_, index) => 100 - index * 0.1);
  return barsOf([...before, ...then], { reach: 0.5 });
}

describe("entering", () => {
  test("buys the close above everything before it, in a trend that rises", () => {
    expect(decide(rising(104))).toMatchObject({ kind: "enter", side: "buy" });
  });

  test("sells the close below everything before it, in a trend that falls", () => {
    expect(decide(falling(96))).toMatchObject({ kind: "enter", side: "sell" });
  });

  test("the bar that breaks out is not part of what it has to break", () => {
    const [highest] = [...rising()].slice(-5).sort((one, other) => other.high - one.high);

    expect(decide(rising((highest?.high ?? 0) + 0.01)).kind).toBe("enter");
    expect(decide(rising((highest?.high ?? 0) - 0.01)).kind).toBe("hold");
  });

  test("does nothing inside the channel", () => {
    expect(decide(rising(102.5))).toMatchObject({ kind: "hold", why: expect.stringContaining("inside") });
  });

  test("does nothing where the averages show the other way", () => {
    // One bar breaks out upwards while the slow average has not followed the long fall yet.
    const bars = barsOf([
      ...Array.from({ length: 80 }, (_, index) => 180 - index),
      101,
      101,
      101,
      101,
      101,
      102,
    ]);

    expect(decide(bars, { slowPeriod: 30, fastPeriod: 20 })).toMatchObject({
      kind: "hold",
      why: expect.stringContaining("against the trend"),
    });
  });

  test("asks for more where a breakout has to be by so many average ranges", () => {
    expect(decide(rising(104), { breakoutAtr: 10 }).kind).toBe("hold");
  });

  test("opens only what is allowed", () => {
    expect(decide(rising(104), { sides: "sell" }).kind).toBe("hold");
    expect(decide(falling(96), { sides: "buy" }).kind).toBe("hold");
  });

  test("the stop is a few average ranges away, at most its percentage, and the profit a multiple of it", () => {
    const capped = decide(rising(104), { stopAtr: 50, stopPercent: 1, takeProfitRatio: 4 });
    const free = decide(rising(104), { stopAtr: 0.1, stopPercent: 5 });

    expect(capped).toMatchObject({ stopDistance: 1.04, takeProfitDistance: 4.16 });
    expect(free.kind === "enter" && free.stopDistance).toBeLessThan(0.5);
  });
});

describe("leaving", () => {
  const bought = [aPosition()];

  test("the exit trails the best price: the same price is kept before a new high and left after it", () => {
    const parameters = { trailAtr: 1 };

    expect(decide(rising(102.4), parameters, bought).kind).toBe("hold");
    expect(decide(rising(106, 102.4), parameters, bought)).toMatchObject({
      kind: "exit",
      positionId: "p1",
      why: expect.stringContaining("fell back"),
    });
  });

  test("a sale is left when the price has risen from its lowest", () => {
    const sold = [aPosition({ side: "sell" })];

    expect(decide(falling(94, 97.6), { trailAtr: 1 }, sold)).toMatchObject({
      kind: "exit",
      positionId: "p1",
    });
    expect(decide(falling(94, 94.1), { trailAtr: 1 }, sold).kind).toBe("hold");
  });

  test("a trend that has turned is left, however far the exit trails", () => {
    const turned = falling(97.6);

    expect(decide(turned, { trailAtr: 100 }, bought)).toMatchObject({
      kind: "exit",
      why: "The trend has turned.",
    });
  });

  test("a position is kept while the trend goes on", () => {
    expect(decide(rising(102.6), {}, bought)).toMatchObject({ kind: "hold" });
  });
});

test("is warm only after as many bars as its slowest part needs", () => {
  expect(trendBreakout.warmup(trendBreakout.parameters.parse({}))).toBe(125);
  expect(trendBreakout.warmup(trendBreakout.parameters.parse({ channelBars: 300 }))).toBe(301);
  expect(runOf(trendBreakout, barsOf(Array.from({ length: 124 }, () => 1))).isWarm()).toBe(false);
});

test.each([{ fastPeriod: 50 }, { stopAtr: 0 }, { stopPercent: 101 }, { channelBars: 2.5 }, { surprise: 1 }])(
  "%j is refused",
  (parameters) => {
    expect(trendBreakout.parameters.safeParse(parameters).success).toBe(false);
  },
);
