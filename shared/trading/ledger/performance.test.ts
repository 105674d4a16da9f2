import { join } from "node:path";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { AccountId } from "../../config/account.ts";
import { createSqliteStore } from "../../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../platform/local/temporary-folder.ts";
import type { OrderRecord } from "../records.ts";
import { marketSlippageOf, performanceBy, performanceOf, readTrades, slippageOf } from "./performance.ts";
import { type Trade, trades } from "./records.ts";

const ACCOUNT = "paper-ctrader-demo" as AccountId;
const START = Temporal.Instant.from("2026-11-23T15:00:00Z");
const d = (value: string | number) => new Decimal(value);
let count = 0;

function aTrade(net: number, over: Partial<Trade> = {}): Trade {
  count += 1;
  return {
    account: ACCOUNT,
    bot: "gold",
    positionId: "p1",
    instrument: "GOLD",
    side: "buy",
    quantity: d(1),
    entryPrice: d(100),
    exitPrice: d(100),
    openedAt: START,
    closedAt: START.add({ seconds: count }),
    profit: d(net),
    fees: d(0),
    swap: d(0),
    net: d(net),
    brokerFillId: `f${count}`,
    ...over,
  };
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test("a handful of trades is judged by its net, in the order of closing", () => {
  const all = [30, -10, -25, 40, -5, 0].map((net) => aTrade(net));

  expect(plain(performanceOf(all.toReversed()))).toEqual({
    trades: 6,
    wins: 2,
    losses: 3,
    winRate: "33.3333333333",
    net: "30",
    profitFactor: "1.75",
    averageWin: "35",
    averageLoss: "-13.3333333333",
    expectancy: "5",
    maxDrawdown: "35",
  });
});

test("a first loss is a fall from nothing", () => {
  expect(performanceOf([aTrade(-7), aTrade(3)]).maxDrawdown.toString()).toBe("7");
});

test("what no trade tells is not there, and nothing is divided by nothing", () => {
  expect(plain(performanceOf([]))).toEqual({ trades: 0, wins: 0, losses: 0, net: "0", maxDrawdown: "0" });
  expect(performanceOf([aTrade(5)])).not.toHaveProperty("profitFactor");
});

test("groups are judged apart, and what has no name is left out", () => {
  const all = [
    aTrade(5),
    aTrade(-2, { bot: "oil" }),
    aTrade(9, { bot: undefined } as Partial<Trade>),
    aTrade(1),
  ];

  const found = performanceBy(all, (trade) => trade.bot);

  expect([...found].map(([bot, { net }]) => [bot, net.toString()])).toEqual([
    ["gold", "6"],
    ["oil", "-2"],
  ]);
});

test.each([
  ["buy", { stopPrice: d(100) }, "0.5"],
  ["sell", { stopPrice: d(100) }, "-0.5"],
  ["buy", { limitPrice: d(200) }, "-49.75"],
] as const)(
  "a %s of %j that fills at 100.5 slips by its share of the asked price",
  (side, asked, percent) => {
    const ticket = {
      instrument: "GOLD",
      side,
      type: "stop",
      quantity: d(3),
      timeInForce: "gtc",
      ...asked,
    } as const;
    const parts = [
      { quantity: d(1), price: d(100) },
      { quantity: d(1), price: d(101) },
    ];

    expect(slippageOf({ ticket }, parts)?.toString()).toBe(percent);
  },
);

test("a market order's slippage is measured by what was quoted, and comes with its fills", () => {
  const ticket = {
    ...{ instrument: "GOLD", side: "sell", type: "market", quantity: d(3), timeInForce: "ioc" },
  } as const;
  const order = { ticket, filledQuantity: d(2), quotedPrice: d(100), filledWorth: d(199) } as OrderRecord;

  expect(marketSlippageOf(order)?.toString()).toBe("0.5");
  expect(marketSlippageOf({ ...order, filledQuantity: d(0), filledWorth: d(0) })).toBeUndefined();
});

test("a market order of which no quote is known, and one without a fill, tells no slippage", () => {
  const ticket = {
    instrument: "GOLD",
    side: "buy",
    type: "market",
    quantity: d(3),
    timeInForce: "ioc",
  } as const;

  expect(slippageOf({ ticket }, [{ quantity: d(1), price: d(100) }])).toBeUndefined();
  expect(slippageOf({ ticket: { ...ticket, type: "stop", stopPrice: d(1) } }, [])).toBeUndefined();
});

test("trades are read page by page, the newest so many, the oldest first", async () => {
  const folder = makeTemporaryFolder();
  const store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
  const all = Array.from({ length: 2_300 }, (_, n) => aTrade(n, n % 2 === 0 ? {} : { bot: "oil" }));
  await store.transact(async (transaction) => {
    for (const trade of all) transaction.set(trades, `${ACCOUNT}:${trade.brokerFillId}`, trade);
  });
  const nets = async (selection: Parameters<typeof readTrades>[1]) =>
    (await readTrades(store, selection)).map(({ net }) => net.toNumber());

  expect(await nets({ account: ACCOUNT })).toEqual(all.map(({ net }) => net.toNumber()));
  expect(await nets({ account: ACCOUNT, most: 1_500 })).toEqual(
    all.slice(800).map(({ net }) => net.toNumber()),
  );
  expect(await nets({ account: ACCOUNT, bot: "oil", most: 3 })).toEqual([2295, 2297, 2299]);
  expect(await nets({ account: "etrade-sandbox" as AccountId })).toEqual([]);
  await store.close();
  folder.remove();
});
