/**
 * The whole of Openbell on this machine: services, jobs and routes from the topology and `firebase.json`,
 * against simulated brokers and a simulated phone, on one clock that can be moved.
 */
import { getRequestListener } from "@hono/node-server";
import type { Temporal } from "temporal-polyfill";
import type { HandlerOptions } from "../../functions/handlers.ts";
import { reportIncident } from "../../functions/http/incident.ts";
import { workerOf } from "../../functions/worker/worker-of.ts";
import { type App, createApp } from "../../shared/app.ts";
import { isAnyScanTime } from "../../shared/app-scan.ts";
import type { Config } from "../../shared/config/config.ts";
import { createNodeHttp } from "../../shared/platform/local/node-http.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";
import type { VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { Log } from "../../shared/platform/log.ts";
import { PERPLEXITY_API_ROOT } from "../../shared/sentiment/perplexity-client.ts";
import { dueBots } from "../../shared/trading/ticks/due-bots.ts";
import { createSandboxPage } from "../sandbox/page/sandbox-page.ts";
import { createSandboxApp } from "../sandbox/sandbox-app.ts";
import { createPhonePage } from "../sandbox/telegram/phone/phone-page.ts";
import { type Job, TOPOLOGY } from "../topology.ts";
import { seedCredentials } from "./credentials.ts";
import { createDeliveryBoard, type DeliveryBoard } from "./delivery-board.ts";
import { type Front, openFront } from "./front.ts";
import type { Home } from "./home.ts";
import { createHosting, type RequestHandler } from "./hosting.ts";
import { readHostingConfig } from "./hosting-config.ts";
import type { RunningPlatform } from "./local-platform.ts";
import { startPushes } from "./push.ts";
import { noteSandbox } from "./sandbox-note.ts";
import { createScheduler, type LocalScheduler } from "./scheduler.ts";
import { type RunningServices, startServices } from "./services.ts";
import {
  boardOf,
  connectPhone,
  credentialsOf,
  describeSimulators,
  hostsOfSimulators,
  hurriedHostsOf,
  SANDBOX_BOT_USERNAME,
  SANDBOX_CHAT_ID,
  type Simulators,
  startSimulators,
} from "./simulators.ts";
import { noteClock, openClock } from "./stack-clock.ts";

export interface StackOptions {
  readonly home: Home;
  readonly masterKey: Uint8Array;
  readonly config: Config;
  /** The configuration's folder, from which the paths of strategies are taken. */
  readonly configFolder?: string;
  readonly build: string;
  /** The page's port; the simulators take the seven after it. 0: any free ones. */
  readonly port: number;
  /** The folder that holds `firebase.json`. */
  readonly root: string;
  readonly log: Log;
  /** Follow the machine's clock; without it time passes only when it is told to. */
  readonly isFlowing: boolean;
  /** The simulated brokers answer as often as they are asked: for a day that is played in minutes. */
  readonly isHurried?: boolean;
  /** The process has its home locked: what a process before it led, it leads at once, as that one must be dead. */
  readonly isAlone?: boolean;
  /** Memory of the worker, in MB; default unknown, as the process holds everything else too. */
  readonly workerMemoryMb?: () => number | undefined;
  /** What the simulated markets begin with; default: drawn for each home. */
  readonly marketSeed?: string;
  /** Where a fresh clock starts; default half a minute before the next morning alert. */
  readonly startAt?: Temporal.Instant;
  /** The platform under everything: SQLite by default, Google's clients in tests on the emulators. */
  openPlatform(parts: { readonly clock: VirtualClock; readonly log: Log }): Promise<RunningPlatform>;
}

export interface Stack {
  readonly addresses: { readonly console: string; readonly phone: string; readonly sandbox: string };
  readonly app: App;
  readonly clock: VirtualClock;
  readonly simulators: Simulators;
  readonly services: RunningServices;
  close(): Promise<void>;
}

/** Brings everything up, or throws what stood in the way with nothing left running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closers: Closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await assemble(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Closers = (() => unknown)[];

async function assemble(options: StackOptions, closers: Closers): Promise<Omit<Stack, "close">> {
  const log = options.log;
  const front = await openFront(options.port, log.for("front"));
  closers.push(() => front.close());
  const clock = await openClock(options, () => settle());
  closers.push(() => clock.close());
  const running = await options.openPlatform({ clock, log });
  closers.push(() => running.close());
  const firstPort = options.port === 0 ? 0 : options.port + 1;
  const simulators = await startSimulators({ ...options, clock, publicUrl: front.address, firstPort });
  closers.push(() => simulators.close());

  const { webhookSecret, hasOwnPerplexityKey } = await seedCredentials(
    running.platform,
    credentialsOf(options.config, simulators),
  );
  if (hasOwnPerplexityKey) log.info("sentiment-by-own-key");
  const app = createApp(running.platform, {
    ...appOptions(options, simulators, front.address),
    sentimentApiRoot: hasOwnPerplexityKey ? PERPLEXITY_API_ROOT : simulators.perplexityRoot,
  });
  const services = await startServices(app, HANDLER_OPTIONS, log);
  closers.push(() => services.close());
  const pushes = await startPushes({ bus: running.platform.bus, urlOf: services.urlOf });
  closers.push(() => pushes.close());
  await connectPhone(simulators, { webhookUrl: `${services.urlOf("telegram")}/`, secret: webhookSecret });
  const worker = workerOf(app);
  closers.push(() => worker.stop());
  await worker.start();
  const board = createDeliveryBoard((faults) => running.setBusFaults(faults));
  const scheduler = createScheduler(
    {
      clock,
      log: log.for("scheduler"),
      ...services,
      ...board,
      isNeeded: neededBy(options.config.bots),
      before: (job: Job) => (job.service === "strategy-tick" ? worker.observe() : Promise.resolve()),
    },
    TOPOLOGY.jobs,
  );
  closers.push(() => scheduler.stop());
  async function settle(): Promise<void> {
    await running.idle();
    await worker.idle();
    await simulators.telegram.settled();
  }
  const parts = { options, front, clock, simulators, services, board, scheduler };
  await openDoors(parts);
  await noteClock(options.home, clock);
  await noteSandbox(options.home, { console: addressesOf(front).console, ...describeSimulators(simulators) });
  return { addresses: addressesOf(front), app, clock, simulators, services };
}

/** A minute in which no bot and no scan is due is nothing to `strategy-tick`. */
function neededBy(bots: Config["bots"]) {
  const isDue = (at: Temporal.Instant) => dueBots(bots, at).length > 0 || isAnyScanTime(bots, at);
  return (job: Job, at: Temporal.Instant) => job.service !== "strategy-tick" || isDue(at);
}

/** One proxy of ours stands before the console: Hosting, on this machine the front. */
const HANDLER_OPTIONS: HandlerOptions = { trustedProxyHops: 1, botUsername: SANDBOX_BOT_USERNAME };

function appOptions(options: StackOptions, simulators: Simulators, publicUrl: string) {
  return {
    config: options.config,
    profile: "sandbox",
    build: options.build,
    publicUrl,
    chatId: SANDBOX_CHAT_ID,
    telegramApiRoot: simulators.telegramRoot,
    hosts: options.isHurried ? hurriedHostsOf(simulators) : hostsOfSimulators(simulators),
    ...(options.configFolder !== undefined && { strategyFolder: options.configFolder }),
    ...(options.isAlone === true && { leading: { holder: "this-home" } }),
    workerMemoryMb: options.workerMemoryMb ?? (() => undefined),
    machineClock: createSystemClock(),
    timers: createSystemTimers(),
    http: createNodeHttp({ timers: createSystemTimers() }),
  } as const;
}

interface Doors {
  readonly options: StackOptions;
  readonly front: Front;
  readonly clock: VirtualClock;
  readonly simulators: Simulators;
  readonly services: RunningServices;
  readonly board: DeliveryBoard;
  readonly scheduler: LocalScheduler;
}

async function openDoors({ options, front, clock, simulators, services, board, scheduler }: Doors) {
  const sandbox = createSandboxApp({
    clock,
    clockMoved: () => noteClock(options.home, clock),
    jobs: () => scheduler.jobs(),
    runJob: (name) => scheduler.run(name),
    console: addressesOf(front).console,
    ...describeSimulators(simulators),
    boards: new Map([
      ["etrade", boardOf(simulators.etrade)],
      ["ctrader", boardOf(simulators.ctrader.simulator)],
      ["telegram", simulators.telegram],
      ["perplexity", simulators.perplexity.board],
      ["delivery", board],
    ]),
    phone: createPhonePage(simulators.telegram),
    page: createSandboxPage(options.config.alerts),
  });
  const { root, log } = options;
  const config = await readHostingConfig(`${root}/firebase.json`);
  const hosting = createHosting({ config, root, log: log.for("hosting"), addressOf: services.addressOf });
  const listener = getRequestListener((request) => sandbox.fetch(asPlatformRequest(request)), {
    overrideGlobalObjects: false,
    errorHandler: (error) => answerIncident(log.for("sandbox"), error),
  });
  front.serve(async (request, response) => listener(request, response), hosting satisfies RequestHandler);
}

/** The listener's own kind of request cannot be read twice over, which limiting a body's size asks for. */
function asPlatformRequest({ url, method, headers, body, signal }: Request): Request {
  return new Request(url, { method, headers, signal, ...(body && { body, duplex: "half" as const }) });
}

function answerIncident(log: Log, error: unknown): Response {
  const { status, body } = reportIncident(log, error);
  return new Response(body, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

function addressesOf({ address }: Front): Stack["addresses"] {
  return { console: `${address}/`, phone: `${address}/sandbox/phone/`, sandbox: `${address}/sandbox` };
}
