/** Opens the local stack's home for the terminal: the same state, services and simulators, in a process of its own. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type App, createApp } from "../../shared/app.ts";
import { loadConfigWithStrategies } from "../../shared/app-strategies.ts";
import { type Config, configSchema } from "../../shared/config/config.ts";
import { ConfigurationInvalid } from "../../shared/config/configuration-invalid.ts";
import { instantSchema } from "../../shared/platform/instant.ts";
import { createNodeHttp } from "../../shared/platform/local/node-http.ts";
import { createPinoLog } from "../../shared/platform/local/pino-log.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";
import { createVirtualClock, type VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { Log } from "../../shared/platform/log.ts";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import { readBuild } from "../local/build.ts";
import { CA_FILE, type CtraderWay } from "../local/ctrader-simulator.ts";
import { type Home, openHome, readClock } from "../local/home.ts";
import { openHomeKey } from "../local/home-key.ts";
import { isHomeHeld } from "../local/home-lock.ts";
import { openLocalPlatform } from "../local/local-platform.ts";
import { readSandboxNote, type SandboxNote } from "../local/sandbox-note.ts";
import { hostsOf } from "../local/simulators.ts";
import { readStackEnvironment } from "../local/stack-environment.ts";

export interface OpenedApp {
  readonly app: App;
  readonly clock: VirtualClock;
  /** Whether a stack runs on the home at this moment; what it has left can be read without one. */
  readonly isRunning: boolean;
  /** Follows the stack's clock, which somebody may have moved meanwhile. */
  followClock(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenAppOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** The project's folder. */
  readonly root: string;
  /** Whether the stack has to be there; without it the state that it left can still be read. */
  readonly isStackNeeded: boolean;
  /** Told what is wrong with the configuration; then the command goes on without its accounts and bots. Default: it ends. */
  doWithout?(fault: ConfigurationInvalid): void;
}

const PATIENCE_MS = 3_000;
const clockAnswerSchema = z.object({ now: instantSchema });

/** A file that somebody is writing must not keep them from stopping what runs. */
async function readConfig(file: string, doWithout: OpenAppOptions["doWithout"]): Promise<Config> {
  try {
    return await loadConfigWithStrategies(file);
  } catch (thrown) {
    if (doWithout === undefined || !(thrown instanceof ConfigurationInvalid)) throw thrown;
    doWithout(thrown);
    return configSchema.parse({ accounts: [], bots: [] });
  }
}

export async function openApp(options: OpenAppOptions): Promise<Result<OpenedApp, "STACK_NOT_RUNNING">> {
  const { environment, root } = options;
  const settings = readStackEnvironment(environment);
  const home = await findHome(settings.home);
  const note = home && (await readSandboxNote(home));
  const start = home && (await readClock(home, createSystemClock().now()));
  if (home === undefined || note === undefined || start === undefined) return fail("STACK_NOT_RUNNING");
  if (options.isStackNeeded && !(await isAnswering(note))) {
    return fail("STACK_NOT_RUNNING", { console: note.console });
  }

  const config = await readConfig(settings.configFile, options.doWithout);
  const { key } = await openHomeKey(home, environment);
  const clock = createVirtualClock({ start, flowing: true });
  const running = openLocalPlatform({ home, masterKey: key, clock, log: openLog(home) });
  const app = createApp(running.platform, {
    config,
    profile: "sandbox",
    build: await readBuild(root),
    publicUrl: note.console.replace(/\/$/, ""),
    chatId: note.telegram.chatId,
    telegramApiRoot: note.telegram.apiRoot,
    hosts: hostsOf({ etradeAddresses: note.etrade, ctraderWay: await ctraderWayOf(home, note) }),
    machineClock: createSystemClock(),
    timers: createSystemTimers(),
    http: createNodeHttp({ timers: createSystemTimers() }),
  });
  return succeed({
    app,
    clock,
    isRunning: isHomeHeld(home),
    followClock: () => follow(clock, home),
    async close() {
      clock.close();
      await running.close();
    },
  });
}

/** The simulated cTrader of the note, with its certificate; undefined where there was none. */
async function ctraderWayOf(home: Home, { ctrader }: SandboxNote): Promise<CtraderWay | undefined> {
  const ca = await home.readText(CA_FILE);
  if (ctrader === undefined || ca === undefined) return undefined;
  const { host, demoPort, livePort, authorizeUrl, tokenUrl } = ctrader;
  return { demo: { host, port: demoPort }, live: { host, port: livePort }, authorizeUrl, tokenUrl, ca };
}

/** A home that a stack has used; looking for one does not make one. */
export async function findHome(folder: string): Promise<Home | undefined> {
  return existsSync(join(folder, "clock.json")) ? openHome(folder, { isFresh: false }) : undefined;
}

/** The log of the stack, which the terminal adds to. */
export function openLog(home: Home): Log {
  const dest = pino.destination({ dest: home.path("openbell.log"), sync: true, append: true, mode: 0o600 });
  return createPinoLog({ level: "info", destination: dest }).for("terminal");
}

async function follow(clock: VirtualClock, home: Home): Promise<void> {
  const at = await readClock(home, createSystemClock().now());
  if (at !== undefined && Temporal.Instant.compare(at, clock.now()) > 0) await clock.advanceTo(at);
}

/** Whether it is our sandbox that listens there, and not a program that has taken the port since. */
async function isAnswering(note: SandboxNote): Promise<boolean> {
  try {
    const url = new URL("sandbox/clock", note.console);
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return clockAnswerSchema.safeParse(await answer.json()).success;
  } catch {
    return false;
  }
}
