/** The line of an equity curve, worked out for an SVG of a given size. Pure. */
import type { ApiEquity } from "../../shared/console/trading-api.ts";

export interface Curve {
  /** The `points` of a polyline. */
  readonly line: string;
  readonly first: Mark;
  readonly last: Mark;
  readonly lowest: Mark;
  readonly highest: Mark;
}

interface Mark {
  readonly at: string;
  readonly equity: string;
}

/** Undefined for fewer than two points: one is no curve. Time runs by the clock, so that gaps are as long as they were. */
export function curveOf(
  points: ApiEquity["points"],
  { width, height }: { readonly width: number; readonly height: number },
): Curve | undefined {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return undefined;
  const from = Date.parse(first.at);
  const span = Math.max(1, Date.parse(last.at) - from);
  const lowest = points.reduce((low, point) => (Number(point.equity) < Number(low.equity) ? point : low));
  const highest = points.reduce((high, point) => (Number(point.equity) > Number(high.equity) ? point : high));
  const range = Number(highest.equity) - Number(lowest.equity);
  const x = (at: string) => ((Date.parse(at) - from) / span) * width;
  // What never moved is a line through the middle.
  const y = (equity: string) =>
    range === 0 ? height / 2 : height - ((Number(equity) - Number(lowest.equity)) / range) * height;
  const line = points.map(({ at, equity }) => `${x(at).toFixed(1)},${y(equity).toFixed(1)}`).join(" ");
  return { line, first, last, lowest, highest };
}
