import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { initialFaults } from "../faults.ts";
import type { Ticket } from "../testing/trader.ts";
import { type Floor, openFloor } from "../testing/trading-floor.ts";
import { type AccountTrading, filledOf, heldOf, isBuying, isWorking, type OrderRecord } from "./records.ts";

const SYMBOLS = ["AAPL", "MSFT", "SPY"] as const;

type Step =
  | { readonly kind: "order"; readonly ticket: Omit<Ticket, "id">; readonly changes?: number }
  | { readonly kind: "cancel"; readonly which: number }
  | { readonly kind: "move"; readonly symbol: string; readonly factor: number; readonly hold: boolean }
  | { readonly kind: "pass"; readonly seconds: number }
  | { readonly kind: "restart" };

const ticketArbitrary = fc.record({
  symbol: fc.constantFrom(...SYMBOLS),
  action: fc.constantFrom("BUY", "SELL", "BUY_TO_COVER", "SELL_SHORT"),
  quantity: fc.integer({ min: 1, max: 30 }),
  kind: fc.constantFrom("MARKET", "LIMIT", "STOP", "STOP_LIMIT", "TRAILING_STOP_CNST", "TRAILING_STOP_PRCT"),
  orderTerm: fc.constantFrom("GOOD_FOR_DAY", "GOOD_UNTIL_CANCEL", "IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"),
  marketSession: fc.constantFrom("REGULAR", "REGULAR", "REGULAR", "EXTENDED"),
  factor: fc.double({ min: 0.95, max: 1.05, noNaN: true }),
});

const BASE = { AAPL: 250, MSFT: 430, SPY: 590 };

function ticketOf(drawn: {
  symbol: keyof typeof BASE;
  action: string;
  quantity: number;
  kind: string;
  orderTerm: string;
  marketSession: string;
  factor: number;
}): Omit<Ticket, "id"> {
  const { kind, factor, symbol, ...rest } = drawn;
  const price = (BASE[symbol] * factor).toFixed(2);
  const stopPrice = kind === "TRAILING_STOP_CNST" ? "2.50" : kind === "TRAILING_STOP_PRCT" ? "1" : price;
  return { ...rest, symbol, priceType: kind, limitPrice: price, stopPrice };
}

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: ticketArbitrary.map((drawn) => ({ kind: "order", ticket: ticketOf(drawn) }) as const),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(ticketArbitrary, fc.nat(20))
      .map(([drawn, changes]) => ({ kind: "order", ticket: ticketOf(drawn), changes }) as const),
  },
  { weight: 3, arbitrary: fc.nat(20).map((which) => ({ kind: "cancel", which }) as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("move" as const),
      symbol: fc.constantFrom(...SYMBOLS),
      factor: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
      hold: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 30, max: 7_200 }), fc.constant(60_000))
      .map((seconds) => ({ kind: "pass", seconds }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" } as const) },
);

const faultsArbitrary = fc.record({
  partialFillShare: fc.constantFrom(0, 0.5, 1),
  rejectShare: fc.constantFrom(0, 0.2),
  cancelRaceShare: fc.constantFrom(0, 0.5),
  lateFillShare: fc.constantFrom(0, 0.5),
  fillDelayMs: fc.constantFrom(0, 250, 20_000),
  closingNothing: fc.constantFrom("error", "warning"),
  changePartial: fc.constantFrom("refuse", "accept"),
  stopOutOfRange: fc.constantFrom("refuse", "accept"),
});

function step(floor: Floor, one: Step, serial: number): void {
  const { orders } = floor.trading();
  const idAt = (index: number) => orders[index % Math.max(1, orders.length)]?.orderId ?? 1;
  switch (one.kind) {
    case "order": {
      const changes = one.changes === undefined ? undefined : idAt(one.changes);
      floor.order({ id: `o${serial}`, ...one.ticket }, changes);
      break;
    }
    case "cancel":
      floor.cancel(idAt(one.which));
      break;
    case "move":
      floor.move(
        one.symbol,
        Number((BASE[one.symbol as keyof typeof BASE] * one.factor).toFixed(2)),
        one.hold,
      );
      break;
    case "pass":
      floor.now = floor.now.add({ seconds: one.seconds });
      break;
    case "restart":
      floor.restart();
      break;
    default:
      one satisfies never;
  }
}

const RANK = { OPEN: 0, CANCEL_REQUESTED: 1, EXECUTED: 2, CANCELLED: 2, EXPIRED: 2, REJECTED: 2 };

function expectForward(before: readonly OrderRecord[], after: readonly OrderRecord[]): void {
  for (const old of before) {
    const now = after.find(({ orderId }) => orderId === old.orderId);
    expect(now).toBeDefined();
    if (now === undefined) continue;
    expect(RANK[now.status]).toBeGreaterThanOrEqual(RANK[old.status]);
    if (RANK[old.status] === 2)
      expect(now).toEqual({ ...old, ...(now.replacedBy ? { replacedBy: now.replacedBy } : {}) });
    expect(now.fills.slice(0, old.fills.length)).toEqual(old.fills);
  }
}

function expectConserved(start: AccountTrading, now: AccountTrading): void {
  const fills = now.orders.flatMap((order) =>
    order.fills.map((fill) => ({
      ...fill,
      symbol: order.ticket.symbol,
      isBuy: isBuying(order.ticket.action),
    })),
  );
  const spent = fills.reduce(
    (sum, { quantity, cents, isBuy }) => sum + (isBuy ? 1 : -1) * quantity * cents,
    0,
  );
  expect(now.cashCents).toBe(start.cashCents - spent);
  for (const symbol of SYMBOLS) {
    const bought = fills
      .filter((fill) => fill.symbol === symbol)
      .reduce((sum, { quantity, isBuy }) => sum + (isBuy ? quantity : -quantity), 0);
    expect(heldOf(now, symbol)).toBe(heldOf(start, symbol) + bought);
  }
  expect(now.transactions).toHaveLength(fills.length);
  // Nobody is long and short of the same shares.
  for (const lot of now.lots) {
    expect(Math.sign(lot.quantity)).toBe(Math.sign(heldOf(now, lot.symbol)));
  }
}

function expectWellFormed(floor: Floor, { orders }: AccountTrading): void {
  for (const order of orders) {
    const filled = filledOf(order);
    expect(filled).toBeLessThanOrEqual(order.ticket.quantity);
    expect(order.status === "EXECUTED").toBe(filled === order.ticket.quantity);
    for (const { at } of order.fills) {
      expect(at).toBeGreaterThanOrEqual(order.placedAt);
      expect(at).toBeLessThan(order.expiresAt);
      const wanted = order.ticket.marketSession === "REGULAR" ? "open" : "extended";
      expect(floor.book().market.tradingAt(at)).toBe(wanted);
    }
    if (!isWorking(order)) continue;
    expect(order.expiresAt).toBeGreaterThan(floor.now.epochMilliseconds);
  }
}

test("whatever is done, shares and cash are conserved to the cent and orders only move forward", () => {
  fc.assert(
    fc.property(
      fc.array(stepArbitrary, { minLength: 5, maxLength: 30 }),
      faultsArbitrary,
      fc.constantFrom(0, 1),
      (steps, faults, account) => {
        const floor = openFloor({ now: "2026-01-05T15:55:00Z", account });
        floor.faults = { ...initialFaults(), ...faults } as typeof floor.faults;
        const start = structuredClone(floor.trading());
        let before: readonly OrderRecord[] = [];
        for (const [serial, one] of steps.entries()) {
          step(floor, one, serial);
          const trading = floor.trading();
          expectForward(before, trading.orders);
          expectConserved(start, trading);
          expectWellFormed(floor, trading);
          before = structuredClone(trading.orders);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("one step over a day finds the same fills as a look every ten seconds", () => {
  fc.assert(
    fc.property(fc.array(ticketArbitrary, { minLength: 3, maxLength: 8 }), fc.integer(), (drawn, seed) => {
      const look = (seconds: number) => {
        const floor = openFloor({ seed: `s${seed}`, now: "2026-01-05T14:00:00Z" });
        for (const [index, one] of drawn.entries()) floor.order({ id: `o${index}`, ...ticketOf(one) });
        const end = floor.now.add({ hours: 8 });
        while (Temporal.Instant.compare(floor.now, end) < 0) {
          floor.now = floor.now.add({ seconds });
          floor.trading();
        }
        return floor.trading().orders.map(({ orderId, status, fills }) => ({ orderId, status, fills }));
      };

      expect(look(8 * 3_600)).toEqual(look(10));
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test("a step of 90 days with twenty open orders takes less than some seconds", () => {
  const floor = openFloor({ now: "2026-01-05T15:55:00Z" });
  for (let index = 0; index < 20; index += 1) {
    const symbol = ["AAPL", "MSFT", "SPY", "KO", "TSLA"][index % 5] ?? "AAPL";
    const placed = floor.order({
      ...{ id: `far${index}`, symbol, quantity: 1 },
      ...{ priceType: "LIMIT", limitPrice: 1, orderTerm: "GOOD_UNTIL_CANCEL" },
    });
    expect(placed).toHaveProperty("orderId");
  }
  const before = performance.now();

  floor.now = floor.now.add({ hours: 90 * 24 });
  const { orders } = floor.trading();

  expect(orders.every(({ status }) => status === "EXPIRED")).toBe(true);
  expect(performance.now() - before).toBeLessThan(8_000);
});
