/**
 * The composition root: the only file that knows every adapter. What a function does not touch is not loaded.
 */
import { composeAlert } from "./alerts/compose.ts";
import type { Messenger, OutgoingMessage } from "./alerts/messenger.ts";
import { isStillTrue, type MorningDeps, noteArmed, noteDisarmed, ringMorning } from "./alerts/morning.ts";
import { type NewAlert, type OutboxDeps, postAlert, sweepAlerts } from "./alerts/outbox.ts";
import { createOwnerAlerts } from "./alerts/owner-alerts.ts";
import { type ProveArmedDeps, proveArmed } from "./alerts/prove-armed.ts";
import type { AlertContent } from "./alerts/records.ts";
import { type BrokerHosts, type Brokers, createBrokers } from "./app-brokers.ts";
import type { OrderedTest } from "./app-connection-test.ts";
import { loadChat, loadControl, loadWatch } from "./app-control.ts";
import { openSocketKit } from "./app-sockets.ts";
import type { Ticks } from "./app-ticks.ts";
import { type Audit, createAuditLog } from "./audit/audit-log.ts";
import type { TokenIssuer } from "./brokers/token-issuer.ts";
import type { Config } from "./config/config.ts";
import type { Connection } from "./config/connection.ts";
import { type CredentialName, readCredential } from "./config/credentials.ts";
import { createServices } from "./console/services.ts";
import { statusText } from "./console/status-text.ts";
import type { Bus } from "./platform/bus.ts";
import type { Clock } from "./platform/clock.ts";
import type { Http } from "./platform/http.ts";
import type { LeadershipOptions } from "./platform/leadership.ts";
import { createLeases } from "./platform/lease.ts";
import type { Log } from "./platform/log.ts";
import { once } from "./platform/once.ts";
import type { Random } from "./platform/random.ts";
import { fail } from "./platform/result.ts";
import type { Store } from "./platform/store.ts";
import type { Timers } from "./platform/timers.ts";
import type { SecretVault } from "./platform/vault.ts";
import { createLinks, type Links } from "./sessions/links.ts";
import { type AcknowledgeOptions, type AcknowledgerDeps, acknowledgeToken } from "./tokens/acknowledger.ts";
import { Authorizer } from "./tokens/authorizer.ts";
import { beat } from "./tokens/heartbeat.ts";
import { type KeepAliveOptions, type KeepAliveOutcome, keepAlive } from "./tokens/keeper.ts";
import { provedBy } from "./tokens/proved-by.ts";
import { startUp } from "./tokens/start-up.ts";
import type { TokenEvent } from "./tokens/token-events.ts";
import type { Notice } from "./trading/control/notices.ts";

/** Whose acknowledgement arms a connection. */
export const WORKER = "worker";

export interface Platform {
  readonly store: Store;
  readonly vault: SecretVault;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface AppOptions {
  readonly config: Config;
  /** `sandbox`: brokers and messenger are simulated. */
  readonly profile: "sandbox" | "cloud";
  readonly build: string;
  /** The page's address without a slash at the end. */
  readonly publicUrl: string;
  /** The owner's chat. */
  readonly chatId: number;
  /** The messenger's own root; Telegram's unless given. */
  readonly telegramApiRoot?: string;
  /** Where brokers are found; the real hosts unless given. */
  readonly hosts?: BrokerHosts;
  /** Where sentiment is asked for; Perplexity's own unless given, and nowhere in a sandbox that does not give it. */
  readonly sentimentApiRoot?: string;
  /** The folder from which paths of strategies' own files are taken: the configuration's. Default: the present one. */
  readonly strategyFolder?: string;
  /** The machine's own: for pauses between calls to a broker and for who may hold a socket, whatever clock the product runs on. */
  readonly machineClock: Clock;
  /** The machine's own passing time. */
  readonly timers: Timers;
  /** How brokers, the messenger and the source of sentiment are called. */
  readonly http: Http;
  /** Memory that the worker takes, in MB; undefined where it shares its process. Default: the whole process's. */
  readonly workerMemoryMb?: () => number | undefined;
  /** How long a process leads a connection without renewing its lease, and what goes with that. Default: half a minute, and a holder's name that nobody else has. */
  readonly leading?: Partial<LeadershipOptions>;
}

export type App = ReturnType<typeof createApp>;

export function createApp(platform: Platform, options: AppOptions) {
  const { store, clock, random, log } = platform;
  const { config, profile, build, workerMemoryMb = processMemoryMb } = options;
  const audit = createAuditLog({ store, clock });
  const links = createLinks({ store, clock, random });
  const brokers = createBrokers(platform, options);
  const alerts = createAlerts(platform, options, links);
  const life = createTokenLife(platform, config, {
    ...brokers,
    announce: alerts.announce,
    audit: audit.append,
  });

  const { announceNotice: announce } = alerts;
  const parts = { platform, options, subscriber: WORKER, audit: audit.append };
  const control = loadControl(platform, options, audit.append);
  const services = createServices({
    ...platform,
    ...brokers,
    ...life,
    log: log.for("console"),
    config,
    profile,
    subscriber: WORKER,
    post: alerts.post,
    newId: () => Buffer.from(random.bytes(9)).toString("base64url"),
    control,
  });

  return {
    platform,
    options,
    audit,
    links,
    ...life,
    /** Stops trading and lets it go on; loaded with its first use. */
    control,
    /** What is looked at each minute for the owner's sake; loaded with its first use. */
    watchTrading: loadWatch(platform, options, { announce, worker: WORKER }),
    proveArmed: () => alerts.proveArmed(life.keep),
    ringMorning: alerts.ringMorning,
    sweepAlerts: alerts.sweepAlerts,
    /** Makes ready to hold a connection's socket; undefined for a broker without one, and while its key is missing. */
    openSocket: (connection: Connection) =>
      openSocketKit({ ...parts, keep: life.keep, announce }, connection),
    /** What runs bots' ticks: one for the process, loaded with its first use. */
    ticks: once(async (): Promise<Ticks> => {
      const { openTicks } = await import("./app-ticks.ts");
      return openTicks({ ...parts, brokers });
    }),
    beat: (name: string) => beat(platform, name, build, workerMemoryMb()),
    credential: (name: CredentialName) => readCredential(platform, name),
    /** Tries a broker's environment step by step; loaded with its first use. */
    testBroker: async (ordered: OrderedTest): Promise<boolean> =>
      (await import("./app-connection-test.ts")).testBroker({ platform, options }, ordered),
    /** What the owner's chat can ask for. */
    commands: {
      start: () => alerts.compose({ kind: "link" }),
      status: async (): Promise<OutgoingMessage> => ({ text: statusText(await services.status()) }),
      later: alerts.answerLater,
      trade: loadChat(platform, { ...services, control, announce }),
    },
    services,
  };
}

function processMemoryMb(): number {
  return process.memoryUsage.rss() / 1_048_576;
}

function createAlerts(platform: Platform, options: AppOptions, links: Links) {
  const { store, clock, log } = platform;
  const { config, publicUrl, chatId, profile } = options;
  const composing = {
    publicUrl,
    chatId: String(chatId),
    ownerTimeZone: config.owner.timeZone,
    isSandbox: profile === "sandbox",
  };
  const { connections, alerts: ladder } = config;
  const outbox: OutboxDeps = {
    store,
    clock,
    log: log.for("alerts"),
    messenger: createMessenger(platform, options),
    compose: (content) => composeAlert({ clock, links }, composing, content),
    isStillTrue: (content) => isStillTrue({ store, clock, connections, subscriber: WORKER }, content),
  };
  const morning: MorningDeps = { ...outbox, connections, ladder, subscriber: WORKER };
  const post = (id: string, alert: NewAlert) => postAlert(outbox, id, alert);
  return {
    post,
    /** Tells the owner of trading, once an id. */
    announceNotice: (id: string, notice: Notice) =>
      post(id, {
        content: { kind: "notice", sign: notice.sign, title: notice.title, lines: [...notice.lines] },
        usefulUntil: clock.now().add({ hours: 12 }),
      }),
    async answerLater(update: number, content: Extract<AlertContent, { kind: "answer" | "link" }>) {
      await post(`answer:${update}`, { content, usefulUntil: clock.now().add({ minutes: 10 }) });
    },
    compose: outbox.compose,
    announce: createOwnerAlerts({
      post,
      noteArmed: () => noteArmed(morning),
      noteDisarmed: (refused) => noteDisarmed(morning, refused),
      clock,
      log: outbox.log,
    }),
    proveArmed: (keep: ProveArmedDeps["keep"]) => proveArmed({ ...morning, keep }),
    ringMorning: () => ringMorning(morning),
    sweepAlerts: () => sweepAlerts(outbox),
  };
}

interface TokenSurroundings extends Brokers {
  readonly audit: Audit;
  announce(event: TokenEvent): Promise<void>;
}

function createTokenLife(platform: Platform, config: Config, surroundings: TokenSurroundings) {
  const { log } = platform;
  const { connections } = config;
  const shared = { ...platform, ...surroundings, limits: config.tokens };
  const authorizer = new Authorizer({ ...shared, log: log.for("tokens"), connections });
  const keeper = { ...shared, log: log.for("keeper"), leases: createLeases(platform) };
  const acknowledger = { ...shared, log: log.for("worker"), subscriber: WORKER };
  const keep = (connection: Connection, how: KeepAliveOptions) => keepAlive(keeper, connection, how);
  return {
    authorizer,
    keep,
    async keepAll(): Promise<Readonly<Record<string, KeepAliveOutcome>>> {
      const outcomes: Record<string, KeepAliveOutcome> = {};
      for (const one of connections) {
        try {
          outcomes[one.id] = await keep(one, { isForced: false });
        } catch (error) {
          log.error("keep-alive-broken", { connection: one.id, error });
          outcomes[one.id] = { did: "failed", code: "INTERNAL" };
        }
      }
      return outcomes;
    },
    /** `probe`: how the token is proved in place of a call of its own, by a process that holds the broker's socket. */
    acknowledge: (connection: Connection, probe?: Probe, options?: AcknowledgeOptions) =>
      acknowledgeToken(provingBy(acknowledger, probe), connection, options),
    startUp: (connection: Connection, probe?: Probe) => startUp(provingBy(acknowledger, probe), connection),
  };
}

type Probe = TokenIssuer["probe"];

function provingBy(deps: AcknowledgerDeps, probe: Probe | undefined): AcknowledgerDeps {
  if (probe === undefined) return deps;
  return {
    ...deps,
    issuerOf: async (connection) => provedBy(await deps.issuerOf(connection), probe),
  };
}

/** The owner's Telegram chat, loaded with the first message. */
function createMessenger(platform: Platform, options: AppOptions): Messenger {
  let made: Promise<Messenger | undefined> | undefined;

  async function make(): Promise<Messenger | undefined> {
    const { createTelegramMessenger } = await import("./alerts/telegram/telegram-messenger.ts");
    const token = await readCredential(platform, "telegram-bot");
    if (!token.ok) return undefined;
    const { telegramApiRoot: apiRoot, chatId } = options;
    return createTelegramMessenger(
      { http: options.http, log: platform.log.for("telegram") },
      { token: token.value, chatId, ...(apiRoot !== undefined && { apiRoot }) },
    );
  }

  return {
    async send(message) {
      made ??= make();
      const messenger = await made.catch(() => undefined);
      if (messenger !== undefined) return messenger.send(message);
      made = undefined;
      return fail("MESSENGER_REFUSED", { reason: "no bot token has been entered" });
    },
  };
}
