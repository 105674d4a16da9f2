/**
 * `npm run docs:schema`: writes `docs/openbell.schema.json`, by which editors check and complete `openbell.yaml`,
 * and the strategies in `docs/guides/bots.md`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configJsonSchema, jsonSchemaOf, type SchemaNode } from "../../shared/config/json-schema.ts";
import { BUILT_IN } from "../../shared/strategies/registry.ts";
import { withStrategies } from "./docs-strategies.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The file that is made from the schema. */
export const SCHEMA_FILE = join(ROOT, "docs", "openbell.schema.json");

/** The guide that tells of the strategies. */
export const BOTS_GUIDE = join(ROOT, "docs", "guides", "bots.md");

/** A path, as the registry tells it from a name. */
const OWN_FILE = "[\\\\/]|\\.(ts|mts|js|mjs)$";

/** The schema as it should be, as text. Pure. */
export function schemaFile(): string {
  const schema = configJsonSchema();
  const { bots = {} } = schema.properties ?? {};
  if (bots.items?.properties === undefined) throw new Error("The configuration has no bots.");
  const items = {
    ...bots.items,
    properties: botProperties(bots.items.properties),
    allOf: parametersByStrategy(),
  };
  const whole = {
    ...schema,
    title: "openbell.yaml",
    properties: { ...schema.properties, bots: { ...bots, items } },
  };
  return `${JSON.stringify(whole, asJsonSchema, 2)}\n`;
}

/** What a place takes is told where nothing else is told of it. */
function asJsonSchema(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("takes" in value)) return value;
  const { takes, ...node } = value;
  return typeof takes === "string" ? { description: takes, ...node } : value;
}

/** A strategy is one of the built-in ones or the path of a file. */
function botProperties(
  properties: Readonly<Record<string, SchemaNode>>,
): Readonly<Record<string, SchemaNode>> {
  const names = [...BUILT_IN.values()].map(({ name, summary }) => ({ const: name, description: summary }));
  const own = { type: "string", pattern: OWN_FILE, description: "the path of a file of your own" };
  return { ...properties, strategy: { anyOf: [...names, own] } };
}

/** Which parameters there are follows from the strategy. */
function parametersByStrategy(): readonly SchemaNode[] {
  return [...BUILT_IN.values()].map(({ name, parameters }) => {
    const { $schema: _, ...schema } = jsonSchemaOf(parameters);
    return {
      if: { properties: { strategy: { const: name } }, required: ["strategy"] },
      // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's word
      then: { properties: { parameters: schema } },
    };
  });
}

if (import.meta.main) {
  writeFileSync(SCHEMA_FILE, schemaFile());
  writeFileSync(BOTS_GUIDE, withStrategies(readFileSync(BOTS_GUIDE, "utf8")));
}
