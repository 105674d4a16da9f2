/** An account's equity over the last hours, as a curve of bounded size. */
import { Temporal } from "temporal-polyfill";
import { toIso } from "../platform/instant.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Stored } from "../platform/store.ts";
import { accounts } from "../trading/account-record.ts";
import { type EquityPoint, equityPoints } from "../trading/ledger/records.ts";
import type { ApiEquity } from "./trading-api.ts";
import type { TradingReportDeps } from "./trading-report.ts";

const PAGE = 1_000;
/** A point a minute: two days and a little. */
const MOST_READ = 3_000;
const STRETCHES = 120;

export interface EquityQuestion {
  readonly account: string;
  /** How far back; default 24. */
  readonly hours?: number;
}

/** `SCOPE_UNKNOWN` for one that the configuration does not know. */
export async function reportEquity(
  { store, clock, config }: Pick<TradingReportDeps, "store" | "clock" | "config">,
  { account: name, hours = 24 }: EquityQuestion,
): Promise<Result<ApiEquity, "SCOPE_UNKNOWN">> {
  const account = [...config.connections.flatMap(({ id }) => [id, `paper-${id}` as typeof id])].find(
    (id) => id === name,
  );
  if (account === undefined) return fail("SCOPE_UNKNOWN");
  const from = clock.now().subtract({ hours });
  const record = await store.get(accounts, account);
  const found: Stored<EquityPoint>[] = [];
  const isInside = (point: EquityPoint) => Temporal.Instant.compare(point.at, from) >= 0;
  while (found.length < MOST_READ) {
    const after = found.at(-1);
    const where = { account };
    const page = await store.query(equityPoints, {
      ...{ where, orderBy: ["at", "desc"] as const, limit: PAGE },
      ...(after && { after }),
    });
    found.push(...page);
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined || !isInside(last.value)) break;
  }
  const points = found
    .map(({ value }) => value)
    .filter(isInside)
    .reverse();
  const latest = points.at(-1);
  const isLater =
    record !== undefined && (latest === undefined || Temporal.Instant.compare(record.at, latest.at) > 0);
  if (isLater && isInside(record)) points.push(record);
  return succeed({
    account,
    ...(record !== undefined && { currency: record.currency }),
    from: toIso(from),
    points: thinned(points).map(({ at, equity }) => ({ at: toIso(at), equity: equity.toFixed() })),
  });
}

/** Of each stretch of the curve its lowest and its highest point, so that no dip is lost; and its two ends. Pure. */
export function thinned(points: readonly EquityPoint[]): readonly EquityPoint[] {
  if (points.length <= 2 * STRETCHES) return points;
  const kept = new Set<EquityPoint | undefined>([points[0], points.at(-1)]);
  for (let stretch = 0; stretch < STRETCHES; stretch += 1) {
    const from = Math.floor((stretch * points.length) / STRETCHES);
    const some = points.slice(from, Math.floor(((stretch + 1) * points.length) / STRETCHES));
    kept.add(some.reduce((low, point) => (point.equity.lt(low.equity) ? point : low)));
    kept.add(some.reduce((high, point) => (point.equity.gt(high.equity) ? point : high)));
  }
  return points.filter((point) => kept.has(point));
}
