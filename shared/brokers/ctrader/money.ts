/**
 * The broker's arithmetic of money, as its recorded messages show it. Amounts are the integers of the messages:
 * the account's currency times 10 to the message's own `moneyDigits`. Costs are negative.
 */
import { Decimal } from "decimal.js";
import type { ProtoOACommissionType, ProtoOATradeSide } from "./protocol/open-api.generated.ts";
import { lotsOf, unitsOf } from "./units.ts";

/** What a message without `moneyDigits` means: every real one has said 2. */
export const USUAL_MONEY_DIGITS = 2;

/** An amount in the account's currency. */
export function amountOf(integer: number, moneyDigits: number | undefined): Decimal {
  return new Decimal(integer).div(new Decimal(10).pow(moneyDigits ?? USUAL_MONEY_DIGITS));
}

/** The integer of an amount, to the nearest; a half away from zero. */
export function integerOf(amount: Decimal, moneyDigits: number): number {
  return amount.mul(new Decimal(10).pow(moneyDigits)).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber();
}

/** What a close brings before its costs. `side` is the position's. */
export function grossProfit(close: {
  readonly entryPrice: Decimal.Value;
  readonly exitPrice: Decimal.Value;
  readonly volume: number;
  readonly side: ProtoOATradeSide;
  readonly quoteToDeposit: Decimal.Value;
  readonly moneyDigits: number;
}): number {
  const rise = new Decimal(close.exitPrice).sub(close.entryPrice);
  const gain = close.side === "BUY" ? rise : rise.neg();
  return integerOf(gain.mul(unitsOf(close.volume)).mul(close.quoteToDeposit), close.moneyDigits);
}

/** The margin of a new position. `leverage` is 100 for 1:100. */
export function usedMargin(position: {
  readonly volume: number;
  readonly baseToDeposit: Decimal.Value;
  readonly leverage: Decimal.Value;
  readonly moneyDigits: number;
}): number {
  const margin = unitsOf(position.volume).mul(position.baseToDeposit).div(position.leverage);
  return integerOf(margin, position.moneyDigits);
}

/** The part of a position's amount (margin, opening commission) that stays with the rest of its volume. */
export function shareOf(integer: number, volume: { readonly part: number; readonly whole: number }): number {
  return new Decimal(integer)
    .mul(volume.part)
    .div(volume.whole)
    .toDecimalPlaces(0, Decimal.ROUND_HALF_UP)
    .toNumber();
}

/** What a commission is worked out from. `rate` is the symbol's `preciseTradingCommissionRate`. */
export interface CommissionTerms {
  readonly type: ProtoOACommissionType;
  readonly rate: number;
  readonly volume: number;
  readonly lotSize: number;
  readonly price: Decimal.Value;
  readonly quoteToDeposit: Decimal.Value;
  readonly usdToDeposit: Decimal.Value;
  readonly moneyDigits: number;
}

/** The commission of one side of a trade; zero or negative. */
export function commissionOf(terms: CommissionTerms): number {
  return -integerOf(commissionAmount(terms), terms.moneyDigits) + 0;
}

function commissionAmount(terms: CommissionTerms): Decimal {
  const value = unitsOf(terms.volume).mul(terms.price).mul(terms.quoteToDeposit);
  const rate = new Decimal(terms.rate).div(1e8);
  switch (terms.type) {
    case "PERCENTAGE_OF_VALUE":
      // This one is percent times 100,000, where the others are money times 100,000,000.
      return value.mul(terms.rate).div(1e5).div(100);
    case "USD_PER_LOT":
      return lotsOf(terms.volume, terms.lotSize).mul(rate).mul(terms.usdToDeposit);
    case "QUOTE_CCY_PER_LOT":
      return lotsOf(terms.volume, terms.lotSize).mul(rate).mul(terms.quoteToDeposit);
    case "USD_PER_MILLION_USD":
      // So many dollars for a million dollars is the same fraction in any currency.
      return value.mul(rate).div(1e6);
    default:
      return terms.type satisfies never;
  }
}

/** The fee for changing a close's profit or loss into the account's currency; `rate` 1 is 0.01 %. Rounded up, as the one recorded fee was. */
export function conversionFee(grossProfitInteger: number, rate: number): number {
  const fee = new Decimal(grossProfitInteger).abs().mul(rate).div(10_000);
  return -fee.toDecimalPlaces(0, Decimal.ROUND_UP).toNumber() + 0;
}

/** The balance after a close. The opening fill leaves the balance alone: its commission is charged here. */
export function balanceAfterClose(
  before: number,
  close: {
    readonly grossProfit: number;
    readonly swap: number;
    /** Both sides' commission of the closed volume. */
    readonly commission: number;
    readonly pnlConversionFee?: number;
  },
): number {
  return before + close.grossProfit + close.swap + close.commission + (close.pnlConversionFee ?? 0);
}
