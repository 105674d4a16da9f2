import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { fail, succeed } from "../../../platform/result.ts";
import { aToken } from "../testing/client.ts";
import { unpackTokenPair } from "../token.ts";
import type { OrderAccess, OrderQuery } from "./order-calls.ts";
import { readOrders, readOrdersSince } from "./order-looks.ts";
import type { EtradeOrder, OrderPage } from "./order-schemas.ts";

const START = Temporal.Instant.from("2026-11-23T16:00:00Z");
const access = { token: unpackTokenPair(aToken()), accountIdKey: "key" } as unknown as OrderAccess;

/** The order that was placed so many seconds after the start. */
const anOrder = (second: number): EtradeOrder => ({
  ...{ orderId: String(second), status: "OPEN", symbol: "AAPL", action: "BUY", quantity: new Decimal(1) },
  ...{ filled: new Decimal(0), costs: new Decimal(0), priceType: "MARKET", term: "GOOD_FOR_DAY" },
  ...{ session: "REGULAR", legs: 1, placedAt: START.add({ seconds: second }) },
});

interface Habits {
  readonly rows: number;
  readonly isInclusive: boolean;
  readonly hasLastMarker: boolean;
}

/** A list of orders as the broker pages it, newest first, by whatever habits. */
function listOf(orders: readonly EtradeOrder[], { rows, isInclusive, hasLastMarker }: Habits) {
  const asked: OrderQuery[] = [];
  return {
    asked,
    async list(_access: OrderAccess, query: OrderQuery) {
      asked.push(query);
      const marked = orders.findIndex(({ orderId }) => orderId === query.marker);
      const from = query.marker === undefined ? 0 : marked + (isInclusive ? 0 : 1);
      const page = orders.slice(from, from + rows);
      const last = page.at(-1);
      const hasMarker = last !== undefined && (hasLastMarker || from + rows < orders.length);
      const answer: OrderPage = {
        ...{ orders: page, rows: page.length, unreadable: 0 },
        ...(hasMarker && { marker: last.orderId }),
      };
      return succeed(answer);
    },
  };
}

const habitsArb = fc.record({
  rows: fc.integer({ min: 2, max: 30 }),
  isInclusive: fc.boolean(),
  hasLastMarker: fc.boolean(),
});

test("whatever its habits of paging, all that was placed since then is read, each order once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(80), fc.nat(80), habitsArb, async (count, since, habits) => {
      const orders = Array.from({ length: count }, (_, index) => anOrder(count - index));
      const broker = listOf(orders, habits);

      const read = await readOrdersSince(broker, access, START.add({ seconds: since }));

      if (!read.ok) throw new Error(read.code);
      const wanted = orders.filter(({ orderId }) => Number(orderId) >= since);
      expect([...read.value.keys()]).toEqual(expect.arrayContaining(wanted.map(({ orderId }) => orderId)));
      expect(broker.asked.length).toBeLessThanOrEqual(Math.ceil(count / Math.max(1, habits.rows - 1)) + 2);
    }),
    { numRuns: 500 },
  );
});

test("what is recent is read without the pages behind it", async () => {
  const orders = Array.from({ length: 500 }, (_, index) => anOrder(500 - index));
  const broker = listOf(orders, { rows: 100, isInclusive: false, hasLastMarker: false });

  const recent = await readOrdersSince(broker, access, START.add({ seconds: 450 }));
  const asked = broker.asked.length;
  const all = await readOrders(broker, access, { status: "OPEN" });

  expect(recent.ok && asked).toBe(1);
  expect(all.ok && all.value.size).toBe(500);
  expect(broker.asked.at(-1)).toMatchObject({ status: "OPEN", count: 100 });
});

test("of a list that is not newest first, every page is read", async () => {
  const orders = Array.from({ length: 30 }, (_, index) => anOrder(index + 1));
  const broker = listOf(orders, { rows: 10, isInclusive: false, hasLastMarker: false });

  const read = await readOrdersSince(broker, access, START.add({ seconds: 25 }));

  expect(read.ok && read.value.has("30")).toBe(true);
});

test("a page that fails, and a row that cannot be read, make no list at all", async () => {
  const page = { orders: [anOrder(2)], rows: 1, unreadable: 0, marker: "2" };
  let count = 0;
  const breaking = {
    list: async () => {
      count += 1;
      return count === 1 ? succeed(page) : fail("BROKER_UNAVAILABLE");
    },
  };
  const unreadable = { list: async () => succeed({ ...page, unreadable: 1 }) };

  const answers = [
    await readOrdersSince(breaking, access, START),
    await readOrdersSince(unreadable, access, START),
  ];

  expect(answers).toMatchObject([
    { ok: false, code: "BROKER_UNAVAILABLE" },
    { ok: false, code: "BROKER_REPLY_UNREADABLE" },
  ]);
});
