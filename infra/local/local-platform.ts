/** The platform on this machine: SQLite for the store and the bus, an encrypted vault, the system's randomness. */
import type { Platform } from "../../shared/app.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import type { BusFaults } from "../../shared/platform/local/bus-faults.ts";
import { createEncryptedVault } from "../../shared/platform/local/encrypted-vault.ts";
import { createSqliteBus } from "../../shared/platform/local/sqlite-bus.ts";
import { isDamage } from "../../shared/platform/local/sqlite-file.ts";
import { createSqliteStore } from "../../shared/platform/local/sqlite-store.ts";
import { createSystemRandom } from "../../shared/platform/local/system-random.ts";
import type { Log } from "../../shared/platform/log.ts";
import { TOPOLOGY } from "../topology.ts";
import { damagedFile, type Home } from "./home.ts";

export interface RunningPlatform {
  readonly platform: Platform;
  /** Resolves when no message is on its way. */
  idle(): Promise<void>;
  /** Disturbs the bus as the cloud's may be disturbed. */
  setBusFaults(faults: BusFaults): void;
  close(): Promise<void>;
}

/** Throws `HomeUnusable` when a database of the home is damaged, and `VaultKeyLost` for another master key. */
export function openLocalPlatform(parts: {
  readonly home: Home;
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
}): RunningPlatform {
  const { home, masterKey, clock, log } = parts;
  // Whoever moves the clock by a month makes 86,000 writes; a power loss can take only simulated mornings.
  const store = opened(home.path("store.db"), (path) =>
    createSqliteStore({ path, durability: "process-death" }),
  );
  const vault = opened(home.path("vault.db"), (path) => createEncryptedVault({ path, masterKey }));
  const random = createSystemRandom();
  const { subscriptions } = TOPOLOGY;
  const bus = opened(home.path("bus.db"), (path) =>
    createSqliteBus({ path, subscriptions, clock, log: log.for("bus"), random }),
  );
  return {
    platform: { store, vault, bus, clock, random, log },
    idle: () => bus.idle(),
    setBusFaults: (faults) => bus.setFaults(faults),
    async close() {
      await bus.close();
      await store.close();
      vault.close();
    },
  };
}

function opened<T>(path: string, open: (path: string) => T): T {
  try {
    return open(path);
  } catch (error) {
    throw isDamage(error) ? damagedFile(path, error) : error;
  }
}
