import { Decimal } from "decimal.js";
import { expect, test } from "vitest";
import { createModelSession, type Fate } from "../../../tests/support/ctrader/model-session.ts";
import { recordedLog } from "../../../tests/support/recorded-log.ts";
import { fail, succeed } from "../../platform/result.ts";
import type { Fill, OrderStanding, OrderTicket } from "../trading-broker.ts";
import type { KnownSymbol, SymbolDirectory } from "./symbols.ts";
import { aClosingDeal, anEvent, anOrder } from "./testing/messages.ts";
import { openTrader } from "./trader.ts";
import { instantOf } from "./trader-views.ts";

const gold: KnownSymbol = {
  light: { symbolId: 1, symbolName: "XAUUSD" },
  rules: {
    symbolId: 1,
    digits: 2,
    pipPosition: 1,
    schedule: [],
    holiday: [],
    minVolume: 100,
    stepVolume: 100,
  },
  baseAsset: "XAU",
  quoteAsset: "USD",
};

/** A trader on the model broker; its names are known only once they were asked for. */
async function aTrader() {
  const session = createModelSession();
  const names: { isReachable: boolean; areKnown: boolean } = { isReachable: true, areKnown: false };
  const loadNames = () => {
    names.areKnown = names.areKnown || names.isReachable;
    return Promise.resolve(names.areKnown ? succeed(undefined) : fail("BROKER_TIMEOUT"));
  };
  const symbols: SymbolDirectory = {
    async byName(name) {
      const loaded = await loadNames();
      return loaded.ok ? succeed(name === "XAUUSD" ? gold : undefined) : loaded;
    },
    byId: () => (names.areKnown ? gold : undefined),
    nameOf: () => (names.areKnown ? "XAUUSD" : undefined),
    assetName: () => (names.areKnown ? "USD" : undefined),
    loadNames,
  };
  const { desk, book, timers } = session;
  const trader = openTrader({
    isReady: () => true,
    refresh: async () => succeed(undefined),
    currency: () => "USD",
    orders: desk,
    book,
    symbols,
    timers,
    log: recordedLog().log,
  });
  const fills: Fill[] = [];
  trader.onFill((fill) => fills.push(fill));
  void session.connect();
  await session.timers.advance(100);
  return { ...session, trader, fills, names };
}

const aTicket = (over: Partial<OrderTicket> = {}): OrderTicket => ({
  clientOrderId: "abc123",
  instrument: "XAUUSD",
  side: "buy",
  type: "market",
  quantity: new Decimal(3),
  timeInForce: "ioc",
  ...over,
});

async function placed(house: Awaited<ReturnType<typeof aTrader>>, ticket: OrderTicket, fate?: Fate) {
  if (fate !== undefined) house.fates.push(fate);
  const standings: OrderStanding[] = [];
  house.trader.place(
    ticket,
    () => true,
    (now) => standings.push(now),
  );
  await house.timers.advance(300);
  return standings;
}
const kinds = (standings: readonly OrderStanding[]) => standings.map(({ kind }) => kind);

test("a market order tells that it is accepted and then filled, with its fill in decimals", async () => {
  const house = await aTrader();

  const standings = await placed(house, aTicket());

  expect(kinds(standings)).toEqual(["accepted", "filled"]);
  const fill = {
    id: "103",
    brokerOrderId: "102",
    positionId: "101",
    clientOrderId: "abc123",
    instrument: "XAUUSD",
    side: "buy",
    quantity: new Decimal(3),
    price: new Decimal("1.1"),
    commission: new Decimal("-0.03"),
    at: instantOf(house.broker.deals[0]!.executionTimestamp),
  };
  expect(standings[1]).toEqual({ kind: "filled", brokerOrderId: "102", positionId: "101", fills: [fill] });
  expect(house.fills).toEqual([fill]);
});

test("a limit order tells each part of it, and what is at rest and open is in the product's words", async () => {
  const house = await aTrader();
  const standings = await placed(
    house,
    aTicket({
      type: "limit",
      limitPrice: new Decimal("2.5"),
      timeInForce: "gtc",
      stopLoss: { distance: new Decimal(1) },
    }),
  );
  expect(house.trader.workingOrders()).toEqual([
    {
      brokerOrderId: "102",
      clientOrderId: "abc123",
      instrument: "XAUUSD",
      side: "buy",
      quantity: new Decimal(3),
      limitPrice: new Decimal("2.5"),
    },
  ]);

  house.broker.trigger(102, 100);
  house.broker.trigger(102);
  await house.timers.advance(20);

  expect(standings.map((one) => ("fills" in one ? one.fills.length : 0))).toEqual([0, 1, 2]);
  expect(kinds(standings)).toEqual(["accepted", "accepted", "filled"]);
  expect(house.trader.positions()).toEqual([
    expect.objectContaining({
      id: "101",
      instrument: "XAUUSD",
      side: "buy",
      quantity: new Decimal(3),
      clientOrderId: "abc123",
      stopLoss: new Decimal(1),
    }),
  ]);
  expect(house.trader.workingOrders()).toEqual([
    {
      brokerOrderId: "105",
      instrument: "XAUUSD",
      side: "sell",
      quantity: new Decimal(3),
      stopPrice: new Decimal(1),
      protects: "101",
    },
  ]);
});

test("a ticket for an unknown instrument or against its rules is refused without a byte", async () => {
  const house = await aTrader();

  const unknown = await placed(house, aTicket({ instrument: "NOPE" }));
  const uneven = await placed(house, aTicket({ quantity: new Decimal("0.5") }));

  for (const [standing] of [unknown, uneven]) {
    expect(standing).toEqual({ kind: "rejected", brokerCode: "TICKET_INVALID", reason: expect.any(String) });
  }
  expect(house.sent).toEqual([]);
});

test("an order whose symbol cannot be read is not sent", async () => {
  const house = await aTrader();
  house.names.isReachable = false;

  expect(await placed(house, aTicket())).toEqual([{ kind: "not-sent" }]);
});

test("a fault of ours in placing an order leaves it to be asked for, and ends nothing else", async () => {
  const house = await aTrader();

  const standings = await placed(house, {
    ...aTicket(),
    get quantity(): Decimal {
      throw new Error("a fault of ours");
    },
  });

  expect(standings).toEqual([{ kind: "unknown" }]);
});

test("an order that was cut off is unknown, and then what the broker says", async () => {
  const house = await aTrader();

  const cut = await placed(house, aTicket(), { kind: "dies", isDone: true, afterMessages: 1 });
  await house.timers.advance(60_000);
  const lost = await placed(house, aTicket({ clientOrderId: "lost" }), { kind: "lost" });
  await house.timers.advance(60_000);

  expect(kinds(cut)).toEqual(["accepted", "filled"]);
  expect(kinds(lost)).toEqual(["unknown", "absent"]);
});

test("a close of ours names its fill by its own id, and one by the broker by none", async () => {
  const house = await aTrader();
  await placed(house, aTicket({ stopLoss: { distance: new Decimal(1) } }));

  const closed = await placed(
    house,
    aTicket({ clientOrderId: "close1", closes: "101", quantity: new Decimal(1), side: "sell" }),
  );
  house.broker.stopOut(101);
  house.broker.trigger(0);
  await house.timers.advance(100);

  expect(kinds(closed)).toEqual(["accepted", "filled"]);
  expect(house.fills.map((fill) => fill.clientOrderId)).toEqual(["abc123", "close1", undefined]);
  expect(house.fills[1]?.closed).toEqual({
    grossProfit: new Decimal("-0.04"),
    swap: new Decimal(0),
    commission: new Decimal("-0.06"),
    balanceAfter: new Decimal("9999.9"),
    entryPrice: expect.any(Decimal),
    quantity: new Decimal(1),
  });
});

test("a close from elsewhere that inherited the entry's id is not the entry's fill", async () => {
  const house = await aTrader();
  await placed(house, aTicket());
  const [position] = house.broker.open();
  const order = anOrder({
    orderId: 900,
    closingOrder: true,
    clientOrderId: "abc123",
    orderStatus: "ORDER_STATUS_FILLED",
  });

  const event = anEvent("ORDER_FILLED", {
    order,
    position: position!,
    deal: aClosingDeal({ dealId: 901, orderId: 900 }),
  });
  house.book.apply({ ...event, body: { ...event.body, ctidTraderAccountId: 7 } });

  expect(house.fills.at(-1)?.id).toBe("901");
  expect(house.fills.at(-1)).not.toHaveProperty("clientOrderId");
});

test("an order of another program keeps its own kind of id to itself, as a fill and at rest", async () => {
  const house = await aTrader();
  const order = anOrder({ orderId: 900, orderType: "LIMIT", clientOrderId: "bot/7 – é", limitPrice: 1 });
  const filled = { ...order, orderStatus: "ORDER_STATUS_FILLED" as const };
  for (const event of [
    anEvent("ORDER_ACCEPTED", { order: { ...order, orderId: 902 } }),
    anEvent("ORDER_FILLED", { order: filled, deal: aClosingDeal({ dealId: 901, orderId: 900 }) }),
  ]) {
    house.book.apply({ ...event, body: { ...event.body, ctidTraderAccountId: 7 } });
  }
  await house.timers.advance(100);

  expect(house.fills.map(({ id }) => id)).toEqual(["901"]);
  expect(house.fills[0]).not.toHaveProperty("clientOrderId");
  expect(house.trader.workingOrders()[0]).not.toHaveProperty("clientOrderId");
});

test("a deal's amounts that come without their digits have those of the close beside them", async () => {
  const house = await aTrader();
  const { moneyDigits: _, ...deal } = aClosingDeal();
  const close = { ...aClosingDeal().closePositionDetail!, moneyDigits: 3 };

  const event = anEvent("ORDER_FILLED", { deal: { ...deal, closePositionDetail: close } });
  house.book.apply({ ...event, body: { ...event.body, ctidTraderAccountId: 7 } });
  await house.timers.advance(100);

  expect(house.fills[0]?.commission.toString()).toBe("-0.003");
  expect(house.fills[0]?.closed?.commission.toString()).toBe("-5.485");
});

test("an order and a close are found again by what the broker keeps of them", async () => {
  const house = await aTrader();
  const since = instantOf(house.broker.now());
  await placed(house, aTicket());
  await placed(house, aTicket({ clientOrderId: "close1", closes: "101", quantity: new Decimal(1) }));

  const order = house.trader.find("abc123", since);
  const close = house.trader.find("close1", since, { positionId: "101", quantity: new Decimal(1) });
  const never = house.trader.find("never", since);
  await house.timers.advance(20_000);

  expect(await order).toEqual({
    ok: true,
    value: expect.objectContaining({ kind: "filled", brokerOrderId: "102" }),
  });
  expect(await close).toEqual({
    ok: true,
    value: expect.objectContaining({ kind: "filled", brokerOrderId: "104" }),
  });
  expect(await never).toEqual({ ok: true, value: { kind: "absent" } });
});

test("of two closes that are alike and of which one arrived, one is found and the other is absent", async () => {
  const house = await aTrader();
  const since = instantOf(house.broker.now());
  await placed(house, aTicket());
  const elsewhere = { ctidTraderAccountId: 7, positionId: 101, volume: 100 };
  house.broker.process("ProtoOAClosePositionReq", elsewhere, "of a process before");
  await house.timers.advance(1_000);

  const closing = { positionId: "101", quantity: new Decimal(1) };
  const both = Promise.all([
    house.trader.find("close1", since, closing),
    house.trader.find("close2", since, closing),
  ]);
  await house.timers.advance(20_000);

  expect((await both).map((one) => one.ok && one.value.kind)).toEqual(["filled", "absent"]);
});

test("a close is not taken for one that the records give to another order", async () => {
  const house = await aTrader();
  const since = instantOf(house.broker.now());
  await placed(house, aTicket());
  const elsewhere = { ctidTraderAccountId: 7, positionId: 101, volume: 100 };
  house.broker.process("ProtoOAClosePositionReq", elsewhere, "of a process before");
  await house.timers.advance(1_000);
  const asked: string[] = [];

  const found = house.trader.find("close1", since, {
    positionId: "101",
    quantity: new Decimal(1),
    async isOthers(brokerOrderId) {
      asked.push(brokerOrderId);
      return true;
    },
  });
  await house.timers.advance(20_000);

  expect(await found).toEqual({ ok: true, value: { kind: "absent" } });
  expect(new Set(asked)).toEqual(new Set(["104"]));
});

test("a cancel says whether the broker let the order go", async () => {
  const house = await aTrader();
  await placed(house, aTicket({ type: "limit", limitPrice: new Decimal(2), timeInForce: "gtc" }));

  const cancelled = house.trader.cancel("102", () => true);
  await house.timers.advance(100);
  const again = house.trader.cancel("102", () => true);
  const unwanted = house.trader.cancel("102", () => false);
  house.fates.push({ kind: "lost" });
  const lost = house.trader.cancel("102", () => true);
  await house.timers.advance(20_000);

  expect(await cancelled).toEqual({ ok: true, value: undefined });
  expect(await again).toEqual({
    ok: false,
    code: "BROKER_REFUSED",
    detail: { brokerCode: "ORDER_NOT_FOUND", description: "" },
  });
  expect(await unwanted).toEqual({ ok: false, code: "BROKER_UNREACHABLE", detail: {} });
  expect(await lost).toEqual({ ok: false, code: "BROKER_TIMEOUT", detail: {} });
});

test("fills wait for the names of their instruments, in their order, and are each told once", async () => {
  const house = await aTrader();
  house.names.isReachable = false;
  const elsewhere = (clientOrderId: string) => {
    const order = {
      ctidTraderAccountId: 7,
      symbolId: 1,
      orderType: "MARKET" as const,
      tradeSide: "BUY" as const,
      volume: 100,
      clientOrderId,
    };
    house.broker.process("ProtoOANewOrderReq", order, "elsewhere");
  };

  elsewhere("one");
  house.drop();
  elsewhere("two");
  await house.timers.advance(2_000);
  expect(house.fills).toEqual([]);
  house.names.isReachable = true;
  await house.timers.advance(6_000);
  expect(house.fills).toHaveLength(2);
  elsewhere("three");
  await house.timers.advance(2_000);

  expect(house.fills.map(({ brokerOrderId }) => brokerOrderId)).toEqual(["102", "104", "108"]);
  expect(house.fills.map(({ instrument }) => instrument)).toEqual(["XAUUSD", "XAUUSD", "XAUUSD"]);
});
