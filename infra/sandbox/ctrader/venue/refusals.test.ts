import { expect, test } from "vitest";
import type { Messages } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import {
  EURUSD,
  HEDGED,
  marketOrder,
  NETTED,
  openRig,
  openWithPosition,
  PALMOIL,
  refusalsOf,
  SATURDAY,
  VIEW_ONLY,
} from "./testing/venue-rig.ts";

type NewOrder = Partial<Messages["ProtoOANewOrderReq"]>;

test.each<[string, NewOrder, "ProtoOAErrorRes" | "ProtoOAOrderErrorEvent", string, RegExp]>([
  [
    "absolute levels on a market order",
    { stopLoss: 1 },
    "ProtoOAErrorRes",
    "INVALID_REQUEST",
    /^SL\/TP in absolute values are allowed only for order types: \[LIMIT, STOP, STOP_LIMIT\]$/,
  ],
  [
    "a trailing stop without a stop",
    { trailingStopLoss: true },
    "ProtoOAErrorRes",
    "INVALID_REQUEST",
    /^Can't set Trailing Stop Loss parameter without specified Stop Loss$/,
  ],
  ["an unknown symbol", { symbolId: 99 }, "ProtoOAErrorRes", "SYMBOL_NOT_FOUND", /99/],
  [
    "a limit order without its price",
    { orderType: "LIMIT" },
    "ProtoOAErrorRes",
    "INVALID_REQUEST",
    /^Message missing required fields: limitPrice$/,
  ],
  ["a label of 101 characters", { label: "x".repeat(101) }, "ProtoOAErrorRes", "INVALID_REQUEST", /label/],
  [
    "a comment of 513 characters",
    { comment: "x".repeat(513) },
    "ProtoOAErrorRes",
    "INVALID_REQUEST",
    /comment/,
  ],
  [
    "a clientOrderId of 51 characters",
    { clientOrderId: "x".repeat(51) },
    "ProtoOAErrorRes",
    "INVALID_REQUEST",
    /clientOrderId/,
  ],
  [
    "more decimals than the symbol has",
    { orderType: "LIMIT", limitPrice: 1.000001 },
    "ProtoOAErrorRes",
    "INVALID_REQUEST",
    /decimals/,
  ],
  [
    "a distance between two decimals",
    { symbolId: PALMOIL, volume: 100, relativeStopLoss: 50_001 },
    "ProtoOAErrorRes",
    "INVALID_REQUEST",
    /decimals/,
  ],
  ["a volume below the least", { volume: 1_000 }, "ProtoOAOrderErrorEvent", "TRADING_BAD_VOLUME", /volume/],
  [
    "a volume between two steps",
    { volume: 150_000 },
    "ProtoOAOrderErrorEvent",
    "TRADING_BAD_VOLUME",
    /volume/,
  ],
  [
    "a volume above the most",
    { volume: 5_000_100_000 },
    "ProtoOAOrderErrorEvent",
    "TRADING_BAD_VOLUME",
    /volume/,
  ],
  [
    "more than the money carries",
    { volume: 200_000_000 },
    "ProtoOAOrderErrorEvent",
    "NOT_ENOUGH_MONEY",
    /funds/,
  ],
  [
    "a buy stop below the market",
    { orderType: "STOP", stopPrice: 0.9 },
    "ProtoOAOrderErrorEvent",
    "TRADING_BAD_PRICES",
    /ASK/,
  ],
  [
    "a stop loss above a buy limit",
    { orderType: "LIMIT", limitPrice: 1, stopLoss: 1.01 },
    "ProtoOAOrderErrorEvent",
    "TRADING_BAD_STOPS",
    /SL/,
  ],
  [
    "an expiry in the past",
    { orderType: "LIMIT", limitPrice: 1, timeInForce: "GOOD_TILL_DATE", expirationTimestamp: 1 },
    "ProtoOAOrderErrorEvent",
    "TRADING_BAD_EXPIRATION_DATE",
    /future/,
  ],
  [
    "a position that is not there",
    { positionId: 12 },
    "ProtoOAOrderErrorEvent",
    "POSITION_NOT_FOUND",
    /^Position not found with id 12$/,
  ],
])("refused: %s", (_name, over, name, errorCode, description) => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder(over));

  expect(refusalsOf(seat)).toMatchObject([{ name, errorCode }]);
  expect(refusalsOf(seat)[0]?.description).toMatch(description);
  if (name === "ProtoOAOrderErrorEvent")
    expect(refusalsOf(seat)[0]).toMatchObject({ orderId: 0, positionId: 0 });
  expect(rig.venue.truth(HEDGED).orders).toEqual([]);
});

test("label, comment and clientOrderId may be as long as they may be", () => {
  const seat = openRig().sit(HEDGED);
  const texts = { label: "x".repeat(100), comment: "x".repeat(512), clientOrderId: "x".repeat(50) };

  seat.ask("ProtoOANewOrderReq", marketOrder(texts));

  expect(seat.events()[0]).toMatchObject({ executionType: "ORDER_ACCEPTED" });
});

test.each([
  ["closed on a Saturday", SATURDAY, "MARKET_CLOSED"],
  ["on a holiday", "2026-12-25T10:00:00Z", "SYMBOL_HAS_HOLIDAY"],
])("a market order is refused %s, a resting one is not", (_name, start, code) => {
  const seat = openRig({ start }).sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder());
  seat.ask("ProtoOANewOrderReq", marketOrder({ orderType: "LIMIT", limitPrice: 1 }));

  expect(refusalsOf(seat)[0]).toMatchObject({ name: "ProtoOAOrderErrorEvent", errorCode: code });
  expect(seat.events()).toMatchObject([{ executionType: "ORDER_ACCEPTED" }]);
});

test("an account that may only be looked at trades nothing and shows everything", () => {
  const seat = openRig().sit(VIEW_ONLY);

  seat.ask("ProtoOANewOrderReq", marketOrder());

  expect(refusalsOf(seat)).toMatchObject([{ errorCode: "TRADING_NOT_ALLOWED" }]);
  expect(seat.get("ProtoOATraderReq", {}, "ProtoOATraderRes").trader.accessRights).toBe("NO_TRADING");
});

test("what is not there cannot be cancelled, closed, amended or shown, each in its own words", () => {
  const seat = openRig().sit(HEDGED);

  seat.ask("ProtoOACancelOrderReq", { orderId: 7 });
  seat.ask("ProtoOAClosePositionReq", { positionId: 8, volume: 100_000 });
  seat.ask("ProtoOAAmendPositionSLTPReq", { positionId: 9, stopLoss: 1 });
  seat.ask("ProtoOAOrderDetailsReq", { orderId: 10 });

  const event = { name: "ProtoOAOrderErrorEvent", positionId: 0 };
  expect(refusalsOf(seat)).toEqual([
    { ...event, errorCode: "ORDER_NOT_FOUND", description: "Order not found with id 7", orderId: 7 },
    { ...event, errorCode: "POSITION_NOT_FOUND", description: "Position not found with id 8", orderId: 0 },
    { ...event, errorCode: "POSITION_NOT_FOUND", description: "Position not found with id 9", orderId: 0 },
    {
      name: "ProtoOAErrorRes",
      errorCode: "ORDER_NOT_FOUND",
      description: "Order 10 not found or not belong to trader 5100001",
      orderId: undefined,
      positionId: undefined,
    },
  ]);
});

test("levels are refused on the wrong side, too close, or when there is nothing to change", async () => {
  const { rig, seat, position } = await openWithPosition({ volume: 100_000 });
  const { positionId, price } = position;
  const quote = rig.venue.truth(HEDGED).positions[0]?.price;
  const bid = seat.bid(EURUSD);
  seat.heard.length = 0;

  seat.ask("ProtoOAAmendPositionSLTPReq", { positionId });
  seat.ask("ProtoOAAmendPositionSLTPReq", { positionId, takeProfit: price! + 0.01, trailingStopLoss: false });
  const takeProfit = Number((bid - 0.00002).toFixed(5));
  seat.ask("ProtoOAAmendPositionSLTPReq", { positionId, takeProfit });
  const stopLoss = Number((bid + 0.00002).toFixed(5));
  seat.ask("ProtoOAAmendPositionSLTPReq", { positionId, stopLoss });

  expect(quote).toBe(price);
  expect(refusalsOf(seat)).toMatchObject([
    { name: "ProtoOAErrorRes", errorCode: "INVALID_REQUEST", description: "Nothing to amend." },
    { description: "Can't set Trailing Stop Loss parameter without specified Stop Loss" },
    {
      name: "ProtoOAOrderErrorEvent",
      errorCode: "TRADING_BAD_STOPS",
      orderId: 0,
      positionId: 0,
      description: `New TP for BUY position should be >= current BID price. current BID: ${bid}, TP: ${takeProfit}`,
    },
    {
      errorCode: "TRADING_BAD_STOPS",
      description: `New SL for BUY position should be <= current BID price. current BID: ${bid}, SL: ${stopLoss}`,
    },
  ]);
});

test("a level nearer than the symbol's distance is too close", async () => {
  const { rig, seat, position } = await openWithPosition({ symbolId: PALMOIL, volume: 100 });
  const bid = seat.bid(PALMOIL);
  seat.heard.length = 0;
  const near = { positionId: position.positionId, stopLoss: Number((bid - 0.19).toFixed(2)) };

  seat.ask("ProtoOAAmendPositionSLTPReq", near);
  seat.ask("ProtoOAAmendPositionSLTPReq", { ...near, stopLoss: Number((bid - 0.2).toFixed(2)) });

  expect(refusalsOf(seat)[0]).toMatchObject({ errorCode: "PROTECTION_IS_TOO_CLOSE_TO_MARKET" });
  expect(rig.venue.truth(HEDGED).positions[0]?.stopLoss).toBe(Number((bid - 0.2).toFixed(2)));
});

test("the close of more than is there is refused, and so is a second one while the first is under way", async () => {
  const { rig, seat, position } = await openWithPosition();
  const { positionId } = position;
  seat.heard.length = 0;

  seat.ask("ProtoOAClosePositionReq", { positionId, volume: 400_000 });
  seat.ask("ProtoOAClosePositionReq", { positionId, volume: 150_000 });
  seat.ask("ProtoOAClosePositionReq", { positionId, volume: 200_000 });
  seat.ask("ProtoOAClosePositionReq", { positionId, volume: 200_000 });
  await rig.pass(300);

  const codes = refusalsOf(seat).map(({ errorCode }) => errorCode);
  expect(codes.filter((code) => code !== undefined)).toEqual([
    "TRADING_BAD_VOLUME",
    "TRADING_BAD_VOLUME",
    "PENDING_EXECUTION",
  ]);
  expect(rig.venue.truth(HEDGED).positions[0]?.tradeData.volume).toBe(100_000);
});

test("a message that the venue does not know is answered so", () => {
  const seat = openRig().sit(NETTED);

  seat.ask("ProtoOAv1PnLChangeSubscribeReq", {});

  expect(refusalsOf(seat)).toMatchObject([{ name: "ProtoOAErrorRes", errorCode: "UNSUPPORTED_MESSAGE" }]);
});
