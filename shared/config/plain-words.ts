/** Says in plain words what a place of a schema takes. Pure. */
import type { SchemaNode } from "./json-schema.ts";

/** More keys than so many are not listed. */
const MOST_KEYS = 30;

/** What to write there, to stand after "write": `a whole number from 1 to 20`. */
export function takes(node: SchemaNode): string {
  if (node.takes !== undefined) return node.takes;
  const branches = node.anyOf ?? node.oneOf;
  if (branches !== undefined) return takesOneOf(branches);
  if (node.const !== undefined) return value(node.const);
  if (node.enum !== undefined) return either(node.enum.map(value));
  switch (node.type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number${bounds(node)}`;
    case "number":
      return `a number${bounds(node)}`;
    case "string":
      return takesText(node);
    case "array":
      return takesList(node);
    case "object":
      return takesKeys(node);
    default:
      return "something else";
  }
}

/** `a, b or c`, each word once. */
export function either(words: readonly string[]): string {
  const all = [...new Set(words)];
  const last = all.at(-1) ?? "nothing";
  return all.length < 2 ? last : `${all.slice(0, -1).join(", ")} or ${last}`;
}

function takesOneOf(branches: readonly SchemaNode[]): string {
  return either(branches.map(takes));
}

function value(given: unknown): string {
  return typeof given === "string" ? given : JSON.stringify(given);
}

function bounds(node: SchemaNode): string {
  const { minimum: least, maximum: most, exclusiveMinimum: above, exclusiveMaximum: below } = node;
  const step = node.multipleOf === undefined ? "" : ` that is a multiple of ${node.multipleOf}`;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}${step}`;
  const parts = [
    ...(above === undefined ? [] : [` above ${above}`]),
    ...(least === undefined ? [] : [` of at least ${least}`]),
    ...(most === undefined ? [] : [above === undefined ? ` of at most ${most}` : ` and at most ${most}`]),
    ...(below === undefined ? [] : [` below ${below}`]),
  ];
  return `${parts.join("")}${step}`;
}

function takesList({ items, prefixItems, minItems, maxItems }: SchemaNode): string {
  if (prefixItems !== undefined)
    return `a list of ${prefixItems.length}: ${prefixItems.map(takes).join(", ")}`;
  const count = range(minItems, maxItems);
  const list = count === "" ? "a list" : `a list of ${count}`;
  return items === undefined || items.properties !== undefined ? list : `${list}, each ${takes(items)}`;
}

function takesText({ minLength, maxLength }: SchemaNode): string {
  const count = range(minLength, maxLength);
  return count === "" || count === "at least 1" ? "a text" : `a text of ${count} characters`;
}

function range(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  if (most !== undefined) return `at most ${most}`;
  return least === undefined ? "" : `at least ${least}`;
}

function takesKeys({ properties = {}, required = [] }: SchemaNode): string {
  const keys = required.length > 0 ? required : Object.keys(properties);
  if (keys.length === 0) return "keys with values";
  const shown = keys.slice(0, MOST_KEYS).join(", ");
  return `${keys.length === 1 ? "the key" : "the keys"} ${shown}`;
}
