import { expect, test } from "vitest";
import { EURUSD, HEDGED, marketOrder, openRig } from "./venue/testing/venue-rig.ts";

test("a market order with levels is accepted, filled, and protected by an order of its own", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);

  const id = seat.ask(
    "ProtoOANewOrderReq",
    marketOrder({
      relativeStopLoss: 200,
      relativeTakeProfit: 300,
      label: "L",
      comment: "C",
      clientOrderId: "c-1",
    }),
  );
  await rig.pass(140);

  const [accepted, filled, protection, ...rest] = seat.events();
  expect(rest).toEqual([]);
  const orderId = accepted?.order?.orderId ?? 0;
  expect(accepted).toMatchObject({
    executionType: "ORDER_ACCEPTED",
    isServerEvent: false,
    clientMsgId: id,
    order: {
      orderType: "MARKET",
      orderStatus: "ORDER_STATUS_ACCEPTED",
      executedVolume: 0,
      closingOrder: false,
      timeInForce: "IMMEDIATE_OR_CANCEL",
      relativeStopLoss: 200,
      relativeTakeProfit: 300,
      clientOrderId: "c-1",
      tradeData: { volume: 100_000, tradeSide: "BUY", label: "L", comment: "C" },
    },
    position: {
      positionStatus: "POSITION_STATUS_CREATED",
      price: 0,
      commission: 0,
      marginRate: 0,
      usedMargin: 0,
      swap: 0,
      tradeData: { volume: 0 },
    },
  });
  expect(accepted?.order).not.toHaveProperty("executionPrice");
  expect(accepted?.position?.tradeData).not.toHaveProperty("openTimestamp");
  expect(accepted?.position?.positionId).toBe(accepted?.order?.positionId);

  const price = filled?.deal?.executionPrice ?? 0;
  expect(filled).toMatchObject({
    executionType: "ORDER_FILLED",
    isServerEvent: false,
    clientMsgId: id,
    order: { orderId, orderStatus: "ORDER_STATUS_FILLED", executedVolume: 100_000, executionPrice: price },
    deal: {
      orderId,
      dealStatus: "FILLED",
      volume: 100_000,
      filledVolume: 100_000,
      createTimestamp: accepted?.order?.tradeData.openTimestamp,
      commission: -3,
      moneyDigits: 2,
    },
    position: {
      positionStatus: "POSITION_STATUS_OPEN",
      price,
      commission: -3,
      tradeData: { volume: 100_000 },
    },
  });
  expect(filled?.order?.tradeData).toHaveProperty("closeTimestamp");
  expect((filled?.deal?.executionTimestamp ?? 0) - (filled?.deal?.createTimestamp ?? 0)).toBe(130);
  expect(filled?.position).not.toHaveProperty("stopLoss");
  expect(filled?.position).not.toHaveProperty("takeProfit");
  expect(filled?.deal).not.toHaveProperty("closePositionDetail");

  const [stopPrice, limitPrice] = [Number((price - 0.002).toFixed(5)), Number((price + 0.003).toFixed(5))];
  expect(protection).toMatchObject({
    executionType: "ORDER_ACCEPTED",
    isServerEvent: true,
    clientMsgId: id,
    order: {
      orderType: "STOP_LOSS_TAKE_PROFIT",
      closingOrder: true,
      timeInForce: "GOOD_TILL_CANCEL",
      stopPrice,
      limitPrice,
      stopTriggerMethod: "TRADE",
      clientOrderId: "c-1",
      tradeData: { tradeSide: "SELL", volume: 100_000 },
    },
    position: { stopLoss: stopPrice, takeProfit: limitPrice, stopLossTriggerMethod: "TRADE" },
  });
  expect(protection?.order?.orderId).not.toBe(orderId);
});

test("without levels a market order is accepted and filled, and that is all", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder());
  await rig.pass(500);

  expect(seat.events().map((event) => event.executionType)).toEqual(["ORDER_ACCEPTED", "ORDER_FILLED"]);
});

test("a request closes a position, whose protective order is cancelled", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOANewOrderReq", marketOrder({ relativeStopLoss: 2_000 }));
  await rig.pass(200);
  const { positionId } = rig.venue.truth(HEDGED).positions[0]!;
  const before = rig.venue.truth(HEDGED);
  seat.heard.length = 0;

  const id = seat.ask("ProtoOAClosePositionReq", { positionId, volume: 100_000 });
  await rig.pass(200);

  const [accepted, filled, cancelled, ...rest] = seat.events();
  expect(rest).toEqual([]);
  expect(accepted).toMatchObject({
    executionType: "ORDER_ACCEPTED",
    clientMsgId: id,
    order: { orderType: "MARKET", closingOrder: true, tradeData: { tradeSide: "SELL" } },
    position: { positionStatus: "POSITION_STATUS_OPEN", tradeData: { volume: 100_000 } },
  });
  expect(filled).toMatchObject({
    executionType: "ORDER_FILLED",
    position: {
      positionStatus: "POSITION_STATUS_CLOSED",
      price: 0,
      commission: 0,
      usedMargin: 0,
      tradeData: { volume: 0 },
    },
  });
  expect(filled?.position?.tradeData).toHaveProperty("closeTimestamp");
  const detail = filled!.deal!.closePositionDetail!;
  expect(detail).toMatchObject({ closedVolume: 100_000, commission: -6, moneyDigits: 2 });
  expect(detail.balance).toBe(before.balance + detail.grossProfit + detail.swap + detail.commission);
  expect(detail.balanceVersion).toBe(before.balanceVersion + 1);
  expect(cancelled).toMatchObject({
    executionType: "ORDER_CANCELLED",
    order: { orderType: "STOP_LOSS_TAKE_PROFIT", orderStatus: "ORDER_STATUS_CANCELLED" },
  });
  expect(
    seat.get("ProtoOAReconcileReq", { returnProtectionOrders: true }, "ProtoOAReconcileRes"),
  ).toMatchObject({ position: [], order: [] });
  expect(seat.get("ProtoOADealListReq", {}, "ProtoOADealListRes").deal).toHaveLength(2);
});

test("the first spot event after the subscription has both sides, and no time unless it is asked for", async () => {
  const rig = openRig();
  const [plain, timed] = [rig.sit(HEDGED), rig.sit(HEDGED)];

  plain.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD] });
  timed.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD], subscribeToSpotTimestamp: true });

  expect(plain.heard.map(({ message }) => message.name)).toEqual([
    "ProtoOASubscribeSpotsRes",
    "ProtoOASpotEvent",
  ]);
  const [first] = plain.all("ProtoOASpotEvent");
  expect(first?.ask).toBeGreaterThan(first?.bid ?? Number.POSITIVE_INFINITY);
  expect(first).not.toHaveProperty("timestamp");
  expect(timed.all("ProtoOASpotEvent")[0]?.timestamp).toBe(rig.clock.now().epochMilliseconds);
});
