import { expect, test } from "vitest";
import { foremost, isReasonCode, REASONS, type ReasonCode } from "./reasons.ts";

const outcomes = (...reasons: readonly ReasonCode[]) =>
  reasons.map((reason, index) => ({
    instrument: `S${index + 1}`,
    reason,
    text: `${reason} of S${index + 1}.`,
  }));

test("one instrument speaks for itself", () => {
  expect(foremost(outcomes("NO_SIGNAL"))).toEqual({ reason: "NO_SIGNAL", text: "NO_SIGNAL of S1." });
});

test.each<[readonly ReasonCode[], string]>([
  [["NOT_ON_WATCHLIST", "RISK_DENIED", "ORDER_PROPOSED"], "ORDER_PROPOSED of S3."],
  [["NOT_ON_WATCHLIST", "NO_SIGNAL", "POSITION_HELD", "RISK_DENIED"], "RISK_DENIED of S4."],
  [["NOT_ON_WATCHLIST", "NO_SIGNAL", "POSITION_HELD"], "POSITION_HELD of S3."],
  [["NOT_ON_WATCHLIST", "WARMING_UP", "NO_SIGNAL"], "NO_SIGNAL of S3."],
  [["NOT_ON_WATCHLIST", "NO_QUOTE", "NOT_ON_WATCHLIST"], "NO_QUOTE of S2."],
  [["NOT_ON_WATCHLIST", "MARKET_CLOSED"], "MARKET_CLOSED of S2."],
  [["NO_SIGNAL", "NO_SIGNAL"], "NO_SIGNAL of S1."],
])("of %j the most telling is told", (reasons, text) => {
  const told = foremost(outcomes(...reasons));

  expect(told.text.startsWith(text)).toBe(true);
  expect(told.text).toContain(told.reason);
});

test("the others are counted by their reasons, the most telling first", () => {
  const all = outcomes("NOT_ON_WATCHLIST", "NO_SIGNAL", "NOT_ON_WATCHLIST", "RISK_DENIED", "NO_SIGNAL");

  expect(foremost(all).text).toBe(
    "RISK_DENIED of S4. (S4, beside 4 others: 2 NO_SIGNAL, 2 NOT_ON_WATCHLIST)",
  );
});

test("nothing is told of no instrument", () => {
  expect(() => foremost([])).toThrow(RangeError);
});

test("a code of another release is none of the table", () => {
  expect([isReasonCode("NO_SIGNAL"), isReasonCode("toString")]).toEqual([true, false]);
  expect(Object.keys(REASONS).length).toBeGreaterThan(20);
});
