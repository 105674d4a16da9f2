import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { beforeEach, expect, test } from "vitest";
import type { Fill } from "../../brokers/trading-broker.ts";
import type { AccountId } from "../../config/account.ts";
import type { OrderRecord, StoredTicket } from "../records.ts";
import { type Books, foldFill, newPositionBook } from "./fold-fill.ts";
import { newAccountLedger } from "./periods.ts";
import type { PositionBook } from "./position-book.ts";
import type { Lot, Trade } from "./records.ts";

const ACCOUNT = "ctrader-demo" as AccountId;
const T0 = Temporal.Instant.from("2026-11-23T15:00:00Z");
const d = (text: string | number) => new Decimal(text);

let books: Omit<Books, "position">;
let positions: Map<string, PositionBook>;
let trades: Map<string, Trade>;
let count: number;

beforeEach(() => {
  books = { account: newAccountLedger(ACCOUNT, T0), bots: new Map() };
  positions = new Map();
  trades = new Map();
  count = 0;
});

function aFill(over: Partial<Fill> = {}): Fill {
  count += 1;
  return {
    id: `f${count}`,
    brokerOrderId: `o${count}`,
    positionId: "p1",
    instrument: "GOLD",
    side: "buy",
    quantity: d(10),
    price: d(100),
    commission: d(0),
    at: T0.add({ seconds: count }),
    ...over,
  };
}

const figures = (grossProfit: string, commission: string, swap = "0") => ({
  grossProfit: d(grossProfit),
  swap: d(swap),
  commission: d(commission),
  balanceAfter: d(0),
});

const order = (bot: string, ticket: Partial<StoredTicket> = {}): OrderRecord => ({
  connection: ACCOUNT,
  clientOrderId: `${bot}1`,
  source: bot,
  bot,
  ticket: {
    instrument: "GOLD",
    side: "buy",
    type: "market",
    quantity: d(10),
    timeInForce: "ioc",
    ...ticket,
  },
  state: "accepted",
  isDue: false,
  createdAt: T0,
  sendBy: T0,
  changedAt: T0,
  filledQuantity: d(0),
});

function tell(
  fill: Fill,
  of?: OrderRecord,
  options: {
    now?: Temporal.Instant;
    isKnown?: boolean;
    unrealisedOf?: (lots: readonly Lot[]) => Decimal | undefined;
  } = {},
): void {
  const position = positions.get(fill.positionId) ?? newPositionBook(ACCOUNT, fill);
  const folded = foldFill({ ...books, position }, fill, of, { now: T0, ...options });
  books = { account: folded.account, bots: folded.bots };
  positions.set(fill.positionId, folded.position);
  for (const [id, trade] of folded.trades) {
    if (trade === undefined) trades.delete(id);
    else trades.set(id, trade);
  }
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
const lots = () => books.account.lots.map(plain);
const only = (bot: string) => plain(books.bots.get(bot)?.total);

test("an opening makes a lot of its bot with its order, its fees and where its stop is to rest", () => {
  tell(aFill({ commission: d("-0.5") }), order("gold", { stopLoss: { distance: d(2) } }));

  expect(lots()).toEqual([
    {
      positionId: "p1",
      instrument: "GOLD",
      side: "buy",
      quantity: "10",
      price: "100",
      fees: "-0.5",
      openedAt: "2026-11-23T15:00:01Z",
      bot: "gold",
      clientOrderId: "gold1",
      stopLoss: "98",
    },
  ]);
  expect(only("gold")).toMatchObject({ fees: "-0.5", realised: "0", trades: 0 });
  expect(trades.size).toBe(0);
});

test("a short's stop lies above its price, and a stop given as a price is that price", () => {
  tell(aFill({ side: "sell" }), order("gold", { side: "sell", stopLoss: { distance: d(2) } }));
  tell(aFill({ positionId: "p2" }), order("oil", { stopLoss: { price: d("99.5") } }));

  expect(lots().map((lot) => lot.stopLoss)).toEqual(["102", "99.5"]);
});

test("a second opening moves the average price and keeps the first instant", () => {
  tell(aFill(), order("gold"));
  tell(aFill({ quantity: d(5), price: d(103) }), order("gold"));

  expect(lots()).toMatchObject([{ quantity: "15", price: "101", openedAt: "2026-11-23T15:00:01Z" }]);
});

test("a partial close brings a trade by prices, with its part of the fees of the way in", () => {
  tell(aFill({ commission: d(-1) }), order("gold"));
  tell(
    aFill({ side: "sell", quantity: d(4), price: d(105), commission: d("-0.3") }),
    order("gold", { side: "sell", closes: "p1" }),
  );

  expect([...trades.keys()]).toEqual(["ctrader-demo:f2"]);
  expect(plain(trades.get("ctrader-demo:f2"))).toEqual({
    account: "ctrader-demo",
    bot: "gold",
    positionId: "p1",
    instrument: "GOLD",
    side: "buy",
    quantity: "4",
    entryPrice: "100",
    exitPrice: "105",
    openedAt: "2026-11-23T15:00:01Z",
    closedAt: "2026-11-23T15:00:02Z",
    profit: "20",
    fees: "-0.7",
    swap: "0",
    net: "19.3",
    brokerFillId: "f2",
    clientOrderId: "gold1",
  });
  expect(lots()).toMatchObject([{ quantity: "6", price: "100", fees: "-0.6" }]);
  expect(only("gold")).toMatchObject({ realised: "20", fees: "-1.3", trades: 1, wins: 1 });
});

test("the broker's figures count where it tells them", () => {
  tell(aFill({ commission: d("-0.54") }), order("gold"));
  tell(aFill({ side: "sell", commission: d("-0.55"), closed: figures("-12.34", "-1.09", "-0.07") }));

  expect(plain([...trades.values()][0])).toMatchObject({ profit: "-12.34", fees: "-1.09", net: "-13.5" });
  expect(plain(books.account.total)).toMatchObject({
    realised: "-12.34",
    fees: "-1.09",
    swap: "-0.07",
    trades: 1,
    wins: 0,
  });
});

test("a stop that the broker filled closes the bot's lot and counts for that bot", () => {
  tell(aFill(), order("gold"));
  tell(aFill({ side: "sell", price: d(98), closed: figures("-20", "0") }));

  expect(lots()).toEqual([]);
  expect(only("gold")).toMatchObject({ realised: "-20", trades: 1 });
});

test("what was opened by hand belongs to nobody, and no bot's sums", () => {
  tell(aFill());
  tell(aFill({ side: "sell", price: d(90) }));

  expect(books.bots.size).toBe(0);
  expect(plain(books.account.total)).toMatchObject({ realised: "-100", trades: 1 });
});

test("a netted position turns over: what is left of the fill opens the other way", () => {
  tell(aFill({ positionId: "AAPL" }), order("one"));
  tell(
    aFill({ positionId: "AAPL", side: "sell", quantity: d(16), price: d(101), commission: d("-1.6") }),
    order("one"),
  );

  expect(lots()).toMatchObject([{ side: "sell", quantity: "6", price: "101", fees: "-0.6", bot: "one" }]);
  expect(plain([...trades.values()][0])).toMatchObject({ quantity: "10", profit: "10", fees: "-1" });
});

test("of a netted position a bot closes its own share first, then nobody's, then the oldest of others", () => {
  for (const bot of ["one", "two", undefined, "three"]) {
    tell(aFill({ positionId: "AAPL", quantity: d(10) }), bot === undefined ? undefined : order(bot));
  }

  tell(aFill({ positionId: "AAPL", side: "sell", quantity: d(33) }), order("two", { side: "sell" }));

  expect([...trades].map(([id, { bot, quantity }]) => [id, bot, quantity.toString()])).toEqual([
    ["ctrader-demo:f5", "two", "10"],
    ["ctrader-demo:f5:1", undefined, "10"],
    ["ctrader-demo:f5:2", "one", "10"],
    ["ctrader-demo:f5:3", "three", "3"],
  ]);
  expect(lots()).toMatchObject([{ bot: "three", quantity: "7" }]);
});

test("figures of a close that several share are divided, and the last has the rest", () => {
  for (const bot of ["one", "two", "three"]) tell(aFill({ positionId: "AAPL" }), order(bot));

  tell(aFill({ positionId: "AAPL", side: "sell", quantity: d(30), closed: figures("10", "-0.01") }));

  expect([...trades.values()].map(({ profit, fees }) => [profit.toString(), fees.toString()])).toEqual([
    ["3.3333333333", "-0.0033333333"],
    ["3.3333333333", "-0.0033333333"],
    ["3.3333333334", "-0.0033333334"],
  ]);
  expect(plain(books.account.total)).toMatchObject({ realised: "10", fees: "-0.01" });
});

test("a close of what was opened before anybody looked counts its money and opens nothing", () => {
  tell(aFill({ side: "sell", price: d(98), closed: { ...figures("-20", "-1"), entryPrice: d(100) } }));

  expect(lots()).toEqual([]);
  const [trade] = [...trades.values()];
  expect(plain(trade)).toMatchObject({ side: "buy", entryPrice: "100", net: "-21" });
  expect(trade).not.toHaveProperty("openedAt");
});

test.each([
  ["the broker's word", undefined, { closes: true as const }],
  ["its order", order("one", { closes: "AAPL" }), {}],
])("a close by %s without figures never opens", (_, of, over) => {
  tell(aFill({ positionId: "AAPL", side: "sell", ...over }), of);

  expect(lots()).toEqual([]);
  expect(plain(books.account.total)).toMatchObject({ realised: "0", trades: 1, wins: 0 });
});

test("the broker says how much of a fill closed, and the rest opens", () => {
  tell(aFill({ quantity: d(6) }), order("one"));
  tell(
    aFill({ side: "sell", closed: { ...figures("3", "-0.2"), quantity: d(6) }, commission: d("-0.5") }),
    order("one"),
  );

  expect(lots()).toMatchObject([{ side: "sell", quantity: "4", fees: "-0.2" }]);
});

test("an opening told after its close is put before it", () => {
  const open = aFill();
  const close = aFill({ side: "sell", price: d(101), closed: figures("10", "-0.4") });
  tell(close);
  tell(open, order("gold"));

  expect(lots()).toEqual([]);
  expect(plain([...trades.values()][0])).toMatchObject({ bot: "gold", entryPrice: "100" });
  expect(only("gold")).toMatchObject({ realised: "10", trades: 1, wins: 1 });
  expect(plain(books.account.total)).toMatchObject({ realised: "10", trades: 1 });
});

test("a fill whose owner is recognised later moves to it, with its money, once", () => {
  const open = aFill({ commission: d(-1) });
  tell(open);
  tell(aFill({ side: "sell", quantity: d(4), price: d(101) }));
  tell(open, order("gold"), { isKnown: true });
  tell(open, order("gold"), { isKnown: true });

  expect(lots()).toMatchObject([{ bot: "gold", quantity: "6", fees: "-0.6" }]);
  expect(only("gold")).toMatchObject({ realised: "4", fees: "-1", trades: 1 });
  expect(plain(books.account.total)).toMatchObject({ realised: "4", fees: "-1", trades: 1 });
  expect(books.account.edition).toBe(3);
});

test("a position of hundreds of fills keeps fifty, and comes out the same", () => {
  for (let n = 0; n < 120; n += 1) {
    tell(aFill({ quantity: d(2), price: d(100).plus(n), commission: d("-0.01") }), order("gold"));
    tell(aFill({ side: "sell", quantity: d(1), price: d(101).plus(n) }), order("gold", { closes: "p1" }));
  }
  const first = positions.get("p1");
  tell(aFill({ id: "f2", at: T0.add({ seconds: 2 }) }), order("gold"), { isKnown: true });

  expect(first?.legs).toHaveLength(50);
  expect(trades.size).toBe(120);
  expect(lots()).toMatchObject([{ quantity: "120" }]);
  const net = [...trades.values()].reduce((sum, trade) => sum.plus(trade.net), d(0));
  const { realised, fees } = books.account.total;
  expect(realised.plus(fees).toFixed()).toBe(net.plus(books.account.lots[0]?.fees ?? 0).toFixed());
  expect(positions.get("p1")).toBe(first);
});

test("a fill that was nobody's and lies in what was taken over from the broker is not counted again", () => {
  const open = aFill();
  tell(open);
  const { legs: _, ...book } = positions.get("p1") as PositionBook;
  const share = { side: "buy", quantity: d(10), cost: d(1000), fees: d(0), openedAt: T0 } as const;
  positions.set("p1", { ...book, carried: [share], legs: [] });

  tell(open, order("gold"), { isKnown: true });

  expect(lots()).toMatchObject([{ quantity: "10" }]);
  expect(books.bots.size).toBe(0);
});

test("a book is kept for thirty days after its position closed, and for ever while it is open", () => {
  tell(aFill());
  expect(positions.get("p1")).not.toHaveProperty("keptUntil");

  tell(aFill({ side: "sell" }));
  expect(positions.get("p1")?.keptUntil?.toString()).toBe("2026-12-23T15:00:00Z");

  tell(aFill());
  expect(positions.get("p1")).not.toHaveProperty("keptUntil");
});

test("a day that a fill begins while a lot has no price is not measured from nothing", () => {
  const sunday = Temporal.Instant.from("2026-11-23T04:59:59Z");
  const monday = { now: sunday.add({ seconds: 1 }), unrealisedOf: () => undefined };
  books = { account: newAccountLedger(ACCOUNT, sunday), bots: new Map() };
  tell(aFill(), order("gold"), { now: sunday });
  tell(aFill({ positionId: "p2" }), order("gold"), { now: sunday });

  tell(aFill({ positionId: "p2", side: "sell", commission: d(-2) }), order("gold"), monday);
  const open = [books.account, books.bots.get("gold")].map((book) => book?.day);
  tell(aFill({ side: "sell", commission: d(-3) }), order("gold"), monday);

  expect(open.map(plain)).toMatchObject([
    { fees: "-2", isUnpriced: true },
    { fees: "-2", isUnpriced: true },
  ]);
  // With nothing open any more, nothing has to be priced.
  for (const book of [books.account, books.bots.get("gold")]) {
    expect(plain(book?.day)).toMatchObject({ fees: "-5", unrealisedBefore: "0" });
    expect(book?.day).not.toHaveProperty("isUnpriced");
  }
});

test("New York's midnight begins a day, Monday a week; a late fill counts when it is folded", () => {
  const sunday = Temporal.Instant.from("2026-11-23T04:59:59Z");
  books = { account: newAccountLedger(ACCOUNT, sunday), bots: new Map() };
  tell(aFill({ commission: d(-1) }), order("gold"), { now: sunday });
  const before = books.account;
  const unrealisedOf = (open: readonly Lot[]) => d(open.length * 7);

  tell(aFill({ positionId: "p2", commission: d(-2), at: sunday }), order("oil"), {
    now: sunday.add({ seconds: 1 }),
    unrealisedOf,
  });

  expect([before.day.date, before.week.date]).toEqual(["2026-11-22", "2026-11-16"]);
  const { day, week, total } = books.account;
  expect([day.date, week.date, total.date]).toEqual(["2026-11-23", "2026-11-23", "2026-11-22"]);
  expect(plain(day)).toMatchObject({ fees: "-2", unrealisedBefore: "7" });
  expect(total.fees.toString()).toBe("-3");
  expect(plain(books.bots.get("oil")?.day)).toMatchObject({ fees: "-2", unrealisedBefore: "0" });
});
