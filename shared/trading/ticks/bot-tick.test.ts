import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  aBot,
  aLot,
  BUY,
  CONNECTION,
  GOLD,
  HOLD,
  openTickHouse,
  PAPER,
  TEN,
  type TickHouse,
} from "../../../tests/support/tick-house.ts";
import type { AuditFact } from "../../audit/audit-log.ts";
import type { StrategyContext } from "../../strategies/strategy.ts";
import { riskEvents } from "../control/records.ts";
import { markets } from "../market-recorder.ts";
import { orderId, orders, type TradingStateRecord, tradingStates } from "../records.ts";
import { accountRisks } from "../risk/records.ts";
import { ticks } from "./records.ts";

let house: TickHouse;
beforeEach(async () => {
  house = await openTickHouse();
});
afterEach(() => house.close());

const minutes = (count: number) => Temporal.Duration.from({ minutes: count });

/** Runs the tick of now in a process of its own. */
async function tick(instant = house.clock.now(), run = house.start()) {
  const outcome = await run({ bot: house.bot.id, instant });
  if (outcome.kind !== "ran" && outcome.kind !== "ran-before") throw new Error(outcome.kind);
  return { kind: outcome.kind, ...outcome.record };
}

async function halt(scope: string, state: TradingStateRecord["state"] = "halted"): Promise<void> {
  const record = { state, who: { kind: "terminal" as const }, why: "by hand", at: house.clock.now() };
  await house.store.transact(async (transaction) => transaction.set(tradingStates, scope, record));
}

async function setOrder(clientOrderId: string, over: Partial<(typeof orders)["schema"]["_zod"]["output"]>) {
  const before = await house.store.get(orders, orderId(PAPER, clientOrderId));
  if (before === undefined) throw new Error("no such order");
  await house.store.transact(async (transaction) =>
    transaction.set(orders, orderId(PAPER, clientOrderId), { ...before, ...over }),
  );
}

describe("a signal", () => {
  test("becomes one order, with its tick and what it reserves, and the worker is woken", async () => {
    house.script.answer = BUY;

    const ran = await tick();

    const [order, ...others] = await house.orders();
    expect(others).toEqual([]);
    expect(ran).toMatchObject({ kind: "ran", reason: "ORDER_PROPOSED", orders: [order?.clientOrderId] });
    expect(ran.text).toBe("buy 2.55 XAUUSD at market: it rises");
    expect(order).toMatchObject({
      ...{ connection: PAPER, bot: "gold", source: "gold", why: "it rises", state: "created", isDue: true },
      ticket: { instrument: GOLD, side: "buy", type: "market", timeInForce: "ioc" },
    });
    expect(order?.clientOrderId).toMatch(/^[0-9a-z]{20}$/);
    expect(order?.ticket).toMatchObject({
      // Half a percent of 10,000 at a stop 10 away, and two fills that slip 0.2 % of 2,400.40.
      quantity: new Decimal("2.55"),
      stopLoss: { distance: new Decimal(10) },
      takeProfit: { distance: new Decimal(20) },
    });
    expect([String(order?.tick), String(order?.sendBy)]).toEqual([String(TEN), "2026-11-23T15:00:45Z"]);
    const risk = await house.store.get(accountRisks, PAPER);
    expect(risk?.reservations).toMatchObject([{ clientOrderId: order?.clientOrderId, opens: true }]);
    expect(house.bus.published).toEqual([{ connection: PAPER, clientOrderId: order?.clientOrderId }]);
  });

  test("that opens at the market is not sent long after, however late the bot lets its ticks run", async () => {
    await house.close();
    house = await openTickHouse({ bots: [aBot({ toleranceSeconds: 3_600 })] });
    house.script.answer = BUY;

    await tick();

    const [order] = await house.orders();
    expect(String(order?.sendBy)).toBe(String(house.clock.now().add({ minutes: 2 })));
  });

  test("of a limit rests until the session ends, with its levels by price", async () => {
    await house.close();
    house = await openTickHouse({ bots: [aBot({ session: "exchange" })] });
    house.script.answer = { ...BUY, limitPrice: 2_395.237 };

    await tick();

    const [order] = await house.orders();
    expect(order?.ticket).toMatchObject({
      ...{ type: "limit", timeInForce: "gtd", limitPrice: new Decimal("2395.23") },
      stopLoss: { price: new Decimal("2385.23") },
      takeProfit: { price: new Decimal("2415.23") },
    });
    expect([String(order?.ticket.expiresAt), String(order?.sendBy)]).toEqual([
      "2026-11-23T21:00:00Z",
      "2026-11-23T21:00:00Z",
    ]);
  });

  test("to leave closes the whole position by its id", async () => {
    await house.lots([aLot()]);
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };

    const ran = await tick();

    const [order] = await house.orders();
    expect(ran).toMatchObject({
      reason: "ORDER_PROPOSED",
      text: "close by sell 2 XAUUSD at market: it falls",
    });
    expect(order?.ticket).toMatchObject({
      side: "sell",
      closes: "p1",
      quantity: new Decimal(2),
      type: "market",
    });
    expect(order?.ticket.stopLoss).toBeUndefined();
  });

  test("a second one while the close is on its way writes none", async () => {
    await house.lots([aLot()]);
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };
    await tick();
    await house.clock.advanceBy(minutes(1));

    expect(await tick()).toMatchObject({ reason: "ORDER_UNDER_WAY", orders: [] });
    expect(await house.orders()).toHaveLength(1);
  });

  test("for a position of another bot, or one that is gone, writes none", async () => {
    await house.lots([aLot({ bot: "other" })]);
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };

    expect(await tick()).toMatchObject({ reason: "POSITION_GONE", orders: [] });
  });

  test("to open while the bot has a position, or an order on its way, writes none", async () => {
    house.script.answer = BUY;
    await tick();
    await house.clock.advanceBy(minutes(1));
    await house.quote({ [GOLD]: [2_400, 2_400.4] });
    expect(await tick()).toMatchObject({ reason: "ORDER_UNDER_WAY", orders: [] });

    await house.lots([aLot()]);
    await house.clock.advanceBy(minutes(1));
    await house.quote({ [GOLD]: [2_400, 2_400.4] });
    expect(await tick()).toMatchObject({ reason: "POSITION_HELD", orders: [] });
    expect(await house.orders()).toHaveLength(1);
  });

  test("sees only the bot's own positions", async () => {
    await house.lots([
      aLot(),
      aLot({ positionId: "p2", bot: "other" }),
      aLot({ positionId: "p3", instrument: "EURUSD" }),
    ]);
    const seen: StrategyContext[] = [];
    house.script.answer = (context) => {
      seen.push(context);
      return HOLD;
    };

    await tick();

    expect(seen[0]?.positions).toMatchObject([{ id: "p1", side: "buy", quantity: 2, price: 2_390 }]);
  });
});

describe("a resting order", () => {
  const LIMIT = { ...BUY, limitPrice: 2_395 } as const;

  async function rest() {
    house.script.answer = LIMIT;
    const { orders: ids } = await tick();
    const [id = ""] = ids;
    await setOrder(id, { state: "accepted", isDue: false, brokerOrderId: "b1" });
    await house.clock.advanceBy(minutes(1));
    await house.quote({ [GOLD]: [2_400, 2_400.4] });
    house.bus.published.length = 0;
    return id;
  }

  test("that is still wanted stays", async () => {
    await rest();

    expect(await tick()).toMatchObject({ reason: "ORDER_RESTING", orders: [] });
    expect(house.bus.published).toEqual([]);
  });

  test.each([
    ["the strategy wants nothing", HOLD],
    ["it wants another price", { ...LIMIT, limitPrice: 2_394 }],
    ["it wants the other side", { ...BUY, side: "sell", limitPrice: 2_405 }],
    ["it wants the market's price", BUY],
    [
      "the strategy fails",
      () => {
        throw new Error("divided by zero");
      },
    ],
  ] as const)("is cancelled, and nothing takes its place yet, when %s", async (_, answer) => {
    const id = await rest();
    house.script.answer = answer;

    expect(await tick()).toMatchObject({ reason: "ORDER_CANCELLED", orders: [] });
    const all = await house.orders();
    expect(all).toMatchObject([{ clientOrderId: id, isDue: true, state: "accepted" }]);
    expect(all[0]?.cancelRequestedAt).toBeDefined();
    expect(house.bus.published).toEqual([{ connection: PAPER, clientOrderId: id }]);
  });

  test("that is filled, with its fills still on their way, is left alone", async () => {
    const id = await rest();
    await setOrder(id, { state: "filled", isDue: false });
    house.script.answer = HOLD;

    expect(await tick()).toMatchObject({ reason: "NO_SIGNAL" });
    expect(await house.orders()).toMatchObject([{ clientOrderId: id, isDue: false, state: "filled" }]);
  });

  test.each([
    [
      "leaves the position, which the rest would open anew",
      { kind: "exit", positionId: "p1", why: "it falls" },
      "ORDER_PROPOSED",
    ],
    ["wants the other side", { ...BUY, side: "sell", limitPrice: 2_405 }, "ORDER_CANCELLED"],
  ] as const)("that is filled in part is cancelled when the strategy %s", async (_, answer, reason) => {
    const id = await rest();
    await setOrder(id, { state: "partially-filled", isDue: false, filledQuantity: new Decimal(2) });
    await house.lots([aLot({ clientOrderId: id })]);
    house.script.answer = answer;

    expect(await tick()).toMatchObject({ reason });

    const [resting] = await house.orders();
    expect(resting).toMatchObject({ clientOrderId: id, isDue: true });
    expect(resting?.cancelRequestedAt).toBeDefined();
  });

  test("that is filled in part and still wanted stays", async () => {
    const id = await rest();
    await setOrder(id, { state: "partially-filled", isDue: false, filledQuantity: new Decimal(2) });
    await house.lots([aLot({ clientOrderId: id })]);

    expect(await tick()).toMatchObject({ reason: "POSITION_HELD", orders: [] });
    expect(await house.orders()).toMatchObject([{ clientOrderId: id, isDue: false }]);
  });

  test("makes room once it is cancelled", async () => {
    const id = await rest();
    await setOrder(id, { state: "cancelled" });
    house.script.answer = { ...LIMIT, limitPrice: 2_394 };

    expect(await tick()).toMatchObject({ reason: "ORDER_PROPOSED" });
  });
});

describe("nothing happens", () => {
  test("when the strategy wants nothing, in its words", async () => {
    expect(await tick()).toMatchObject({ reason: "NO_SIGNAL", text: "nothing moves", orders: [] });
    expect(house.bus.published).toEqual([]);
  });

  test.each([
    ["too few bars", "WARMING_UP", () => house.needsBars(50)],
    ["no price", "NO_QUOTE", () => house.quote({})],
    [
      "an old price",
      "QUOTE_STALE",
      () => house.quote({ [GOLD]: [2_400, 2_400.4] }, TEN.subtract({ seconds: 61 })),
    ],
    ["an instrument that is not traded now", "MARKET_CLOSED", () => house.rules({ isTradable: false })],
    ["everything halted", "HALTED", () => halt("all")],
    ["the account halted", "HALTED", () => halt(PAPER)],
    ["the bot halted", "HALTED", () => halt("bot:gold")],
    ["only closing allowed", "REDUCING", () => halt("bot:gold", "reducing")],
    [
      "a break",
      "NOT_RECONCILED",
      () => house.account({ isReconciled: false, break: { code: "X", text: "They differ.", since: TEN } }),
    ],
    ["too wide a spread", "RISK_DENIED", () => house.quote({ [GOLD]: [2_400, 2_420] })],
    ["no money for the smallest order", "NO_SIZE", () => house.rules({ minimumQuantity: new Decimal(100) })],
    ["no way to reckon in the account's currency", "NO_SIZE", () => house.rules({ currency: "MYR" })],
  ] as const)("with %s: %s", async (_, reason, given) => {
    house.script.answer = BUY;
    await given();

    expect(await tick()).toMatchObject({ reason, orders: [] });
    expect(await house.orders()).toEqual([]);
    expect(house.bus.published).toEqual([]);
  });

  test("while no worker has led the account", async () => {
    house.script.answer = BUY;
    await house.store.transact(async (transaction) =>
      transaction.delete((await import("../account-record.ts")).accounts, PAPER),
    );

    expect(await tick()).toMatchObject({ reason: "WORKER_AWAY" });
  });

  test("while the worker is silent for three minutes, but a close is written for whoever comes back", async () => {
    house.script.answer = BUY;
    await house.clock.advanceBy(minutes(3));
    await house.store.transact(async (transaction) => {
      const market = { connection: CONNECTION, symbols: [], at: house.clock.now() };
      const quote = {
        symbol: GOLD,
        bid: new Decimal(2_400),
        ask: new Decimal("2400.4"),
        at: house.clock.now(),
      };
      transaction.set(markets, CONNECTION, { ...market, symbols: [quote] });
    });

    expect(await tick()).toMatchObject({ reason: "WORKER_AWAY", orders: [] });

    await house.lots([aLot()]);
    await house.clock.advanceBy(Temporal.Duration.from({ seconds: 60 }));
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };
    expect(await tick()).toMatchObject({ reason: "ORDER_PROPOSED" });
  });

  test("while trading is halted, not even a close", async () => {
    await house.lots([aLot()]);
    await halt("all");
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };

    expect(await tick()).toMatchObject({ reason: "HALTED", orders: [] });
  });

  test("but a close may go while only closing is allowed and the account is not reconciled", async () => {
    await house.lots([aLot()]);
    await halt("all", "reducing");
    await house.account({ isReconciled: false });
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };

    expect(await tick()).toMatchObject({ reason: "ORDER_PROPOSED" });
  });

  test("but a close may go by an old price: it would keep the bot in", async () => {
    await house.lots([aLot()]);
    await house.quote({ [GOLD]: [2_400, 2_400.4] }, TEN.subtract({ seconds: 61 }));
    house.script.answer = HOLD;
    expect(await tick()).toMatchObject({ reason: "QUOTE_STALE" });

    await house.clock.advanceBy(minutes(1));
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };
    expect(await tick()).toMatchObject({ reason: "ORDER_PROPOSED" });
  });

  test("nor does a price that is missing keep the bot in: the latest bar stands for it", async () => {
    await house.lots([aLot()]);
    await house.quote({});
    house.script.answer = BUY;
    expect(await tick()).toMatchObject({ reason: "NO_QUOTE", orders: [] });

    await house.clock.advanceBy(minutes(1));
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };
    expect(await tick()).toMatchObject({ reason: "ORDER_PROPOSED" });
  });

  test("to open when bars have stopped coming, however fresh the price; a close may go", async () => {
    house.script.answer = BUY;
    await house.clock.advanceBy(minutes(19));
    await house.quote({ [GOLD]: [2_400, 2_400.4] });
    await house.account();
    expect(await tick()).toMatchObject({
      reason: "BARS_STALE",
      text: "The latest M1 bar began 20 minutes ago; 16 are allowed.",
      orders: [],
    });

    await house.lots([aLot()]);
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };
    await house.clock.advanceBy(minutes(1));
    await house.quote({ [GOLD]: [2_400, 2_400.4] });
    expect(await tick()).toMatchObject({ reason: "ORDER_PROPOSED" });
  });

  test("but a strategy that asks for no bars opens without", async () => {
    await house.needsBars(0);
    const run = house.start();
    expect(await tick(TEN, run)).toMatchObject({ reason: "NO_SIGNAL" });
    house.script.answer = BUY;
    await house.clock.advanceBy(minutes(19));
    await house.quote({ [GOLD]: [2_400, 2_400.4] });
    await house.account();

    expect(await tick(house.clock.now(), run)).toMatchObject({ reason: "ORDER_PROPOSED" });
  });

  test("when it comes too late for the bot", async () => {
    house.script.answer = BUY;
    await house.clock.advanceBy(Temporal.Duration.from({ seconds: 46 }));

    expect(await tick(TEN)).toMatchObject({ reason: "TOO_LATE", orders: [] });
    await house.clock.advanceBy(minutes(60));
    expect(await tick(TEN)).toMatchObject({ kind: "ran-before", reason: "TOO_LATE" });
  });

  test("outside the session, with the calendar's word", async () => {
    await house.close();
    house = await openTickHouse({
      bots: [aBot({ session: "exchange" })],
      start: Temporal.Instant.from("2026-11-26T15:00:00Z"),
    });

    expect(await tick()).toMatchObject({
      reason: "MARKET_CLOSED",
      text: "The exchange is closed: Thanksgiving Day.",
    });
  });
});

describe("a strategy that fails ends the tick with no order", () => {
  test.each([
    [
      "it throws",
      () => {
        throw new Error("divided by zero");
      },
      "divided by zero",
    ],
    ["it answers nothing", () => undefined as never, "its answer is none"],
    ["a distance is none", () => ({ ...BUY, stopDistance: Number.NaN }), "stopDistance"],
    ["a price is below 0", () => ({ ...BUY, limitPrice: -1 }), "limitPrice"],
  ] as const)("%s", async (_, answer, words) => {
    house.script.answer = answer;

    const ran = await tick();

    expect(ran).toMatchObject({ reason: "STRATEGY_FAILED", orders: [] });
    expect(ran.text).toContain(words);
  });

  test("it cannot be loaded, and is tried again", async () => {
    let loads = 0;
    const { createStrategyRuns } = await import("./strategy-runs.ts");
    const { createBarBook } = await import("./bar-book.ts");
    const strategyOf = async () => {
      loads += 1;
      if (loads === 1) throw new Error("is no strategy");
      return house.strategyOf();
    };
    const run = house.start({
      over: { runs: createStrategyRuns({ bars: createBarBook(house), strategyOf }) },
    });

    expect(await tick(TEN, run)).toMatchObject({
      reason: "STRATEGY_FAILED",
      text: "The strategy failed: is no strategy",
    });
    await house.clock.advanceBy(minutes(1));
    expect(await tick(TEN.add({ minutes: 1 }), run)).toMatchObject({ reason: "NO_SIGNAL" });
  });
});

test("a refusal by the risk engine is written down, and its latch halts the bot in the same breath", async () => {
  await house.close();
  const limits = { ...JSON.parse(JSON.stringify(aBot().limits)), repeats: 1, duplicateWithin: 0 };
  house = await openTickHouse({ bots: [aBot({ limits })] });
  house.script.answer = BUY;
  const first = await tick();
  await setOrder(first.orders[0] ?? "", { state: "rejected", isDue: false });
  await house.clock.advanceBy(minutes(1));
  await house.quote({ [GOLD]: [2_400, 2_400.4] });
  house.bus.published.length = 0;

  const audited: AuditFact[] = [];
  const second = await tick(
    house.clock.now(),
    house.start({ over: { audit: async (fact) => void audited.push(fact) } }),
  );

  expect(audited).toEqual([
    { actor: "system", action: "halted", subject: "bot:gold", outcome: "REPEAT_THROTTLE" },
  ]);
  expect(second).toMatchObject({ reason: "RISK_DENIED", orders: [] });
  expect(second.text).toContain("REPEAT_THROTTLE: ");
  expect(await house.store.get(tradingStates, "bot:gold")).toMatchObject({
    state: "halted",
    who: { kind: "system" },
  });
  const events = (await house.store.query(riskEvents)).map(({ value }) => [value.kind, value.code]);
  expect(events).toContainEqual(["denied", "REPEAT_THROTTLE"]);
  expect(events).toContainEqual(["tripped", "REPEAT_THROTTLE"]);
  expect(house.bus.published).toEqual([{ scope: "bot:gold" }]);
  await house.clock.advanceBy(minutes(1));
  expect(await tick()).toMatchObject({ reason: "HALTED" });
});

test("a limit that fills up is told under the name of whose it is, the account's beside the bot's", async () => {
  await house.close();
  const limits = { ...JSON.parse(JSON.stringify(aBot().limits)), workingOrders: 2 };
  house = await openTickHouse({ bots: [aBot({ limits })] });
  house.script.answer = BUY;
  const accounts = house.config.accounts.map((one) => ({
    ...one,
    limits: { ...one.limits, workingOrders: 2 },
  }));

  const told = await tick(TEN, house.start({ over: { config: { ...house.config, accounts } } }));

  const events = await house.store.query(riskEvents);
  expect(told).toMatchObject({ reason: "ORDER_PROPOSED" });
  expect(events.map(({ id }) => id).filter((id) => id.includes("WORKING_ORDERS"))).toEqual(
    expect.arrayContaining([
      "2026-11-23:gold:WORKING_ORDERS:50",
      "2026-11-23:paper-ctrader-demo:WORKING_ORDERS:50",
    ]),
  );
});

test("a loss at its limit lets the bot only close: at once, at every later tick, and until a person lets it go on", async () => {
  await house.close();
  const limits = { ...JSON.parse(JSON.stringify(aBot().limits)), openPositions: 2 };
  house = await openTickHouse({ bots: [aBot({ limits, instruments: ["EURUSD", GOLD] })] });
  await house.quote({ [GOLD]: [2_400, 2_400.4], EURUSD: [2_400, 2_400.4] });
  await house.rules({ instrument: "EURUSD" });
  await house.bars(5, "EURUSD");
  await house.lots([aLot()]);
  await house.account({ equity: new Decimal(9_000) });
  const leave = { kind: "exit", positionId: "p1", why: "it falls" } as const;
  house.script.answer = ({ instrument }) => (instrument === GOLD ? leave : BUY);

  const first = await tick();
  const [close] = await house.orders();
  await setOrder(close?.clientOrderId ?? "", { state: "rejected", isDue: false });
  await house.clock.advanceBy(minutes(1));
  await house.quote({ [GOLD]: [2_400, 2_400.4], EURUSD: [2_400, 2_400.4] });
  const second = await tick();

  expect(first.instruments?.map(({ reason }) => reason)).toEqual(["RISK_DENIED", "ORDER_PROPOSED"]);
  expect(first.instruments?.[0]?.text).toContain("DAILY_LOSS: ");
  expect(second.instruments?.map(({ reason }) => reason)).toEqual(["REDUCING", "ORDER_PROPOSED"]);
  expect((await house.orders()).map(({ ticket }) => ticket.closes)).toEqual(["p1", "p1"]);
  expect(await house.store.get(tradingStates, PAPER)).toMatchObject({
    state: "reducing",
    who: { kind: "system" },
    why: expect.stringMatching(/^DAILY_LOSS: /),
    at: TEN,
  });
  expect((await house.store.query(riskEvents)).filter(({ value }) => value.kind === "tripped")).toHaveLength(
    1,
  );
});

test("so many refusals by the broker in a row halt the bot; one that it took begins the row anew", async () => {
  await house.close();
  const limits = { ...JSON.parse(JSON.stringify(aBot().limits)), rejectionsInRow: 2, duplicateWithin: 0 };
  house = await openTickHouse({ bots: [aBot({ limits })] });
  house.script.answer = BUY;
  const reasons: string[] = [];
  for (const state of ["rejected", "cancelled", "rejected", "rejected", "rejected"] as const) {
    const ran = await tick();
    reasons.push(ran.text.split(":")[0] ?? "");
    const [id] = ran.orders;
    if (id !== undefined) await setOrder(id, { state, isDue: false });
    await house.clock.advanceBy(minutes(1));
    await house.quote({ [GOLD]: [2_400, 2_400.4] });
  }

  expect(reasons.slice(0, 4).every((text) => text.startsWith("buy"))).toBe(true);
  expect(reasons[4]).toBe("REJECTIONS_IN_A_ROW");
});

test("refusals of a close halt nobody: the halt would keep the bot in what it wants to leave", async () => {
  await house.close();
  const limits = { ...JSON.parse(JSON.stringify(aBot().limits)), rejectionsInRow: 2, duplicateWithin: 0 };
  house = await openTickHouse({ bots: [aBot({ limits })] });
  await house.lots([aLot()]);
  house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };
  for (let refused = 0; refused < 4; refused += 1) {
    const [id] = (await tick()).orders;
    await setOrder(id ?? "", { state: "rejected", isDue: false });
    await house.clock.advanceBy(minutes(1));
    await house.quote({ [GOLD]: [2_400, 2_400.4] });
  }
  await house.lots([]);
  house.script.answer = BUY;

  expect(await tick()).toMatchObject({ reason: "ORDER_PROPOSED" });
});

test("a bot that is not configured any more, and an instant that is still to come, write nothing", async () => {
  const run = house.start();

  expect(await run({ bot: "gone", instant: TEN })).toEqual({ kind: "unknown-bot" });
  expect(await run({ bot: "gold", instant: TEN.add({ minutes: 1 }) })).toEqual({ kind: "too-early" });
  expect(await house.store.query(ticks)).toEqual([]);
});

test("of several instruments the record tells each, and its own reason is the foremost", async () => {
  await house.close();
  house = await openTickHouse({ bots: [aBot({ instruments: ["EURUSD", GOLD] })] });
  house.script.answer = BUY;

  expect(await tick()).toMatchObject({
    reason: "ORDER_PROPOSED",
    text: "buy 2.55 XAUUSD at market: it rises (XAUUSD, beside 1 other: 1 NO_QUOTE)",
    instruments: [
      { instrument: "EURUSD", reason: "NO_QUOTE" },
      { instrument: GOLD, reason: "ORDER_PROPOSED" },
    ],
  });
});

describe("an instrument that has left the bot's list", () => {
  const SILVER = "XAGUSD";
  const without = () => ({
    over: { config: { ...house.config, bots: [aBot({ instruments: [SILVER] })] } },
  });

  test("is looked at while the bot holds it, so that it can be left, and never opened again", async () => {
    await house.lots([aLot()]);
    house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };

    expect(await tick(TEN, house.start(without()))).toMatchObject({
      reason: "ORDER_PROPOSED",
      instruments: [
        { instrument: SILVER, reason: "NO_QUOTE" },
        { instrument: GOLD, reason: "ORDER_PROPOSED" },
      ],
    });
  });

  test("has its resting orders cancelled", async () => {
    house.script.answer = { ...BUY, limitPrice: 2_395 };
    const { orders: ids } = await tick();
    await setOrder(ids[0] ?? "", { state: "accepted", isDue: false, brokerOrderId: "b1" });
    await house.clock.advanceBy(minutes(1));

    expect(await tick(house.clock.now(), house.start(without()))).toMatchObject({
      reason: "ORDER_CANCELLED",
    });
    expect((await house.orders())[0]?.cancelRequestedAt).toBeDefined();
  });
});

test("two wishes of one tick are weighed one after the other", async () => {
  await house.close();
  house = await openTickHouse({ bots: [aBot({ instruments: ["EURUSD", GOLD] })] });
  await house.quote({ [GOLD]: [2_400, 2_400.4], EURUSD: [2_400, 2_400.4] });
  await house.rules({ instrument: "EURUSD" });
  await house.bars(5, "EURUSD");
  house.script.answer = BUY;

  const ran = await tick();

  // One position a bot.
  expect(ran.instruments?.map((one) => one.reason)).toEqual(["ORDER_PROPOSED", "RISK_DENIED"]);
  expect(ran.instruments?.[1]?.text).toContain("OPEN_POSITIONS: ");
  expect(await house.orders()).toHaveLength(1);
});
