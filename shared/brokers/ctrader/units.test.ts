import { Decimal } from "decimal.js";
import { expect, test } from "vitest";
import { lotsOf, orderDistance, orderPrice, priceOf, unitsOf, volumeOf } from "./units.ts";

test("a hundredth of a lot of EURUSD is a thousand units and a volume of a hundred thousand", () => {
  expect(unitsOf(100_000).toNumber()).toBe(1_000);
  expect(volumeOf(new Decimal(1_000))).toBe(100_000);
  expect(lotsOf(100_000, 10_000_000).toNumber()).toBe(0.01);
});

test.each(["0", "-1", "0.001", "1e20", "NaN"])("a quantity of %s has no volume", (units) => {
  expect(volumeOf(new Decimal(units))).toBeUndefined();
});

test("a price of the wire is in 1/100,000 whatever the symbol", () => {
  expect(priceOf(111_968).toString()).toBe("1.11968");
});

test.each([
  ["85197.2049", 2, 85197.2],
  ["1.119685", 5, 1.11969],
  ["1.005", 2, 1.01],
])("the price %s goes out with %i digits", (price, digits, sent) => {
  expect(orderPrice(new Decimal(price), digits)).toBe(sent);
});

test.each([
  ["90.01", 2, 9_001_000],
  ["0.002", 5, 200],
  ["90.0149", 2, 9_001_000],
  ["0.0000149", 5, 1],
  ["0.000014", 6, 1],
  ["0.004", 2, 0],
])("the distance %s goes out as a multiple of the point of %i digits", (distance, digits, sent) => {
  expect(orderDistance(new Decimal(distance), digits)).toBe(sent);
});
