import type { RunningPlatform } from "../../infra/local/local-platform.ts";
import type { Bus } from "../../shared/platform/bus.ts";
import type { SecretVault } from "../../shared/platform/vault.ts";

/** A call to the vault, by the secret's name, or a message that was published, by its topic. */
export interface PlatformCall {
  readonly did: "read" | "add" | "destroy" | "versions" | "publish";
  readonly name: string;
  readonly message?: unknown;
}

/** The platform, whose calls to vault and bus are told before they are made. */
export function watchedPlatform(
  running: RunningPlatform,
  tell: (call: PlatformCall) => void,
): RunningPlatform {
  const { vault, bus } = running.platform;
  const watchedVault: SecretVault = {
    async read(name, version) {
      tell({ did: "read", name });
      return vault.read(name, version);
    },
    async add(name, value) {
      tell({ did: "add", name });
      return vault.add(name, value);
    },
    async destroy(name, version) {
      tell({ did: "destroy", name });
      return vault.destroy(name, version);
    },
    async versions(name) {
      tell({ did: "versions", name });
      return vault.versions(name);
    },
  };
  const watchedBus: Bus = {
    async publish(topic, message) {
      tell({ did: "publish", name: topic.name, message });
      await bus.publish(topic, message);
    },
    subscribe: (...given) => bus.subscribe(...given),
    close: () => bus.close(),
  };
  return { ...running, platform: { ...running.platform, vault: watchedVault, bus: watchedBus } };
}
