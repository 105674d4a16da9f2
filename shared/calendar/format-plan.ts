import type { Temporal } from "temporal-polyfill";
import { toIso } from "../platform/instant.ts";
import type { PlanEntry } from "./plan.ts";
import { EXCHANGE_TIME_ZONE } from "./sessions.ts";
import { dateTimeText, zoneLabel } from "./zoned.ts";

/** A plan's entry as JSON. */
export interface PlanRow {
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** ISO 8601 on the exchange's clock, with its offset. */
  readonly exchange: string;
  /** ISO 8601 on the owner's clock, with its offset. */
  readonly owner: string;
  readonly kind: PlanEntry["kind"];
  readonly name: string;
  /** Absent where there is nothing to add. */
  readonly note?: string;
}

/** The plan for programs: the same entries in the same order. */
export function planRows(entries: readonly PlanEntry[], ownerTimeZone: string): readonly PlanRow[] {
  return entries.map(({ at, ...rest }) => ({
    at: toIso(at),
    exchange: withOffset(at, EXCHANGE_TIME_ZONE),
    owner: withOffset(at, ownerTimeZone),
    ...rest,
  }));
}

/**
 * The plan for people: an aligned table, one line an entry under a line of headings, without a line end at the
 * end. The owner's column is left out where it would repeat another.
 */
export function formatPlan(entries: readonly PlanEntry[], ownerTimeZone: string): string {
  const zones = new Map([EXCHANGE_TIME_ZONE, "UTC", ownerTimeZone].map((zone) => [zoneLabel(zone), zone]));

  const headings = [...zones.keys(), "what", "name", "note"];
  const lines = entries.map(({ at, kind, name, note }) => [
    ...[...zones.values()].map((timeZone) => dateTimeText(at, timeZone)),
    kind,
    name,
    note ?? "",
  ]);
  return aligned([headings, ...lines]);
}

/** A table in which each column is as wide as its longest cell, without a line end at the end. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function withOffset(at: Temporal.Instant, timeZone: string): string {
  return at.toZonedDateTimeISO(timeZone).toString({ timeZoneName: "never", smallestUnit: "second" });
}
