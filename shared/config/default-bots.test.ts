import { expect, test } from "vitest";
import { premarketMomentum } from "../strategies/premarket-momentum.ts";
import { barsOf, contextAt, endOf, runOf } from "../strategies/testing/bars.ts";
import { trendBreakout } from "../strategies/trend-breakout.ts";
import { DEFAULT_ACCOUNTS, DEFAULT_BOTS } from "./default-bots.ts";

function botWith(strategy: string) {
  const bot = DEFAULT_BOTS.find((one) => one.strategy === strategy);
  const account = DEFAULT_ACCOUNTS.find((one) => one.connection === bot?.connection);
  return { parameters: bot?.parameters ?? {}, worst: account?.paper?.slippagePercent[1] ?? Number.NaN };
}

test("the stop of momentum is at least twice the worst slippage of a way in and out", () => {
  const { parameters, worst } = botWith("premarket-momentum");

  expect(premarketMomentum.parameters.parse(parameters).leastStopPercent).toBeGreaterThanOrEqual(4 * worst);
});

test("gold's stop is beyond a way in and out on a quiet day, on which a bar reaches no further than 0.06 %", () => {
  const { parameters, worst } = botWith("trend-breakout");
  const quiet = Array.from({ length: 130 }, (_, index) => 2_700 + index * 0.01);
  const bars = barsOf([...quiet, 2_703], { minutes: 15, reach: 0.7 });

  const signal = runOf(trendBreakout, bars, parameters).decide(contextAt(endOf(bars, 15), 2_703));

  expect(signal).toMatchObject({ kind: "enter", side: "buy" });
  expect(signal.kind === "enter" ? (signal.stopDistance / 2_703) * 100 : 0).toBeGreaterThan(2 * worst);
});
