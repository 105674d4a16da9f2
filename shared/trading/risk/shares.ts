/**
 * Parts of the limits, reckoned once for each. Limits stay as long as the process: what is multiplied with every
 * check is worth keeping. Pure by its results.
 */
import { Decimal } from "decimal.js";

/** Half of a limit. */
export const halfOf = kept(2);

/** The factor of half of a percentage. */
export const halfFactorOf = kept(200);

/** The factor of a quarter of a percentage. */
export const quarterFactorOf = kept(400);

function kept(divisor: number): (value: Decimal) => Decimal {
  const parts = new WeakMap<Decimal, Decimal>();
  return (value) => {
    const known = parts.get(value);
    if (known !== undefined) return known;
    const part = value.div(divisor);
    parts.set(value, part);
    return part;
  };
}

/** Whether it is more than 0; what is no number is not. */
export function isAboveZero(value: Decimal): boolean {
  return value.isPositive() && !value.isZero();
}

const ONE = new Decimal(1);

/** Money in the account's currency. Most is already, and comparing takes a third of multiplying. */
export function converted(value: Decimal, conversion: Decimal): Decimal {
  return conversion.eq(ONE) ? value : value.times(conversion);
}
