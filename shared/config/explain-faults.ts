/** Turns what zod finds wrong with a value into places and plain words: what is wrong, and what to write. Pure. */
import type { z } from "zod";
import { closest } from "../platform/closest.ts";
import { type SchemaNode, wanted } from "./json-schema.ts";
import { either, takes } from "./plain-words.ts";

export type Keys = readonly PropertyKey[];

/** One fault and where it is. The reason repeats no value: it may have been meant for elsewhere. */
export interface Fault {
  readonly keys: Keys;
  /** What is wrong and what to write instead. */
  readonly reason: string;
}

/** Every fault. `schema` is what `value` was held against. */
export function explainFaults(error: z.core.$ZodError, schema: SchemaNode, value: unknown): readonly Fault[] {
  return error.issues.flatMap((issue) => explain(issue, issue.path, schema, value));
}

function explain(issue: z.core.$ZodIssue, keys: Keys, schema: SchemaNode, value: unknown): readonly Fault[] {
  if (issue.code === "unrecognized_keys") {
    const known = freeKeys(schemaAt(schema, value, keys), valueAt(value, keys));
    return issue.keys.map((key) => ({ keys: [...keys, key], reason: unknownKey(key, known) }));
  }
  const given = valueAt(value, keys);
  const node = schemaAt(schema, value, keys);
  if (given === undefined) return [{ keys, reason: `is missing: write ${takes(node)}` }];
  if (issue.code === "invalid_union" && isMapping(given)) {
    return explainUnion(issue, keys, schema, value);
  }
  return [{ keys, reason: reasonOf(issue.message, node) }];
}

/** Own words stay; those of zod are replaced by what the place takes. */
function reasonOf(message: string, node: SchemaNode): string {
  const asked = wanted(message);
  if (asked !== undefined) return `cannot be used: write ${asked}`;
  return /^[a-z`]/.test(message) ? message : `cannot be used: write ${takes(node)}`;
}

/** Told by the alternative that was meant: the one with the fewest faults. */
function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  keys: Keys,
  schema: SchemaNode,
  value: unknown,
): readonly Fault[] {
  const node = schemaAt(schema, value, keys);
  const mappings = issue.errors.filter(
    (errors) => !errors.some((one) => one.path.length === 0 && isOfKind(one)),
  );
  const sorted = [...mappings].sort((one, other) => one.length - other.length);
  const [meant, next] = sorted;
  const isClear = meant !== undefined && (next === undefined || meant.length < next.length);
  if (isClear) return meant.flatMap((one) => explain(one, [...keys, ...one.path], schema, value));
  const given = valueAt(value, keys);
  const known = keysOf(node, given);
  const unknown = Object.keys(given as object).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    const free = freeKeys(node, given);
    return unknown.map((key) => ({ keys: [...keys, key], reason: unknownKey(key, free) }));
  }
  return [{ keys, reason: `cannot be used: write ${takes(node)}` }];
}

function isOfKind({ code }: z.core.$ZodIssue): boolean {
  return code === "invalid_type" || code === "invalid_value";
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = closest(key, known);
  if (meant !== undefined) return `is not known: did you mean ${meant}?`;
  return known.length === 0
    ? "is not known: leave it out"
    : `is not known: write ${either(known)}, or leave it out`;
}

function keysOf(node: SchemaNode, given: unknown): readonly string[] {
  return [...new Set(branchesFor(node, given).flatMap(({ properties = {} }) => Object.keys(properties)))];
}

/** Known keys that are not written yet. */
function freeKeys(node: SchemaNode, given: unknown): readonly string[] {
  return keysOf(node, given).filter((key) => valueAt(given, [key]) === undefined);
}

function valueAt(value: unknown, keys: Keys): unknown {
  let at = value;
  for (const key of keys) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return at;
}

/** What the schema takes at a place; of alternatives those that the value there may have been meant for. */
function schemaAt(schema: SchemaNode, value: unknown, keys: Keys): SchemaNode {
  let node: SchemaNode = schema;
  for (const [depth, key] of keys.entries()) {
    const given = valueAt(value, keys.slice(0, depth));
    const children = branchesFor(node, given)
      .map((branch) => childOf(branch, key))
      .filter((child) => child !== undefined);
    const [only] = children;
    if (only === undefined) return {};
    node = children.length === 1 ? only : { anyOf: children };
  }
  return node;
}

function branchesFor(node: SchemaNode, given: unknown): readonly SchemaNode[] {
  const branches = node.anyOf ?? node.oneOf;
  if (branches === undefined) return [node];
  const mappings = branches.filter(({ properties }) => properties !== undefined);
  const named = mappings.filter((branch) => isNamedBy(branch, given));
  return named.length > 0 ? named : mappings;
}

/** Whether the value says by a fixed word that it is this alternative, as `broker: etrade` does. */
function isNamedBy({ properties = {} }: SchemaNode, given: unknown): boolean {
  return Object.entries(properties).some(
    ([key, child]) => child.const !== undefined && child.const === valueAt(given, [key]),
  );
}

function childOf(node: SchemaNode, key: PropertyKey): SchemaNode | undefined {
  if (typeof key === "number") return node.prefixItems?.[key] ?? node.items;
  return node.properties?.[String(key)];
}

function isMapping(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
