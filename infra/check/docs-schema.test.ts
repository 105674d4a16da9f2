import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BUILT_IN } from "../../shared/strategies/registry.ts";
import { SCHEMA_FILE, schemaFile } from "./docs-schema.ts";

test("the schema in the documentation is the configuration's own; if not: npm run docs:schema", () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(schemaFile());
});

test("an editor is told of every strategy, its parameters, and that limits are needed", () => {
  const { properties } = JSON.parse(schemaFile());
  const bot = properties.bots.items;

  const names = bot.properties.strategy.anyOf.map((one: { const?: string }) => one.const);
  expect(names).toEqual([...BUILT_IN.keys(), undefined]);
  const rsi = bot.allOf.find((one: { if: unknown }) => JSON.stringify(one.if).includes("rsi-sentiment"));
  expect(rsi.then.properties.parameters.properties.rsiPeriod).toEqual({
    type: "integer",
    ...{ default: 14, minimum: 2, maximum: 500 },
  });
  expect(bot.required).toContain("limits");
  expect(bot.properties.limits.required).toContain("dailyLossPercent");
  expect(bot.properties.limits.additionalProperties).toBe(false);
});

test.each([
  ["./mine.ts", true],
  ["strategies/mine.mjs", true],
  ["C:\\mine.js", true],
  ["mine", false],
  ["rsi-sentimnt", false],
])("%s is a path: %s", (strategy, isPath) => {
  const { properties } = JSON.parse(schemaFile());
  const own = properties.bots.items.properties.strategy.anyOf.at(-1);

  expect(new RegExp(own.pattern).test(strategy)).toBe(isPath);
});
