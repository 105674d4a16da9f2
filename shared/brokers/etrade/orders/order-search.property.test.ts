/** Orders are found by their looks alone, and nobody else's is ever taken for ours. */
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { quietLog } from "../../../../infra/local/quiet-log.ts";
import { succeed } from "../../../platform/result.ts";
import { candidatesFor } from "./order-match.ts";
import type { SentOrder } from "./order-memory.ts";
import type { EtradeOrder } from "./order-schemas.ts";
import { searchOrder } from "./order-search.ts";

const SENT_AT = Temporal.Instant.from("2026-11-23T16:00:00Z");

const sent: SentOrder = {
  ...{ clientOrderId: "ours1", symbol: "AAPL", action: "BUY", quantity: new Decimal(10) },
  ...{ priceType: "LIMIT", limitPrice: new Decimal("250.1"), term: "GOOD_FOR_DAY", sentAt: SENT_AT },
};

const anOrder = (over: Partial<EtradeOrder> = {}): EtradeOrder => ({
  ...{ orderId: "402", status: "OPEN", symbol: "AAPL", action: "BUY", quantity: new Decimal(10) },
  ...{ filled: new Decimal(0), costs: new Decimal(0), priceType: "LIMIT", limitPrice: new Decimal("250.10") },
  ...{ term: "GOOD_FOR_DAY", session: "REGULAR", legs: 1, placedAt: SENT_AT.add({ seconds: 1 }) },
  ...over,
});

/** One thing by which an order differs from ours, each enough to be another's. */
const DIFFERENCES: readonly Partial<EtradeOrder>[] = [
  { symbol: "MSFT" },
  { action: "SELL" },
  { quantity: new Decimal(11) },
  { priceType: "STOP", stopPrice: new Decimal(1) },
  { limitPrice: new Decimal("250.11") },
  { term: "GOOD_UNTIL_CANCEL" },
  { session: "EXTENDED" },
  { legs: 2 },
  { replacesOrderId: "400" },
  { placedAt: SENT_AT.subtract({ seconds: 61 }) },
];

test.each(DIFFERENCES.map((difference) => [JSON.stringify(difference), difference] as const))(
  "an order that differs by %s is not ours",
  (_name, difference) => {
    expect(candidatesFor(sent, [anOrder(difference)])).toEqual([]);
  },
);

test("an order without a placed time is not taken for ours", () => {
  const { placedAt: _unknown, ...rest } = anOrder();

  expect(candidatesFor(sent, [rest])).toEqual([]);
});

test.each(["OPEN", "PARTIAL", "EXECUTED", "CANCEL_REQUESTED", "CANCELLED", "EXPIRED", "REJECTED"])(
  "an order like ours is found in the status %s",
  (status) => {
    expect(candidatesFor(sent, [anOrder({ status })])).toHaveLength(1);
  },
);

test("a market order is found although the broker tells a price that nobody asked for", () => {
  const { limitPrice: _limit, ...market } = sent;

  const found = candidatesFor({ ...market, priceType: "MARKET" }, [anOrder({ priceType: "MARKET" })]);

  expect(found).toHaveLength(1);
});

interface Listed {
  readonly order: EtradeOrder;
  readonly owner: string | undefined;
}

const listedArb: fc.Arbitrary<Listed> = fc
  .record({
    difference: fc.option(fc.constantFrom(...DIFFERENCES), { nil: undefined, freq: 2 }),
    owner: fc.option(fc.constantFrom("ours1", "other7"), { nil: undefined }),
  })
  .map(({ difference, owner }) => ({ order: anOrder(difference ?? {}), owner }));

test("of any list: one free look-alike is ours, none in two looks is absent, several stay unknown", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(listedArb, { maxLength: 6 }),
      fc.array(listedArb, { maxLength: 6 }),
      async (early, late) => {
        const number = (rows: readonly Listed[], from: number) =>
          rows.map(({ order, owner }, index) => ({
            owner,
            order: { ...order, orderId: String(from + index) },
          }));
        const looks = [number(early, 100), [...number(early, 100), ...number(late, 200)]];
        const owners = new Map(looks.flat().map(({ order, owner }) => [`1111-${order.orderId}`, owner]));
        let looked = 0;
        let paused = 0;
        const owned: string[] = [];
        const standing = { kind: "accepted", brokerOrderId: "x", fills: [] } as const;

        const found = await searchOrder(
          {
            rounds: {
              look: async () => {
                const rows = looks[Math.min(looked, 1)] ?? [];
                looked += 1;
                return succeed(new Map(rows.map(({ order }) => [order.orderId, order])));
              },
            },
            book: { take: async () => true, own: (orderId) => owned.push(orderId), standing: () => standing },
            memory: { own: async () => true, ownerOf: async (id) => owners.get(id) },
            log: quietLog,
            brokerIdOf: (orderId) => `1111-${orderId}`,
            pause: async (ms) => {
              paused += ms;
            },
          },
          sent,
          undefined,
        );

        const free = (rows: readonly { readonly order: EtradeOrder; readonly owner: string | undefined }[]) =>
          rows.filter(({ order, owner }) => owner !== "other7" && candidatesFor(sent, [order]).length === 1);
        const [first, second] = looks.map(free);
        const decisive = (first ?? []).length > 0 ? (first ?? []) : (second ?? []);
        const expected = ["absent", "accepted"][decisive.length] ?? "unknown";
        expect(found.ok && found.value.kind).toBe(expected);
        expect(owned).toEqual(decisive.length === 1 ? decisive.map(({ order }) => order.orderId) : []);
        expect(looked).toBe((first ?? []).length > 0 ? 1 : 2);
        if (expected === "absent") expect(paused).toBeGreaterThanOrEqual(10_000);
      },
    ),
    { numRuns: 2_000 },
  );
});
