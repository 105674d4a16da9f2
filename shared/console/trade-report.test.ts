import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ACCOUNT,
  anOrder,
  aPeriod,
  d,
  GOLD,
  LEDGER,
  NOW,
  RECORD,
  TICKET,
  TODAY,
} from "../../tests/support/risk-facts.ts";
import { openPlace, type TickPlace } from "../../tests/support/tick-house.ts";
import { configSchema } from "../config/config.ts";
import type { Collection, Store } from "../platform/store.ts";
import { accounts } from "../trading/account-record.ts";
import { type Leg, positionBookId, positionBooks } from "../trading/ledger/position-book.ts";
import { accountLedgers, type Trade, trades } from "../trading/ledger/records.ts";
import { PROTECTION } from "../trading/protection/records.ts";
import { type OrderRecord, orderId, orders } from "../trading/records.ts";
import { createClosedToday } from "./trade-report.ts";
import { readAccounts } from "./trading-books.ts";

let place: TickPlace;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.close());

async function put<T>(collection: Collection<T>, id: string, value: T): Promise<void> {
  await place.store.transact(async (transaction) => transaction.set(collection, id, value));
}

/** A trade of two units of gold, bought at 2,000 an hour before, and closed by nobody of ours. */
async function putTrade(fill: string, over: Partial<Trade> = {}): Promise<void> {
  await put(trades, `${ACCOUNT}:${fill}`, {
    ...{ account: ACCOUNT, bot: GOLD.id, positionId: "p1", instrument: "XAUUSD", side: "buy" },
    ...{ quantity: d(2), entryPrice: d(2_000), exitPrice: d(2_005), openedAt: NOW.subtract({ hours: 1 }) },
    ...{ closedAt: NOW, profit: d(10), fees: d("-0.4"), swap: d(0), net: d("9.6"), brokerFillId: fill },
    ...over,
  });
}

async function begin(day = TODAY): Promise<void> {
  await put(accounts, ACCOUNT, RECORD);
  await put(accountLedgers, ACCOUNT, { ...LEDGER, day: aPeriod(day) });
}

async function closed(now = NOW) {
  const books = await readAccounts(place.store, configSchema.parse({}));
  return createClosedToday(place.store).of(books, now);
}

const ids = async (now = NOW) => (await closed(now)).closed.map(({ id }) => id.replace(`${ACCOUNT}:`, ""));

test("a trade is told with its prices, its net result and the account's currency", async () => {
  await begin();
  await putTrade("f1", { entryPrice: d("1999.9999996") });

  expect(await closed()).toEqual({
    date: TODAY,
    isCut: false,
    closed: [
      {
        ...{ id: `${ACCOUNT}:f1`, account: ACCOUNT, bot: "gold", instrument: "XAUUSD", side: "buy" },
        ...{ quantity: "2", entryPrice: "2000", exitPrice: "2005", net: "9.6", currency: "USD" },
        ...{ openedAt: "2026-03-04T14:00:00.000Z", closedAt: "2026-03-04T15:00:00.000Z" },
      },
    ],
  });
});

test("the day is New York's, from its midnight on, and the latest comes first", async () => {
  await begin();
  const midnight = Temporal.Instant.from("2026-03-04T05:00:00Z");
  await putTrade("before", { closedAt: midnight.subtract({ milliseconds: 1 }) });
  await putTrade("first", { closedAt: midnight });
  await putTrade("last", { closedAt: NOW.subtract({ minutes: 1 }) });

  expect(await ids()).toEqual(["last", "first"]);
  expect(await ids(NOW.add({ hours: 24 }))).toEqual([]);
});

test("books that have not begun the day are not asked for what they have closed before", async () => {
  await begin("2026-03-03");
  await putTrade("f1");
  const asked: string[] = [];
  const watched: Pick<Store, "get" | "query"> = {
    get: (from, id) => place.store.get(from, id),
    query(from, question) {
      asked.push(from.name);
      return place.store.query(from, question);
    },
  };

  const books = await readAccounts(watched, configSchema.parse({}));
  const found = await createClosedToday(watched).of(books, NOW);

  expect(found.closed).toEqual([]);
  expect(asked).not.toContain("trades");
});

test("the latest fifty are told, and that there are more", async () => {
  await begin();
  for (let index = 0; index < 51; index += 1) {
    await putTrade(`f${index}`, { closedAt: NOW.subtract({ minutes: index }) });
  }

  const found = await closed();

  expect([found.closed.length, found.isCut]).toEqual([50, true]);
  expect([found.closed[0]?.id, found.closed.at(-1)?.id]).toEqual([`${ACCOUNT}:f0`, `${ACCOUNT}:f49`]);
});

const CLOSING: Partial<OrderRecord> = { clientOrderId: "c1", ticket: { ...TICKET, closes: "p1" } };

test.each<[by: string | undefined, title: string, order: Partial<OrderRecord>]>([
  ["strategy", "an order of its bot", {}],
  ["you", "the owner's order, also where it names the bot", { byOwner: { despite: [] } }],
  ["you", "an order that is no bot's", { bot: undefined, source: "terminal" }],
  ["stop", "the stop that rests for it", { source: PROTECTION, ticket: { ...TICKET, type: "stop" } }],
  ["openbell", "a close for a stop that cannot rest", { source: PROTECTION }],
])("it was closed by the %s: %s", async (by, _title, order) => {
  await begin();
  await put(orders, orderId(ACCOUNT, "c1"), anOrder({ ...CLOSING, ...order }));
  await putTrade("f1", { clientOrderId: "c1" });

  expect((await closed()).closed[0]?.closedBy).toBe(by);
});

test("of an order that is not known it is not said who closed by it", async () => {
  await begin();
  await putTrade("f1", { clientOrderId: "c1", exitPrice: d(1_990) });

  expect((await closed()).closed[0]).not.toHaveProperty("closedBy");
});

/** The opening fill at 2,000, of an order with a stop ten away and a target twenty away. */
async function putOpening(side: Leg["side"], stopLoss: number): Promise<void> {
  await put(orders, orderId(ACCOUNT, "o1"), anOrder({ clientOrderId: "o1", ticket: { ...TICKET, side } }));
  await put(positionBooks, positionBookId(ACCOUNT, "p1"), {
    ...{ account: ACCOUNT, positionId: "p1", instrument: "XAUUSD", carried: [] },
    legs: [
      {
        ...{ fill: "f0", at: NOW.subtract({ hours: 1 }), side, quantity: d(2), price: d(2_000) },
        ...{ commission: d(0), bot: GOLD.id, clientOrderId: "o1", stopLoss: d(stopLoss) },
      },
    ],
  });
}

test.each<[side: Leg["side"], exit: string, by: string | undefined]>([
  ["buy", "1990", "stop"],
  ["buy", "1984.2", "stop"],
  // The broker has put its stop on a whole step.
  ["buy", "1990.01", "stop"],
  ["buy", "1991", undefined],
  ["buy", "2019", undefined],
  ["buy", "2020", "target"],
  ["buy", "2031.5", "target"],
  ["sell", "2010", "stop"],
  ["sell", "2009.99", "stop"],
  ["sell", "2013.7", "stop"],
  ["sell", "1981", undefined],
  ["sell", "1980", "target"],
])("a %s that the broker closed at %s without an order of ours was closed by: %s", async (side, exit, by) => {
  await begin();
  await putOpening(side, side === "buy" ? 1_990 : 2_010);
  await putTrade("f1", { side, exitPrice: d(exit) });

  expect((await closed()).closed[0]?.closedBy).toBe(by);
});

test("a stranger's position is closed by nobody knows what", async () => {
  await begin();
  await putTrade("f1", { bot: undefined });

  const [one] = (await closed()).closed;

  expect(one).not.toHaveProperty("closedBy");
  expect(one).not.toHaveProperty("bot");
});

test("by what it was closed is looked up once, however often the page asks", async () => {
  await begin();
  await put(orders, orderId(ACCOUNT, "c1"), anOrder(CLOSING));
  await putTrade("f1", { clientOrderId: "c1" });
  const books = await readAccounts(place.store, configSchema.parse({}));
  const today = createClosedToday(place.store);

  const first = await today.of(books, NOW);
  await place.store.transact(async (transaction) => transaction.delete(orders, orderId(ACCOUNT, "c1")));

  expect(await today.of(books, NOW)).toEqual(first);
  expect(first.closed[0]?.closedBy).toBe("strategy");
});
