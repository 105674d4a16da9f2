/** What a worker of a benchmark stands on: this machine, or Google's emulators where they are found. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Home, openHome } from "../infra/local/home.ts";
import { openLocalPlatform, type RunningPlatform } from "../infra/local/local-platform.ts";
import { createSystemClock } from "../shared/platform/local/system-clock.ts";
import type { Log } from "../shared/platform/log.ts";
import { type EmulatedPlace, openEmulatedPlatform } from "../tests/support/emulated-platform.ts";
import type { EmulatorHosts } from "../tests/support/emulators/describe-emulated.ts";
import { startFirestoreEmulator, startPubsubEmulator } from "../tests/support/emulators/emulators.ts";
import { startSecretManagerServer } from "../tests/support/secret-manager/secret-manager-server.ts";

/** The key that the vault of a home is opened with, in each process of a benchmark. */
const MASTER_KEY = new Uint8Array(32).fill(7);

export interface Ground {
  open(log: Log): Promise<RunningPlatform>;
  close(): Promise<void>;
}

export interface LocalGround extends Ground {
  readonly home: Home;
}

export interface EmulatedGround extends Ground {
  readonly place: EmulatedPlace;
}

/** A new home in a temporary folder, which is removed at the end. */
export async function openLocalGround(): Promise<LocalGround> {
  const folder = await mkdtemp(join(tmpdir(), "openbell-bench-"));
  const home = await openHome(join(folder, "home"), { isFresh: true });
  return {
    home,
    open: async (log) => openLocalPlatform({ home, masterKey: MASTER_KEY, clock: createSystemClock(), log }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The emulators of Pub/Sub and Firestore, started here unless `running` names some, and a stand-in for Secret Manager. */
export async function openEmulatedGround(
  projectId: string,
  running?: EmulatorHosts,
): Promise<EmulatedGround> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const hosts = running ?? (await startEmulators(closers));
    const secretManager = await startSecretManagerServer();
    closers.push(secretManager.stop);
    const place = { hosts, projectId, secretManager };
    return {
      place,
      open: (log) => openEmulatedPlatform(place, { clock: createSystemClock(), log }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startEmulators(closers: (() => Promise<void>)[]): Promise<EmulatorHosts> {
  const pubsub = await startPubsubEmulator();
  closers.push(pubsub.stop);
  const firestore = await startFirestoreEmulator();
  closers.push(firestore.stop);
  return { pubsub: pubsub.host, firestore: firestore.host };
}
