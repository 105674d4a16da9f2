import { afterEach, beforeEach, expect, test } from "vitest";
import { CONNECTION, GOLD, openTickHouse, TEN, type TickHouse } from "../../../tests/support/tick-house.ts";
import { createMarketData, type MarketData } from "./market-data.ts";
import { createRecentReads } from "./recent-reads.ts";

let house: TickHouse;
let reads: number;
let market: MarketData;
beforeEach(async () => {
  house = await openTickHouse();
  reads = 0;
  const store: Parameters<typeof createRecentReads>[0]["store"] = {
    get(collection, id) {
      reads += 1;
      return house.store.get(collection, id);
    },
  };
  market = createMarketData(createRecentReads({ ...house, store }));
});
afterEach(() => house.close());

test("a thousand bots read one connection's prices once", async () => {
  const views = await Promise.all(Array.from({ length: 1_000 }, () => market.view(CONNECTION)));

  expect(reads).toBe(1);
  expect(String(views[999]?.quote(GOLD)?.ask)).toBe("2400.4");
});

test.each([
  ["a second of the machine", () => house.timers.advance(1_000)],
  ["a second of the clock", () => house.clock.advanceTo(TEN.add({ seconds: 1 }))],
])("what was read is read again after %s", async (_, pass) => {
  await market.view(CONNECTION);
  await house.quote({ [GOLD]: [2_401, 2_402] });
  expect(String((await market.view(CONNECTION)).quote(GOLD)?.bid)).toBe("2400");

  await pass();

  expect(String((await market.view(CONNECTION)).quote(GOLD)?.bid)).toBe("2401");
});

test("a read that failed is tried again at once", async () => {
  let isAway = true as boolean;
  const failing: Parameters<typeof createRecentReads>[0]["store"] = {
    async get(collection, id) {
      if (isAway) throw new Error("the store is away");
      return house.store.get(collection, id);
    },
  };
  const own = createMarketData(createRecentReads({ ...house, store: failing }));
  await expect(own.view(CONNECTION)).rejects.toThrow("away");
  isAway = false;

  expect((await own.view(CONNECTION)).quote(GOLD)).toBeDefined();
});

test("money is reckoned by the middle of a pair, in either direction, or not at all", async () => {
  await house.quote({ EURUSD: [1.1, 1.3], USDMYR: [4, 5] });
  const view = await market.view(CONNECTION);

  const rates = [
    view.rate("USD", "USD"),
    view.rate("EUR", "USD"),
    view.rate("MYR", "USD")?.toDecimalPlaces(4),
    view.rate("EUR", "MYR"),
  ];
  expect(rates.map((rate) => rate?.toFixed())).toEqual(["1", "1.2", "0.2222", undefined]);
});

test("a price with one side is none, and a connection without prices has none", async () => {
  expect((await market.view("etrade-production" as typeof CONNECTION)).quote(GOLD)).toBeUndefined();
  expect((await market.view(CONNECTION)).quote("EURUSD")).toBeUndefined();
});
