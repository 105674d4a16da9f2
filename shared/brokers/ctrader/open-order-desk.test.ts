import { expect, test } from "vitest";
import { createModelSession, type Fate } from "../../../tests/support/ctrader/model-session.ts";
import type { NewOrder, OrderCall } from "./order-desk.ts";
import type { ProtoOAExecutionEvent } from "./protocol/open-api.generated.ts";
import { aDeskOnAWire } from "./testing/desk-on-a-wire.ts";
import { aClosingDeal, aDeal, anEvent, anOrder, aPosition, aProtection, aTrade } from "./testing/messages.ts";

const buy = (over: Partial<NewOrder> = {}): NewOrder => ({
  clientOrderId: "o1",
  symbolId: 1,
  orderType: "MARKET",
  tradeSide: "BUY",
  volume: 1_000,
  ...over,
});
const filledOrder = anOrder({ orderStatus: "ORDER_STATUS_FILLED", executedVolume: 1_000 });
const filled = anEvent("ORDER_FILLED", { order: filledOrder, position: aPosition(), deal: aDeal() });
const accepted = anEvent("ORDER_ACCEPTED", { order: anOrder() });

/** What a call has come to so far. */
function outcomeOf(call: OrderCall) {
  const seen: { accepted?: unknown; done?: unknown; protection?: unknown } = {};
  void call.accepted.then((value) => Object.assign(seen, { accepted: value }));
  void call.done.then((value) => Object.assign(seen, { done: value }));
  void call.protection.then((value) => Object.assign(seen, { protection: value }));
  return seen;
}

async function aSession(...fates: readonly Fate[]) {
  const session = createModelSession();
  void session.connect();
  await session.timers.advance(100);
  session.fates.push(...fates);
  return session;
}

test("a market order with levels is accepted, filled and protected, in that order", async () => {
  const { desk, timers, sent } = await aSession();

  const call = desk.submit(buy({ relativeStopLoss: 100 }));
  const seen = outcomeOf(call);
  expect(desk.unanswered()).toBe(1);
  await timers.advance(20);
  expect(seen).toEqual({ accepted: expect.objectContaining({ kind: "accepted" }) });
  expect(desk.unanswered()).toBe(0);
  expect(desk.pending()).toEqual(["o1"]);
  await timers.advance(115);
  expect(seen.done).toEqual(expect.objectContaining({ kind: "filled", deals: [expect.anything()] }));
  expect(seen.protection).toBeUndefined();
  await timers.advance(10);

  expect(seen.protection).toEqual({
    kind: "placed",
    order: expect.objectContaining({ orderType: "STOP_LOSS_TAKE_PROFIT" }),
  });
  expect(desk.pending()).toEqual([]);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toContain('"comment":"o1"');
});

test.each([
  ["levels by price at market", buy({ stopLoss: 1 })],
  ["no id", buy({ clientOrderId: "" })],
  ["an id too long", buy({ clientOrderId: "x".repeat(51) })],
])("an order with %s is refused here, and never leaves", async (_name, order) => {
  const { desk, sent } = await aSession();

  const call = desk.submit(order);

  const refused = expect.objectContaining({ brokerCode: "TICKET_INVALID" });
  expect(await call.accepted).toEqual({ kind: "rejected", refusal: refused });
  expect(await call.done).toEqual({ kind: "rejected", refusal: refused });
  expect(await call.protection).toEqual({ kind: "none" });
  expect(sent).toEqual([]);
});

test("an id is used for one order only, unless it is certain that nothing left", async () => {
  const { desk, timers, sent } = await aSession({ kind: "not-sent" });

  expect(await desk.submit(buy()).done).toEqual({ kind: "not-sent" });
  const second = desk.submit(buy());
  const third = desk.submit(buy());
  await timers.advance(1_000);

  expect((await second.done).kind).toBe("filled");
  expect((await third.done).kind).toBe("rejected");
  expect(sent).toHaveLength(1);
});

test("nothing is sent while the session is not ready, or where the caller no longer wants it", async () => {
  const { desk, timers, sent, drop } = await aSession();

  const unwanted = desk.submit(buy(), { mayLeave: () => false });
  drop();
  const homeless = desk.submit(buy({ clientOrderId: "o2" }));
  const change = desk.cancel({ orderId: 1 });
  await timers.advance(1);

  expect(await unwanted.done).toEqual({ kind: "not-sent" });
  expect(await homeless.accepted).toEqual({ kind: "not-sent" });
  expect(await change).toEqual({ kind: "not-sent" });
  expect(sent).toEqual([]);
});

test("an order without an answer is unknown after the time limit, and then found", async () => {
  const { desk, timers } = await aSession({ kind: "silent" });

  const seen = outcomeOf(desk.submit(buy({ clientOrderId: "other" })));
  await timers.advance(200);

  // Its events came without our request's id, and name it all the same.
  expect(seen.done).toEqual(expect.objectContaining({ kind: "filled" }));
});

test("an order that the broker never had is absent only after a second look", async () => {
  const { desk, timers, sent } = await aSession({ kind: "lost" });

  const seen = outcomeOf(desk.submit(buy()));
  await timers.advance(15_000);
  expect(seen.accepted).toEqual({ kind: "unknown" });
  await timers.advance(9_900);
  expect(seen.done).toBeUndefined();
  await timers.advance(12_000);

  expect(seen.done).toEqual({ kind: "absent" });
  expect(seen.protection).toEqual({ kind: "none" });
  expect(sent).toHaveLength(1);
});

test("where the broker could not say, its refusal holds once the order is not found", async () => {
  const { desk, timers } = await aSession(
    { kind: "inconclusive", isDone: false },
    { kind: "inconclusive", isDone: true },
  );

  const refused = outcomeOf(desk.submit(buy()));
  const done = outcomeOf(desk.submit(buy({ clientOrderId: "o2" })));
  await timers.advance(30_000);

  expect(refused.accepted).toEqual({ kind: "unknown" });
  expect(refused.done).toEqual({
    kind: "rejected",
    refusal: expect.objectContaining({ brokerCode: "CANT_ROUTE_REQUEST" }),
  });
  expect(done.done).toEqual(expect.objectContaining({ kind: "filled" }));
});

test.each([
  ["filled", undefined],
  ["cancelled", 300],
] as const)(
  "an order that rested at a disconnect and was %s meanwhile is settled with its deals",
  async (kind, part) => {
    const { desk, timers, drop, broker } = await aSession();
    const seen = outcomeOf(desk.submit(buy({ orderType: "LIMIT", limitPrice: 1 })));
    await timers.advance(50);
    const orderId = broker.working()[0]!.orderId;

    drop();
    broker.trigger(orderId, part);
    if (kind === "cancelled") {
      broker.process("ProtoOACancelOrderReq", { ctidTraderAccountId: 7, orderId }, "elsewhere");
    }
    await timers.advance(2_000);

    expect(seen.done).toEqual(
      expect.objectContaining({ kind, deals: [expect.objectContaining({ filledVolume: part ?? 1_000 })] }),
    );
  },
);

test("an order that goes on resting through a disconnect is followed on", async () => {
  const { desk, timers, drop, broker } = await aSession();
  const seen = outcomeOf(desk.submit(buy({ orderType: "LIMIT", limitPrice: 1 })));
  await timers.advance(50);

  drop();
  await timers.advance(2_000);
  expect(seen.done).toBeUndefined();
  expect(desk.pending()).toEqual(["o1"]);
  broker.trigger(broker.working()[0]!.orderId);
  await timers.advance(1);

  expect(seen.done).toEqual(expect.objectContaining({ kind: "filled" }));
});

test("a close that was cut off is found by its position and volume, and not taken for an older one", async () => {
  const { desk, timers, broker, fates } = await aSession();
  desk.submit(buy());
  await timers.advance(500);
  const { positionId } = broker.open()[0]!;
  const closeWith = async (fate: Fate) => {
    fates.push(fate);
    const seen = outcomeOf(desk.close({ positionId, volume: 300 }));
    await timers.advance(40_000);
    return seen;
  };

  const first = await closeWith({ kind: "answered" });
  const lost = await closeWith({ kind: "lost" });
  const cut = await closeWith({ kind: "dies", isDone: true, afterMessages: 0 });

  expect(first.done).toEqual(expect.objectContaining({ kind: "filled" }));
  expect(lost.done).toEqual({ kind: "absent" });
  expect(cut.accepted).toEqual({ kind: "unknown" });
  expect(cut.done).toEqual(expect.objectContaining({ kind: "filled" }));
  expect(broker.open()[0]?.tradeData.volume).toBe(400);
});

test("a close that never arrived is not taken for one just like it whose answer is still to come", async () => {
  const trade = { tradeData: aTrade({ tradeSide: "SELL", volume: 300 }), closingOrder: true } as const;
  const closed = anOrder({ orderId: 13, ...trade });
  const done = { ...closed, orderStatus: "ORDER_STATUS_FILLED", executedVolume: 300 } as const;
  const deal = aClosingDeal({ volume: 300, filledVolume: 300 });
  const wire = aDeskOnAWire({
    ProtoOAOrderListByPositionIdReq: { order: [closed], hasMore: false },
    ProtoOAOrderDetailsReq: { order: closed, deal: [] },
  });
  const lost = outcomeOf(wire.desk.close({ positionId: 5, volume: 300 }));
  wire.desk.channelEnded();
  const slow = outcomeOf(wire.desk.close({ positionId: 5, volume: 300 }));
  const before = wire.desk.findClose({ positionId: 5, volume: 300 }, 0);

  await wire.reconcile();
  wire.answer(anEvent("ORDER_ACCEPTED", { order: closed }));
  wire.answer(anEvent("ORDER_FILLED", { order: done, deal }));
  for (let round = 0; round < 2; round += 1) {
    await wire.timers.advance(10_000);
    await wire.reconcile();
  }

  expect(slow.done).toEqual(expect.objectContaining({ kind: "filled" }));
  expect(lost.done).toEqual({ kind: "absent" });
  // Nor is one of a process before, which may be asked for again.
  expect(await before).toMatchObject({ ok: false, code: "BROKER_UNREACHABLE" });
});

test("a process that starts again finds its orders and its closes by what the broker keeps", async () => {
  const { desk, timers, broker } = await aSession();
  desk.submit(buy({ relativeStopLoss: 100 }));
  await timers.advance(500);
  const { positionId } = broker.open()[0]!;
  broker.process("ProtoOAClosePositionReq", { ctidTraderAccountId: 7, positionId, volume: 300 }, "before");
  await timers.advance(500);
  const since = broker.now() - 5_000;

  const found = desk.find("o1", since);
  const close = desk.findClose({ positionId, volume: 300 }, since);
  const never = desk.find("o2", since);
  let isNeverSettled = false;
  void never.then(() => {
    isNeverSettled = true;
  });
  await timers.advance(5_000);
  expect(isNeverSettled).toBe(false);
  await timers.advance(10_000);

  expect(await found).toEqual({
    ok: true,
    value: expect.objectContaining({
      kind: "found",
      order: expect.objectContaining({ orderType: "MARKET", closingOrder: false }),
      deals: [expect.objectContaining({ filledVolume: 1_000 })],
    }),
  });
  expect(await close).toEqual({
    ok: true,
    value: expect.objectContaining({ deals: [expect.objectContaining({ filledVolume: 300 })] }),
  });
  expect(await never).toEqual({ ok: true, value: { kind: "absent" } });
});

test("an order whose number at the broker is known is asked for alone, without the broker's lists", async () => {
  const { desk } = aDeskOnAWire({ ProtoOAOrderDetailsReq: { order: filledOrder, deal: [aDeal()] } });

  const byNumber = await desk.find("o1", 0, filledOrder.orderId);
  const byId = await desk.find("o1", 0);

  expect(byNumber).toEqual({ ok: true, value: { kind: "found", order: filledOrder, deals: [aDeal()] } });
  expect(byId.ok).toBe(false);
});

test("several acceptances of one order are one, and an event of a foreign id changes nothing", async () => {
  const wire = aDeskOnAWire();
  const call = wire.desk.submit(buy());
  const seen = outcomeOf(call);

  const foreign = anEvent("ORDER_FILLED", {
    order: { ...filledOrder, orderId: 99 },
    deal: aDeal({ orderId: 99 }),
  });
  wire.tell(foreign);
  wire.answer(accepted);
  wire.answer(accepted);
  await wire.timers.advance(0);
  expect(seen).toEqual({
    accepted: { kind: "accepted", order: anOrder() },
  });
  wire.answer(filled);
  await wire.timers.advance(0);

  expect(seen.done).toEqual({ kind: "filled", order: filledOrder, deals: [aDeal()] });
});

test("an answer that names another client's order leaves ours in doubt", async () => {
  const wire = aDeskOnAWire();
  const seen = outcomeOf(wire.desk.submit(buy()));

  wire.answer(anEvent("ORDER_ACCEPTED", { order: anOrder({ orderId: 99, clientOrderId: "theirs" }) }));
  await wire.timers.advance(0);

  expect(seen.accepted).toEqual({ kind: "unknown" });
  expect(wire.reconciliations).toBe(1);
});

test("an order that is filled in parts and cancelled for the rest keeps its deals", async () => {
  const wire = aDeskOnAWire();
  const progress: number[] = [];
  const call = wire.desk.submit(buy(), { progress: (_order, deals) => progress.push(deals.length) });
  const part = aDeal({ filledVolume: 300, dealStatus: "PARTIALLY_FILLED" });
  const order = anOrder({ executedVolume: 300 });
  const cancelled = anOrder({ executedVolume: 300, orderStatus: "ORDER_STATUS_CANCELLED" });

  wire.answer(accepted);
  wire.answer(anEvent("ORDER_PARTIAL_FILL", { order, deal: part, position: aPosition() }));
  wire.answer(anEvent("ORDER_PARTIAL_FILL", { order, deal: part, position: aPosition() }));
  wire.answer(anEvent("ORDER_CANCELLED", { order: cancelled }));

  expect(await call.done).toEqual({ kind: "cancelled", order: cancelled, deals: [part] });
  expect(progress).toEqual([0, 1]);
});

test.each<[string, Partial<ProtoOAExecutionEvent>]>([
  [
    "with its order",
    { order: anOrder({ orderStatus: "ORDER_STATUS_REJECTED" }), errorCode: "NOT_ENOUGH_MONEY" },
  ],
  ["without it", { errorCode: "NOT_ENOUGH_MONEY" }],
])("a rejection by an event %s settles the call", async (_name, facts) => {
  const wire = aDeskOnAWire();
  const call = wire.desk.submit(buy());

  wire.answer(anEvent("ORDER_REJECTED", facts));

  const answer = await call.accepted;
  expect(answer.kind === "rejected" && answer.refusal.brokerCode).toBe("NOT_ENOUGH_MONEY");
  expect((await call.done).kind).toBe("rejected");
});

test("a deal whose event is missing is asked for before the order is done", async () => {
  const wire = aDeskOnAWire({
    ProtoOAOrderDetailsReq: {
      order: filledOrder,
      deal: [aDeal({ dealId: 20, filledVolume: 400 }), aDeal({ filledVolume: 600 })],
    },
  });
  const seen = outcomeOf(wire.desk.submit(buy()));

  wire.answer(anEvent("ORDER_FILLED", { order: filledOrder, deal: aDeal({ filledVolume: 600 }) }));
  await wire.timers.advance(0);
  expect(seen.done).toBeUndefined();
  await wire.reconcile();

  expect(seen.done).toEqual(
    expect.objectContaining({ kind: "filled", deals: [expect.anything(), expect.anything()] }),
  );
  expect([...wire.book.deals().keys()].toSorted()).toEqual([20, 21]);
});

test("an order that should have filled at once and did not is asked for", async () => {
  const wire = aDeskOnAWire({ ProtoOAOrderDetailsReq: { order: filledOrder, deal: [aDeal()] } });
  const seen = outcomeOf(wire.desk.submit(buy()));
  wire.answer(accepted);

  await wire.timers.advance(15_000);
  expect(wire.reconciliations).toBe(1);
  await wire.reconcile();

  expect(seen.done).toEqual(expect.objectContaining({ kind: "filled" }));
});

test("a resting order that a reconciliation no longer lists is asked for, though its end was told to nobody", async () => {
  const resting = { orderType: "LIMIT", limitPrice: 1 } as const;
  const wire = aDeskOnAWire({
    ProtoOAOrderDetailsReq: { order: { ...filledOrder, ...resting }, deal: [aDeal()] },
  });
  const seen = outcomeOf(wire.desk.submit(buy(resting)));
  wire.answer(anEvent("ORDER_ACCEPTED", { order: anOrder(resting) }));
  await wire.timers.advance(1_000);

  await wire.reconcile();

  expect(seen.done).toEqual(expect.objectContaining({ kind: "filled", deals: [aDeal()] }));
});

const cancelledGuard = aProtection({ orderStatus: "ORDER_STATUS_CANCELLED" });

test.each([
  ["in the book", [aProtection()], [], [aPosition()], "placed"],
  ["filled already", [], [aProtection({ orderStatus: "ORDER_STATUS_FILLED" })], [], "placed"],
  ["only on the position", [], [], [aPosition({ stopLoss: 1 })], "placed"],
  ["nowhere, and the position is open", [], [cancelledGuard], [aPosition()], "missing"],
  ["nowhere, and the position is closed", [], [], [], "none"],
])(
  "a protective order that is not told of is looked for after five seconds: it is %s",
  async (_name, resting, listed, open, kind) => {
    const wire = aDeskOnAWire({ ProtoOAOrderListByPositionIdReq: { order: listed, hasMore: false } });
    const seen = outcomeOf(wire.desk.submit(buy({ relativeStopLoss: 100 })));
    wire.answer(filled);

    await wire.timers.advance(4_999);
    expect(wire.reconciliations).toBe(0);
    await wire.timers.advance(1);
    expect(wire.reconciliations).toBe(1);
    await wire.reconcile({ order: resting, position: open });
    if (kind === "missing") {
      expect(seen.protection).toBeUndefined();
      await wire.timers.advance(10_000);
      await wire.reconcile({ order: resting, position: open });
    }

    expect(seen.protection).toEqual(expect.objectContaining({ kind }));
  },
);

test("the end of the protective order of a close is not the end of the close", async () => {
  const wire = aDeskOnAWire();
  const seen = outcomeOf(wire.desk.close({ positionId: 5, volume: 1_000 }));
  const order = anOrder({ orderId: 13, closingOrder: true, tradeData: aTrade({ tradeSide: "SELL" }) });

  wire.answer(anEvent("ORDER_ACCEPTED", { order, position: aPosition() }));
  wire.answer(anEvent("ORDER_CANCELLED", { order: cancelledGuard }));
  await wire.timers.advance(0);
  expect(seen.done).toBeUndefined();
  const ended = { ...order, orderStatus: "ORDER_STATUS_FILLED" as const, executedVolume: 1_000 };
  wire.answer(anEvent("ORDER_FILLED", { order: ended, deal: aClosingDeal() }));
  await wire.timers.advance(0);

  expect(seen.done).toEqual({ kind: "filled", order: ended, deals: [aClosingDeal()] });
});

test("a cancel is done by the order's end, refused by the broker's word, and unknown after the time limit", async () => {
  const wire = aDeskOnAWire();
  const cancelled = anEvent("ORDER_CANCELLED", { order: anOrder({ orderStatus: "ORDER_STATUS_CANCELLED" }) });

  const byStream = wire.desk.cancel({ orderId: 11 });
  wire.tell(cancelled);
  const refused = wire.desk.cancel({ orderId: 11 });
  wire.answer(anEvent("ORDER_CANCEL_REJECTED", { order: anOrder(), errorCode: "ORDER_NOT_FOUND" }));
  const unexplained = wire.desk.cancel({ orderId: 11 });
  wire.answer(anEvent("ORDER_CANCEL_REJECTED", { order: anOrder() }));
  const lost = wire.desk.cancel({ orderId: 12 });
  wire.answer(anEvent("ORDER_FILLED", { order: anOrder() }));
  expect(wire.desk.unanswered()).toBe(1);
  await wire.timers.advance(15_000);

  expect(await byStream).toEqual({ kind: "done", event: cancelled.body });
  expect(await refused).toEqual({
    kind: "rejected",
    refusal: expect.objectContaining({ brokerCode: "ORDER_NOT_FOUND" }),
  });
  expect(await unexplained).toEqual({
    kind: "rejected",
    refusal: expect.objectContaining({ brokerCode: "ORDER_CANCEL_REJECTED" }),
  });
  expect(await lost).toEqual({ kind: "unknown" });
  expect(wire.desk.unanswered()).toBe(0);
  expect(wire.reconciliations).toBe(1);
});

test("what was seen on a connection that ended meanwhile settles nothing", async () => {
  const { desk, timers, drop, broker, fates } = await aSession({ kind: "answered" });
  const limit = (clientOrderId: string) =>
    desk.submit(buy({ clientOrderId, orderType: "LIMIT", limitPrice: 1 }));
  const gone = outcomeOf(limit("gone"));
  await timers.advance(50);
  fates.push({ kind: "dies", isDone: true, afterMessages: 0 });
  const resting = outcomeOf(limit("resting"));
  await timers.advance(20);
  const [first, second] = broker.working();
  broker.process("ProtoOACancelOrderReq", { ctidTraderAccountId: 7, orderId: first!.orderId }, "elsewhere");

  // Back after half a second; the reconciliation takes 40 ms, and the look at the first order as long again.
  await timers.advance(550);
  drop();
  broker.trigger(second!.orderId);
  await timers.advance(2_000);

  expect(gone.done).toEqual(expect.objectContaining({ kind: "cancelled" }));
  expect(resting.done).toEqual(expect.objectContaining({ kind: "filled" }));
});

test("a list that the broker shows in parts is read whole", async () => {
  const { desk, timers, broker } = await aSession();
  const since = broker.now();
  for (let index = 0; index < 40; index += 1) {
    desk.submit(buy({ clientOrderId: `o${index}`, orderType: "LIMIT", limitPrice: 1 }));
    await timers.advance(10);
  }

  const found = desk.find("o0", since);
  await timers.advance(60_000);

  expect(await found).toEqual({ ok: true, value: expect.objectContaining({ kind: "found" }) });
});

test("a close without an answer is not taken for one that was known before it was sent", async () => {
  const closed = anOrder({
    orderId: 13,
    closingOrder: true,
    orderStatus: "ORDER_STATUS_FILLED",
    executedVolume: 1_000,
    tradeData: aTrade({ tradeSide: "SELL" }),
  });
  const wire = aDeskOnAWire({ ProtoOAOrderListByPositionIdReq: { order: [closed], hasMore: false } });
  wire.tell(
    anEvent("ORDER_FILLED", { order: closed, deal: aClosingDeal({ volume: 1_000, filledVolume: 1_000 }) }),
  );

  const seen = outcomeOf(wire.desk.close({ positionId: 5, volume: 1_000 }));
  wire.desk.channelEnded();
  await wire.reconcile();
  await wire.timers.advance(10_000);
  await wire.reconcile();

  expect(seen.done).toEqual({ kind: "absent" });
});
