import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { OrderTicket } from "../trading-broker.ts";
import type { KnownSymbol } from "./symbols.ts";
import { aPosition, aTrade } from "./testing/messages.ts";
import { closeOf, orderOf } from "./tickets.ts";

const eurusd: KnownSymbol = {
  light: { symbolId: 1, symbolName: "EURUSD" },
  rules: {
    symbolId: 1,
    digits: 5,
    pipPosition: 4,
    schedule: [],
    holiday: [],
    minVolume: 100_000,
    maxVolume: 10_000_000,
    stepVolume: 100_000,
    lotSize: 10_000_000,
  },
  baseAsset: "EUR",
  quoteAsset: "USD",
};

const aTicket = (over: Partial<OrderTicket> = {}): OrderTicket => ({
  clientOrderId: "abc123",
  instrument: "EURUSD",
  side: "buy",
  type: "market",
  quantity: new Decimal(1_000),
  timeInForce: "ioc",
  ...over,
});
const price = (value: string) => ({ price: new Decimal(value) });
const distance = (value: string) => ({ distance: new Decimal(value) });
const expiresAt = Temporal.Instant.fromEpochMilliseconds(5_000);

test("a market order takes its levels by distance, in the broker's integers", () => {
  const ticket = aTicket({ stopLoss: distance("0.002"), takeProfit: distance("0.003") });

  expect(orderOf(ticket, eurusd)).toEqual({
    clientOrderId: "abc123",
    symbolId: 1,
    orderType: "MARKET",
    tradeSide: "BUY",
    volume: 100_000,
    relativeStopLoss: 200,
    relativeTakeProfit: 300,
  });
});

test("a limit order takes its price and levels to the symbol's digits, and its time in force", () => {
  const ticket = aTicket({
    type: "limit",
    side: "sell",
    limitPrice: new Decimal("1.123456"),
    stopLoss: price("1.130004"),
    timeInForce: "gtd",
    expiresAt,
  });

  expect(orderOf(ticket, eurusd)).toEqual({
    clientOrderId: "abc123",
    symbolId: 1,
    orderType: "LIMIT",
    tradeSide: "SELL",
    volume: 100_000,
    limitPrice: 1.12346,
    stopLoss: 1.13,
    timeInForce: "GOOD_TILL_DATE",
    expirationTimestamp: 5_000,
  });
});

test.each<[string, Partial<OrderTicket>]>([
  ["an id of other signs", { clientOrderId: "a-b" }],
  ["an id too long", { clientOrderId: "a".repeat(21) }],
  ["a quantity below the least", { quantity: new Decimal(500) }],
  ["a quantity above the most", { quantity: new Decimal(200_000) }],
  ["a quantity between the steps", { quantity: new Decimal(1_500) }],
  ["a quantity finer than the broker's", { quantity: new Decimal("1000.001") }],
  ["a negative quantity", { quantity: new Decimal(-1_000) }],
  ["a price at market", { limitPrice: new Decimal(1) }],
  ["no price", { type: "limit" }],
  ["the wrong price", { type: "stop", limitPrice: new Decimal(1) }],
  ["two prices", { type: "stop", limitPrice: new Decimal(1), stopPrice: new Decimal(1) }],
  ["a price of nothing", { type: "limit", limitPrice: new Decimal("0.000001") }],
  ["a level by price at market", { stopLoss: price("1") }],
  ["a level without distance", { takeProfit: distance("0.000001") }],
  ["a level below zero", { stopLoss: distance("-1") }],
  ["an expiry that is not meant", { expiresAt }],
  ["no expiry", { type: "limit", limitPrice: new Decimal(1), timeInForce: "gtd" }],
])("a ticket with %s has no request", (_name, over) => {
  expect(orderOf(aTicket(over), eurusd)).toEqual(expect.any(String));
});

test("a close takes all of a position whatever the steps, and a part only by them", () => {
  const position = aPosition({ tradeData: aTrade({ volume: 250_000 }) });
  const close = (units: number, held: typeof position | undefined = position) =>
    closeOf(aTicket({ closes: "5", quantity: new Decimal(units) }), eurusd, held);

  expect(close(2_500)).toEqual({ positionId: 5, volume: 250_000 });
  expect(close(1_000)).toEqual({ positionId: 5, volume: 100_000 });
  expect(close(1_500)).toEqual(expect.any(String));
  expect(close(3_000)).toEqual(expect.any(String));
  const atPrice = { type: "stop", stopPrice: new Decimal("1.1"), timeInForce: "gtc" } as const;
  expect(closeOf(aTicket({ ...atPrice, closes: "6" }), eurusd, undefined)).toEqual(expect.any(String));
  expect(closeOf(aTicket({ closes: "x" }), eurusd, undefined)).toEqual(expect.any(String));
  expect(closeOf(aTicket({ closes: "6" }), eurusd, undefined)).toEqual({ positionId: 6, volume: 100_000 });
});
