import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { OrderTicket } from "../../trading-broker.ts";
import { endsWithDay, orderBody, requestOf } from "./order-request.ts";

/** 11:00 in New York on a Monday. */
const now = Temporal.Instant.from("2026-11-23T16:00:00Z");

const aTicket = (over: Partial<OrderTicket> = {}): OrderTicket => ({
  ...{ clientOrderId: "a1b2c3", instrument: "AAPL", side: "buy", type: "limit" },
  ...{ quantity: new Decimal(10), limitPrice: new Decimal("250.1"), timeInForce: "gtc" },
  ...over,
});

const asked = (over: Partial<OrderTicket> = {}, isShortAllowed = false) =>
  requestOf(aTicket(over), { now, isShortAllowed });

function marketTicket(over: Partial<OrderTicket> = {}): OrderTicket {
  const { limitPrice: _none, ...rest } = aTicket({ type: "market", ...over });
  return rest;
}

const market = (over: Partial<OrderTicket> = {}, isShortAllowed = false) =>
  requestOf(marketTicket(over), { now, isShortAllowed });

test("a limit order becomes the broker's body, prices as text with two decimals at least", () => {
  const request = asked();
  if (typeof request === "string") throw new Error(request);

  expect(orderBody(request)).toEqual({
    orderType: "EQ",
    clientOrderId: "a1b2c3",
    Order: [
      {
        ...{
          allOrNone: "false",
          priceType: "LIMIT",
          orderTerm: "GOOD_UNTIL_CANCEL",
          marketSession: "REGULAR",
        },
        limitPrice: "250.10",
        Instrument: [
          {
            Product: { securityType: "EQ", symbol: "AAPL" },
            ...{ orderAction: "BUY", quantityType: "QUANTITY", quantity: "10" },
          },
        ],
      },
    ],
  });
});

test.each<[OrderTicket["side"], string | undefined, boolean, string]>([
  ["buy", undefined, false, "BUY"],
  ["sell", undefined, true, "SELL_SHORT"],
  ["sell", "AAPL", false, "SELL"],
  ["buy", "AAPL:short", false, "BUY_TO_COVER"],
])("%s with closes %s is %s %s", (side, closes, isShortAllowed, action) => {
  const over = { side, ...(closes !== undefined && { closes }) };

  expect(market(over, isShortAllowed)).toMatchObject({ action });
});

test.each([
  [{ side: "sell" }],
  [{ side: "buy", closes: "AAPL" }],
  [{ side: "sell", closes: "AAPL:short" }],
  [{ side: "sell", closes: "MSFT" }],
] as const)("what would open or add to a position under the name of a close is no ticket: %j", (over) => {
  expect(market(over)).toBeTypeOf("string");
});

test.each([["0"], ["-1"], ["1.5"], ["0.0000001"]])("%s shares are none that can be ordered", (quantity) => {
  expect(asked({ quantity: new Decimal(quantity) })).toBeTypeOf("string");
});

test.each([
  ["250.1", true],
  ["250.123", false],
  ["0.2025", true],
  ["0.20251", false],
  ["0", false],
])("a price of %s fits the steps: %s", (price, fits) => {
  expect(typeof asked({ limitPrice: new Decimal(price) }) === "object").toBe(fits);
});

test("a market order is for the day whatever is asked of it", () => {
  const terms = (["ioc", "gtc"] as const).map((timeInForce) => market({ timeInForce }));

  expect(terms).toMatchObject([{ term: "GOOD_FOR_DAY" }, { term: "GOOD_FOR_DAY" }]);
});

test.each([
  ["2026-11-23T15:59:59Z", false],
  ["2026-11-23T16:00:00Z", false],
  ["2026-11-23T16:30:00Z", true],
  ["2026-11-23T21:00:00Z", true],
  ["2026-11-24T05:00:00Z", true],
  ["2026-11-24T05:00:01Z", false],
])("an order that ends at %s is placed for the day under way: %s", (text, isDay) => {
  const request = asked({ timeInForce: "gtd", expiresAt: Temporal.Instant.from(text) });

  expect(typeof request === "object" && request.term === "GOOD_FOR_DAY").toBe(isDay);
});

test.each([
  ["a second before the close", "2026-11-23T20:59:59Z", false],
  ["the close", "2026-11-23T21:00:00Z", true],
  ["midnight", "2026-11-24T05:00:00Z", true],
  ["after midnight", "2026-11-24T05:00:01Z", false],
  ["the close of a half day", "2026-11-27T18:00:00Z", true],
  ["a Sunday", "2026-11-22T16:00:00Z", false],
])("%s is an end that the broker brings about by itself: %s %s", (_when, text, isDay) => {
  expect(endsWithDay(Temporal.Instant.from(text))).toBe(isDay);
});

test("a stop order rests by its stop price, and cannot be immediate", () => {
  const { limitPrice: _none, ...rest } = aTicket({ type: "stop", stopPrice: new Decimal("240") });
  const stop = (timeInForce: OrderTicket["timeInForce"]) =>
    requestOf({ ...rest, timeInForce }, { now, isShortAllowed: false });

  expect(stop("gtc")).toMatchObject({ priceType: "STOP", term: "GOOD_UNTIL_CANCEL" });
  expect(stop("ioc")).toBeTypeOf("string");
});

test.each(["EURUSD", "AAPL:2026:1:16:CALL:250", "A B", ""])("%s is no symbol of a stock", (instrument) => {
  expect(asked({ instrument })).toBeTypeOf("string");
});

test.each(["brk.b", "AAPL", "BF-B"])("%s is the symbol of a stock", (instrument) => {
  expect(asked({ instrument })).toMatchObject({ symbol: instrument.toUpperCase() });
});
