import { expect, test } from "vitest";
import { closest } from "./closest.ts";

const KNOWN = ["orderQuantity", "orderNotional", "dailyNotional", "quoteAge"];

test.each([
  ["orderQuantiy", "orderQuantity"],
  ["orderquantity", "orderQuantity"],
  ["qouteAge", "quoteAge"],
  ["dailyNotion", "dailyNotional"],
  ["quoteAge", "quoteAge"],
  ["quot", "quoteAge"],
])("%s is taken for %s", (word, meant) => {
  expect(closest(word, KNOWN)).toBe(meant);
});

test.each(["surprise", "x", "", "quo"])("%j is taken for nothing", (word) => {
  expect(closest(word, KNOWN)).toBeUndefined();
});

test("of nothing known nothing is meant", () => {
  expect(closest("quoteAge", [])).toBeUndefined();
});

test("two letters swapped count as one step, so that a short word is still found", () => {
  expect(closest("di", ["id", "to"])).toBe("id");
});
