import type { Bus } from "../platform/bus.ts";
import type { Log } from "../platform/log.ts";
import { type TokenRecord, tokenRefreshed } from "./records.ts";

/** Tells every reader that a connection has a new token. A lost wake-up only costs time: readers also look by themselves. */
export async function wakeReaders(
  deps: { readonly bus: Bus; readonly log: Log },
  { connection, generation, version }: TokenRecord,
): Promise<void> {
  try {
    await deps.bus.publish(tokenRefreshed, { connection, generation, version });
  } catch (error) {
    deps.log.warn("wake-up-lost", { connection, generation, error });
  }
}
