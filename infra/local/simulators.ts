/** The simulated broker and phone of the sandbox, with their memory in the home. */
import { createHmac } from "node:crypto";
import { Api } from "grammy";
import { type BrokerHosts, redirectUriOf } from "../../shared/app-brokers.ts";
import type { CtraderHosts } from "../../shared/brokers/ctrader/environments.ts";
import { sessionOn } from "../../shared/calendar/sessions.ts";
import type { Config } from "../../shared/config/config.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { Secret } from "../../shared/platform/secret.ts";
import type { SessionOn } from "../sandbox/etrade/market-hours.ts";
import { createEtradeSimulator, type EtradeSimulator } from "../sandbox/etrade/simulator.ts";
import { createPerplexitySimulator, type PerplexitySimulator } from "../sandbox/perplexity/simulator.ts";
import type { SwitchBoard } from "../sandbox/sandbox-app.ts";
import type { SwitchView } from "../sandbox/switches.ts";
import { createTelegramSimulator, type TelegramSimulator } from "../sandbox/telegram/telegram-simulator.ts";
import type { SandboxCredentials } from "./credentials.ts";
import {
  type CtraderWay,
  ctraderHostsOf,
  describeCtrader,
  type LocalCtrader,
  startCtrader,
} from "./ctrader-simulator.ts";
import type { Home } from "./home.ts";

export const SANDBOX_CHAT_ID = 4_242_424_242;
export const SANDBOX_BOT_USERNAME = "openbell_sandbox_bot";

export interface Simulators {
  readonly etrade: EtradeSimulator;
  readonly etradeAddresses: Awaited<ReturnType<EtradeSimulator["listen"]>>;
  readonly telegram: TelegramSimulator;
  readonly telegramRoot: string;
  readonly ctrader: LocalCtrader;
  readonly perplexity: PerplexitySimulator;
  readonly perplexityRoot: string;
  readonly perplexityKey: string;
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
  /** Where the console is found, without a slash at the end: brokers send users back to it. */
  readonly publicUrl: string;
  /** What the simulated markets begin with; default: by the home's key. */
  readonly marketSeed?: string;
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
  const { home, masterKey, marketSeed, clock, log, firstPort, publicUrl } = parts;
  const keyFor = (purpose: string) => createHmac("sha256", masterKey).update(purpose).digest();
  const seed = marketSeed ?? keyFor("sandbox-seed").toString("hex");
  const etrade = createEtradeSimulator(
    {
      clock,
      machineClock: createSystemClock(),
      random: createSeededRandom(`etrade-${seed}`),
      log: log.for("etrade-simulator"),
    },
    {
      storage: { ...home.file("sandbox-etrade.json"), key: keyFor("sandbox-etrade") },
      tradingStorage: home.file("sandbox-etrade-trading.json"),
      sessionOn: hoursOn,
      ...(marketSeed !== undefined && { marketSeed }),
    },
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
  const perplexityKey = `pplx-${keyFor("sandbox-perplexity").toString("hex").slice(0, 48)}`;
  const perplexity = createPerplexitySimulator(
    { clock, timers: createSystemTimers(), log: log.for("perplexity-simulator") },
    { key: perplexityKey, seed: `perplexity-${seed}` },
  );
  const port = (offset: number) => (firstPort === 0 ? 0 : firstPort + offset);
  const closers = [() => etrade.close(), () => telegram.close(), () => perplexity.close()];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const etradeAddresses = await etrade.listen({ host: HOST, apiPort: port(0), sandboxPort: port(1) });
    const telegramRoot = await telegram.listen({ host: HOST, port: port(2) });
    const ctrader = await startCtrader({
      ...{ home, clock, seed, host: HOST, firstPort: port(3) },
      key: keyFor("sandbox-ctrader"),
      log: log.for("ctrader-simulator"),
      redirectUri: redirectUriOf(publicUrl),
    });
    closers.push(() => ctrader.simulator.close());
    const perplexityRoot = await perplexity.listen({ host: HOST, port: port(6) });
    return {
      ...{ etrade, etradeAddresses, telegram, telegramRoot, ctrader },
      ...{ perplexity, perplexityRoot, perplexityKey, botToken, close },
    };
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
export function hostsOf(parts: {
  readonly etradeAddresses: BrokerAddresses;
  /** Absent: an older sandbox that had none. */
  readonly ctraderWay: CtraderWay | undefined;
}): BrokerHosts {
  const { apiBaseUrl, sandboxBaseUrl, authorizeUrl } = parts.etradeAddresses;
  const { ctraderWay } = parts;
  return {
    etrade: ({ environment }) => ({
      apiBaseUrl,
      authorizeUrl,
      dataBaseUrl: environment === "production" ? apiBaseUrl : sandboxBaseUrl,
    }),
    ctrader: ({ environment }) =>
      ctraderWay === undefined ? NOWHERE : ctraderHostsOf(ctraderWay, environment),
  };
}

/** {@link hostsOf} the simulators of this process. */
export function hostsOfSimulators({ etradeAddresses, ctrader }: Simulators): BrokerHosts {
  return hostsOf({ etradeAddresses, ctraderWay: { ...ctrader.addresses, ca: ctrader.ca } });
}

/** The same with as many calls a second as a day that is played in two minutes needs, at both ends. */
export function hurriedHostsOf(simulators: Simulators): BrokerHosts {
  simulators.etrade.setFaults({ accountsPerSecond: 0, marketPerSecond: 0, ordersPerSecond: 0 });
  const hosts = hostsOfSimulators(simulators);
  const limits = { accounts: 200, market: 200, order: 200 };
  return { ...hosts, etrade: (connection) => ({ ...hosts.etrade(connection), limits }) };
}

/** The keys that the simulated brokers have given out, by connection. */
export function credentialsOf(config: Config, simulators: Simulators): SandboxCredentials {
  const { etradeAddresses, ctrader } = simulators;
  const { applications } = ctrader.addresses;
  const application = ({ clientId, clientSecret }: (typeof applications)["demo"]) => ({
    key: clientId,
    secret: clientSecret,
  });
  const pairs = {
    production: { key: etradeAddresses.consumerKey, secret: etradeAddresses.consumerSecret },
    sandbox: { key: etradeAddresses.sandboxConsumerKey, secret: etradeAddresses.sandboxConsumerSecret },
    demo: application(applications.demo),
    live: application(applications.live),
  };
  const brokerKeys = new Map(config.connections.map((one) => [one.id, pairs[one.environment]]));
  return { botToken: simulators.botToken, brokerKeys, perplexityKey: simulators.perplexityKey };
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
export function describeSimulators(simulators: Simulators) {
  const { etradeAddresses, telegramRoot, ctrader, botToken, perplexityRoot, perplexityKey } = simulators;
  return {
    etrade: { ...etradeAddresses },
    ctrader: describeCtrader(ctrader),
    telegram: { apiRoot: telegramRoot, token: botToken, chatId: SANDBOX_CHAT_ID },
    perplexity: { apiRoot: perplexityRoot, key: perplexityKey },
  };
}

/** A simulated broker's switches, for the sandbox. */
export function boardOf(simulator: {
  faults(): readonly SwitchView[];
  setFaults: SwitchBoard["setFaults"];
  state(): unknown;
}): SwitchBoard {
  return {
    faults: () => Object.fromEntries(simulator.faults().map((one) => [one.name, one.value])),
    switches: () => simulator.faults(),
    setFaults: (patch) => simulator.setFaults(patch),
    state: () => simulator.state(),
  };
}
