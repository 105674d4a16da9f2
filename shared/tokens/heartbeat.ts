import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection, type Store } from "../platform/store.ts";

/** A heartbeat older than this means that the process is gone. */
const ALIVE_FOR = Temporal.Duration.from({ minutes: 3 });

const heartbeatSchema = z.strictObject({
  at: instantSchema,
  build: z.string(),
  /** Memory that the process takes, in MB. */
  memoryMb: z.number().min(0).optional(),
});
const heartbeats = collection("heartbeats", heartbeatSchema);

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
}

/** Says that `name` is at work; called at least once a minute. */
export function beat(deps: Deps, name: string, build: string, memoryMb?: number): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const at = deps.clock.now();
    transaction.set(heartbeats, name, { at, build, ...(memoryMb !== undefined && { memoryMb }) });
  });
}

/** The memory that `name` takes, in MB, where it has said so within three minutes. */
export async function memoryOf(deps: Deps, name: string): Promise<number | undefined> {
  return (await isAlive(deps, name)) ? (await deps.store.get(heartbeats, name))?.memoryMb : undefined;
}

/** Whether `name` has said within three minutes that it is at work. */
export async function isAlive(deps: Deps, name: string): Promise<boolean> {
  const last = await deps.store.get(heartbeats, name);
  if (last === undefined) return false;
  return Temporal.Instant.compare(deps.clock.now(), last.at.add(ALIVE_FOR)) < 0;
}
