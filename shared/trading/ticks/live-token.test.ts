/** Ticks of a live account: no order without a live token that the worker has proved. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  aBot,
  aConfig,
  aLot,
  BUY,
  CONNECTION,
  GOLD,
  liveAccount,
  openTickHouse,
  TEN,
  type TickHouse,
} from "../../../tests/support/tick-house.ts";
import type { Fill } from "../../brokers/trading-broker.ts";
import type { Signal } from "../../strategies/strategy.ts";
import { acknowledgements, type TokenRecord, tokens } from "../../tokens/records.ts";
import { withFill } from "../order-progress.ts";
import { orders } from "../records.ts";

const FILL: Fill = {
  ...{ id: "f1", brokerOrderId: "b1", positionId: "p1", instrument: GOLD, side: "buy", at: TEN },
  ...{ quantity: new Decimal(1), price: new Decimal(1), commission: new Decimal(0) },
};

/** Its worker has compared the clocks. */
const LIVE = { account: CONNECTION, mode: "live", environment: "demo", driftMs: 40 } as const;

let house: TickHouse;
beforeEach(async () => {
  house = await openTickHouse({ bots: [aBot({ mode: "live" })] });
  await house.account(LIVE);
});
afterEach(() => house.close());

async function token(generation: number, over: Partial<TokenRecord> = {}): Promise<void> {
  await house.store.transact(async (transaction) =>
    transaction.set(tokens, CONNECTION, {
      ...{ connection: CONNECTION, generation, version: generation, authorization: "a" },
      ...{ issuedAt: TEN, lastUsedAt: TEN, expiresAt: TEN.add({ hours: 24 }), ...over },
    }),
  );
}

async function proved(generation: number): Promise<void> {
  await house.store.transact(async (transaction) =>
    transaction.set(acknowledgements, `${CONNECTION}:worker`, {
      ...{ connection: CONNECTION, generation, version: generation, by: "worker", at: TEN },
      ...{ accounts: 1, latencyMs: 1, account: "1234" },
    }),
  );
}

async function tick(answer: Signal = BUY) {
  house.script.answer = answer;
  const config = { ...aConfig(house.config.bots), accounts: [liveAccount(CONNECTION)] };
  const outcome = await house.start({ over: { config } })({
    bot: "gold",
    instant: house.clock.now(),
  });
  return outcome.kind === "ran" ? outcome.record : undefined;
}

test.each<[string, number | undefined, number | undefined, Partial<TokenRecord>]>([
  ["there is none", undefined, undefined, {}],
  ["nobody has proved it", 2, undefined, {}],
  ["another one was proved", 2, 1, {}],
  ["it has ended", 2, 2, { expiresAt: TEN }],
  ["the broker has refused it", 2, 2, { rejected: { at: TEN, code: "X" } }],
])("no order without a token that can be used: %s", async (_, generation, acknowledged, over) => {
  if (generation !== undefined) await token(generation, over);
  if (acknowledged !== undefined) await proved(acknowledged);

  expect(await tick()).toMatchObject({ reason: "TOKEN_MISSING", orders: [] });
  expect(await house.orders()).toEqual([]);
});

test("a proved token lets an order be, on the account of the connection itself", async () => {
  await token(2);
  await proved(2);

  expect(await tick()).toMatchObject({ reason: "ORDER_PROPOSED" });
  expect(await house.orders()).toMatchObject([{ connection: CONNECTION }]);
});

test("a token that ends before the order could be looked after is refused by its control", async () => {
  await token(2, { expiresAt: TEN.add({ seconds: 20 }) });
  await proved(2);

  const ran = await tick();
  expect([ran?.reason, ran?.text.split(":")[0]]).toEqual(["RISK_DENIED", "TOKEN_NOT_READY"]);
});

test.each([
  ["nobody has compared the clocks", { driftMs: undefined }, "look whether ctrader-demo is connected"],
  ["the worker's clock is ahead", { driftMs: 1_001 }, "1001 ms ahead of the broker's"],
  ["the worker's clock is behind", { driftMs: -1_001 }, "1001 ms behind the broker's"],
])("no order that opens while %s", async (_, over, told) => {
  const { driftMs: _known, ...unmeasured } = LIVE;
  await token(2);
  await proved(2);
  await house.account({ ...unmeasured, ...(over.driftMs !== undefined && { driftMs: over.driftMs }) });

  const ran = await tick();

  expect(ran).toMatchObject({ reason: "RISK_DENIED", orders: [] });
  expect(ran?.text).toMatch(/^CLOCK_DRIFT: /);
  expect(ran?.text).toContain(told);
});

test("a close is not trapped by a token: it waits for the worker as long as it may", async () => {
  await house.lots([aLot()], CONNECTION);

  expect(await tick({ kind: "exit", positionId: "p1", why: "it falls" })).toMatchObject({
    reason: "ORDER_PROPOSED",
  });
});

test("what live market orders were filled worse than quoted stops the next, until it is a day old", async () => {
  const quiet = { [GOLD]: [2_400, 2_400.4] } as const;
  /** A tick a while later, at the same price. */
  const later = async (hours: number) => {
    await house.clock.advanceBy(Temporal.Duration.from({ hours }));
    await house.quote(quiet);
    await house.bars(5);
    await house.account({ ...LIVE, at: house.clock.now() });
    return tick();
  };
  await token(2, { expiresAt: TEN.add({ hours: 99 }) });
  await proved(2);

  await tick();
  const [order] = await house.orders();
  if (order === undefined) throw new Error("no order");
  // 0.5 % above the ask; 0.3 % are allowed.
  const { quantity } = order.ticket;
  const price = order.quotedPrice?.times("1.005") ?? order.ticket.quantity;
  const fill = { ...FILL, quantity, price };
  await house.store.transact(async (transaction) =>
    transaction.set(orders, `${CONNECTION}:${order.clientOrderId}`, withFill(order, fill, TEN)),
  );
  const soon = await later(1);
  const nextDay = await later(24);

  expect(order.quotedPrice?.toFixed()).toBe("2400.4");
  expect(soon).toMatchObject({
    reason: "RISK_DENIED",
    text: "SLIPPAGE: A slippage of 0.5 % is expected; 0.3 % are allowed.",
  });
  expect(nextDay).toMatchObject({ reason: "ORDER_PROPOSED" });
});

test("real money is not moved by a bot", async () => {
  await token(2);
  await proved(2);
  const connections = house.config.connections.map((one) =>
    one.broker === "ctrader" ? { ...one, environment: "live" as const } : one,
  );
  const config = { ...aConfig(house.config.bots), connections, accounts: [liveAccount(CONNECTION)] };
  house.script.answer = BUY;
  await house.account({ ...LIVE, environment: "live" });

  const outcome = await house.start({ over: { config } })({ bot: "gold", instant: TEN });

  expect(outcome).toMatchObject({ record: { reason: "RISK_DENIED" } });
  expect(await house.orders()).toEqual([]);
});
