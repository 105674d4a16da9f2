import type { Temporal } from "temporal-polyfill";
import { toIso } from "../platform/instant.ts";

/** Instants as text; what is not there is left out. */
export function isoFields<K extends string>(
  fields: Readonly<Record<K, Temporal.Instant | undefined>>,
): Partial<Record<K, string>> {
  const present = Object.entries<Temporal.Instant | undefined>(fields).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(
    present.map(([name, value]) => [name, toIso(value as Temporal.Instant)]),
  ) as Partial<Record<K, string>>;
}
