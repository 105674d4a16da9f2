/** The broker's integers for volumes and prices, and the product's decimals. */
import { Decimal } from "decimal.js";

/** A volume is in hundredths of a unit of the base asset. */
const VOLUME_PER_UNIT = 100;
/** Distances, spots and bars are in 1/100,000 whatever the symbol. */
const PRICE_DIGITS = 5;

/** Units of the base asset. */
export function unitsOf(volume: number): Decimal {
  return new Decimal(volume).div(VOLUME_PER_UNIT);
}

/** The volume of so many units; undefined for what is no positive whole number of hundredths. */
export function volumeOf(units: Decimal): number | undefined {
  const volume = units.mul(VOLUME_PER_UNIT);
  if (!volume.isInteger() || !volume.gt(0) || volume.gt(Number.MAX_SAFE_INTEGER)) return undefined;
  return volume.toNumber();
}

/** Lots of a volume; `lotSize` as the symbol gives it, in hundredths of a unit too. */
export function lotsOf(volume: number, lotSize: number): Decimal {
  return new Decimal(volume).div(lotSize);
}

/** The price behind an integer of 1/100,000. */
export function priceOf(integer: number): Decimal {
  return new Decimal(integer).div(10 ** PRICE_DIGITS);
}

/** A price as orders carry it: to the symbol's digits, since the broker refuses finer ones. Nearest, half up. */
export function orderPrice(price: Decimal, digits: number): number {
  return price.toDecimalPlaces(digits, Decimal.ROUND_HALF_UP).toNumber();
}

/** A distance as orders carry it: in 1/100,000, to the nearest multiple of the symbol's point; 0 for less than half of one. */
export function orderDistance(distance: Decimal, digits: number): number {
  const point = Math.max(1, 10 ** (PRICE_DIGITS - digits));
  return distance
    .mul(10 ** PRICE_DIGITS)
    .toNearest(point, Decimal.ROUND_HALF_UP)
    .toNumber();
}
