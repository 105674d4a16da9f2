/** Everything around the containers in a rehearsal: emulators, a local Secret Manager, simulated broker and phone. */
import { Temporal } from "temporal-polyfill";
import { seedCredentials } from "../../infra/local/credentials.ts";
import { openHome } from "../../infra/local/home.ts";
import {
  credentialsOf,
  hostsOfSimulators,
  SANDBOX_BOT_USERNAME,
  SANDBOX_CHAT_ID,
  type Simulators,
  startSimulators,
} from "../../infra/local/simulators.ts";
import { logInAtBroker } from "../../infra/sandbox/owner/broker-login.ts";
import { type App, createApp, WORKER } from "../../shared/app.ts";
import { configSchema } from "../../shared/config/config.ts";
import { createNodeHttp } from "../../shared/platform/local/node-http.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { createVirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { acknowledgementId } from "../../shared/tokens/acknowledger.ts";
import { type Acknowledgement, acknowledgements, type TokenRecord } from "../../shared/tokens/records.ts";
import { openEmulatedPlatform } from "./emulated-platform.ts";
import { aProjectId, type EmulatorHosts } from "./emulators/describe-emulated.ts";
import { recordedLog } from "./recorded-log.ts";
import { startSecretManagerServer } from "./secret-manager/secret-manager-server.ts";
import { MASTER_KEY, PRODUCTION } from "./stack.ts";

export interface Rehearsal {
  /** The same app as in the containers, in this process: it stands for the console. */
  readonly app: App;
  readonly simulators: Simulators;
  /** What a container of this place has in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Opens a login of the production connection and fetches its PIN; the answer sends it. */
  beginLogin(): Promise<() => Promise<TokenRecord>>;
  acknowledgement(): Promise<Acknowledgement | undefined>;
  /** How often the broker was asked for the accounts so far. */
  accountCalls(): number;
  close(): Promise<void>;
}

const ACTOR = { kind: "page", session: "rehearsal" } as const;

/** The clock is the machine's, as in the containers. */
export async function openRehearsal(hosts: EmulatorHosts): Promise<Rehearsal> {
  const folder = makeTemporaryFolder();
  const home = await openHome(folder.path, { isFresh: false });
  const { log } = recordedLog();
  const clock = createVirtualClock({ start: Temporal.Now.instant(), flowing: true });
  const secretManager = await startSecretManagerServer();
  const projectId = aProjectId();
  const running = await openEmulatedPlatform({ hosts, projectId, secretManager }, { clock, log });
  const publicUrl = "https://openbell.example";
  const parts = { home, masterKey: MASTER_KEY, clock, log, publicUrl, firstPort: 0 };
  const simulators = await startSimulators(parts);
  const config = configSchema.parse({});
  await seedCredentials(running.platform, credentialsOf(config, simulators));
  const app = createApp(running.platform, {
    config,
    profile: "sandbox",
    build: "rehearsal",
    publicUrl,
    chatId: SANDBOX_CHAT_ID,
    telegramApiRoot: simulators.telegramRoot,
    hosts: hostsOfSimulators(simulators),
    machineClock: createSystemClock(),
    timers: createSystemTimers(),
    http: createNodeHttp({ timers: createSystemTimers() }),
  });
  const simulated = hostsOfSimulators(simulators);
  const brokerHosts = config.connections.map(
    (one) => [one.id, one.broker === "etrade" ? simulated.etrade(one) : simulated.ctrader(one)] as const,
  );
  return {
    app,
    simulators,
    environment: {
      OPENBELL_PROFILE: "sandbox",
      OPENBELL_PROJECT: projectId,
      OPENBELL_PUBLIC_URL: publicUrl,
      OPENBELL_CHAT_ID: String(SANDBOX_CHAT_ID),
      OPENBELL_BOT_USERNAME: SANDBOX_BOT_USERNAME,
      OPENBELL_CONFIG: home.path("no-configuration.yaml"),
      OPENBELL_BUILD: "rehearsal",
      OPENBELL_TRUSTED_PROXY_HOPS: "0",
      OPENBELL_TELEGRAM_ROOT: simulators.telegramRoot,
      OPENBELL_BROKER_HOSTS: JSON.stringify(Object.fromEntries(brokerHosts)),
      OPENBELL_SECRET_MANAGER_HOST: `127.0.0.1:${secretManager.clientOptions.port}`,
      FIRESTORE_EMULATOR_HOST: hosts.firestore,
      PUBSUB_EMULATOR_HOST: hosts.pubsub,
    },
    async beginLogin() {
      const begun = await app.authorizer.begin(PRODUCTION, ACTOR);
      if (!begun.ok) throw new Error(begun.code);
      const pin = Secret.of(await logInAtBroker(begun.value.authorizeUrl));
      return async () => {
        const entry = { connection: PRODUCTION, authorization: begun.value.id, pin, actor: ACTOR };
        const completed = await app.authorizer.complete(entry);
        if (!completed.ok) throw new Error(completed.code);
        return completed.value;
      };
    },
    acknowledgement: () => app.platform.store.get(acknowledgements, acknowledgementId(PRODUCTION, WORKER)),
    accountCalls() {
      const counters = Object.entries(simulators.etrade.state().counters);
      return counters
        .filter(([name]) => name.startsWith("accounts/list "))
        .reduce((sum, [, n]) => sum + n, 0);
    },
    async close() {
      await running.close();
      await simulators.close();
      await secretManager.stop();
      clock.close();
      folder.remove();
    },
  };
}
