import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection, type Store } from "../platform/store.ts";

/** A heartbeat older than this means that the process is gone. */
const ALIVE_FOR = Temporal.Duration.from({ minutes: 3 });

const heartbeatSchema = z.strictObject({ at: instantSchema, build: z.string() });
const heartbeats = collection("heartbeats", heartbeatSchema);

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
}

/** Says that `name` is at work; called at least once a minute. */
export function beat(deps: Deps, name: string, build: string): Promise<void> {
  return deps.store.transact(async (transaction) => {
    transaction.set(heartbeats, name, { at: deps.clock.now(), build });
  });
}

/** Whether `name` has said within three minutes that it is at work. */
export async function isAlive(deps: Deps, name: string): Promise<boolean> {
  const last = await deps.store.get(heartbeats, name);
  if (last === undefined) return false;
  return Temporal.Instant.compare(deps.clock.now(), last.at.add(ALIVE_FOR)) < 0;
}
