import { describe, expect, test } from "vitest";
import { averagePrice, commission, conversionFee, grossProfit, margin, share } from "./money.ts";
import { symbolOf, type VenueSymbol } from "./symbols.ts";

const perUnit = (rate: number, type: VenueSymbol["rules"]["commissionType"]): VenueSymbol => {
  const symbol = symbolOf(41);
  const rules = { ...symbol.rules, lotSize: 100, commissionType: type!, preciseTradingCommissionRate: rate };
  return { ...symbol, rules };
};
const RATES = { quoteToDeposit: 1, usdToDeposit: 1, baseToUsd: 1 };

describe("money that was seen on the wire", () => {
  test("a loss of 81.63 in a quote worth 0.99 is 80.81", () => {
    const facts = { entry: 85_287.21, exit: 85_205.58, volume: 100, quoteToDeposit: 0.99 } as const;

    expect(grossProfit({ ...facts, side: "BUY" })).toBe(-8_081);
    expect(grossProfit({ ...facts, side: "SELL" })).toBe(8_081);
  });

  test("1,000 euros at 1.11984 and 1:100 bind 11.20", () => {
    expect(margin(100_000, 1.11984, 100)).toBe(1_120);
  });

  test("one unit at 85,287.22 and 1:3.33 binds 25,611.78, and 99 parts of 100 of it 25,355.66", () => {
    const whole = margin(100, 85_287.22, 3.33);

    expect(whole).toBe(2_561_178);
    expect(share(whole, 99, 100)).toBe(2_535_566);
  });

  test.each([
    ["0.0325 % of a unit at 85,287.21", 3_250, "PERCENTAGE_OF_VALUE", 100, 85_287.21, -2_772],
    ["0.0325 % of a hundredth of a unit", 3_250, "PERCENTAGE_OF_VALUE", 1, 85_287.21, -28],
    ["2.50 a lot, half a cent up", 250_000_000, "USD_PER_LOT", 1, 1.1, -3],
    ["30 dollars a million", 3_000_000_000, "USD_PER_MILLION_USD", 100_000_000, 1.1, -3_000],
    ["1.20 of the quote a lot", 120_000_000, "QUOTE_CCY_PER_LOT", 250, 1_024, -300],
    ["nothing", 0, "PERCENTAGE_OF_VALUE", 100, 1_024, 0],
  ] as const)("one side costs: %s", (_name, rate, type, volume, price, cents) => {
    expect(commission({ symbol: perUnit(rate, type), volume, price, ...RATES })).toBe(cents);
  });

  test("what opening cost is shared by the volume that closes", () => {
    const closed = share(-2_772, 1, 100);

    expect(closed).toBe(-28);
    expect(-2_772 - closed).toBe(-2_744);
    expect(-2_744 + -2_741).toBe(-5_485);
  });

  test("0.70 % of a loss of 26.21 is 0.19, rounded up", () => {
    expect(conversionFee(-2_621, 70)).toBe(-19);
    expect(conversionFee(2_621, 70)).toBe(-19);
  });

  test("no fee is 0, not -0", () => {
    expect(Object.is(conversionFee(0, 70), 0)).toBe(true);
    expect(Object.is(share(-1, 1, 100), 0)).toBe(true);
  });
});

test("an average entry lies between its parts, by volume", () => {
  expect(averagePrice({ price: 1.1, volume: 100 }, { price: 1.3, volume: 300 })).toBe(1.25);
});
