/** The app on Google's platform, as the containers of all services start it. */
import { dirname } from "node:path";
import { type App, type AppOptions, createApp } from "../shared/app.ts";
import type { BrokerHosts } from "../shared/app-brokers.ts";
import type { Config } from "../shared/config/config.ts";
import type { Connection } from "../shared/config/connection.ts";
import { loadConfig } from "../shared/config/load-config.ts";
import { createFirestoreStore } from "../shared/platform/gcp/firestore-store.ts";
import { createPubsubBus } from "../shared/platform/gcp/pubsub-bus.ts";
import { createSecretManagerVault } from "../shared/platform/gcp/secret-manager-vault.ts";
import { createNodeHttp } from "../shared/platform/local/node-http.ts";
import { createSystemClock } from "../shared/platform/local/system-clock.ts";
import { createSystemRandom } from "../shared/platform/local/system-random.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import type { Log } from "../shared/platform/log.ts";
import { type CloudEnvironment, EnvironmentInvalid } from "./cloud-environment.ts";

export interface CloudApp {
  readonly app: App;
  /** Lets go of the connections to Google. */
  close(): Promise<void>;
}

/**
 * Puts the app together from the environment and the owner's configuration, which `load` reads. Nothing is
 * connected before its first use. Throws `ConfigurationInvalid`, or {@link EnvironmentInvalid} when the two do not fit together.
 */
export async function openCloudApp(
  environment: CloudEnvironment,
  log: Log,
  load: (path: string) => Promise<Config> = loadConfig,
): Promise<CloudApp> {
  const { OPENBELL_PROJECT: projectId } = environment;
  const config = await load(environment.OPENBELL_CONFIG);
  const options = optionsOf(environment, config);
  const clock = createSystemClock();
  const timers = createSystemTimers();
  const store = createFirestoreStore({ projectId, ...emulator(environment.FIRESTORE_EMULATOR_HOST) });
  const bus = createPubsubBus({ projectId, log, clock, ...emulator(environment.PUBSUB_EMULATOR_HOST) });
  const vault = createSecretManagerVault({
    projectId,
    ...(await vaultPlace(environment.OPENBELL_SECRET_MANAGER_HOST)),
  });
  const platform = { store, bus, vault, clock, random: createSystemRandom(), log };
  return {
    app: createApp(platform, { ...options, machineClock: clock, timers, http: createNodeHttp({ timers }) }),
    async close() {
      await bus.close();
      await store.close();
      await vault.close();
    },
  };
}

function optionsOf(
  environment: CloudEnvironment,
  config: Config,
): Omit<AppOptions, "machineClock" | "timers" | "http"> {
  const { OPENBELL_TELEGRAM_ROOT: telegramApiRoot, OPENBELL_BROKER_HOSTS: hosts } = environment;
  return {
    config,
    strategyFolder: dirname(environment.OPENBELL_CONFIG),
    profile: environment.OPENBELL_PROFILE,
    build: environment.OPENBELL_BUILD,
    publicUrl: environment.OPENBELL_PUBLIC_URL,
    chatId: environment.OPENBELL_CHAT_ID,
    ...(telegramApiRoot !== undefined && { telegramApiRoot }),
    ...(hosts !== undefined && { hosts: hostsByConnection(hosts, config) }),
  };
}

type NamedHosts = NonNullable<CloudEnvironment["OPENBELL_BROKER_HOSTS"]>;

/** Every connection must be named: the one left out would reach the real broker. */
function hostsByConnection(hosts: NamedHosts, config: Config): BrokerHosts {
  const byId = new Map(Object.entries(hosts));
  const faults = config.connections.flatMap(({ id, broker }) => {
    const found = byId.get(id);
    if (found === undefined) return [`OPENBELL_BROKER_HOSTS does not name ${id}`];
    return brokerOf(found) === broker ? [] : [`OPENBELL_BROKER_HOSTS has no ${broker} at ${id}`];
  });
  if (faults.length > 0) throw new EnvironmentInvalid(faults);
  const unknown = (id: string) => new RangeError(`The connection ${id} is not of this configuration.`);
  return {
    etrade({ id }) {
      const found = byId.get(id);
      if (found === undefined || "socket" in found) throw unknown(id);
      return found;
    },
    ctrader({ id, environment }) {
      const found = id && byId.get(id);
      if (found === undefined || !("socket" in found)) throw unknown(id ?? environment);
      return found;
    },
  };
}

function brokerOf(hosts: NamedHosts[string]): Connection["broker"] {
  return "socket" in hosts ? "ctrader" : "etrade";
}

function emulator(emulatorHost: string | undefined): { emulatorHost?: string } {
  return emulatorHost === undefined ? {} : { emulatorHost };
}

async function vaultPlace(host: string | undefined) {
  if (host === undefined) return {};
  const { standInVault } = await import("./stand-in-vault.ts");
  return standInVault(host);
}
