import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfigWithStrategies } from "../../shared/app-strategies.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { BUILT_IN } from "../../shared/strategies/registry.ts";
import { BOTS_GUIDE, SCHEMA_FILE, schemaFile } from "./docs-schema.ts";
import { withStrategies } from "./docs-strategies.ts";

test("the schema in the documentation is the configuration's own; if not: npm run docs:schema", () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(schemaFile());
});

test("the guide tells of every strategy as it is; if not: npm run docs:schema", () => {
  const guide = readFileSync(BOTS_GUIDE, "utf8");

  expect(guide).toBe(withStrategies(guide));
  expect(guide).toContain(
    "| `rsiPeriod` | Bars of the relative strength index | a whole number from 2 to 500 | `14` |",
  );
  expect(guide).toContain("| `scan.gapPercent` |");
  expect(guide).not.toMatch(/^\| `\S+` \| {2}\|/m);
});

test("the guide's examples are taken, and its faults are those that are told", async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder.path, "openbell.yaml");
  const guide = readFileSync(BOTS_GUIDE, "utf8");
  const [bots = "", sentiment = ""] = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
    ([, text]) => text,
  );
  const [, told = ""] = /^```text\n([\s\S]*?)^```$/m.exec(guide) ?? [];
  const load = (text: string) => {
    writeFileSync(file, text);
    return loadConfigWithStrategies(file);
  };
  const complaint = (text: string) =>
    load(text).then(
      () => "",
      (error: Error) => error.message.replaceAll(file, "openbell.yaml"),
    );

  expect((await load(bots)).bots).toMatchObject([{ id: "palm-oil", parameters: { stopPercent: 1.5 } }]);
  expect((await load(sentiment)).sentiment).toEqual((await load("")).sentiment);
  const [strategy, ...others] = told.trim().split("\n");
  expect(await complaint(bots.replace("rsi-sentiment  ", "rsi-sentimnt   "))).toBe(strategy);
  const wrong = bots.replace("riskPercent: 0.5 ", "quantity: -1 ").replace("      orderQuantity: 20\n", "");
  expect((await complaint(wrong)).split("\n")).toEqual(others);
  folder.remove();
});

test("an editor is told of every strategy, its parameters, and that limits are needed", () => {
  const { properties } = JSON.parse(schemaFile());
  const bot = properties.bots.items;

  const names = bot.properties.strategy.anyOf.map((one: { const?: string }) => one.const);
  expect(names).toEqual([...BUILT_IN.keys(), undefined]);
  const rsi = bot.allOf.find((one: { if: unknown }) => JSON.stringify(one.if).includes("rsi-sentiment"));
  expect(rsi.then.properties.parameters.properties.rsiPeriod).toEqual({
    type: "integer",
    description: "Bars of the relative strength index",
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
