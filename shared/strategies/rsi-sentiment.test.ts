import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rsiSentiment } from "./rsi-sentiment.ts";
import type { Bar, HeldPosition, Sentiment, Signal, StrategyContext } from "./strategy.ts";
import { anyBars, aPosition, barsOf, contextAt, endOf, runOf } from "./testing/bars.ts";

const QUICK = { rsiPeriod: 4, atrPeriod: 2 };

function sentiment(score: number, isNeutralised = false): Sentiment {
  return { score, isNeutralised, at: endOf([]) };
}

/** A long rest around 100 that makes it warm, then what the test is about. */
function market(...closes: readonly number[]): readonly Bar[] {
  const rest = Array.from({ length: 30 }, (_, index) => 100 + (index % 2 === 0 ? 0.2 : -0.2));
  return barsOf([...rest, ...closes], { reach: 0.1 });
}

interface Asked {
  readonly bars: readonly Bar[];
  readonly score?: number;
  readonly positions?: readonly HeldPosition[];
  readonly parameters?: object;
  readonly more?: Partial<StrategyContext>;
}

function decide({ bars, score, positions = [], parameters = {}, more = {} }: Asked): Signal {
  const run = runOf(rsiSentiment, bars, { ...QUICK, ...parameters });
  const price = bars.at(-1)?.close ?? 0;
  const said = score === undefined ? {} : { sentiment: sentiment(score) };
  return run.decide(contextAt(endOf(bars), price, { positions, ...said, ...more }));
}

const FALLEN = market(99, 98, 97);
const RISEN = market(101, 102, 103);

describe("entering", () => {
  test("buys what has fallen too far where the sentiment agrees", () => {
    expect(decide({ bars: FALLEN, score: 0.5 })).toMatchObject({ kind: "enter", side: "buy" });
  });

  test("sells what has risen too far where the sentiment agrees", () => {
    expect(decide({ bars: RISEN, score: -0.5 })).toMatchObject({ kind: "enter", side: "sell" });
  });

  test.each([
    ["buy", FALLEN, -0.3],
    ["sell", RISEN, 0.3],
  ])("does not %s against the sentiment", (_side, bars, score) => {
    expect(decide({ bars, score })).toMatchObject({ kind: "hold", why: expect.stringContaining("against") });
  });

  test("a score at the line agrees or contradicts, one inside is neutral", () => {
    const parameters = { neutralMargin: 30 };

    expect(decide({ bars: FALLEN, score: 0.2, parameters }).kind).toBe("enter");
    expect(decide({ bars: FALLEN, score: 0.19, parameters }).why).toContain("neutral");
    expect(decide({ bars: FALLEN, score: -0.19, parameters }).why).toContain("neutral");
    expect(decide({ bars: FALLEN, score: -0.2, parameters }).why).toContain("against");
  });

  test("stays out of a market that is not stretched", () => {
    expect(decide({ bars: market(100, 100.1, 100), score: 1 })).toMatchObject({
      kind: "hold",
      why: expect.stringContaining("nothing is stretched"),
    });
  });

  test.each([
    ["buy", RISEN, -1],
    ["sell", FALLEN, 1],
  ])("opens nothing else where only %s is allowed", (sides, bars, score) => {
    expect(decide({ bars, score, parameters: { sides } }).kind).toBe("hold");
  });
});

describe("without a sentiment that agrees", () => {
  const neutral = [sentiment(0), sentiment(0.9, true), sentiment(-0.9, true), undefined];

  test("asks for more of the price, whether it is neutral, nobody could say, or nobody was asked", () => {
    for (const one of neutral) {
      const more = one === undefined ? {} : { sentiment: one };

      expect(decide({ bars: FALLEN, parameters: { neutralMargin: 0 }, more }).kind).toBe("enter");
      expect(decide({ bars: FALLEN, parameters: { neutralMargin: 30 }, more }).why).toContain(
        "not far enough",
      );
    }
  });

  test("never enters where one that agrees would not, and one against never where a neutral one would not", () => {
    let entries = 0;
    fc.assert(
      fc.property(
        anyBars({ minLength: 30, maxLength: 60 }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.double({ min: 0.2, max: 1, noNaN: true }),
        (bars, neutralMargin, score) => {
          const run = runOf(rsiSentiment, bars, { ...QUICK, neutralMargin, oversold: 40, overbought: 60 });
          const ask = (one: Sentiment) =>
            run.decide(contextAt(endOf(bars), bars.at(-1)?.close ?? 0, { sentiment: one }));
          const [without, up, down] = [
            ask(sentiment(0, true)),
            ask(sentiment(score)),
            ask(sentiment(-score)),
          ];

          if (without.kind !== "enter") return;
          entries += 1;
          const [agreeing, contradicting] = without.side === "buy" ? [up, down] : [down, up];
          expect(agreeing).toMatchObject({ kind: "enter", side: without.side });
          expect(contradicting.kind).toBe("hold");
        },
      ),
      { numRuns: 300 },
    );
    expect(entries).toBeGreaterThan(10);
  });
});

describe("a stretch", () => {
  test("is good for its first bars only", () => {
    const going = [99, 98, 97, 96.5, 96, 95.5, 95];
    const kinds = going.map(
      (_, index) => decide({ bars: market(...going.slice(0, index + 1)), score: 1 }).kind,
    );

    const from = kinds.indexOf("enter");
    expect(kinds.slice(from)).toEqual([
      "enter",
      "enter",
      "enter",
      ...kinds.slice(from + 3).map(() => "hold"),
    ]);
    expect(kinds.length - from).toBeGreaterThan(3);
  });

  test("that trembles about the line is one stretch: within the hysteresis nothing begins anew", () => {
    const bars = market(99, 98, 97, 96, 95, 96.2, 95);

    const lenient = decide({ bars, score: 1, parameters: { hysteresis: 0 } });
    const strict = decide({ bars, score: 1, parameters: { hysteresis: 20 } });

    expect(lenient.kind).toBe("enter");
    expect(strict).toMatchObject({ kind: "hold", why: expect.stringContaining("too late") });
  });

  test("may begin anew when the price has been back", () => {
    const bars = market(99, 98, 97, 96, 95, 98, 101, 102, 100, 98, 96);

    expect(decide({ bars, score: 1 })).toMatchObject({ kind: "enter", side: "buy" });
  });
});

describe("the stop", () => {
  test("lies one and a half percent from the price at which it would be filled, the profit twice as far", () => {
    const at = endOf(FALLEN);
    const signal = decide({ bars: FALLEN, score: 1, more: { price: { bid: 96, ask: 98, at } } });

    expect(signal).toMatchObject({ stopDistance: 98 * 0.015, takeProfitDistance: 98 * 0.03 });
  });

  test("is nearer where the average range says so, and never further", () => {
    const near = decide({ bars: FALLEN, score: 1, parameters: { stopAtr: 0.5 } });
    const far = decide({ bars: FALLEN, score: 1, parameters: { stopAtr: 50 } });

    expect(near.kind === "enter" && near.stopDistance).toBeLessThan(97 * 0.015);
    expect(far.kind === "enter" && far.stopDistance).toBeCloseTo(97 * 0.015, 10);
  });
});

describe("leaving", () => {
  const bought = [aPosition()];
  const sold = [aPosition({ side: "sell" })];

  test("when the strength is back", () => {
    expect(decide({ bars: RISEN, positions: bought })).toMatchObject({ kind: "exit", positionId: "p1" });
    expect(decide({ bars: FALLEN, positions: sold })).toMatchObject({ kind: "exit", positionId: "p1" });
  });

  test("not before", () => {
    expect(decide({ bars: FALLEN, positions: bought }).kind).toBe("hold");
    expect(decide({ bars: RISEN, positions: sold }).kind).toBe("hold");
  });

  test("when the sentiment turns hard against it, but not when nobody can say", () => {
    expect(decide({ bars: FALLEN, positions: bought, score: -0.5 }).kind).toBe("exit");
    expect(decide({ bars: FALLEN, positions: bought, score: -0.49 }).kind).toBe("hold");
    const more = { sentiment: sentiment(-1, true) };
    expect(decide({ bars: FALLEN, positions: bought, more }).kind).toBe("hold");
  });
});

test("is warm only after as many bars as it says", () => {
  const given = rsiSentiment.parameters.parse({});
  const needed = rsiSentiment.warmup(given);
  const bars = barsOf(Array.from({ length: needed }, (_, index) => 100 + (index % 3)));

  expect(needed).toBe(71);
  expect(runOf(rsiSentiment, bars.slice(1)).isWarm()).toBe(false);
  expect(runOf(rsiSentiment, bars).isWarm()).toBe(true);
});

test.each([
  { rsiPeriod: 1 },
  { oversold: 60 },
  { stopPercent: 0 },
  { takeProfitRatio: -1 },
  { sides: "long" },
  { surprise: 1 },
  { exitRsi: 41, oversold: 40 },
])("%j is refused", (parameters) => {
  expect(rsiSentiment.parameters.safeParse(parameters).success).toBe(false);
});
