import { expect, test } from "vitest";
import { counted, direction, money, price, quantity, signed } from "./figures.ts";

test.each([
  ["10000.25", "USD", "10,000.25 USD"],
  ["-0.5", "EUR", "−0.50 EUR"],
  ["1234567.899", undefined, "1,234,567.90"],
  [undefined, "USD", "not known"],
])("money of %j in %j reads %s", (amount, currency, text) => {
  expect(money(amount, currency)).toBe(text);
});

test.each([
  ["12.3", "+12.30"],
  ["-12.3", "−12.30"],
  ["0", "0.00"],
  ["-0.001", "0.00"],
  [undefined, "not known"],
])("a result of %j reads %s: no sign before a zero, and what is not known is none", (amount, text) => {
  expect(signed(amount)).toBe(text);
});

test.each([
  ["2034.5", "2,034.50"],
  ["1.08345", "1.08345"],
  [undefined, "not known"],
])("a price of %j reads %s", (amount, text) => {
  expect(price(amount)).toBe(text);
});

test("quantities keep their parts, and counts their number", () => {
  expect([quantity("1000"), quantity("0.25")]).toEqual(["1,000", "0.25"]);
  expect([counted(1, "bot"), counted(0, "bot"), counted(2, "stop or target", "stops and targets")]).toEqual([
    "1 bot",
    "0 bots",
    "2 stops and targets",
  ]);
  expect([direction("0.01"), direction("-3"), direction("0"), direction(undefined)]).toEqual([
    "gain",
    "loss",
    "flat",
    "flat",
  ]);
});
