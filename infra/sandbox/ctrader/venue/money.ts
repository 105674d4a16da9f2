/**
 * The broker's arithmetic. Money is whole cents of the account's currency, volumes are hundredths of a unit,
 * prices plain decimals; what is rounded is rounded to the nearest cent, half away from zero.
 */
import { Decimal } from "decimal.js";
import type { ProtoOATradeSide } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VenueSymbol } from "./symbols.ts";

const CENTS = 100;
const VOLUME_SCALE = 100;
const RATE_SCALE = 1e8;
/** Percent times 10^5, so a fraction times 10^7. */
const PERCENT_SCALE = 1e7;

function toWhole(value: Decimal, rounding: Decimal.Rounding = Decimal.ROUND_HALF_UP): number {
  const whole = value.toDecimalPlaces(0, rounding).toNumber();
  return whole === 0 ? 0 : whole;
}

/** What closing `volume` earns before costs, in cents. */
export function grossProfit(facts: {
  readonly side: ProtoOATradeSide;
  readonly entry: number;
  readonly exit: number;
  readonly volume: number;
  readonly quoteToDeposit: number;
}): number {
  const way = facts.side === "BUY" ? 1 : -1;
  const perUnit = new Decimal(facts.exit).minus(facts.entry).times(way);
  return toWhole(perUnit.times(facts.volume).div(VOLUME_SCALE).times(facts.quoteToDeposit).times(CENTS));
}

/** Margin of a volume in cents; `leverage` is the plain ratio, 100 for 1:100. */
export function margin(volume: number, baseToDeposit: number, leverage: number | Decimal): number {
  return toWhole(new Decimal(volume).div(VOLUME_SCALE).times(baseToDeposit).div(leverage).times(CENTS));
}

/** The part of an amount that goes with a part of a volume. */
export function share(amount: number, part: number, whole: number): number {
  return toWhole(new Decimal(amount).times(part).div(whole));
}

/** The fee for turning a profit or loss into the account's currency, in cents, never positive: rounded up, also on a loss. */
export function conversionFee(gross: number, rate: number): number {
  return 0 - toWhole(new Decimal(gross).abs().times(rate).div(10_000), Decimal.ROUND_CEIL);
}

export interface CommissionFacts {
  readonly symbol: VenueSymbol;
  readonly volume: number;
  readonly price: number;
  readonly quoteToDeposit: number;
  readonly usdToDeposit: number;
  readonly baseToUsd: number;
}

/** What one side of a trade costs, in cents, never positive. */
export function commission(facts: CommissionFacts): number {
  const { rules } = facts.symbol;
  const rate = new Decimal(rules.preciseTradingCommissionRate ?? 0);
  const units = new Decimal(facts.volume).div(VOLUME_SCALE);
  const lots = new Decimal(facts.volume).div(rules.lotSize);
  const least = new Decimal(rules.preciseMinCommission ?? 0).div(RATE_SCALE).times(facts.usdToDeposit);
  const cost = {
    USD_PER_MILLION_USD: perMillion,
    USD_PER_LOT: perLot,
    PERCENTAGE_OF_VALUE: percent,
    QUOTE_CCY_PER_LOT: perLotInQuote,
  };
  const exact = cost[rules.commissionType ?? "USD_PER_MILLION_USD"]();
  return 0 - toWhole(Decimal.max(exact, least).times(CENTS));

  function perMillion(): Decimal {
    return units.times(facts.baseToUsd).div(1e6).times(rate).div(RATE_SCALE).times(facts.usdToDeposit);
  }
  function perLot(): Decimal {
    return lots.times(rate).div(RATE_SCALE).times(facts.usdToDeposit);
  }
  function percent(): Decimal {
    return units.times(facts.price).times(facts.quoteToDeposit).times(rate).div(PERCENT_SCALE);
  }
  function perLotInQuote(): Decimal {
    return lots.times(rate).div(RATE_SCALE).times(facts.quoteToDeposit);
  }
}

/** The average entry of two parts, with more decimals than any price has. */
export function averagePrice(
  first: { readonly price: number; readonly volume: number },
  second: { readonly price: number; readonly volume: number },
): number {
  const total = new Decimal(first.price)
    .times(first.volume)
    .plus(new Decimal(second.price).times(second.volume));
  return total
    .div(first.volume + second.volume)
    .toDecimalPlaces(10)
    .toNumber();
}
