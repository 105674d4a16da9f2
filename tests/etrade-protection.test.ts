/** Stops that Openbell keeps at rest for what its bots hold, at our simulated E*TRADE. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLeases } from "../shared/platform/lease.ts";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { accountLedgers } from "../shared/trading/ledger/records.ts";
import { createOrderExecutor, type OrderExecutor } from "../shared/trading/order-executor.ts";
import { clearWay } from "../shared/trading/protection/clear-way.ts";
import { withProtection } from "../shared/trading/protection/tend-lots.ts";
import { type OrderRecord, orderId, orders, tradingStates } from "../shared/trading/records.ts";
import { newOrderRecord } from "../shared/trading/submit-order.ts";
import { exitTicket } from "../shared/trading/ticks/make-ticket.ts";
import { tradedAccount } from "../shared/trading/traded-account.ts";
import { type EtradeHouse, type EtradeProcess, openEtradeHouse } from "./support/etrade-house.ts";
import { silentLog } from "./support/token-house.ts";

const BOT = "one";
const d = (value: Decimal.Value) => new Decimal(value);

let house: EtradeHouse;
let process: EtradeProcess;
let executor: OrderExecutor;

beforeEach(async () => {
  house = await openEtradeHouse({ isEmpty: true });
});
afterEach(async () => {
  executor.close();
  await house.close();
});

// On paper no token is asked for; all else is the same.
const account = () => tradedAccount(house.connection, "paper");
const working = () => process.socket.broker.workingOrders();
const stops = () =>
  working().map(({ quantity, stopPrice }) => [quantity.toFixed(), stopPrice?.toFixed()] as const);
const lot = async () => (await house.store.get(accountLedgers, account().id))?.lots[0];

/** A process that leads the account and looks after its stops, at a price that stands. */
async function lead(price: Decimal.Value): Promise<void> {
  const { store, clock, timers } = house;
  await house.move("AAPL", d(price));
  process = house.open();
  process.socket.start();
  await house.until(() => process.socket.broker.isReady(), "ready");
  const leases = createLeases({ store, clock, random: createSeededRandom("protection") });
  const lease = await leases.acquire("shares", { ttl: Temporal.Duration.from({ hours: 9 }), holder: "x" });
  if (!lease.ok) throw new Error("the lease is held");
  const { broker, market: feed } = process.socket;
  const deps = { store, clock, timers, log: silentLog, leases, account: account(), broker };
  executor = createOrderExecutor({
    ...{ ...deps, subscriber: "worker" },
    attend: withProtection({ ...deps, feed, announce: async () => undefined }, async () => false),
    clearWay: (order) => clearWay(deps, order),
  });
  executor.lead({ lease: lease.value, isSafe: () => true });
}

async function want(clientOrderId: string, ticket: OrderRecord["ticket"]): Promise<void> {
  const { id } = account();
  const order = newOrderRecord({ connection: id, clientOrderId, source: BOT, ticket }, house.now());
  await house.store.transact(async (transaction) =>
    transaction.set(orders, orderId(id, clientOrderId), { ...order, bot: BOT }),
  );
  void executor.wake();
}

const open = (side: "buy" | "sell", distance: Decimal.Value) =>
  want("entry", {
    ...{ instrument: "AAPL", side, quantity: d(10), type: "market", timeInForce: "ioc" },
    stopLoss: { distance: d(distance) },
  });

async function close(clientOrderId: string, quantity: number): Promise<void> {
  const held = await lot();
  if (held === undefined) throw new Error("nothing is held");
  await want(clientOrderId, { ...exitTicket(held), quantity: d(quantity) });
}

const hasStop = (quantity: number) => () =>
  working().length === 1 &&
  working().every((one) => one.stopPrice !== undefined && one.quantity.eq(quantity));

test("a stop rests for what was filled, follows a close of a part, comes back in a halt, and ends the position", async () => {
  await lead(100);

  await open("buy", 5);
  await house.until(hasStop(10), "a stop for ten");
  const [first] = stops();
  await close("part", 4);
  await house.until(hasStop(6), "a stop for six");
  const [second] = stops();
  const held = await lot();
  await house.store.transact(async (transaction) =>
    transaction.set(tradingStates, "all", {
      ...{ state: "halted", who: { kind: "system" }, why: "test", at: house.now() },
    }),
  );
  void executor.control();
  const [resting] = working();
  void process.socket.broker.cancel(resting?.brokerOrderId ?? "", () => true);
  await house.until(() => working().length === 0, "the stop is gone");
  await house.until(hasStop(6), "the stop is back");
  await house.move("AAPL", d(94));
  await house.until(() => process.socket.broker.positions().length === 0, "the position is gone");
  await house.pass(2_000);

  const stop = held?.price.minus(5).toDecimalPlaces(2, Decimal.ROUND_UP).toFixed();
  expect([first, second]).toEqual([
    ["10", stop],
    ["6", stop],
  ]);
  expect(held?.quantity.toFixed()).toBe("6");
  expect([working(), await lot()]).toEqual([[], undefined]);
  const all = (await house.store.query(orders)).map(({ value }) => value);
  expect(all.filter((one) => one.state === "filled").map((one) => one.filledQuantity.toFixed())).toEqual(
    expect.arrayContaining(["10", "4", "6"]),
  );
  expect(all.filter((one) => ["rejected", "unknown", "absent", "not-sent"].includes(one.state))).toEqual([]);
});

test.each([
  ["of a long position bought above a dollar, under it in hundredths of a cent", "buy", "1.02", "0.03335"],
  ["of a short position sold under a dollar, above it in cents", "sell", "0.98", "0.05775"],
] as const)("a stop is on the broker's tick: %s", async (_what, side, price, distance) => {
  await lead(price);

  await open(side, distance);
  await house.until(hasStop(10), "a stop");

  const held = await lot();
  const wanted = held?.stopLoss ?? d(0);
  const [stop] = working();
  expect(wanted.gt(1)).toBe(side === "sell");
  expect(stop?.stopPrice?.toFixed()).toBe(
    (side === "buy"
      ? wanted.toDecimalPlaces(4, Decimal.ROUND_UP)
      : wanted.toDecimalPlaces(2, Decimal.ROUND_DOWN)
    ).toFixed(),
  );
});

test("a limit order whose bot's session ends before the exchange's is placed, and withdrawn then, also after a restart", async () => {
  await lead(100);
  await want("early", {
    ...{ instrument: "AAPL", side: "buy", quantity: d(10), type: "limit", limitPrice: d(90) },
    ...{ stopLoss: { price: d(85) }, timeInForce: "gtd", expiresAt: house.now().add({ seconds: 60 }) },
  });
  await house.until(() => working().length === 1, "the order rests");
  executor.close();
  process.kill();

  await lead(100);
  await house.until(() => working().length === 1, "the order is seen again");
  const restedAt = house.now();
  await house.until(() => working().length === 0, "the order is gone");

  const order = await house.store.get(orders, orderId(account().id, "early"));
  expect(order).toMatchObject({ state: "cancelled", filledQuantity: d(0) });
  const end = order?.ticket.expiresAt ?? restedAt;
  expect(restedAt.epochMilliseconds).toBeLessThan(end.epochMilliseconds);
  expect(house.now().since(end).total("seconds")).toBeLessThan(5);
});
