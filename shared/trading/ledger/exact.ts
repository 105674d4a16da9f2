/** Arithmetic of money without a lost digit: decimals as they are round to 20 digits, which sums of years may exceed. */
import { Decimal } from "decimal.js";

const Wide = Decimal.clone({ precision: 60 });

/** Finer parts than this are not stored; what brokers tell has far fewer. */
const PLACES = 20;
/** Parts of a whole that does not divide evenly have so many places; the last part takes the rest. */
const SHARE_PLACES = 10;

export const ZERO = new Decimal(0);

/** The exact sum. */
export function plus(one: Decimal, other: Decimal): Decimal {
  return new Wide(one).plus(other);
}

/** The exact difference. */
export function minus(one: Decimal, other: Decimal): Decimal {
  return new Wide(one).minus(other);
}

/** The product, to twenty places. */
export function times(one: Decimal, other: Decimal): Decimal {
  return new Wide(one).times(other).toDecimalPlaces(PLACES);
}

/** The quotient, to ten places; zero where there is nothing to divide by. */
export function over(one: Decimal, other: Decimal): Decimal {
  return other.isZero() ? ZERO : new Wide(one).div(other).toDecimalPlaces(SHARE_PLACES);
}

/** What `part` of `whole` has of an amount; the whole has all of it. */
export function share(amount: Decimal, part: Decimal, whole: Decimal): Decimal {
  if (part.gte(whole)) return amount;
  return new Wide(amount).times(part).div(whole).toDecimalPlaces(SHARE_PLACES);
}

/** The exact sum of many. */
export function sum(amounts: Iterable<Decimal>): Decimal {
  let total: Decimal = ZERO;
  for (const amount of amounts) total = plus(total, amount);
  return total;
}
