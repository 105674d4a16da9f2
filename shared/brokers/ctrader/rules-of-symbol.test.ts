import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { ConnectionId } from "../../config/connection.ts";
import { instrumentRulesSchema } from "../instrument-rules.ts";
import { rulesOfSymbol } from "./rules-of-symbol.ts";
import type { KnownSymbol } from "./symbols.ts";

const CONTEXT = {
  connection: "ctrader-demo" as ConnectionId,
  instrument: "XAUUSD",
  price: new Decimal(2_000),
  now: Temporal.Instant.from("2026-03-11T12:00:00Z"),
};

const aSymbol = (
  rules: Partial<KnownSymbol["rules"]> = {},
  light: Partial<KnownSymbol["light"]> = {},
): KnownSymbol => ({
  light: { symbolId: 41, symbolName: "XAUUSD", ...light },
  rules: {
    ...{ symbolId: 41, digits: 2, pipPosition: 1, schedule: [], holiday: [] },
    ...{ minVolume: 100, maxVolume: 100_000, stepVolume: 100, enableShortSelling: true },
    ...rules,
  },
  baseAsset: "XAU",
  quoteAsset: "USD",
});

test("volumes become units, digits a price step, points a distance of price", () => {
  const rules = rulesOfSymbol(aSymbol({ slDistance: 50, tpDistance: 80 }), CONTEXT);

  expect(rules).toEqual({
    connection: "ctrader-demo",
    instrument: "XAUUSD",
    minimumQuantity: new Decimal(1),
    maximumQuantity: new Decimal(1_000),
    quantityStep: new Decimal(1),
    priceStep: new Decimal("0.01"),
    currency: "USD",
    minimumLevelDistance: new Decimal("0.8"),
    canSell: true,
    isTradable: true,
    at: CONTEXT.now,
  });
  expect(instrumentRulesSchema.safeParse(JSON.parse(JSON.stringify(rules))).success).toBe(true);
});

test("a distance in percent is one of the price, and unknown without a price", () => {
  const symbol = aSymbol({ slDistance: 1, distanceSetIn: "SYMBOL_DISTANCE_IN_PERCENTAGE" });

  expect(rulesOfSymbol(symbol, CONTEXT)?.minimumLevelDistance).toEqual(new Decimal(20));
  expect(rulesOfSymbol(symbol, { ...CONTEXT, price: undefined })?.minimumLevelDistance).toBeUndefined();
});

test("what the broker leaves out is the least there is, and no limit", () => {
  const symbol = aSymbol({ minVolume: 0, maxVolume: 0, stepVolume: 0, enableShortSelling: false });

  const rules = rulesOfSymbol(symbol, CONTEXT);

  expect(rules).toMatchObject({
    minimumQuantity: new Decimal("0.01"),
    quantityStep: new Decimal("0.01"),
    canSell: false,
  });
  expect(rules).not.toHaveProperty("maximumQuantity");
  expect(rules).not.toHaveProperty("minimumLevelDistance");
});

test.each([
  ["it is switched off", aSymbol({}, { enabled: false })],
  ["it may only be closed", aSymbol({ tradingMode: "CLOSE_ONLY_MODE" })],
  ["it is disabled", aSymbol({ tradingMode: "DISABLED_WITH_PENDINGS_EXECUTION" })],
  ["its market is closed", aSymbol({ schedule: [{ startSecond: 0, endSecond: 60 }] })],
])("a symbol is not tradable while %s", (_name, symbol) => {
  expect(rulesOfSymbol(symbol, CONTEXT)?.isTradable).toBe(false);
});

test("without the currency of its prices a symbol has no rules", () => {
  expect(rulesOfSymbol({ ...aSymbol(), quoteAsset: "" }, CONTEXT)).toBeUndefined();
});
