import { expect, test } from "vitest";
import type { NewOrder } from "./order-desk.ts";
import {
  PAYLOAD_TYPES,
  type ProtoOADeal,
  type ProtoOAPosition,
  type ProtoOAPositionStatus,
} from "./protocol/open-api.generated.ts";
import { anOrder, aTrade } from "./testing/messages.ts";
import { NOON_MS, readySession, wireSession } from "./testing/session-on-a-wire.ts";
import { frameOfPayload } from "./testing/wire.ts";
import { error } from "./testing/wired-server.ts";

const AN_ORDER = {
  symbolId: 1,
  orderType: "MARKET",
  tradeSide: "BUY",
  volume: 100_000,
} as const satisfies Omit<NewOrder, "clientOrderId">;

function aDeal(dealId: number, executionTimestamp: number): ProtoOADeal {
  return {
    dealId,
    orderId: dealId + 100,
    positionId: dealId + 200,
    volume: 100,
    filledVolume: 100,
    symbolId: 1,
    createTimestamp: executionTimestamp,
    executionTimestamp,
    tradeSide: "BUY",
    dealStatus: "FILLED",
  };
}

function aPosition(positionId: number, positionStatus: ProtoOAPositionStatus, at: number): ProtoOAPosition {
  return {
    positionId,
    positionStatus,
    swap: 0,
    price: 1.1,
    utcLastUpdateTimestamp: at,
    tradeData: { symbolId: 1, volume: 100, tradeSide: "BUY", openTimestamp: at },
  };
}

test("a session becomes ready in order: application, account, reconciliation, subscription", async () => {
  const { session, server, timers, phases } = wireSession();
  session.quotes.subscribe([1, 2]);
  session.bars.subscribe(1, "M1");

  session.start();
  await timers.advance(5_000);

  expect(phases()).toEqual(["connecting", "application", "account", "reconciling", "subscribing", "ready"]);
  expect(server.heard).toEqual([
    "ProtoOAApplicationAuthReq",
    "ProtoOAGetAccountListByAccessTokenReq",
    "ProtoOAAccountAuthReq",
    "ProtoOATraderReq",
    "ProtoOAReconcileReq",
    "ProtoOADealListReq",
    "ProtoOASubscribeSpotsReq",
    "ProtoOASubscribeLiveTrendbarReq",
  ]);
  expect(session.state()).toMatchObject({
    phase: "ready",
    account: { ctidTraderAccountId: 11, lastFour: "1111", isLive: false },
    generation: 1,
    connections: 1,
    peer: { protocol: "TLSv1.3" },
  });
  expect(session.book.balance()).toMatchObject({ amount: 1_000_000, moneyDigits: 2 });
});

test("protective orders are asked for, and the broker's times with prices", async () => {
  const { link, session, timers } = await readySession();

  session.quotes.subscribe([7]);
  await timers.advance(1_000);

  expect(link().lastOf("ProtoOAReconcileReq").body.returnProtectionOrders).toBe(true);
  expect(link().lastOf("ProtoOASubscribeSpotsReq").body).toMatchObject({
    symbolId: [7],
    subscribeToSpotTimestamp: true,
  });
});

test("nothing is asked of the account before the application is authorised, and no order leaves before ready", async () => {
  const { session, server, timers } = wireSession();
  session.start();
  const answers: string[] = [];

  for (let step = 0; session.state().phase !== "ready"; step += 1) {
    const call = session.orders.submit({ ...AN_ORDER, clientOrderId: `o${step}` });
    void call.accepted.then(({ kind }) => answers.push(kind));
    await timers.advance(10);
  }

  expect(answers.length).toBeGreaterThan(5);
  expect(new Set(answers)).toEqual(new Set(["not-sent"]));
  expect(server.count("ProtoOANewOrderReq")).toBe(0);
});

test("after each end of the connection a fresh one is authorised, reconciled and subscribed again", async () => {
  const { session, server, timers, link, dials, phases } = await readySession();
  session.quotes.subscribe([1]);
  session.bars.subscribe(1, "M5");
  await timers.advance(1_000);

  link().end("reset");
  const right = { ...session.state() };
  await timers.advance(10_000);

  expect(right).toMatchObject({ phase: "waiting", waitingFor: "backoff", lastTrouble: "reset" });
  expect(right.generation).toBeUndefined();
  expect(dials()).toHaveLength(2);
  expect(session.state()).toMatchObject({ phase: "ready", connections: 2 });
  expect(phases().slice(-6)).toEqual([
    "connecting",
    "application",
    "account",
    "reconciling",
    "subscribing",
    "ready",
  ]);
  expect(link().sentOf("ProtoOASubscribeSpotsReq")).toHaveLength(1);
  expect(link().lastOf("ProtoOASubscribeLiveTrendbarReq").body).toMatchObject({ symbolId: 1, period: "M5" });
  expect(server.count("ProtoOAReconcileReq")).toBe(2);
});

test("what was subscribed without a connection is subscribed with the next", async () => {
  const { session, timers, link } = await readySession();
  link().end("closed-by-peer");

  session.quotes.subscribe([5, 6]);
  await timers.advance(10_000);

  expect(link().lastOf("ProtoOASubscribeSpotsReq").body.symbolId).toEqual([5, 6]);
});

test("a symbol that the broker does not have keeps neither the others nor the session back", async () => {
  const { session, timers, link } = await readySession();

  session.quotes.subscribe([1, 404, 2]);
  await timers.advance(60_000);

  expect(session.state().phase).toBe("ready");
  const asked = link()
    .sentOf("ProtoOASubscribeSpotsReq")
    .map(({ body }) => body.symbolId);
  expect(asked).toEqual([[1, 404, 2], [1], [404], [2]]);
});

test("a subscription that the broker cannot give now is asked for again later", async () => {
  const { session, server, timers } = await readySession();
  server.fail("ProtoOASubscribeSpotsReq", error("NO_QUOTES"), error("NO_QUOTES"));

  session.quotes.subscribe([1]);
  await timers.advance(1_000);
  const early = server.count("ProtoOASubscribeSpotsReq");
  await timers.advance(60_000);

  expect(early).toBe(2);
  expect(server.count("ProtoOASubscribeSpotsReq")).toBe(3);
  expect(session.state().phase).toBe("ready");
});

test("a symbol that is never given now is asked for every half minute and no oftener, however much else is wished", async () => {
  const { session, server, timers } = await readySession();
  server.fail("ProtoOASubscribeSpotsReq", ...Array.from({ length: 1_000 }, () => error("NO_QUOTES")));
  session.quotes.subscribe([1]);
  await timers.advance(7_000);
  for (let wish = 2; wish <= 12; wish += 1) {
    session.quotes.subscribe([1]);
    session.bars.subscribe(wish, "M1");
    await timers.advance(7_000);
  }
  await timers.advance(60_000);
  const before = server.count("ProtoOASubscribeSpotsReq");

  await timers.advance(300_000);

  // All twelve at once, and then each by itself.
  const ofOneTry = 1 + 12;
  expect(server.count("ProtoOASubscribeSpotsReq") - before).toBeLessThanOrEqual(11 * ofOneTry);
  expect(session.state().phase).toBe("ready");
});

test("the account is the one asked for by its last four characters, else the first of the environment", async () => {
  const second = await readySession({ account: "2222" });
  const live = await readySession({ environment: "live" });

  expect(second.session.state().account).toMatchObject({ ctidTraderAccountId: 12 });
  expect(live.session.state().account).toMatchObject({ ctidTraderAccountId: 91, isLive: true });
});

test.for([
  { account: "3333", isOnOtherHost: true },
  { account: "0000", isOnOtherHost: undefined },
])("an account that is not there waits for a person: $account", async ({ account, isOnOtherHost }) => {
  const { session, timers, server, dials } = wireSession({ account });

  session.start();
  await timers.advance(299_000);

  expect(session.state()).toMatchObject({
    phase: "waiting",
    waitingFor: "person",
    lastTrouble: "ACCOUNT_MISSING",
  });
  expect(session.state().isOnOtherHost).toBe(isOnOtherHost);
  expect(dials()).toHaveLength(1);
  await timers.advance(10_000);
  expect(dials()).toHaveLength(2);
  expect(server.count("ProtoOAAccountAuthReq")).toBe(0);
});

test("a session never changes to another account by itself", async () => {
  const { session, server, timers, link } = await readySession();
  server.accounts = server.accounts.filter(({ ctidTraderAccountId }) => ctidTraderAccountId !== 11);

  link().end("reset");
  await timers.advance(20_000);

  expect(session.state()).toMatchObject({ waitingFor: "person", lastTrouble: "ACCOUNT_MISSING" });
});

test("deals that happened while nobody listened are read from a little before the newest one seen", async () => {
  const { session, server, timers, link } = wireSession();
  server.deals = [aDeal(1, NOON_MS - 3_600_000)];
  const recovered: number[] = [];
  session.book.listen((news) => {
    if (news.kind === "recovered-deal") recovered.push(news.deal.dealId);
  });
  session.start();
  await timers.advance(5_000);
  const first = link().lastOf("ProtoOADealListReq").body.fromTimestamp;

  server.deals.push(aDeal(2, NOON_MS - 3_600_000 - 240_000), aDeal(3, NOON_MS + 1));
  link().end("reset");
  await timers.advance(10_000);

  expect(recovered).toEqual([1, 2, 3]);
  expect(first).toBeLessThanOrEqual(NOON_MS - 86_400_000);
  expect(link().lastOf("ProtoOADealListReq").body.fromTimestamp).toBeGreaterThan(
    NOON_MS - 3_600_000 - 25 * 60_000,
  );
});

test("a deal heard before the reconciliation hides none of those that were missed before it", async () => {
  const { session, server, timers, link } = await readySession();
  const [missed, heard] = [aDeal(1, NOON_MS + 60_000), aDeal(2, NOON_MS + 3 * 3_600_000)];
  link().end("unreachable");
  server.deals = [missed];
  server.fail("ProtoOADealListReq", error("CANT_ROUTE_REQUEST"));
  while (session.state().phase !== "reconciling") await timers.advance(10);

  server.deals.push(heard);
  link().say("ProtoOAExecutionEvent", {
    ctidTraderAccountId: 11,
    executionType: "ORDER_FILLED",
    deal: heard,
  });
  await timers.advance(20_000);

  expect(session.state().phase).toBe("ready");
  expect([...session.book.deals().keys()].toSorted()).toEqual([1, 2]);
});

test("a list of deals that is cut is read whole before the session is ready", async () => {
  const { session, server, timers } = wireSession({ dealsSince: NOON_MS - 20 * 86_400_000 });
  server.dealPage = 2;
  server.deals = Array.from({ length: 9 }, (_, at) => aDeal(at + 1, NOON_MS - at * 1_000_000));

  session.start();
  await timers.advance(60_000);

  expect(session.book.deals().size).toBe(9);
  expect(session.state().phase).toBe("ready");
});

test("listeners that throw keep the session from nothing, and an order from none of its news", async () => {
  const { session, server, timers, link } = wireSession();
  const fault = () => {
    throw new Error("a listener's own fault");
  };
  session.watch(fault);
  session.book.listen(fault);
  session.start();
  await timers.advance(5_000);
  const call = session.orders.submit({ ...AN_ORDER, orderType: "LIMIT", limitPrice: 1, clientOrderId: "o1" });
  const ends: string[] = [];
  void call.done.then(({ kind }) => ends.push(kind));
  await timers.advance(10);
  const tradeData = aTrade({ volume: 100_000 });
  const order = anOrder({ orderId: 5, orderType: "LIMIT", clientOrderId: "o1", tradeData });

  const event = { ctidTraderAccountId: 11, executionType: "ORDER_ACCEPTED", order } as const;
  link().say("ProtoOAExecutionEvent", event, link().lastOf("ProtoOANewOrderReq").clientMsgId);
  // Told to all, as what another program does.
  const cancelled = { ...order, orderStatus: "ORDER_STATUS_CANCELLED" } as const;
  link().say("ProtoOAExecutionEvent", { ...event, executionType: "ORDER_CANCELLED", order: cancelled });
  await timers.advance(10);

  expect(session.state().phase).toBe("ready");
  expect(server.count("ProtoOANewOrderReq")).toBe(1);
  expect(ends).toEqual(["cancelled"]);
});

test("an event on the wire before the reconciliation's answer is not undone by it", async () => {
  const { session, server, timers, link } = await readySession();
  const filled = aPosition(77, "POSITION_STATUS_OPEN", NOON_MS + 10_000);
  server.fail("ProtoOATraderReq");

  link().end("reset");
  for (let step = 0; session.state().phase !== "reconciling" && step < 1_000; step += 1) {
    await timers.advance(10);
  }
  // The broker makes its answer now, without the position; the event overtakes it.
  link().say("ProtoOAExecutionEvent", {
    ctidTraderAccountId: 11,
    executionType: "ORDER_FILLED",
    position: filled,
  });
  const asked = server.count("ProtoOAReconcileReq");
  const held: number[][] = [];
  session.watch(({ phase }) => phase === "ready" && held.push([...session.book.positions().keys()]));
  await timers.advance(35);
  const answers = server.answered("ProtoOAReconcileReq", link());
  server.positions = [filled];
  await timers.advance(5_000);

  expect([answers, held]).toEqual([1, [[77]]]);
  expect([...session.book.positions().keys()]).toEqual([77]);
  // Only the broker can tell whether it overtook the answer or came late: it is asked once more.
  expect(server.count("ProtoOAReconcileReq")).toBe(asked + 1);
});

test("an event that came late, while the answer was on its way that no longer had its position, leaves no ghost", async () => {
  const { session, server, timers, link } = await readySession();

  link().end("reset");
  for (let step = 0; session.state().phase !== "reconciling" && step < 1_000; step += 1) {
    await timers.advance(10);
  }
  link().say("ProtoOAExecutionEvent", {
    ctidTraderAccountId: 11,
    executionType: "ORDER_FILLED",
    position: aPosition(77, "POSITION_STATUS_OPEN", NOON_MS + 10_000),
  });
  await timers.advance(5_000);

  expect(session.state().phase).toBe("ready");
  expect(server.positions).toEqual([]);
  expect([...session.book.positions().keys()]).toEqual([]);
});

test("however much of a busy account comes in doubt, its book is compared once a second and what is wished is subscribed", async () => {
  const { session, server, timers, link } = wireSession();
  server.positions = [aPosition(1, "POSITION_STATUS_OPEN", NOON_MS)];
  session.start();
  await timers.advance(5_000);
  const before = server.count("ProtoOAReconcileReq");
  const begun = timers.now();

  for (let position = 2; timers.now() < begun + 10_000; position += 1) {
    // A broker that tells its times by the second tells many of one time.
    const opened = aPosition(position, "POSITION_STATUS_OPEN", NOON_MS);
    server.positions = [...server.positions, opened];
    link().say("ProtoOAExecutionEvent", {
      ...{ ctidTraderAccountId: 11, executionType: "ORDER_FILLED", position: opened },
    });
    if (position === 100) session.quotes.subscribe([1]);
    await timers.advance(20);
  }
  const asked = server.count("ProtoOAReconcileReq") - before;
  await timers.advance(2_000);

  expect(asked).toBeGreaterThan(5);
  expect(asked).toBeLessThanOrEqual(11);
  expect(server.count("ProtoOASubscribeSpotsReq")).toBe(1);
  expect([...session.book.positions().keys()]).toEqual(server.positions.map((one) => one.positionId));
});

test("a ready session compares its book every five minutes, and stays ready while it does", async () => {
  const { session, server, timers, phases } = await readySession();
  const before = phases().length;

  await timers.advance(620_000);

  expect(server.count("ProtoOAReconcileReq")).toBe(3);
  expect(phases()).toHaveLength(before);
  expect(session.state().phase).toBe("ready");
});

test("a comparison that fails is made again half a minute later, and the session stays ready", async () => {
  const { server, timers, phases } = await readySession();
  const before = phases().length;
  server.fail("ProtoOAReconcileReq", error("CANT_ROUTE_REQUEST"));

  await timers.advance(301_000);
  const early = server.count("ProtoOAReconcileReq");
  await timers.advance(30_000);

  expect([early, server.count("ProtoOAReconcileReq")]).toEqual([2, 3]);
  expect(phases()).toHaveLength(before);
});

test("a frame that cannot be read makes the session compare its book", async () => {
  const { server, timers, link } = await readySession();

  link().sayBytes(frameOfPayload(PAYLOAD_TYPES.ProtoOAExecutionEvent, Uint8Array.of(0x08)));
  await timers.advance(1_000);

  expect(server.count("ProtoOAReconcileReq")).toBe(2);
});

test("dropping ends the connection now, and the session stays ended until it is started", async () => {
  const { session, timers, dials, link } = await readySession();
  link().say("ProtoOASpotEvent", { ctidTraderAccountId: 11, symbolId: 1, bid: 5, ask: 6, trendbar: [] });

  session.drop();
  const order = session.orders.submit({ ...AN_ORDER, clientOrderId: "late" });

  expect(session.state().phase).toBe("stopped");
  expect(session.quotes.get(1)).toBeUndefined();
  expect(link().isClosed()).toBe(true);
  expect(await order.accepted).toEqual({ kind: "not-sent" });
  await timers.advance(600_000);
  expect(dials()).toHaveLength(1);
  expect(session.state().phase).toBe("stopped");
  session.start();
  await timers.advance(5_000);
  expect(session.state().phase).toBe("ready");
});

test("an order without an answer is unknown when the connection is dropped, and looked for on the next", async () => {
  const { session, server, timers } = await readySession();
  const call = session.orders.submit({ ...AN_ORDER, clientOrderId: "silent" });
  await timers.advance(100);
  expect(server.count("ProtoOANewOrderReq")).toBe(1);

  session.drop();
  session.start();
  await timers.advance(5_000);

  expect(await call.accepted).toEqual({ kind: "unknown" });
  expect(session.state().phase).toBe("ready");
  expect(server.count("ProtoOANewOrderReq")).toBe(1);
});

test("a link that is slow to end keeps the next one waiting", async () => {
  const { session, server, timers, mostOpen, dialledAt, link } = await readySession({ endMs: 10_000 });

  session.drop();
  session.start();
  await timers.advance(20_000);
  server.fail("ProtoOATraderReq", error("RET_ACCOUNT_DISABLED"));
  link().end("reset");
  await timers.advance(30_000);
  session.wake();
  await timers.advance(30_000);

  expect(session.state().phase).toBe("ready");
  expect(dialledAt).toHaveLength(4);
  expect(mostOpen()).toBe(1);
});

test("an answer to a comparison that can never be read is not asked for in a loop", async () => {
  const { session, server, timers } = await readySession();
  server.fail("ProtoOAReconcileReq", ...Array.from({ length: 50 }, () => ({ kind: "garbled" }) as const));

  await timers.advance(302_000);
  expect(server.count("ProtoOAReconcileReq")).toBe(2);
  await timers.advance(60_000);

  expect(server.count("ProtoOAReconcileReq")).toBe(4);
  expect(session.state().phase).toBe("ready");
});

test("answers that were made before the account's session was lost do not make the next one ready", async () => {
  const { session, server, timers, link } = await readySession();
  server.dealPage = 1;
  server.deals = Array.from({ length: 6 }, (_, at) => aDeal(at + 1, NOON_MS - at * 1_000_000));
  link().end("reset");
  while (session.state().phase !== "reconciling") await timers.advance(10);

  server.fail("ProtoOAVersionReq", error("ACCOUNT_NOT_AUTHORIZED"));
  void session.request("ProtoOAVersionReq", {});
  await timers.advance(10_000);

  expect(session.state().phase).toBe("ready");
  expect(link().sentOf("ProtoOAReconcileReq")).toHaveLength(2);
});

test("bars of a symbol whose prices the broker refuses are not asked for", async () => {
  const { session, server, timers } = await readySession();

  session.bars.subscribe(404, "M1");
  await timers.advance(60_000);

  expect(server.count("ProtoOASubscribeLiveTrendbarReq")).toBe(0);
});

test("a session that is started right after it was dropped never has two connections", async () => {
  const { session, timers, dials } = await readySession();

  for (let round = 0; round < 3; round += 1) {
    session.drop();
    session.start();
    session.start();
  }
  await timers.advance(5_000);

  expect(dials().filter((one) => !one.isEnded())).toHaveLength(1);
  expect(session.state().phase).toBe("ready");
});

test("stopping takes no more orders, waits for those on their way, and closes", async () => {
  const { session, timers, link } = await readySession();
  const first = session.orders.submit({ ...AN_ORDER, clientOrderId: "first" });
  await timers.advance(10);

  let isStopped = false;
  const stopping = session.stop({ settleMs: 3_000 }).then(() => {
    isStopped = true;
  });
  const second = session.orders.submit({ ...AN_ORDER, clientOrderId: "second" });
  await timers.advance(1_000);
  expect(isStopped).toBe(false);
  const { clientMsgId } = link().lastOf("ProtoOANewOrderReq");
  link().say("ProtoOAOrderErrorEvent", { ctidTraderAccountId: 11, errorCode: "MARKET_CLOSED" }, clientMsgId);
  await timers.advance(100);
  await stopping;

  expect(await second.accepted).toEqual({ kind: "not-sent" });
  expect(await first.accepted).toMatchObject({ kind: "rejected" });
  expect(link().isClosed()).toBe(true);
  expect(session.state().phase).toBe("stopped");
});

test("stopping waits no longer than it was told", async () => {
  const { session, timers, link } = await readySession();
  const call = session.orders.submit({ ...AN_ORDER, clientOrderId: "silent" });
  await timers.advance(10);

  const stopping = session.stop({ settleMs: 2_000 });
  await timers.advance(1_900);
  expect(link().isClosed()).toBe(false);
  await timers.advance(200);
  await stopping;

  expect(await call.accepted).toEqual({ kind: "unknown" });
});

test("without a connection a request fails at once, and there is no last frame", async () => {
  const { session } = wireSession();

  const answer = await session.request("ProtoOAVersionReq", {});

  expect(answer).toMatchObject({ ok: false, code: "BROKER_UNREACHABLE" });
  expect(session.lastFrameAt()).toBeUndefined();
});

test("a server that never opens the link, or hangs up at once, is not dialled in a tight loop", async () => {
  const { session, timers, dials, dialledAt } = wireSession({ random: () => 0, opensItself: false });
  session.start();

  for (let tenth = 0; tenth < 1_000; tenth += 1) {
    if (!dials().at(-1)?.isEnded()) dials().at(-1)?.end("refused");
    session.wake();
    await timers.advance(100);
  }

  const inFirstMinute = dialledAt.filter((at) => at < 60_000).length;
  // One a second, and the first few pauses, which are shorter.
  expect(inFirstMinute).toBeLessThanOrEqual(66);
  expect(session.state()).toMatchObject({ lastTrouble: "refused" });
});

/** An order that was sent and accepted; `at` is when the broker says so. */
async function acceptedOrder() {
  const wired = await readySession();
  const call = wired.session.orders.submit({
    ...AN_ORDER,
    orderType: "LIMIT",
    limitPrice: 1,
    clientOrderId: "a",
  });
  await wired.timers.advance(10);
  const { clientMsgId } = wired.link().lastOf("ProtoOANewOrderReq");
  const order = anOrder({
    orderType: "LIMIT",
    clientOrderId: "a",
    utcLastUpdateTimestamp: NOON_MS + wired.timers.now(),
    tradeData: aTrade({ openTimestamp: NOON_MS + wired.timers.now() }),
  });
  const accepted = { ctidTraderAccountId: 11, executionType: "ORDER_ACCEPTED", order } as const;
  wired.link().say("ProtoOAExecutionEvent", accepted, clientMsgId);
  await wired.timers.advance(10);
  return { ...wired, call, order, accepted: await call.accepted };
}

test("an order that is filled much later, by an event that answers nothing, is done by it", async () => {
  const { call, order, link, timers, accepted } = await acceptedOrder();
  const executedVolume = order.tradeData.volume;

  link().say("ProtoOAExecutionEvent", {
    ctidTraderAccountId: 11,
    executionType: "ORDER_FILLED",
    order: { ...order, orderStatus: "ORDER_STATUS_FILLED", executedVolume },
    deal: {
      ...aDeal(1, NOON_MS + timers.now()),
      orderId: order.orderId,
      volume: executedVolume,
      filledVolume: executedVolume,
    },
  });
  await timers.advance(1_000);

  expect(accepted).toMatchObject({ kind: "accepted" });
  expect(await call.done).toMatchObject({ kind: "filled" });
});

test("an order that was filled while the connection was away is found and done after the reconciliation", async () => {
  const { call, order, link, timers, server } = await acceptedOrder();
  const executedVolume = order.tradeData.volume;
  server.endedOrders = [{ ...order, orderStatus: "ORDER_STATUS_FILLED", executedVolume }];
  server.deals = [
    {
      ...aDeal(1, NOON_MS + timers.now()),
      orderId: order.orderId,
      volume: executedVolume,
      filledVolume: executedVolume,
    },
  ];

  link().end("reset");
  await timers.advance(10_000);

  expect(await call.done).toMatchObject({ kind: "filled", deals: [{ dealId: 1 }] });
});

test("the names of symbols are read again after a reconnect", async () => {
  const { session, link, timers, server } = await readySession();
  const read = async () => {
    const found = session.symbols.byName("EURUSD");
    await timers.advance(1_000);
    expect(await found).toMatchObject({ ok: true });
  };
  await read();
  await read();
  expect(server.count("ProtoOASymbolsListReq")).toBe(1);

  link().end("reset");
  await timers.advance(5_000);
  await read();

  expect(server.count("ProtoOASymbolsListReq")).toBe(2);
});
