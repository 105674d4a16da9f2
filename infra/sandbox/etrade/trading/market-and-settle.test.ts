import { expect, test } from "vitest";
import { openFloor } from "../testing/trading-floor.ts";
import type { AccountTrading, OrderRecord } from "./records.ts";
import { settle } from "./settle.ts";

function anOrder(over: Partial<OrderRecord["ticket"]>): OrderRecord {
  return {
    ...{
      orderId: 1,
      placedTime: 1,
      placedAt: 1,
      activeAt: 1,
      expiresAt: 100,
      status: "OPEN",
      fills: [],
      events: [],
    },
    fate: { isRejected: false, isPartial: false },
    ticket: {
      ...{ clientOrderId: "a1", symbol: "AAPL", action: "SELL", quantity: 50, priceType: "MARKET" },
      ...{
        orderTerm: "GOOD_FOR_DAY",
        marketSession: "REGULAR",
        allOrNone: false,
        limitPrice: 0,
        stopPrice: 0,
      },
      ...over,
    },
  };
}

function anAccount(lots: readonly (readonly [symbol: string, quantity: number])[]): AccountTrading {
  return {
    ...{ cashCents: 1_000_000, orders: [], transactions: [], nextOrderId: 2, nextLotId: 10 },
    lots: lots.map(([symbol, quantity], index) => ({
      ...{ lotId: index + 1, symbol, quantity, cents: 100, acquiredAt: index },
    })),
  };
}

const lotsOf = ({ lots }: AccountTrading) => lots.map(({ lotId, quantity }) => [lotId, quantity]);

test("a sale takes the oldest lots first, of its own symbol only", () => {
  const account = anAccount([
    ["AAPL", 30],
    ["MSFT", 5],
    ["AAPL", 30],
    ["AAPL", 30],
  ]);
  const order = anOrder({});

  settle(account, order, { at: 5, quantity: 50, cents: 25_000 });

  expect(lotsOf(account)).toEqual([
    [2, 5],
    [3, 10],
    [4, 30],
  ]);
  expect(account.cashCents).toBe(1_000_000 + 50 * 25_000);
  expect(order.status).toBe("EXECUTED");
});

test("a sale of more than is held closes all lots and is short of the rest", () => {
  const account = anAccount([
    ["AAPL", 30],
    ["AAPL", 5],
  ]);

  settle(account, anOrder({}), { at: 5, quantity: 50, cents: 25_000 });

  expect(lotsOf(account)).toEqual([[10, -15]]);
});

test("a fill of a part leaves the order open", () => {
  const account = anAccount([["AAPL", 60]]);
  const order = anOrder({});

  settle(account, order, { at: 5, quantity: 20, cents: 25_000 });

  expect(order.status).toBe("OPEN");
  expect(account.transactions).toMatchObject([{ quantity: -20, cents: 25_000, orderId: 1 }]);
});

test("the market is looked at from the open on, up to the last moment before the close, and not at a weekend", () => {
  const { market } = openFloor({ now: "2026-01-05T12:00:00Z" }).book();
  const iso = (ms: number | undefined) => (ms === undefined ? "" : new Date(ms).toISOString());

  const day = market.looksWithin(
    Date.parse("2026-01-05T12:00:00Z"),
    Date.parse("2026-01-05T23:00:00Z"),
    new Set(["open"] as const),
  );
  const weekend = market.looksWithin(
    Date.parse("2026-01-03T05:00:00Z"),
    Date.parse("2026-01-05T05:00:00Z"),
    new Set(["open", "extended"] as const),
  );

  expect([iso(day[0]?.at), iso(day.at(-1)?.at)]).toEqual([
    "2026-01-05T14:30:00.000Z",
    "2026-01-05T20:59:50.000Z",
  ]);
  expect(weekend).toEqual([]);
});

test("orders for the day end at the close of their session, others after sixty days", () => {
  const { market } = openFloor({ now: "2026-01-05T12:00:00Z" }).book();
  const expiry = (
    orderTerm: "GOOD_FOR_DAY" | "GOOD_UNTIL_CANCEL",
    marketSession: "REGULAR" | "EXTENDED",
    at: string,
  ) => new Date(market.expiryOf({ orderTerm, marketSession }, Date.parse(at))).toISOString();

  expect(expiry("GOOD_FOR_DAY", "REGULAR", "2026-01-05T12:00:00Z")).toBe("2026-01-05T21:00:00.000Z");
  expect(expiry("GOOD_FOR_DAY", "EXTENDED", "2026-01-05T12:00:00Z")).toBe("2026-01-06T01:00:00.000Z");
  // On Friday evening: on Monday.
  expect(expiry("GOOD_FOR_DAY", "REGULAR", "2026-01-09T21:00:00Z")).toBe("2026-01-12T21:00:00.000Z");
  // Over the change of the clocks.
  expect(expiry("GOOD_FOR_DAY", "REGULAR", "2026-03-08T12:00:00Z")).toBe("2026-03-09T20:00:00.000Z");
  expect(expiry("GOOD_UNTIL_CANCEL", "REGULAR", "2026-01-05T12:00:00Z")).toBe("2026-03-06T12:00:00.000Z");
});
