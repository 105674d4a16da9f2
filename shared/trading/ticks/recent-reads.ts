/** Documents that many bots look at in the same second, read once for all of them. */
import type { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import type { Collection, Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";

export interface RecentReadsDeps {
  readonly store: Pick<Store, "get">;
  readonly clock: Clock;
  readonly timers: Pick<Timers, "now">;
}

export interface RecentReads {
  /** The document as it was at most a second ago, on the product's clock and by the machine's passing time. */
  get<T>(collection: Collection<T>, id: string): Promise<T | undefined>;
  /** How many readings are remembered. */
  size(): number;
}

interface Reading {
  readonly value: Promise<unknown>;
  readonly at: Temporal.Instant;
  readonly passedMs: number;
}

const FRESH_MS = 1_000;
/** With so many readings, those that nobody may use any more are forgotten: each order is read by its own name. */
const LOOKED_THROUGH_AT = 1_000;

/** What must be as it is at one moment is read in a transaction, never here. */
export function createRecentReads({ store, clock, timers }: RecentReadsDeps): RecentReads {
  const readings = new Map<string, Reading>();
  let mostKept = LOOKED_THROUGH_AT;

  function isFresh({ at, passedMs }: Reading): boolean {
    const age = clock.now().epochMilliseconds - at.epochMilliseconds;
    return age >= 0 && age < FRESH_MS && timers.now() - passedMs < FRESH_MS;
  }

  /** Now and then, so that each reading pays for little of it. */
  function forgetOld(): void {
    if (readings.size < mostKept) return;
    for (const [key, reading] of readings) if (!isFresh(reading)) readings.delete(key);
    mostKept = Math.max(LOOKED_THROUGH_AT, 2 * readings.size);
  }

  return {
    get<T>(collection: Collection<T>, id: string): Promise<T | undefined> {
      const key = `${collection.name}/${id}`;
      const known = readings.get(key);
      if (known !== undefined && isFresh(known)) return known.value as Promise<T | undefined>;
      forgetOld();
      const value = store.get(collection, id);
      const reading = { value, at: clock.now(), passedMs: timers.now() };
      readings.set(key, reading);
      value.catch(() => {
        if (readings.get(key) === reading) readings.delete(key);
      });
      return value;
    },
    size: () => readings.size,
  };
}
