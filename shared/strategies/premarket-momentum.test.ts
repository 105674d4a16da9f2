import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { premarketMomentum } from "./premarket-momentum.ts";
import type { Bar, HeldPosition, PastTrade, Signal, StrategyContext } from "./strategy.ts";
import { aPosition, contextAt, runOf, START } from "./testing/bars.ts";

const OPEN = START;
const SESSION = { open: OPEN, close: OPEN.add({ hours: 6, minutes: 30 }) };

/** Bars of a minute from the open on: fifteen between 99 and 101, then these closes with this volume. */
function morning(after: readonly number[], { volume = 1_000, from = 0 } = {}): readonly Bar[] {
  const range = Array.from({ length: 15 }, (_, index) => ({
    close: index % 2 === 0 ? 100.5 : 99.5,
    volume: 100,
  }));
  return [...range, ...after.map((close) => ({ close, volume }))]
    .map((bar, index) => ({
      ...bar,
      openAt: OPEN.add({ minutes: index }),
      open: bar.close,
      high: bar.close + 0.5,
      low: bar.close - 0.5,
    }))
    .slice(from);
}

interface Asked {
  readonly bars: readonly Bar[];
  readonly at?: Temporal.Instant;
  readonly price?: number;
  readonly parameters?: object;
  readonly positions?: readonly HeldPosition[];
  readonly more?: Partial<StrategyContext>;
}

function decide({ bars, at, price, parameters = {}, positions = [], more = {} }: Asked): Signal {
  const run = runOf(premarketMomentum, bars, parameters);
  const now = at ?? (bars.at(-1)?.openAt ?? OPEN).add({ minutes: 1 });
  const context = contextAt(now, price ?? bars.at(-1)?.close ?? 100, {
    ...{ watchlist: ["X"], session: SESSION, positions },
    ...more,
  });
  return run.decide(context);
}

describe("entering", () => {
  test("buys a close above the opening range with volume", () => {
    expect(decide({ bars: morning([101.2]) })).toMatchObject({ kind: "enter", side: "buy" });
  });

  test("sells a close below it only where that is allowed", () => {
    expect(decide({ bars: morning([98.8]), parameters: { sides: "both" } })).toMatchObject({ side: "sell" });
    expect(decide({ bars: morning([98.8]) }).why).toContain("only");
  });

  test("at the range's edge it is still inside", () => {
    expect(decide({ bars: morning([101]) }).why).toContain("inside");
  });

  test.each([
    [79, "too little volume"],
    [80, "with volume"],
  ])("with %i units in a bar, where the range had 100: %s", (volume, why) => {
    expect(decide({ bars: morning([101.2], { volume }) }).why).toContain(why);
  });

  test("trades only what is on the day's list, and nothing where there is no list", () => {
    const bars = morning([101.2]);

    expect(decide({ bars, more: { watchlist: ["Y"] } }).why).toContain("not on today's watchlist");
    expect(decide({ bars, more: { watchlist: [] } }).kind).toBe("hold");
    const { watchlist: _, ...without } = contextAt(OPEN.add({ minutes: 16 }), 101.2, { session: SESSION });
    expect(runOf(premarketMomentum, bars).decide(without).why).toContain("no watchlist");
  });

  test("waits until the opening range is over", () => {
    const bars = morning([]).slice(0, 10);

    expect(decide({ bars, price: 105 }).why).toContain("not over");
  });

  test("a range whose beginning was not seen is no range", () => {
    expect(decide({ bars: morning([101.2], { from: 3 }) }).why).toContain("not seen whole");
    expect(decide({ bars: morning([101.2], { from: 2 }) }).kind).toBe("enter");
  });

  test.each([
    ["two bars in a row are missing in it", [4, 5], "enter"],
    ["three are missing: what nobody saw may have been its edge", [4, 5, 6], "hold"],
    ["its last three are missing", [12, 13, 14], "hold"],
  ])("the range where %s", (_, missing, kind) => {
    const bars = morning([101.2]).filter((_bar, index) => !missing.includes(index));

    expect(decide({ bars }).kind).toBe(kind);
  });

  test("a range of longer bars is seen by fewer of them", () => {
    const bars = morning([101.2]).filter((_bar, index) => index % 5 === 0);

    expect(decide({ bars }).kind).toBe("enter");
  });

  test("the range of another day is none of today's", () => {
    const yesterday = morning([101.2]).map((bar) => ({ ...bar, openAt: bar.openAt.subtract({ hours: 24 }) }));

    expect(decide({ bars: yesterday, at: OPEN.add({ minutes: 16 }) }).why).toContain("not seen whole");
  });

  test("a bar that begins only after now is not looked at", () => {
    const now = OPEN.add({ minutes: 16 });
    const inside = decide({ bars: morning([100, 105]), at: now });

    expect(inside).toEqual(decide({ bars: morning([100]), at: now, price: 105 }));
    expect(inside.why).toContain("inside");
  });

  test("enters in the first part of the session only, and not shortly before its end", () => {
    const bars = morning([101.2]);
    const half = { session: { open: OPEN, close: OPEN.add({ minutes: 60 }) } };

    expect(decide({ bars, at: OPEN.add({ minutes: 89 }) }).kind).toBe("enter");
    expect(decide({ bars, at: OPEN.add({ minutes: 90 }) }).why).toContain("too late");
    expect(decide({ bars, at: OPEN.add({ minutes: 50 }), more: half }).why).toContain("about to end");
  });

  describe("on a day on which it has lost in the instrument", () => {
    const trade = (positionId: string, from: number, to: number, net: number): PastTrade => ({
      ...{ positionId, side: "buy", net },
      openedAt: OPEN.add({ minutes: from }),
      closedAt: OPEN.add({ minutes: to }),
    });
    const kindAfter = (trades: readonly PastTrade[], parameters: object = {}) =>
      decide({ bars: morning([101.2]), parameters, more: { trades } }).kind;
    const loss = trade("p1", 1, 5, -40);

    test("it enters once more, and then no more", () => {
      expect(kindAfter([])).toBe("enter");
      expect(kindAfter([loss])).toBe("enter");
      expect(kindAfter([loss, trade("p2", 5, 9, -40)])).toBe("hold");
    });

    test("one that won behind the loss counts, and one before it does not", () => {
      expect(kindAfter([loss, trade("p2", 6, 9, 40)])).toBe("hold");
      expect(kindAfter([trade("p0", 0, 1, 40), loss])).toBe("enter");
    });

    test("the parts of one position are one", () => {
      const parts = [trade("p2", 6, 8, -10), trade("p2", 6, 9, -30)];

      expect(kindAfter(parts)).toBe("enter");
      expect(kindAfter([loss, ...parts], { entriesAfterLoss: 2 })).toBe("enter");
      expect(kindAfter([loss, ...parts, trade("p3", 9, 10, 1)], { entriesAfterLoss: 2 })).toBe("hold");
    });

    test("with 0 the first loss ends its day there, and a gain never does", () => {
      expect(kindAfter([loss], { entriesAfterLoss: 0 })).toBe("hold");
      expect(kindAfter([trade("p1", 1, 5, 40)], { entriesAfterLoss: 0 })).toBe("enter");
    });
  });

  test("does not run after a price that is far from the range already", () => {
    expect(decide({ bars: morning([101.2]), price: 102.1 }).why).toContain("too far");
    expect(decide({ bars: morning([101.2]), price: 102 }).kind).toBe("enter");
  });

  test.each([
    [{ stopPercent: 10 }, 101.2 - 99],
    [{ stopPercent: 1 }, 1.012],
  ])("the stop is at the range's other side, at most its percentage (%j)", (parameters, distance) => {
    const signal = decide({ bars: morning([101.2]), parameters });

    expect(signal.kind === "enter" && signal.stopDistance).toBeCloseTo(distance, 10);
    expect(signal.kind === "enter" && signal.takeProfitDistance).toBeCloseTo(distance * 2, 10);
  });

  test("outside of a session there is nothing to enter", () => {
    const bars = morning([101.2]);

    expect(decide({ bars, at: OPEN.subtract({ seconds: 1 }) }).why).toContain("No session");
    expect(decide({ bars, at: SESSION.close }).why).toContain("No session");
  });
});

describe("leaving", () => {
  const positions = [aPosition({ openedAt: OPEN.add({ minutes: 16 }) })];
  const bars = morning([101.2, 101.3]);

  test("ten minutes before the close, and not a second earlier", () => {
    const last = SESSION.close.subtract({ minutes: 10 });

    expect(decide({ bars, positions, at: last })).toMatchObject({ kind: "exit", positionId: "p1" });
    expect(decide({ bars, positions, at: last.subtract({ seconds: 1 }) }).kind).toBe("hold");
  });

  test("earlier on a half day, as its session ends earlier", () => {
    const close = Temporal.Instant.from("2026-03-10T17:00:00Z");
    const at = close.subtract({ minutes: 9 });

    expect(decide({ bars, positions, at, more: { session: { open: OPEN, close } } }).kind).toBe("exit");
    expect(decide({ bars, positions, at }).kind).toBe("hold");
  });

  test("at once what is from an earlier session, and whatever is held while none is under way", () => {
    const old = [aPosition({ openedAt: OPEN.subtract({ hours: 18 }) })];

    expect(decide({ bars, positions: old })).toMatchObject({ kind: "exit" });
    expect(decide({ bars, positions, at: SESSION.close }).kind).toBe("exit");
    const { session: _, ...without } = contextAt(OPEN.add({ minutes: 20 }), 101, { positions });
    expect(runOf(premarketMomentum, bars).decide(without).kind).toBe("exit");
  });

  test("in time also when nothing at all was seen, as after a restart", () => {
    const run = runOf(premarketMomentum, []);

    expect(run.isWarm()).toBe(true);
    expect(decide({ bars: [], positions, at: SESSION.close.subtract({ minutes: 5 }) }).kind).toBe("exit");
  });

  test("when the price has come back through the middle of its range, and not before", () => {
    expect(decide({ bars: morning([101.2, 99.9]), positions })).toMatchObject({ kind: "exit" });
    expect(decide({ bars: morning([101.2, 100.1]), positions }).kind).toBe("hold");
  });

  test("also what is no longer on the list", () => {
    const at = SESSION.close.subtract({ minutes: 1 });

    expect(decide({ bars, positions, at, more: { watchlist: [] } }).kind).toBe("exit");
  });
});

test("remembers a day and not the week", () => {
  const run = runOf(premarketMomentum, []);
  for (let minute = 0; minute < 60 * 24 * 4; minute += 10) {
    const openAt = OPEN.subtract({ hours: 96 }).add({ minutes: minute });
    run.bar({ openAt, open: 500, high: 500, low: 1, close: 500, volume: 1 });
  }
  for (const bar of morning([101.2])) run.bar(bar);

  const now = OPEN.add({ minutes: 16 });
  expect(run.decide(contextAt(now, 101.2, { watchlist: ["X"], session: SESSION })).kind).toBe("enter");
});

test.each([
  { rangeMinutes: 0 },
  { rangeMinutes: 90 },
  { leastStopPercent: 2 },
  { scan: { most: 0 } },
  { scan: { from: "9:00" } },
  { scan: { from: "09:26" } },
  { surprise: 1 },
])("%j is refused", (parameters) => {
  expect(premarketMomentum.parameters.safeParse(parameters).success).toBe(false);
});
