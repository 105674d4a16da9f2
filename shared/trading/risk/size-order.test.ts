import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { d } from "../../../tests/support/risk-facts.ts";
import { type SizeQuestion, sizeOrder } from "./size-order.ts";

const question = (over: Partial<SizeQuestion> = {}): SizeQuestion => ({
  size: { riskPercent: d("0.5") },
  equity: d(10_000),
  price: d(100),
  stopDistance: d(3),
  slippage: d(0),
  conversion: d(1),
  rules: { minimumQuantity: d(1), quantityStep: d(1) },
  limits: { orderQuantity: d(100), orderNotional: d(100_000), riskPerTradePercent: d(1) },
  ...over,
});

const sized = (over: Partial<SizeQuestion>) => {
  const found = sizeOrder(question(over));
  return found.kind === "sized" ? [found.quantity.toFixed(), found.cappedBy] : found.text;
};

test("a size by risk loses no more than its share at the stop, rounded down to the step", () => {
  // 0.5 % of 10,000 are 50; at 3 a unit that is 16.67.
  expect(sized({})).toEqual(["16", undefined]);
  expect(sized({ rules: { minimumQuantity: d("0.01"), quantityStep: d("0.01") } })).toEqual([
    "16.66",
    undefined,
  ]);
});

test("what entry and stop are expected to slip is part of what it may lose", () => {
  // At 100, two fills of 0.2 % are 0.4 a unit; 50 by 3.4 are 14.7.
  expect(sized({ slippage: d("0.004") })).toEqual(["14", undefined]);
  expect(sized({ size: { quantity: d(90) }, slippage: d("0.004") })).toEqual(["29", "riskPerTradePercent"]);
});

test("money of another currency is converted", () => {
  expect(sized({ conversion: d(2) })).toEqual(["8", undefined]);
});

test("a size by quantity is that quantity, with or without a stop", () => {
  expect(sized({ size: { quantity: d(7) } })).toEqual(["7", undefined]);
  expect(sized({ size: { quantity: d(1) }, stopDistance: undefined })).toEqual(["1", undefined]);
});

test.each<[string, Partial<SizeQuestion>, string]>([
  ["orderQuantity", { limits: { ...question().limits, orderQuantity: d(5) } }, "5"],
  ["orderNotional", { limits: { ...question().limits, orderNotional: d(1_099) } }, "10"],
  ["riskPerTradePercent", { limits: { ...question().limits, riskPerTradePercent: d("0.1") } }, "3"],
  ["maximumQuantity", { rules: { ...question().rules, maximumQuantity: d(4) } }, "4"],
])("it is never more than %s allows", (name, over, quantity) => {
  expect(sized(over)).toEqual([quantity, name]);
});

test("an order without a stop may cost what a trade may lose", () => {
  expect(sized({ size: { quantity: d(90) }, stopDistance: undefined })).toEqual(["1", "riskPerTradePercent"]);
});

test.each<[string, Partial<SizeQuestion>, RegExp]>([
  [
    "what it may risk is less than the smallest order",
    { equity: d(100) },
    /0\.16666666 units; the smallest order is 1/,
  ],
  ["there is no stop to measure its risk by", { stopDistance: undefined }, /needs a stop loss/],
  ["the stop is at the price", { stopDistance: d(0) }, /not away from the price/],
  ["the equity is gone", { equity: d(-1) }, /needs a stop loss and equity/],
  [
    "the equity is gone, and its size is a quantity",
    { equity: d(-1), size: { quantity: d(5) } },
    /riskPerTradePercent allows 0 units/,
  ],
  ["there is no price", { price: d(0) }, /no price/],
  ["the conversion is none", { conversion: d(Number.NaN) }, /no conversion/],
])("there is no order where %s", (_case, over, text) => {
  expect(sized(over)).toMatch(text);
});

/** Products of many digits are compared as they are. */
const Wide = Decimal.clone({ precision: 60 });

const amount = (most: number, decimals: number) =>
  fc.integer({ min: 1, max: most }).map((whole) => new Decimal(whole).div(10 ** decimals));

test("whatever is asked, the quantity is on the step and within every limit, and one step more would not be", () => {
  fc.assert(
    fc.property(
      fc.record({
        size: fc.oneof(fc.record({ quantity: amount(1e6, 2) }), fc.record({ riskPercent: amount(500, 2) })),
        equity: amount(1e8, 2),
        price: amount(1e7, 3),
        stopDistance: amount(1e5, 3),
        slippage: fc.oneof(fc.constant(d(0)), amount(1e5, 6)),
        conversion: fc.oneof(fc.constant(d(1)), amount(1e6, 5)),
        rules: fc.record({
          minimumQuantity: amount(100, 2),
          quantityStep: fc.constantFrom(d("0.01"), d("0.1"), d(1), d(3)),
        }),
        limits: fc.record({
          orderQuantity: amount(1e6, 2),
          orderNotional: amount(1e8, 2),
          riskPerTradePercent: amount(500, 2),
        }),
      }),
      (asked) => {
        const found = sizeOrder(asked);
        if (found.kind === "none") return;
        const { quantity } = found;
        const fits = (units: Decimal) => {
          const lost = asked.price.times(asked.slippage).plus(asked.stopDistance);
          const risk = new Wide(lost).times(asked.conversion).times(units).times(100);
          const share =
            "riskPercent" in asked.size ? asked.size.riskPercent : asked.limits.riskPerTradePercent;
          return (
            units.lte("quantity" in asked.size ? asked.size.quantity : units) &&
            units.lte(asked.limits.orderQuantity) &&
            asked.price.times(asked.conversion).times(units).lte(asked.limits.orderNotional) &&
            risk.lte(asked.equity.times(share)) &&
            risk.lte(asked.equity.times(asked.limits.riskPerTradePercent))
          );
        };
        expect(quantity.mod(asked.rules.quantityStep).isZero()).toBe(true);
        expect(quantity.gte(asked.rules.minimumQuantity)).toBe(true);
        expect(fits(quantity)).toBe(true);
        expect(fits(quantity.plus(asked.rules.quantityStep))).toBe(false);
      },
    ),
    { numRuns: 2_000 },
  );
});
