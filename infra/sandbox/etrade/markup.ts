import { escapeMarkup } from "../markup.ts";

/** Data as the broker shows it: plain values, lists and objects. */
export type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain };

function element(name: string, value: Plain): string {
  if (Array.isArray(value)) return value.map((item: Plain) => element(name, item)).join("");
  if (typeof value !== "object") return `<${name}>${escapeMarkup(String(value))}</${name}>`;
  const inner = Object.entries(value).map(([child, grandchild]) => element(child, grandchild as Plain));
  return `<${name}>${inner.join("")}</${name}>`;
}

/** Writes data as the broker's XML: one element a field, and a list as its element repeated. */
export function toXml(document: { readonly [root: string]: Plain }): string {
  const roots = Object.entries(document).map(([name, value]) => element(name, value));
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${roots.join("")}`;
}
