/** What a bot does that trades by the day's list, with and without one. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { aLot, openTickHouse, TEN, type TickHouse } from "../../../tests/support/tick-house.ts";
import { createBarBook } from "./bar-book.ts";
import { createStrategyRuns } from "./strategy-runs.ts";

let house: TickHouse;
beforeEach(async () => {
  house = await openTickHouse();
});
afterEach(() => house.close());

/** One tick of a strategy that needs the list. */
async function tick(list: readonly string[] | undefined) {
  const { store, clock, timers } = house;
  const strategyOf = async () => ({ ...(await house.strategyOf()), needs: ["watchlist" as const] });
  const run = house.start({
    over: {
      runs: createStrategyRuns({ bars: createBarBook({ store, clock, timers }), strategyOf }),
      watchlistOf: async () => list,
    },
  });
  const ran = await run({ bot: house.bot.id, instant: TEN });
  if (ran.kind !== "ran") throw new Error(`It was ${ran.kind}.`);
  return ran.record;
}

test("without a list of today nothing is asked of the strategy, and the reason is told", async () => {
  house.script.answer = () => {
    throw new Error("It was asked.");
  };

  expect(await tick(undefined)).toMatchObject({ reason: "NO_WATCHLIST", orders: [] });
});

test("without a list of today what is held can be left all the same", async () => {
  await house.lots([aLot()]);
  house.script.answer = ({ watchlist, positions }) =>
    watchlist === undefined && positions.length === 1
      ? { kind: "exit", positionId: "p1", why: "the session ends" }
      : { kind: "hold", why: "not so" };

  expect(await tick(undefined)).toMatchObject({ reason: "ORDER_PROPOSED" });
  expect(await house.orders()).toMatchObject([{ ticket: { closes: "p1", side: "sell" } }]);
});

test("what another bot holds is no reason to go on without a list", async () => {
  await house.lots([aLot({ bot: "other" })]);

  expect(await tick(undefined)).toMatchObject({ reason: "NO_WATCHLIST" });
});

test("the strategy sees the list", async () => {
  house.script.answer = ({ watchlist }) => ({ kind: "hold", why: `it is ${watchlist?.join(" and ")}` });

  expect(await tick(["XAUUSD", "EURUSD"])).toMatchObject({
    text: expect.stringContaining("XAUUSD and EURUSD"),
  });
});

test("an instrument that the list leaves out is told as such, unless the bot holds it", async () => {
  house.script.answer = { kind: "hold", why: "it stands still" };

  expect(await tick(["EURUSD"])).toMatchObject({ reason: "NOT_ON_WATCHLIST" });
});

test("what the list leaves out and the bot holds is looked at like any other", async () => {
  house.script.answer = { kind: "hold", why: "it stands still" };
  await house.lots([aLot()]);

  expect(await tick(["EURUSD"])).toMatchObject({ reason: "NO_SIGNAL", text: "it stands still" });
});
