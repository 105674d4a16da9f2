/** The part of `docs/guides/bots.md` that tells of the built-in strategies, made by `npm run docs:schema`. */
import { jsonSchemaOf, type SchemaNode } from "../../shared/config/json-schema.ts";
import { takes } from "../../shared/config/plain-words.ts";
import { BUILT_IN } from "../../shared/strategies/registry.ts";

/** Stand around it in the guide. */
export const STRATEGIES_BEGIN = "<!-- made by npm run docs:schema -->";
export const STRATEGIES_END = "<!-- end -->";

/** What each strategy is, and its parameters with what they take and their defaults. Pure. */
export function strategiesText(): string {
  const parts = [...BUILT_IN.values()].map(({ name, summary, parameters }) => {
    const rows = rowsOf(jsonSchemaOf(parameters), "");
    const head = ["| parameter | what it is | takes | default |", "|---|---|---|---|"];
    return [`### ${name}`, "", summary, "", ...head, ...rows].join("\n");
  });
  return parts.join("\n\n");
}

/** The guide with that part as it should be. */
export function withStrategies(guide: string): string {
  const [before, rest] = guide.split(STRATEGIES_BEGIN);
  const [, after] = rest?.split(STRATEGIES_END) ?? [];
  if (after === undefined) throw new Error("The guide does not say where its strategies stand.");
  return `${before}${STRATEGIES_BEGIN}\n\n${strategiesText()}\n\n${STRATEGIES_END}${after}`;
}

function rowsOf({ properties = {} }: SchemaNode, prefix: string): readonly string[] {
  return Object.entries(properties).flatMap(([key, node]) => {
    if (node.properties !== undefined) return rowsOf(node, `${prefix}${key}.`);
    const initial =
      node.default === undefined ? "–" : `\`${JSON.stringify(node.default).replaceAll('"', "")}\``;
    return [`| \`${prefix}${key}\` | ${node.description ?? ""} | ${takes(node)} | ${initial} |`];
  });
}
