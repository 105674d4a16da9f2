/** The figures of a benchmark's samples, and the table that they are printed in. */

/** Prints one line for the person who started the benchmark. */
export type Print = (line: string) => void;

export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Percentiles by nearest rank: each is one of the samples, in their unit. Throws a RangeError without samples. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b);
  const max = sorted.at(-1);
  if (max === undefined) throw new RangeError("Nothing was measured.");
  const rank = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? max;
  return { count: sorted.length, p50: rank(50), p95: rank(95), max };
}

/** Lines of a table: the first column is left-aligned, the others right. */
export function tableOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("   ").trimEnd());
}
