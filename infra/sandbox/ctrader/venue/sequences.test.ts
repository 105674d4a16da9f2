import { expect, test } from "vitest";
import {
  EURUSD,
  HEDGED,
  kindsOf,
  marketOrder,
  openRig,
  openWithPosition,
  round,
} from "./testing/venue-rig.ts";

const levels = (price: number) => ({
  stopLoss: round(price - 0.003),
  takeProfit: round(price + 0.003),
});

test("first levels on a bare position make a protective order, other levels replace it, none cancel it", async () => {
  const { rig, seat, position, positionId } = await openWithPosition();
  const { stopLoss, takeProfit } = levels(position.price!);
  const moved = round(stopLoss - 0.001);

  const first = seat.ask("ProtoOAAmendPositionSLTPReq", { positionId, stopLoss, takeProfit });
  const second = seat.ask("ProtoOAAmendPositionSLTPReq", { positionId, stopLoss: moved });
  const third = seat.ask("ProtoOAAmendPositionSLTPReq", { positionId });

  const [placed, replaced, cancelled] = seat.events();
  expect(kindsOf(seat)).toEqual([
    { executionType: "ORDER_ACCEPTED", clientMsgId: first, isServerEvent: false },
    { executionType: "ORDER_REPLACED", clientMsgId: second, isServerEvent: false },
    { executionType: "ORDER_CANCELLED", clientMsgId: third, isServerEvent: false },
  ]);
  expect(placed?.order).toMatchObject({ stopPrice: stopLoss, limitPrice: takeProfit });
  expect(replaced?.order).toMatchObject({ orderId: placed?.order?.orderId, stopPrice: moved });
  expect(replaced?.order).not.toHaveProperty("limitPrice");
  expect(replaced?.position).toMatchObject({ stopLoss: moved });
  expect(replaced?.position).not.toHaveProperty("takeProfit");
  expect(cancelled?.position).not.toHaveProperty("stopLoss");
  expect(rig.venue.truth(HEDGED).orders.at(-1)?.orderStatus).toBe("ORDER_STATUS_CANCELLED");
});

test("a partial close takes its share of commission and margin, and the protective order follows", async () => {
  const { rig, seat, position, positionId } = await openWithPosition({ relativeStopLoss: 3_000 });

  const id = seat.ask("ProtoOAClosePositionReq", { positionId, volume: 100_000 });
  await rig.pass(200);

  const [accepted, filled, replaced] = seat.events();
  expect(kindsOf(seat)).toEqual([
    { executionType: "ORDER_ACCEPTED", clientMsgId: id, isServerEvent: false },
    { executionType: "ORDER_FILLED", clientMsgId: id, isServerEvent: false },
    { executionType: "ORDER_REPLACED", clientMsgId: id, isServerEvent: true },
  ]);
  expect(accepted?.order).toMatchObject({ closingOrder: true, orderType: "MARKET" });
  expect(filled?.position).toMatchObject({
    positionStatus: "POSITION_STATUS_OPEN",
    price: position.price,
    commission: Math.round((position.commission! * 2) / 3),
    usedMargin: Math.round((position.usedMargin! * 2) / 3),
    tradeData: { volume: 200_000 },
  });
  expect(filled?.deal?.closePositionDetail).toMatchObject({
    entryPrice: position.price,
    closedVolume: 100_000,
    balance: rig.venue.truth(HEDGED).balance,
  });
  expect(replaced?.order).toMatchObject({
    orderType: "STOP_LOSS_TAKE_PROFIT",
    tradeData: { volume: 200_000 },
  });
});

test.each([
  ["stop loss", -0.0035],
  ["take profit", 0.0035],
])("a %s that is hit fills the protective order by itself, with both its prices", async (_name, move) => {
  const { rig, seat, position, positionId } = await openWithPosition({
    relativeStopLoss: 300,
    relativeTakeProfit: 300,
    clientOrderId: "entry",
  });

  rig.venue.moveTo(EURUSD, position.price! + move);
  await rig.pass(300);

  const [filled, ...rest] = seat.events();
  expect(rest).toEqual([]);
  expect(filled).toMatchObject({
    executionType: "ORDER_FILLED",
    isServerEvent: true,
    clientMsgId: undefined,
    order: {
      orderType: "STOP_LOSS_TAKE_PROFIT",
      orderStatus: "ORDER_STATUS_FILLED",
      stopPrice: round(position.price! - 0.003),
      limitPrice: round(position.price! + 0.003),
      clientOrderId: "entry",
    },
    position: { positionId, positionStatus: "POSITION_STATUS_CLOSED", tradeData: { volume: 0 } },
  });
  const deal = filled!.deal!;
  expect(deal.createTimestamp).toBe(deal.executionTimestamp);
  expect(Math.sign(deal.closePositionDetail!.grossProfit)).toBe(Math.sign(move));
  if (move < 0) expect(deal.executionPrice).toBeLessThanOrEqual(round(position.price! + move));
  else expect(deal.executionPrice).toBeGreaterThanOrEqual(round(position.price! + 0.003));
});

test("a pending order reserves a position, is replaced, and is cancelled by one event", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  const request = marketOrder({ orderType: "LIMIT", limitPrice: 1.0, stopLoss: 0.99, takeProfit: 1.02 });

  seat.ask("ProtoOANewOrderReq", request);
  const orderId = seat.events()[0]!.order!.orderId;
  seat.ask("ProtoOAAmendOrderReq", { orderId, limitPrice: 1.01, volume: 200_000 });
  seat.ask("ProtoOACancelOrderReq", { orderId });
  await rig.pass(1_000);

  const [accepted, replaced, cancelled] = seat.events();
  expect(kindsOf(seat).map(({ executionType }) => executionType)).toEqual([
    "ORDER_ACCEPTED",
    "ORDER_REPLACED",
    "ORDER_CANCELLED",
  ]);
  expect(accepted).toMatchObject({
    order: {
      orderType: "LIMIT",
      limitPrice: 1,
      relativeStopLoss: 1_000,
      relativeTakeProfit: 2_000,
      timeInForce: "GOOD_TILL_CANCEL",
    },
    position: { positionStatus: "POSITION_STATUS_CREATED", tradeData: { volume: 0 } },
  });
  expect(accepted?.order?.positionId).toBe(accepted?.position?.positionId);
  expect(accepted?.order).not.toHaveProperty("stopLoss");
  expect(replaced?.order).toMatchObject({ orderId, limitPrice: 1.01, tradeData: { volume: 200_000 } });
  expect(replaced?.order).not.toHaveProperty("relativeStopLoss");
  expect(cancelled).toMatchObject({
    order: { orderStatus: "ORDER_STATUS_CANCELLED" },
    position: { positionStatus: "POSITION_STATUS_CLOSED" },
    clientMsgId: "m3",
  });
});

test("the switch lets an amended order keep what the request leaves out", () => {
  const rig = openRig({ faults: { unsure: { amendKeepsLeftOut: true } } });
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOANewOrderReq", marketOrder({ orderType: "LIMIT", limitPrice: 1, relativeStopLoss: 1_000 }));

  seat.ask("ProtoOAAmendOrderReq", { orderId: seat.events()[0]!.order!.orderId, limitPrice: 1.01 });

  expect(seat.events()[1]?.order).toMatchObject({ limitPrice: 1.01, relativeStopLoss: 1_000 });
});

test.each([
  ["LIMIT", "BUY", { limitPrice: 1.05 }, 1.045],
  ["LIMIT", "SELL", { limitPrice: 1.25 }, 1.255],
  ["STOP", "BUY", { stopPrice: 1.25 }, 1.255],
  ["STOP", "SELL", { stopPrice: 1.05 }, 1.045],
  ["STOP_LIMIT", "BUY", { stopPrice: 1.25, slippageInPoints: 600 }, 1.255],
] as const)(
  "a %s order that %ss is filled unasked when its price comes, and protected",
  async (orderType, tradeSide, prices, price) => {
    const rig = openRig();
    const seat = rig.sit(HEDGED);
    rig.venue.freeze(true);
    seat.ask("ProtoOANewOrderReq", marketOrder({ orderType, tradeSide, ...prices, relativeStopLoss: 1_000 }));
    await rig.pass(1_000);
    const before = kindsOf(seat).length;

    rig.venue.moveTo(EURUSD, price);
    await rig.pass(300);

    expect(before).toBe(1);
    const [accepted, filled, protection] = seat.events();
    expect(kindsOf(seat).slice(1)).toEqual([
      { executionType: "ORDER_FILLED", clientMsgId: undefined, isServerEvent: true },
      { executionType: "ORDER_ACCEPTED", clientMsgId: undefined, isServerEvent: true },
    ]);
    expect(filled?.position?.positionId).toBe(accepted?.position?.positionId);
    expect(protection?.order?.orderType).toBe("STOP_LOSS_TAKE_PROFIT");
  },
);

test("an order expires by the market's clock", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  const expirationTimestamp = rig.clock.now().epochMilliseconds + 1_000;
  const request = {
    orderType: "LIMIT",
    limitPrice: 1,
    timeInForce: "GOOD_TILL_DATE",
    expirationTimestamp,
  } as const;

  seat.ask("ProtoOANewOrderReq", marketOrder(request));
  await rig.pass(900);
  const before = kindsOf(seat).length;
  await rig.pass(600);

  expect(before).toBe(1);
  expect(seat.events()[1]).toMatchObject({
    executionType: "ORDER_EXPIRED",
    isServerEvent: true,
    clientMsgId: undefined,
    order: { orderStatus: "ORDER_STATUS_EXPIRED", expirationTimestamp },
    position: { positionStatus: "POSITION_STATUS_CLOSED" },
  });
});

test("a trailing stop moves by its own event alone, never back, and stops at its new price", async () => {
  const { rig, seat, position, positionId } = await openWithPosition({
    relativeStopLoss: 300,
    trailingStopLoss: true,
  });
  const price = position.price!;
  const before = rig.venue.truth(HEDGED);

  for (const move of [0.001, 0.002, 0.0015]) rig.venue.moveTo(EURUSD, round(price + move));
  await rig.pass(300);

  const moves = seat.all("ProtoOATrailingSLChangedEvent");
  expect(moves.map(({ stopPrice }) => stopPrice)).toEqual([round(price - 0.002), round(price - 0.001)]);
  expect(moves[0]).toMatchObject({ positionId, orderId: before.orders.at(-1)?.orderId });
  expect(seat.events()).toEqual([]);
  const after = rig.venue.truth(HEDGED);
  expect(after.orders.at(-1)?.utcLastUpdateTimestamp).toBe(before.orders.at(-1)?.utcLastUpdateTimestamp);
  expect(after.positions[0]?.utcLastUpdateTimestamp).toBe(before.positions[0]?.utcLastUpdateTimestamp);
  expect(after.positions[0]?.stopLoss).toBe(round(price - 0.001));

  rig.venue.moveTo(EURUSD, round(price - 0.0011));
  expect(seat.events()[0]).toMatchObject({ executionType: "ORDER_FILLED", isServerEvent: true });
});

test("another seat of the account hears the same events without the id of the request", async () => {
  const rig = openRig();
  const [own, other, gone] = [rig.sit(HEDGED), rig.sit(HEDGED), rig.sit(HEDGED)];
  gone.leave();

  own.ask("ProtoOANewOrderReq", marketOrder());
  await rig.pass(200);

  expect(other.events().map((event) => ({ ...event, clientMsgId: "m1" }))).toEqual(own.events());
  expect(other.events().map(({ clientMsgId }) => clientMsgId)).toEqual([undefined, undefined]);
  expect(gone.heard).toEqual([]);
});

test("an account that cannot carry its positions loses them", async () => {
  const { rig, seat, position } = await openWithPosition({ volume: 80_000_000 });

  rig.venue.moveTo(EURUSD, round(position.price! - 0.02));
  await rig.pass(300);

  expect(seat.events()[0]).toMatchObject({
    executionType: "ORDER_FILLED",
    isServerEvent: true,
    order: { isStopOut: true, closingOrder: true },
    position: { positionStatus: "POSITION_STATUS_CLOSED" },
  });
});

test("money paid in changes the balance and its version, and is listed", () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  const now = rig.clock.now().epochMilliseconds;

  rig.venue.deposit(HEDGED, 12_345);

  expect(seat.events()[0]).toMatchObject({
    executionType: "DEPOSIT_WITHDRAW",
    depositWithdraw: {
      operationType: "BALANCE_DEPOSIT",
      delta: 12_345,
      balance: 1_012_345,
      balanceVersion: 2,
    },
  });
  const window = { fromTimestamp: now - 1, toTimestamp: now + 1 };
  const answer = "ProtoOACashFlowHistoryListRes";
  expect(seat.get("ProtoOACashFlowHistoryListReq", window, answer).depositWithdraw).toHaveLength(1);
});
