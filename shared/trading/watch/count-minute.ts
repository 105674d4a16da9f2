import { Temporal } from "temporal-polyfill";
import { type SocketRecord, sockets } from "../../brokers/socket-state.ts";
import type { Config } from "../../config/config.ts";
import type { Store } from "../../platform/store.ts";
import { newYorkDate } from "../new-york-day.ts";
import { type DayCounts, dayCounts } from "./records.ts";

const KEPT = Temporal.Duration.from({ hours: 24 * 90 });
const MINUTE_MS = 60_000;
/** Said, or looked at, longer ago, it says nothing of this minute. */
const FRESH_MS = 90_000;
/** So long a connection may take to come back to a machine that has slept. */
const BACK_WITHIN_MS = 3 * MINUTE_MS;

type Counted = DayCounts["connections"][string];

const NOTHING: Counted = { wanted: 0, ready: 0, lagMs: 0, lags: 0 };

/** Counts the present minute once; gives back the day's counts, where anything was ever counted. */
export async function countMinute(
  { store, config }: { readonly store: Store; readonly config: Pick<Config, "connections"> },
  now: Temporal.Instant,
): Promise<DayCounts | undefined> {
  const seen = new Map<string, SocketRecord>();
  for (const { id } of config.connections) {
    const record = await store.get(sockets, id);
    if (record !== undefined) seen.set(id, record);
  }
  const date = newYorkDate(now);
  if (seen.size === 0) return store.get(dayCounts, date);
  return store.transact(async (transaction) => {
    const before = await transaction.get(dayCounts, date);
    if (before !== undefined && minuteOf(before.countedAt) >= minuteOf(now)) return before;
    const connections: Record<string, Counted> = { ...before?.connections };
    const isWatched = before !== undefined && isFresh(before.countedAt, now);
    for (const [id, record] of seen) {
      connections[id] = counted(connections[id] ?? NOTHING, record, { now, isWatched });
    }
    const after = { date, connections, countedAt: now, keptUntil: now.add(KEPT) };
    transaction.set(dayCounts, date, after);
    return after;
  });
}

interface Look {
  readonly now: Temporal.Instant;
  /** The minute before was looked at too. Otherwise the machine may have slept, and nobody could be ready. */
  readonly isWatched: boolean;
}

/** A connection that waits for its owner or for the broker's maintenance is not meant to be ready. */
function counted(before: Counted, record: SocketRecord, { now, isWatched }: Look): Counted {
  const isRest = ["token", "person", "maintenance"].includes(record.waitingFor ?? "");
  if (isRest || record.phase === "stopped") return before;
  const isHeard = isFresh(record.at, now);
  const isReady = record.ready && isHeard;
  if (!isReady && !isWatched && !(isHeard && isLongOut(record, now))) return before;
  const lag = isReady ? record.lagMs : undefined;
  return {
    wanted: before.wanted + 1,
    ready: before.ready + (isReady ? 1 : 0),
    lagMs: before.lagMs + (lag ?? 0),
    lags: before.lags + (lag === undefined ? 0 : 1),
  };
}

function isFresh(at: Temporal.Instant, now: Temporal.Instant): boolean {
  return now.epochMilliseconds - at.epochMilliseconds <= FRESH_MS;
}

function isLongOut({ readySince }: SocketRecord, now: Temporal.Instant): boolean {
  return now.epochMilliseconds - readySince.epochMilliseconds >= BACK_WITHIN_MS;
}

function minuteOf(at: Temporal.Instant): number {
  return Math.floor(at.epochMilliseconds / MINUTE_MS);
}
