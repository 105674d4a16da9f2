import type { RunningPlatform } from "../../infra/local/local-platform.ts";
import { TOPOLOGY } from "../../infra/topology.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { createFirestoreStore } from "../../shared/platform/gcp/firestore-store.ts";
import { createPubsubBus } from "../../shared/platform/gcp/pubsub-bus.ts";
import { ensurePubsub } from "../../shared/platform/gcp/pubsub-ensure.ts";
import { createSecretManagerVault } from "../../shared/platform/gcp/secret-manager-vault.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createSystemRandom } from "../../shared/platform/local/system-random.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { EmulatorHosts } from "./emulators/describe-emulated.ts";
import type { SecretManagerServer } from "./secret-manager/secret-manager-server.ts";

export interface EmulatedPlace {
  readonly hosts: EmulatorHosts;
  readonly projectId: string;
  readonly secretManager: SecretManagerServer;
}

/** Google's clients on the official emulators and a local Secret Manager, for a stack. */
export async function openEmulatedPlatform(
  place: EmulatedPlace,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<RunningPlatform> {
  const { hosts, projectId, secretManager } = place;
  const pubsub = { projectId, emulatorHost: hosts.pubsub };
  await ensurePubsub(pubsub, { subscriptions: TOPOLOGY.subscriptions });
  const store = createFirestoreStore({ projectId, emulatorHost: hosts.firestore });
  const bus = createPubsubBus({ ...pubsub, log, clock: createSystemClock() });
  const vault = createSecretManagerVault({ projectId, client: secretManager.clientOptions });
  return {
    platform: { store, bus, vault, clock, random: createSystemRandom(), log },
    // What is under way on the emulator cannot be seen from here: tests wait for what they expect.
    idle: async () => undefined,
    setBusFaults() {
      throw new Error("The official emulator cannot be disturbed.");
    },
    async close() {
      await bus.close();
      await store.close();
      await vault.close();
    },
  };
}
