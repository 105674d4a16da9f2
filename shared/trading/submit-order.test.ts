import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTokenHouse, silentLog, type TokenHouse } from "../../tests/support/token-house.ts";
import { anOrder } from "../../tests/support/trading-house.ts";
import { orderId, orders } from "./records.ts";
import { type OrderRequest, orderRequestSchema, requestCancel, submitOrder } from "./submit-order.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const deps = () => ({ ...house, log: silentLog });
const submit = (over: Partial<OrderRequest> = {}) =>
  submitOrder(deps(), anOrder(house.connection.id, "a1", over));
const ticket = (over: Partial<OrderRequest["ticket"]>): OrderRequest["ticket"] => ({
  ...anOrder(house.connection.id, "a1").ticket,
  ...over,
});

test("an order is written down before anybody is woken for it", async () => {
  const submitted = await submit();

  const stored = await house.store.get(orders, orderId(house.connection.id, "a1"));
  expect(submitted).toEqual({ ok: true, value: stored });
  expect(stored).toMatchObject({ state: "created", isDue: true, source: "test" });
  expect(stored?.sendBy.toString()).toBe(house.clock.now().add({ minutes: 2 }).toString());
  expect(house.bus.published).toEqual([{ connection: house.connection.id, clientOrderId: "a1" }]);
});

test("the same order given again is the same order, however its numbers are written", async () => {
  await submit();

  const again = await submit({ ticket: ticket({ quantity: new Decimal("1000.000") }) });

  expect(again).toMatchObject({ ok: true, value: { clientOrderId: "a1" } });
  expect(await house.store.query(orders)).toHaveLength(1);
});

test.each([
  ["quantity", { ticket: { quantity: new Decimal(2000) } }],
  ["side", { ticket: { side: "sell" } }],
  ["source", { source: "else" }],
] as const)("another order cannot take the same id: another %s", async (_, over) => {
  await submit();

  const other = await submit({ ...over, ticket: ticket("ticket" in over ? over.ticket : {}) });

  expect(other).toMatchObject({ ok: false, code: "ORDER_ID_TAKEN" });
});

test("two connections may use the same id", async () => {
  await submit();

  const other = await submitOrder(
    deps(),
    anOrder("ctrader-demo" as OrderRequest["connection"], "a1", { source: "else" }),
  );

  expect(other.ok).toBe(true);
  expect(await house.store.query(orders)).toHaveLength(2);
});

test.each<[string, Partial<OrderRequest["ticket"]>]>([
  ["no quantity", { quantity: new Decimal(0) }],
  ["a negative quantity", { quantity: new Decimal(-1) }],
  ["a limit order without a price", { type: "limit" }],
  ["a market order with a price", { limitPrice: new Decimal(1) }],
  ["a stop order without a price", { type: "stop" }],
  ["a market order with a level by price", { stopLoss: { price: new Decimal(1) } }],
  [
    "a limit order with a level by distance",
    { type: "limit", limitPrice: new Decimal(1), takeProfit: { distance: new Decimal(1) } },
  ],
  ["a level at no distance", { stopLoss: { distance: new Decimal(0) } }],
  ["gtd without an end", { timeInForce: "gtd" }],
  ["an end without gtd", { expiresAt: Temporal.Instant.from("2026-12-01T00:00:00Z") }],
  ["a stop that closes without its price", { type: "stop", closes: "p1" }],
  ["a close with levels", { closes: "p1", stopLoss: { distance: new Decimal(1) } }],
])("%s is no order", async (_, over) => {
  expect(await submit({ ticket: ticket(over) })).toMatchObject({ ok: false, code: "REQUEST_MALFORMED" });
  expect(await house.store.query(orders)).toEqual([]);
});

test.each([
  ["a stop", { type: "stop", stopPrice: new Decimal(1) }],
  ["a limit", { type: "limit", limitPrice: new Decimal(1) }],
] as const)("%s that closes waits for its price", async (_, over) => {
  const given = await submit({ ticket: ticket({ ...over, timeInForce: "gtc", closes: "p1" }) });

  expect(given.ok).toBe(true);
});

test("no program can give an order in the name of what protects positions", async () => {
  const given = anOrder(house.connection.id, "a1", { source: "protection" });

  expect(await submitOrder(deps(), given)).toMatchObject({ ok: false, code: "REQUEST_MALFORMED" });
});

test.each(["", "a-1", "x".repeat(21)])("%j is no order id", async (clientOrderId) => {
  const given = anOrder(house.connection.id, clientOrderId);

  expect(await submitOrder(deps(), given)).toMatchObject({ ok: false, code: "REQUEST_MALFORMED" });
});

test.each(["1e3", "Infinity", "NaN", "", "1,5", "0x10"])(
  "%j is no quantity that another program can give",
  (quantity) => {
    const given = {
      connection: "ctrader-demo",
      clientOrderId: "a1",
      source: "test",
      ticket: { instrument: "EURUSD", side: "buy", type: "market", quantity, timeInForce: "ioc" },
    };

    expect(orderRequestSchema.safeParse(given).success).toBe(false);
  },
);

test("a wake-up that cannot be published costs no order", async () => {
  const bus = { ...house.bus, publish: () => Promise.reject(new Error("away")) };

  const submitted = await submitOrder({ ...deps(), bus }, anOrder(house.connection.id, "a1"));

  expect(submitted.ok).toBe(true);
});

test("to cancel what is over or was never there changes nothing and wakes nobody", async () => {
  await submit();
  const key = { connection: house.connection.id, clientOrderId: "a1" };
  await house.store.transact(async (transaction) => {
    const found = await transaction.get(orders, orderId(key.connection, "a1"));
    if (found !== undefined) {
      transaction.set(orders, orderId(key.connection, "a1"), { ...found, state: "filled", isDue: false });
    }
  });
  house.bus.published.splice(0);

  const over = await requestCancel(deps(), key);
  const unknown = await requestCancel(deps(), { ...key, clientOrderId: "zz" });

  expect(over).toMatchObject({ state: "filled", isDue: false });
  expect(over?.cancelRequestedAt).toBeUndefined();
  expect(unknown).toBeUndefined();
  expect(house.bus.published).toEqual([]);
});
