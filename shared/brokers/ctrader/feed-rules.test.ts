import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { ConnectionId } from "../../config/connection.ts";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import { succeed } from "../../platform/result.ts";
import { type FeedRulesParts, openFeedRules } from "./feed-rules.ts";
import type { KnownSymbol } from "./symbols.ts";

/** Traded on Mondays from 00:00 to 12:00, UTC. */
const SYMBOL: KnownSymbol = {
  light: { symbolId: 1, symbolName: "EURUSD" },
  rules: {
    ...{ symbolId: 1, digits: 5, pipPosition: 4, holiday: [], scheduleTimeZone: "UTC" },
    schedule: [{ startSecond: 86_400, endSecond: 86_400 + 43_200 }],
  },
  baseAsset: "EUR",
  quoteAsset: "USD",
};

function aFeed() {
  const timers = createVirtualTimers();
  const state = { now: Temporal.Instant.from("2026-03-09T11:59:59Z"), symbol: SYMBOL, phase: "ready" };
  const asked: string[] = [];
  const parts = {
    session: {
      quotes: { get: () => undefined },
      state: () => ({ phase: state.phase }),
      symbols: {
        byId: () => state.symbol,
        async byName(name: string) {
          asked.push(name);
          return succeed(state.symbol);
        },
      },
    },
    connection: "ctrader-demo" as ConnectionId,
    clock: { now: () => state.now },
    timers,
  } as unknown as FeedRulesParts;
  const rules = openFeedRules(parts, new Map([[1, "EURUSD"]]));
  return { timers, state, asked, rules, isTradable: () => rules()[0]?.isTradable };
}

test("a market that closes is told to be closed when the product's clock says so, also where it jumps", () => {
  const { state, isTradable } = aFeed();
  const before = isTradable();

  state.now = state.now.add({ seconds: 1 });

  expect([before, isTradable()]).toEqual([true, false]);
});

test("rules that have changed are read again within a second, and made no more often", async () => {
  const { timers, state, asked, rules, isTradable } = aFeed();
  expect(rules()).toBe(rules());
  expect(asked).toEqual(["EURUSD"]);

  state.symbol = { ...SYMBOL, rules: { ...SYMBOL.rules, tradingMode: "CLOSE_ONLY_MODE" } };
  await timers.advance(1_000);

  expect(isTradable()).toBe(false);
  expect(asked).toEqual(["EURUSD", "EURUSD"]);
});

test("nothing is asked of a session that is not ready, and what is known is told", () => {
  const { state, asked, isTradable } = aFeed();
  state.phase = "connecting";

  expect(isTradable()).toBe(true);
  expect(asked).toEqual([]);
});
