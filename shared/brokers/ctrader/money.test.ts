import { expect, test } from "vitest";
import {
  amountOf,
  balanceAfterClose,
  type CommissionTerms,
  commissionOf,
  conversionFee,
  grossProfit,
  shareOf,
  usedMargin,
} from "./money.ts";

const terms = (over: Partial<CommissionTerms> = {}): CommissionTerms => ({
  type: "PERCENTAGE_OF_VALUE",
  rate: 3_250,
  volume: 100,
  lotSize: 100,
  price: "85287.21",
  quoteToDeposit: 1,
  usdToDeposit: 1,
  moneyDigits: 2,
  ...over,
});

test("an amount is read with the digits of its own message", () => {
  expect(amountOf(1_000_000, 2).toString()).toBe("10000");
  expect(amountOf(1_000_000, 8).toString()).toBe("0.01");
  expect(amountOf(-5_485, undefined).toString()).toBe("-54.85");
});

test("the gross profit of the recorded loss comes out to the cent, on either side", () => {
  const loss = {
    entryPrice: "85287.21",
    exitPrice: "85205.58",
    volume: 99,
    quoteToDeposit: 1,
    moneyDigits: 2,
  };

  expect(grossProfit({ ...loss, side: "BUY" })).toBe(-8_081);
  expect(grossProfit({ ...loss, side: "SELL" })).toBe(8_081);
});

test.each([
  [100_000, "1.11984", 100, 1_120],
  [100, "85287.22", "3.33", 2_561_178],
])("the margin of %i at %s and 1:%s is as recorded", (volume, baseToDeposit, leverage, margin) => {
  expect(usedMargin({ volume, baseToDeposit, leverage, moneyDigits: 2 })).toBe(margin);
});

test("after a partial close margin and opening commission stay in proportion, at the old rate", () => {
  expect(shareOf(2_561_178, { part: 99, whole: 100 })).toBe(2_535_566);
  expect(shareOf(-2_772, { part: 99, whole: 100 })).toBe(-2_744);
});

test.each<[string, Partial<CommissionTerms>, number]>([
  ["0.0325 % of an opening", {}, -2_772],
  ["0.0325 % of a hundredth of it", { volume: 1 }, -28],
  ["0.0325 % of the closing", { volume: 99, price: "85205.58" }, -2_741],
  [
    "2.50 dollars a lot for a hundredth of one, half up",
    { type: "USD_PER_LOT", rate: 250_000_000, volume: 100_000, lotSize: 10_000_000 },
    -3,
  ],
  [
    "4 of the quote currency a lot, changed into the account's",
    {
      type: "QUOTE_CCY_PER_LOT",
      rate: 400_000_000,
      volume: 10_000_000,
      lotSize: 10_000_000,
      quoteToDeposit: "0.5",
    },
    -200,
  ],
  [
    "30 dollars a million",
    { type: "USD_PER_MILLION_USD", rate: 3_000_000_000, volume: 10_000_000, price: "1.12" },
    -336,
  ],
  ["nothing", { rate: 0 }, 0],
])("the commission of %s", (_name, over, commission) => {
  expect(commissionOf(terms(over))).toBe(commission);
});

test("a close pays its own commission and the opening's share of the closed volume", () => {
  expect(
    shareOf(-2_772, { part: 99, whole: 100 }) + commissionOf(terms({ volume: 99, price: "85205.58" })),
  ).toBe(-5_485);
});

test("the conversion fee is charged on losses as on profits", () => {
  expect(conversionFee(-2_621, 70)).toBe(-19);
  expect(conversionFee(2_621, 70)).toBe(-19);
  expect(conversionFee(0, 70)).toBe(0);
});

test("the recorded balances follow from their closes", () => {
  expect(balanceAfterClose(5_122_399_685, { grossProfit: -8_081, swap: 0, commission: -5_485 })).toBe(
    5_122_386_119,
  );
  expect(
    balanceAfterClose(5_122_402_964, {
      grossProfit: -2_621,
      swap: 0,
      commission: -515,
      pnlConversionFee: -19,
    }),
  ).toBe(5_122_399_809);
});
