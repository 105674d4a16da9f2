import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { MarketQuote } from "../market-feed.ts";
import { feedPrices } from "./feed-prices.ts";

const at = Temporal.Instant.from("2026-11-23T15:00:00Z");
const gold: MarketQuote = { symbol: "XAUUSD", bid: new Decimal(2650), ask: new Decimal("2650.2"), at };
const palm: MarketQuote = { symbol: "PALMOIL", bid: new Decimal(1020), at };

function setUp() {
  const timers = createVirtualTimers();
  const told: string[] = [];
  let quotes: readonly MarketQuote[] = [gold, palm];
  const prices = feedPrices(timers, { quotes: () => quotes });
  function quote(now: readonly MarketQuote[]): void {
    quotes = now;
  }
  return { timers, told, prices, quote };
}

test("the latest price is the feed's, and one without both sides is none", () => {
  const { prices } = setUp();

  expect(prices.latest("XAUUSD")).toEqual({ instrument: "XAUUSD", bid: gold.bid, ask: gold.ask, at });
  expect(prices.latest("PALMOIL")).toBeUndefined();
  expect(prices.latest("SILVER")).toBeUndefined();
});

test("who listens is told five times a second, also of a price that stands", async () => {
  const { timers, prices, told } = setUp();
  prices.onQuote(({ instrument, bid }) => told.push(`${instrument} ${bid.toFixed()}`));

  await timers.advance(1_000);

  expect(told).toEqual(Array.from({ length: 5 }, () => "XAUUSD 2650"));
});

test("a look in between tells at once and moves the next one", async () => {
  const { timers, prices, told, quote } = setUp();
  prices.onQuote(({ bid }) => told.push(bid.toFixed()));
  await timers.advance(150);

  quote([{ ...gold, bid: new Decimal(2640) }]);
  prices.observe();
  await timers.advance(150);

  expect(told).toEqual(["2640"]);
});

test("nobody is told who has gone, and nothing after the end", async () => {
  const { timers, prices, told } = setUp();
  const leave = prices.onQuote(() => told.push("left"));
  leave();
  await timers.advance(1_000);
  prices.onQuote(() => told.push("closed"));
  prices.close();
  prices.observe();

  await timers.advance(1_000);

  expect(told).toEqual([]);
});
