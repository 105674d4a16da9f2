/** The simulated broker and phone of the sandbox, with their memory in the home. */
import { createHmac } from "node:crypto";
import { Api } from "grammy";
import type { BrokerHosts } from "../../shared/app-brokers.ts";
import type { CtraderHosts } from "../../shared/brokers/ctrader/environments.ts";
import { sessionOn } from "../../shared/calendar/sessions.ts";
import type { Config } from "../../shared/config/config.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { Secret } from "../../shared/platform/secret.ts";
import type { SessionOn } from "../sandbox/etrade/market-hours.ts";
import { createEtradeSimulator, type EtradeSimulator } from "../sandbox/etrade/simulator.ts";
import type { SwitchBoard } from "../sandbox/sandbox-app.ts";
import { createTelegramSimulator, type TelegramSimulator } from "../sandbox/telegram/telegram-simulator.ts";
import type { SandboxCredentials } from "./credentials.ts";
import type { Home } from "./home.ts";

export const SANDBOX_CHAT_ID = 4_242_424_242;
export const SANDBOX_BOT_USERNAME = "openbell_sandbox_bot";

export interface Simulators {
  readonly etrade: EtradeSimulator;
  readonly etradeAddresses: Awaited<ReturnType<EtradeSimulator["listen"]>>;
  readonly telegram: TelegramSimulator;
  readonly telegramRoot: string;
  readonly botToken: string;
  close(): Promise<void>;
}

/** Where the simulated broker is found. */
type BrokerAddresses = Pick<Simulators["etradeAddresses"], "apiBaseUrl" | "sandboxBaseUrl" | "authorizeUrl">;

export interface SimulatorParts {
  readonly home: Home;
  /** From it the simulators derive their keys; the same home always has the same. */
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  /** Where a fixed port is wanted; 0 takes free ones. */
  readonly firstPort: number;
}

const HOST = "127.0.0.1";

/** The simulated market keeps the exchange's hours, holidays included. */
const hoursOn: SessionOn = (date) => {
  const found = sessionOn(date);
  return found.ok ? found.value : undefined;
};

export async function startSimulators(parts: SimulatorParts): Promise<Simulators> {
  const { home, masterKey, clock, log, firstPort } = parts;
  const keyFor = (purpose: string) => createHmac("sha256", masterKey).update(purpose).digest();
  const seed = keyFor("sandbox-seed").toString("hex");
  const etrade = createEtradeSimulator(
    {
      clock,
      machineClock: createSystemClock(),
      random: createSeededRandom(`etrade-${seed}`),
      log: log.for("etrade-simulator"),
    },
    { storage: { ...home.file("sandbox-etrade.json"), key: keyFor("sandbox-etrade") }, sessionOn: hoursOn },
  );
  const botToken = `7000000001:${keyFor("sandbox-bot-token").toString("base64url").slice(0, 35)}`;
  const telegram = createTelegramSimulator(
    {
      clock,
      random: createSeededRandom(`telegram-${seed}`),
      log: log.for("telegram-simulator"),
      storage: { ...home.file("sandbox-telegram.json"), key: keyFor("sandbox-telegram") },
    },
    { token: botToken, chatId: SANDBOX_CHAT_ID, botUsername: SANDBOX_BOT_USERNAME },
  );
  const port = (offset: number) => (firstPort === 0 ? 0 : firstPort + offset);
  const close = async () => {
    await telegram.close();
    await etrade.close();
  };
  try {
    const etradeAddresses = await etrade.listen({ host: HOST, apiPort: port(0), sandboxPort: port(1) });
    const telegramRoot = await telegram.listen({ host: HOST, port: port(2) });
    return { etrade, etradeAddresses, telegram, telegramRoot, botToken, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nobody listens there: what must not reach a real broker goes nowhere. */
const NOWHERE: CtraderHosts = {
  socket: { host: HOST, port: 9 },
  authorizeUrl: `http://${HOST}:9/`,
  tokenUrl: `http://${HOST}:9/`,
};

/** Where the simulated brokers are found. E*TRADE: OAuth on the one host, data on the environment's own. */
export function hostsOf({ etradeAddresses }: { readonly etradeAddresses: BrokerAddresses }): BrokerHosts {
  const { apiBaseUrl, sandboxBaseUrl, authorizeUrl } = etradeAddresses;
  return {
    etrade: ({ environment }) => ({
      apiBaseUrl,
      authorizeUrl,
      dataBaseUrl: environment === "production" ? apiBaseUrl : sandboxBaseUrl,
    }),
    ctrader: () => NOWHERE,
  };
}

/** The keys that the simulated broker has given out, by connection. */
export function credentialsOf(config: Config, simulators: Simulators): SandboxCredentials {
  const addresses = simulators.etradeAddresses;
  const pairs = {
    production: { key: addresses.consumerKey, secret: addresses.consumerSecret },
    sandbox: { key: addresses.sandboxConsumerKey, secret: addresses.sandboxConsumerSecret },
  };
  const brokerKeys = new Map(
    config.connections.flatMap((one) =>
      one.broker === "etrade" ? [[one.id, pairs[one.environment]] as const] : [],
    ),
  );
  return { botToken: simulators.botToken, brokerKeys };
}

/** Sets the bot's web hook, as the deployment does in the cloud. */
export async function connectPhone(
  simulators: Simulators,
  hook: { readonly webhookUrl: string; readonly secret: Secret },
): Promise<void> {
  const api = new Api(simulators.botToken, { apiRoot: simulators.telegramRoot, timeoutSeconds: 10 });
  await api.setWebhook(hook.webhookUrl, {
    secret_token: hook.secret.reveal(),
    max_connections: 1,
    allowed_updates: ["message", "callback_query"],
  });
}

/** What `GET /sandbox` tells of the simulators: everything that a client of them needs. */
export function describeSimulators({ etradeAddresses, telegramRoot, botToken }: Simulators) {
  return {
    etrade: { ...etradeAddresses },
    telegram: { apiRoot: telegramRoot, token: botToken, chatId: SANDBOX_CHAT_ID },
  };
}

export function etradeBoard({ etrade }: Simulators): SwitchBoard {
  return {
    faults: () => Object.fromEntries(etrade.faults().map((one) => [one.name, one.value])),
    switches: () => etrade.faults(),
    setFaults: (patch) => etrade.setFaults(patch),
  };
}
