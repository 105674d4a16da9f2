import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { ConnectionId } from "../../config/connection.ts";
import type { OrderRecord } from "../records.ts";
import { newOrderRecord } from "../submit-order.ts";
import {
  decideProtection,
  type LotToProtect,
  type ProtectionFacts,
  stopPriceOf,
} from "./decide-protection.ts";

const NOW = Temporal.Instant.from("2026-11-23T15:00:00Z");
const d = (value: Decimal.Value) => new Decimal(value);

const aLot = (over: Partial<LotToProtect> = {}): LotToProtect => ({
  ...{ instrument: "AAPL", side: "buy", quantity: d(10), stop: d(90), takeProfit: undefined },
  ...over,
});

const anOrder = (over: Partial<OrderRecord> = {}, quantity = 10): OrderRecord => ({
  ...newOrderRecord(
    {
      connection: "etrade" as ConnectionId,
      clientOrderId: "a1",
      source: "protection",
      ticket: {
        ...{ instrument: "AAPL", side: "sell", type: "stop", timeInForce: "gtc", closes: "AAPL" },
        ...{ quantity: d(quantity), stopPrice: d(90) },
      },
    },
    NOW,
  ),
  state: "accepted",
  isDue: false,
  ...over,
});

const facts = (over: Partial<ProtectionFacts> = {}): ProtectionFacts => ({
  ...{
    lot: aLot(),
    stopOrder: undefined,
    closeOrder: undefined,
    closing: d(0),
    isThere: true,
    state: "active",
  },
  ...{ quote: { bid: d(100), ask: d("100.1") }, priceStep: d("0.01"), now: NOW.add({ seconds: 1 }) },
  ...over,
});

const ago = (seconds: number) => NOW.add({ seconds: 1 }).subtract({ seconds });

test.each<[string, Partial<ProtectionFacts>, object]>([
  ["a lot without a stop gets one", {}, { kind: "place", quantity: d(10), stopPrice: d(90) }],
  ["a stop for the rest beside a close of a part", { closing: d(4) }, { kind: "place", quantity: d(6) }],
  ["nothing beside a close of all", { closing: d(10) }, { kind: "wait" }],
  ["nothing where the broker does not show the position yet", { isThere: false }, { kind: "wait" }],
  ["nothing for a lot that wants none", { lot: aLot({ stop: undefined }) }, { kind: "none" }],
  ["nothing for a lot that is gone", { lot: undefined }, { kind: "none" }],
  ["a stop that fits rests", { stopOrder: anOrder() }, { kind: "rest" }],
  ["a stop on its way is waited for", { stopOrder: anOrder({ state: "unknown" }) }, { kind: "wait" }],
  [
    "a stop that is filled in part still fits the rest",
    { lot: aLot({ quantity: d(6) }), stopOrder: anOrder({ filledQuantity: d(4) }) },
    { kind: "rest" },
  ],
  ["a stop for too much goes", { stopOrder: anOrder({}, 11) }, { kind: "cancel" }],
  ["a stop for too little goes", { stopOrder: anOrder({}, 9) }, { kind: "cancel" }],
  ["a stop at another price goes", { lot: aLot({ stop: d(91) }), stopOrder: anOrder() }, { kind: "cancel" }],
  ["the stop of a lot that is gone goes", { lot: undefined, stopOrder: anOrder() }, { kind: "cancel" }],
  [
    "a stop stays for a close that may never leave",
    { stopOrder: anOrder(), closing: d(10) },
    { kind: "rest" },
  ],
  [
    "a cancel on its way is waited for",
    { stopOrder: anOrder({ isDue: true, cancelRequestedAt: NOW }, 11) },
    { kind: "wait" },
  ],
  [
    "a cancel that did nothing is asked for again",
    { stopOrder: anOrder({ cancelRequestedAt: NOW, changedAt: ago(3) }, 11) },
    { kind: "cancel" },
  ],
])("%s", (_name, over, step) => {
  expect(decideProtection(facts(over))).toMatchObject(step);
});

test.each<[string, Partial<ProtectionFacts>, object]>([
  ["a stop is placed all the same", {}, { kind: "place", quantity: d(10), stopPrice: d(90) }],
  [
    "one that was withdrawn is placed again",
    { stopOrder: anOrder({ state: "cancelled", cancelRequestedAt: NOW }) },
    { kind: "place" },
  ],
  [
    "a stop that was passed closes nothing",
    { quote: { bid: d(80), ask: d(80) } },
    { kind: "watch", code: "TRADING_HALTED" },
  ],
  [
    "no profit is taken",
    { lot: aLot({ takeProfit: d(120) }), stopOrder: anOrder(), quote: { bid: d(120), ask: d(121) } },
    { kind: "rest" },
  ],
  ["what rests stays", { stopOrder: anOrder() }, { kind: "rest" }],
  ["a stop for too little is replaced", { stopOrder: anOrder({}, 9) }, { kind: "cancel" }],
  ["a stop for too much goes", { stopOrder: anOrder({}, 11) }, { kind: "cancel" }],
])("in a halt %s", (_name, over, step) => {
  expect(decideProtection(facts({ ...over, state: "halted" }))).toMatchObject(step);
});

const refusal = { code: "1037", text: "not enough shares" };
test.each<[string, Partial<ProtectionFacts>, object]>([
  ["one that was refused is watched", { stopOrder: anOrder({ state: "rejected", refusal }) }, refusal],
  [
    "and asked for again after a minute",
    { stopOrder: anOrder({ state: "rejected", refusal, changedAt: ago(60) }) },
    { kind: "place" },
  ],
  [
    "one that somebody else cancelled is watched",
    { stopOrder: anOrder({ state: "cancelled" }) },
    { kind: "watch" },
  ],
  [
    "one that was cancelled to be replaced is replaced at once",
    { stopOrder: anOrder({ state: "cancelled", cancelRequestedAt: NOW }) },
    { kind: "place" },
  ],
  ["one that did not leave waits a moment", { stopOrder: anOrder({ state: "not-sent" }) }, { kind: "wait" }],
  [
    "and is placed anew then",
    { stopOrder: anOrder({ state: "not-sent", changedAt: ago(5) }) },
    { kind: "place" },
  ],
  [
    "one that ended by its date is placed anew",
    { stopOrder: anOrder({ state: "expired" }) },
    { kind: "place" },
  ],
])("of stops that are over, %s", (_name, over, step) => {
  expect(decideProtection(facts(over))).toMatchObject(step);
});

const short = aLot({ side: "sell", stop: d(110), takeProfit: d(80) });
test.each<[string, Partial<ProtectionFacts>, string]>([
  ["a long lot's stop is passed by the bid", { quote: { bid: d(90), ask: d(95) } }, "close"],
  ["it is not by the ask", { quote: { bid: d("90.01"), ask: d(90) } }, "place"],
  ["a short lot's stop is passed by the ask", { lot: short, quote: { bid: d(100), ask: d(110) } }, "close"],
  ["a short lot's profit is reached by the ask", { lot: short, quote: { bid: d(79), ask: d(80) } }, "close"],
  ["an old price says nothing", { quote: undefined }, "place"],
  [
    "a stop that rests is the broker's to fill",
    { stopOrder: anOrder(), quote: { bid: d(80), ask: d(80) } },
    "rest",
  ],
  [
    "a profit is taken also while a stop rests",
    { lot: aLot({ takeProfit: d(120) }), stopOrder: anOrder(), quote: { bid: d(120), ask: d(121) } },
    "close",
  ],
  [
    "a close that failed is not repeated at once",
    { closeOrder: anOrder({ state: "rejected" }), quote: { bid: d(80), ask: d(80) } },
    "watch",
  ],
])("%s", (_name, over, kind) => {
  expect(decideProtection(facts(over)).kind).toBe(kind);
});

test("a stop is rounded to the side that costs less", () => {
  expect(stopPriceOf({ side: "buy", stop: d("90.001") }, d("0.01"))).toEqual(d("90.01"));
  expect(stopPriceOf({ side: "sell", stop: d("110.009") }, d("0.01"))).toEqual(d("110"));
  expect(stopPriceOf({ side: "buy", stop: d("90.001") })).toEqual(d("90.001"));
});
