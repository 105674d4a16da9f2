import { Temporal } from "temporal-polyfill";
import { createSeededRandom } from "../../platform/local/seeded-random.ts";
import { createSqliteStore } from "../../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../platform/local/temporary-folder.ts";
import { createVirtualClock, type VirtualClock } from "../../platform/local/virtual-clock.ts";
import type { Random } from "../../platform/random.ts";
import type { Store } from "../../platform/store.ts";

/** 08:30 in New York on a Monday in winter: an hour before the open. */
export const ALERT_TIME = Temporal.Instant.from("2026-11-23T13:30:00Z");
export const OPEN_TIME = Temporal.Instant.from("2026-11-23T14:30:00Z");

export interface Harness {
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Lets so many seconds pass. */
  pass(seconds: number): Promise<void>;
  /** A second store over the same data, as another instance would have. */
  anotherStore(): Store;
  close(): Promise<void>;
}

/** A real store in a temporary folder, a clock at {@link ALERT_TIME} that is moved by hand, and seeded randomness. */
export function createHarness(): Harness {
  const folder = makeTemporaryFolder();
  const open = () => createSqliteStore({ path: `${folder.path}/store.sqlite` });
  const stores = [open()] as [Store, ...Store[]];
  const clock = createVirtualClock({ start: ALERT_TIME });
  return {
    store: stores[0],
    clock,
    random: createSeededRandom("sessions"),
    pass: (seconds) => clock.advanceBy(Temporal.Duration.from({ seconds })),
    anotherStore() {
      const store = open();
      stores.push(store);
      return store;
    },
    async close() {
      clock.close();
      for (const store of stores) await store.close();
      folder.remove();
    },
  };
}
