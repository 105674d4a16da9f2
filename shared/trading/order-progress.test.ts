import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { Fill, OrderStanding } from "../brokers/trading-broker.ts";
import { isDone, isFillOf, withFill, withStanding } from "./order-progress.ts";
import type { OrderRecord, OrderState } from "./records.ts";

const NOW = Temporal.Instant.from("2026-11-23T12:00:00Z");

const anOrder = (over: Partial<OrderRecord> = {}): OrderRecord => ({
  connection: "ctrader-demo" as OrderRecord["connection"],
  clientOrderId: "a1",
  source: "test",
  ticket: {
    instrument: "EURUSD",
    side: "buy",
    type: "market",
    quantity: new Decimal(1000),
    timeInForce: "ioc",
  },
  state: "sending",
  isDue: false,
  createdAt: NOW,
  sendBy: NOW,
  changedAt: NOW,
  filledQuantity: new Decimal(0),
  ...over,
});

const aFill = (over: Partial<Fill> = {}): Fill => ({
  id: "f1",
  brokerOrderId: "o1",
  positionId: "p1",
  instrument: "EURUSD",
  side: "buy",
  quantity: new Decimal(400),
  price: new Decimal("1.1"),
  commission: new Decimal(0),
  at: NOW,
  ...over,
});

const known = { brokerOrderId: "o1", fills: [] };

test.each<[OrderState, OrderStanding, OrderState]>([
  ["sending", { kind: "unknown" }, "unknown"],
  ["sending", { kind: "not-sent" }, "not-sent"],
  ["unknown", { kind: "absent" }, "absent"],
  ["unknown", { kind: "accepted", ...known }, "accepted"],
  ["absent", { kind: "accepted", ...known }, "accepted"],
  ["accepted", { kind: "filled", ...known }, "filled"],
  ["partially-filled", { kind: "cancelled", ...known }, "cancelled"],
  // What comes late or twice changes nothing.
  ["accepted", { kind: "unknown" }, "accepted"],
  ["accepted", { kind: "absent" }, "accepted"],
  ["accepted", { kind: "not-sent" }, "accepted"],
  ["partially-filled", { kind: "accepted", ...known }, "partially-filled"],
  ["filled", { kind: "accepted", ...known }, "filled"],
  ["filled", { kind: "cancelled", ...known }, "filled"],
  ["filled", { kind: "rejected", brokerCode: "X", reason: "" }, "filled"],
  ["rejected", { kind: "unknown" }, "rejected"],
])("%s, then told %o: %s", (state, standing, expected) => {
  expect(withStanding(anOrder({ state }), standing, NOW).state).toBe(expected);
});

test("an order whose fills came before its acceptance is partly filled", () => {
  const order = withFill(anOrder(), aFill(), NOW);

  expect(withStanding(order, { kind: "accepted", ...known }, NOW).state).toBe("partially-filled");
});

test("nothing new is the very same record, so nothing is written", () => {
  const order = anOrder({ state: "accepted", brokerOrderId: "o1" });

  expect(withStanding(order, { kind: "accepted", ...known }, NOW)).toBe(order);
});

test("a rejection keeps the broker's word and its reason, and asks for nothing more", () => {
  const order = anOrder({ isDue: true });

  const rejected = withStanding(
    order,
    { kind: "rejected", brokerCode: "NOT_ENOUGH_MONEY", reason: "no" },
    NOW,
  );

  expect(rejected).toMatchObject({ isDue: false, refusal: { code: "NOT_ENOUGH_MONEY", text: "no" } });
});

test("the fill of a protective order is not one of its entry, though the broker's id is not known yet", () => {
  expect(isFillOf(anOrder(), aFill({ side: "sell" }))).toBe(false);
  expect(isFillOf(anOrder(), aFill())).toBe(true);
  expect(isFillOf(anOrder({ brokerOrderId: "o2" }), aFill())).toBe(false);
});

test("whatever is told in whatever order, an order never goes back and its fills only add up", () => {
  const standing = fc.constantFrom<OrderStanding>(
    { kind: "unknown" },
    { kind: "not-sent" },
    { kind: "absent" },
    { kind: "accepted", ...known },
    { kind: "filled", ...known },
    { kind: "cancelled", ...known },
    { kind: "expired", ...known },
    { kind: "rejected", brokerCode: "X", reason: "" },
  );
  const step = fc.oneof(standing, fc.integer({ min: 1, max: 400 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let order = anOrder();
      let final: OrderState | undefined;
      let filled = 0;
      for (const one of steps) {
        order =
          typeof one === "number"
            ? withFill(order, aFill({ quantity: new Decimal(one) }), NOW)
            : withStanding(order, one, NOW);
        filled += typeof one === "number" ? one : 0;

        expect(order.filledQuantity.toNumber()).toBe(filled);
        if (filled > 0) expect(["absent", "not-sent", "unknown", "sending"]).not.toContain(order.state);
        const isTold = ["filled", "cancelled", "expired", "rejected"].includes(order.state);
        if (final !== undefined) expect(order.state).toBe(final);
        if (isTold) final = order.state;
        if (isDone(order.state)) expect(order.isDue).toBe(false);
      }
    }),
  );
});
