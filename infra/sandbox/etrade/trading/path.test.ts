/** What happens between two looks: prices that come and go, stops that are hit, restarts. */
import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { type Rig, startRig } from "../testing/rig.ts";
import { startTrader, type Ticket } from "../testing/trader.ts";
import { openFloor } from "../testing/trading-floor.ts";
import { filledOf } from "./records.ts";

const OPEN = "2026-01-05T16:00:00Z";

let rigs: Rig[] = [];
afterEach(async () => {
  await Promise.all(rigs.map((rig) => rig.close()));
  rigs = [];
});

function placed(answer: ReturnType<ReturnType<typeof openFloor>["order"]>): number {
  if (!("orderId" in answer)) throw new Error(`refused with ${answer.code}`);
  return answer.orderId;
}

test("a stop that is hit between two looks is found, at the price of that moment", () => {
  const floor = openFloor({ now: OPEN });
  floor.move("AAPL", 250, true);
  const ticket: Ticket = { id: "stop1", action: "SELL", priceType: "STOP", stopPrice: 245, quantity: 40 };
  const orderId = placed(floor.order(ticket));
  floor.now = floor.now.add({ minutes: 5 });
  floor.move("AAPL", 244, true);
  const hitAt = floor.now.epochMilliseconds;
  floor.now = floor.now.add({ minutes: 5 });
  floor.move("AAPL", 260, true);

  floor.now = floor.now.add({ hours: 1 });
  const order = floor.trading().orders.find((one) => one.orderId === orderId);

  expect(order).toMatchObject({ status: "EXECUTED", fills: [{ at: hitAt, quantity: 40, cents: 24_398 }] });
});

test("a limit is filled within a night of one step when the price comes to it in the morning", () => {
  const floor = openFloor({ now: "2026-01-06T02:00:00Z" });
  floor.move("AAPL", 250);
  const limit = { priceType: "LIMIT", limitPrice: "252.00", orderTerm: "GOOD_UNTIL_CANCEL" };
  const orderId = placed(floor.order({ id: "gtc1", quantity: 1, ...limit }));

  floor.now = floor.now.add({ hours: 24 });
  const [order] = floor.trading().orders.filter((one) => one.orderId === orderId);

  expect(order?.status).toBe("EXECUTED");
  const at = order?.fills[0]?.at ?? 0;
  expect(at).toBeGreaterThanOrEqual(Date.parse("2026-01-06T14:30:00Z"));
  expect(at).toBeLessThan(Date.parse("2026-01-06T21:00:00Z"));
  expect(order?.fills[0]?.cents).toBeLessThanOrEqual(25_200);
});

test("a trailing stop follows the best price and is hit at its distance below it", () => {
  const floor = openFloor({ now: OPEN });
  floor.move("AAPL", 250, true);
  const ticket: Ticket = {
    id: "tr1",
    action: "SELL",
    priceType: "TRAILING_STOP_CNST",
    stopPrice: 5,
    quantity: 1,
  };
  const orderId = placed(floor.order(ticket));
  const statuses = [];
  for (const price of [246, 260, 256, 254]) {
    floor.now = floor.now.add({ minutes: 1 });
    floor.move("AAPL", price, true);
    statuses.push(floor.trading().orders.find((one) => one.orderId === orderId)?.status);
  }

  expect(statuses).toEqual(["OPEN", "OPEN", "OPEN", "EXECUTED"]);
});

test("a stop limit that is hit waits for its limit", () => {
  const floor = openFloor({ now: OPEN });
  floor.move("AAPL", 250, true);
  const prices = { priceType: "STOP_LIMIT", stopPrice: 245, limitPrice: 244 };
  const orderId = placed(floor.order({ id: "sl1", action: "SELL", quantity: 1, ...prices }));
  const cents = [];
  for (const price of [243, 244.5]) {
    floor.now = floor.now.add({ minutes: 1 });
    floor.move("AAPL", price, true);
    cents.push(floor.trading().orders.find((one) => one.orderId === orderId)?.fills[0]?.cents);
  }

  expect(cents).toEqual([undefined, 24_448]);
});

test("immediate-or-cancel and fill-or-kill are over at once, filled or not", () => {
  const floor = openFloor({ now: OPEN });
  floor.faults = { ...floor.faults, partialFillShare: 1 };
  floor.move("AAPL", 250, true);
  const order = (id: string, orderTerm: string, limitPrice: number) =>
    placed(floor.order({ id, orderTerm, limitPrice, priceType: "LIMIT", quantity: 10 }));
  const ids = [
    order("ioc1", "IMMEDIATE_OR_CANCEL", 251),
    order("ioc2", "IMMEDIATE_OR_CANCEL", 249),
    order("fok1", "FILL_OR_KILL", 251),
    order("fok2", "FILL_OR_KILL", 249),
  ];

  floor.now = floor.now.add({ seconds: 1 });
  const { orders } = floor.trading();

  const found = ids.map((id) => orders.find((one) => one.orderId === id));
  expect(found.map((one) => [one?.status, one && filledOf(one)])).toEqual([
    ["CANCELLED", 4],
    ["CANCELLED", 0],
    ["EXECUTED", 10],
    ["CANCELLED", 0],
  ]);
});

test("a partial fill is two fills, the second later and at its own price", () => {
  const floor = openFloor({ now: OPEN });
  floor.faults = { ...floor.faults, partialFillShare: 1 };
  floor.move("AAPL", 250, true);
  const orderId = placed(floor.order({ id: "p1", quantity: 10 }));
  floor.now = floor.now.add({ seconds: 1 });
  const first = structuredClone(floor.trading().orders.find((one) => one.orderId === orderId));
  floor.move("AAPL", 251, true);
  floor.now = floor.now.add({ seconds: 10 });
  const second = floor.trading().orders.find((one) => one.orderId === orderId);

  expect(first).toMatchObject({ status: "OPEN", fills: [{ quantity: 4, cents: 25_003 }] });
  expect(second).toMatchObject({
    status: "EXECUTED",
    fills: [
      { quantity: 4, cents: 25_003 },
      { quantity: 6, cents: 25_103 },
    ],
  });
  expect(second?.fills[1]?.at).toBe((second?.fills[0]?.at ?? 0) + 5_000);
});

test("a moved price is what quotes say, and goes on from there", async () => {
  const rig = await startRig({ now: OPEN });
  rigs.push(rig);
  const trader = await startTrader(rig);
  const last = async () => {
    const answer = await rig.call("/v1/market/quote/AAPL.json", { token: trader.token });
    return JSON.parse(answer.body).QuoteResponse.QuoteData[0].All.lastTrade;
  };

  rig.simulator.setFaults({ movePrice: { symbol: "AAPL", price: 123.45 } });
  const moved = await last();
  rig.simulator.setFaults({ freezePrices: true });
  rig.now = rig.now.add({ hours: 1 });
  const frozen = await last();
  rig.simulator.setFaults({ freezePrices: false });
  const released = await last();

  expect([moved, frozen]).toEqual([123.45, 123.45]);
  expect(released).not.toBe(123.45);
  expect(Math.abs(released - 123.45)).toBeLessThan(6);
  expect(rig.simulator.faults().find(({ name }) => name === "movePrice")?.value).toBeNull();
});

test("a restart keeps orders, fills, money, previews and moved prices", async () => {
  const key = new Uint8Array(createHash("sha256").update("key").digest());
  const aStorage = () => {
    const kept = {
      text: undefined as string | undefined,
      load: () => kept.text,
      save: (text: string) => {
        kept.text = text;
      },
    };
    return kept;
  };
  const [tokens, tradingStorage] = [aStorage(), aStorage()];
  const start = async () => {
    const rig = await startRig({ now: OPEN, storage: { ...tokens, key }, tradingStorage });
    rigs.push(rig);
    return rig;
  };
  const before = await start();
  const trader = await startTrader(before);
  before.simulator.setFaults({ movePrice: { symbol: "AAPL", price: 200, hold: true } });
  await trader.order({ id: "r1", quantity: 5 });
  await trader.order({ id: "r2", priceType: "LIMIT", limitPrice: 150, quantity: 1 });
  const preview = JSON.parse((await trader.preview({ id: "r3", quantity: 1 })).body).PreviewOrderResponse;
  before.now = before.now.add({ seconds: 1 });
  const held = [await trader.list(), await trader.balance(), await trader.positions()];
  await before.close();

  const after = await start();
  after.now = before.now;
  const again = await startTrader(after);
  const found = [await again.list(), await again.balance(), await again.positions()];
  const placed = await again.place({ id: "r3", quantity: 1 }, preview.PreviewIds);
  const used = await again.preview({ id: "r1", quantity: 1 });

  expect(found).toEqual(held);
  expect(placed.status).toBe(200);
  expect(used.status).toBe(400);
});

test("the state shows orders, fills, positions and money of all open accounts", async () => {
  const rig = await startRig({ now: OPEN });
  rigs.push(rig);
  const trader = await startTrader(rig);
  rig.simulator.setFaults({ movePrice: { symbol: "AAPL", price: 250, hold: true } });
  const orderId = await trader.order({ id: "shown1", quantity: 2 });
  rig.now = rig.now.add({ seconds: 1 });

  const { accounts } = rig.simulator.state();

  expect(accounts).toHaveLength(3);
  expect(accounts[0]).toMatchObject({
    accountIdKey: trader.key,
    cash: 24_810.36,
    reserved: 0,
    positions: expect.arrayContaining([{ symbol: "AAPL", quantity: 42, last: 250 }]),
    orders: [
      { orderId, clientOrderId: "shown1", status: "EXECUTED", fills: [{ quantity: 2, price: 250.03 }] },
    ],
  });
});
