import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Bar, Strategy, StrategyContext, StrategyRun } from "./strategy.ts";
import { createTimeLimit, limited } from "./time-limit.ts";

const LIMIT_MS = 20;
const BAR: Bar = {
  openAt: Temporal.Instant.from("2026-11-23T15:00:00Z"),
  ...{ open: 1, high: 1, low: 1, close: 1, volume: 1 },
};
const CONTEXT = { instrument: "XAUUSD" } as StrategyContext;
const forEver = (): never => {
  for (;;);
};

function aStrategy(run: Partial<StrategyRun>): Strategy {
  const hold = { kind: "hold", why: "never" } as const;
  return {
    ...{ name: "mine", summary: "Mine.", needs: [], parameters: z.unknown() },
    warmup: () => 1,
    start: () => ({ bar: () => {}, isWarm: () => true, decide: () => hold, ...run }),
  };
}

const TOO_LONG = "it did not come to an end within 0.02 s";

test.each<[string, Partial<StrategyRun>, (run: StrategyRun) => unknown]>([
  ["an answer", { decide: forEver }, (run) => run.decide(CONTEXT)],
  ["the question whether it is warm", { isWarm: forEver }, (run) => run.isWarm()],
  ["a bar", { bar: forEver }, (run) => [run.bar(BAR), run.isWarm()]],
])("%s that never comes is a failure", (_, parts, ask) => {
  const run = limited(aStrategy(parts), createTimeLimit(LIMIT_MS)).start({});

  expect(() => ask(run)).toThrow(TOO_LONG);
});

test("a beginning that never comes is a failure", () => {
  const strategy = { ...aStrategy({}), start: forEver };

  expect(() => limited(strategy, createTimeLimit(LIMIT_MS)).start({})).toThrow(TOO_LONG);
});

test("one that had to be stopped three times is not asked again", () => {
  let asked = 0;
  const decide = () => {
    asked += 1;
    return forEver();
  };
  const run = limited(aStrategy({ decide }), createTimeLimit(LIMIT_MS)).start({});

  for (let time = 0; time < 3; time += 1) expect(() => run.decide(CONTEXT)).toThrow(TOO_LONG);
  expect(() => run.decide(CONTEXT)).toThrow("it was stopped 3 times");
  expect(asked).toBe(3);
});

test("what comes in time is the strategy's own, every bar before it in its order, and what it throws too", () => {
  const seen: number[] = [];
  const parts: Partial<StrategyRun> = {
    bar: ({ close }) => void seen.push(close),
    decide: ({ instrument }) => {
      if (instrument === "none") throw new RangeError("no such thing");
      return { kind: "hold", why: `after ${seen.join(" ")}` };
    },
  };
  const run = limited(aStrategy(parts)).start({});
  for (const close of [1, 2, 3]) run.bar({ ...BAR, close });

  expect(run.isWarm()).toBe(true);
  expect(run.decide(CONTEXT)).toEqual({ kind: "hold", why: "after 1 2 3" });
  expect(() => run.decide({ ...CONTEXT, instrument: "none" })).toThrow(RangeError);
});
