/**
 * The memory that a worker keeps while nothing happens but prices: cTrader ready over TLS with the symbols that are
 * followed, with or without E*TRADE, which is asked by HTTP; collected by Node as it sees fit. Read where Linux tells it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { quietLog } from "../infra/local/quiet-log.ts";
import { bundle } from "../infra/worker/bundle.ts";
import { sockets } from "../shared/brokers/socket-state.ts";
import type { Store } from "../shared/platform/store.ts";
import { commandOf, environmentOf, WORKER_DOCKERFILE } from "../tests/support/dockerfile.ts";
import type { EmulatorHosts } from "../tests/support/emulators/describe-emulated.ts";
import { hasEmulators } from "../tests/support/emulators/emulators.ts";
import type { LocalWorkerOrders } from "../tests/support/local-worker.ts";
import { ROOT } from "../tests/support/stack.ts";
import {
  type EmulatedGround,
  type Ground,
  type LocalGround,
  openEmulatedGround,
  openLocalGround,
} from "./socket-ground.ts";
import { CONNECTION, NOWHERE } from "./socket-place.ts";
import { type Print, tableOf } from "./summary.ts";
import { BOTH, CTRADER_ALONE, ETRADE, type Held, openWorkerPlace, type WorkerPlace } from "./worker-place.ts";

const MIB = 1_048_576;
/** 80 MB to the letter. */
export const BUDGET_MIB = 80_000_000 / MIB;
/** From readiness to the reading. */
const REST_MS = 30_000;
const REST: Rest = { held: BOTH, restMs: REST_MS };
const READY_WITHIN_MS = 60_000;
const LOCAL_WORKER = "tests/support/local-worker.ts";

/** By https, as the messenger's own root is: plain http would load more of Node. */
const NO_MESSENGER = "https://127.0.0.1:9";

/** How a worker is started. */
interface Start {
  /** Node's own arguments, the script, and the script's. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What a worker holds, and when its memory is read. */
interface Rest {
  readonly held: Held;
  /** From readiness to the first reading. */
  readonly restMs: number;
  /** Reads again, each second and until `atMostMs` after readiness, what this does not take. */
  readonly isSettled?: (found: Footprint) => boolean;
  readonly atMostMs?: number;
}

export interface Footprint {
  readonly residentMiB: number;
  /** What is in no file: the process's own, which no other process shares. */
  readonly ownMiB: number;
}

/** Prints the resident memory of workers at rest, each with its verdict. */
export async function runWorkerMemory(print: Print): Promise<void> {
  print(`Memory of a worker at rest, ${REST_MS / 1_000} s after its connections became ready.`);
  if (!existsSync("/proc/self/smaps_rollup")) {
    print("Left out: it is read from /proc, which this system does not have.");
    return;
  }
  const bundles = await mkdtemp(join(tmpdir(), "openbell-bench-"));
  try {
    for (const line of tableOf(await measureAll(print, bundles))) print(line);
  } finally {
    await rm(bundles, { recursive: true, force: true });
  }
}

/** The memory of a worker on SQLite, from a bundle and with the flags of its container; Linux only. */
export async function measureContained(rest: Rest): Promise<Footprint> {
  const folder = await mkdtemp(join(tmpdir(), "openbell-bench-"));
  try {
    await bundle(join(ROOT, LOCAL_WORKER), folder);
    return await measureLocal(contained(join(folder, "local-worker.mjs")), rest);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The memory of a worker on Google's clients and these emulators, as its container starts it; Linux only. */
export async function measureContainedCloud(hosts: EmulatorHosts, rest: Rest): Promise<Footprint> {
  const folder = await mkdtemp(join(tmpdir(), "openbell-bench-"));
  try {
    await bundle(join(ROOT, "functions/worker/main.ts"), folder);
    const start = contained(join(folder, commandOf(WORKER_DOCKERFILE).script));
    return await measureEmulated(start, rest, await openEmulatedGround("demo-bench-memory", hosts));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAll(print: Print, bundles: string): Promise<readonly (readonly string[])[]> {
  const local = join(ROOT, LOCAL_WORKER);
  await bundle(local, bundles);
  await bundle(join(ROOT, "functions/worker/main.ts"), bundles);
  const inBundle = join(bundles, "local-worker.mjs");
  const plain = (script: string): Start => ({ words: [script], environment: {} });
  const rows = [
    ["With cTrader and E*TRADE:", "resident MiB", "of it own", `≤ ${BUDGET_MIB.toFixed(1)} MiB (80 MB)`],
  ];
  rows.push(["Node alone", ...cellsOf(await measureNodeAlone())]);
  rows.push(["SQLite, TypeScript files, no flags", ...cellsOf(await measureLocal(plain(local), REST))]);
  rows.push(["SQLite, bundle, no flags", ...cellsOf(await measureLocal(plain(inBundle), REST))]);
  const small = await measureLocal(contained(inBundle), REST);
  rows.push(["SQLite, bundle, the container's flags", ...judged(small)]);
  if (hasEmulators(process.env)) {
    const start = contained(join(bundles, commandOf(WORKER_DOCKERFILE).script));
    const found = await measureEmulated(start, REST, await openEmulatedGround("demo-bench"));
    rows.push(["Google's clients, bundle, the container's flags", ...judged(found)]);
    const rest = { ...REST, held: CTRADER_ALONE };
    const socketAlone = await measureEmulated(start, rest, await openEmulatedGround("demo-bench"));
    rows.push(["the same with cTrader alone", ...judged(socketAlone)]);
  } else print("Left out: Google's clients on emulators (gcloud with the emulators, or Java, not found).");
  return rows;
}

/** A script, started as the container's image starts its own. */
function contained(script: string): Start {
  return {
    words: [...commandOf(WORKER_DOCKERFILE).flags, script],
    environment: environmentOf(WORKER_DOCKERFILE),
  };
}

function cellsOf({ residentMiB, ownMiB }: Footprint): readonly string[] {
  return [residentMiB.toFixed(1), ownMiB.toFixed(1), ""];
}

function judged(found: Footprint): readonly string[] {
  const [resident = "", own = ""] = cellsOf(found);
  return [resident, own, found.residentMiB <= BUDGET_MIB ? "yes" : "NO"];
}

async function measureNodeAlone(): Promise<Footprint> {
  const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  try {
    await sleep(2_000);
    return await footprintOf(child);
  } finally {
    await end(child);
  }
}

async function measureLocal(start: Start, rest: Rest): Promise<Footprint> {
  const ground: LocalGround = await openLocalGround();
  return measureOn(ground, { start, rest }, async (broker) => {
    const file = ground.home.path("orders.json");
    const orders: LocalWorkerOrders = {
      home: ground.home.folder,
      config: rest.held.config,
      aheadMs: 0,
      sockets: { demo: broker.socket },
      etrade: broker.etrade,
    };
    await writeFile(file, JSON.stringify(orders));
    return { words: [file], environment: {} };
  });
}

async function measureEmulated(start: Start, rest: Rest, ground: EmulatedGround): Promise<Footprint> {
  const { hosts, projectId, secretManager } = ground.place;
  const folder = await mkdtemp(join(tmpdir(), "openbell-bench-"));
  const file = join(folder, "openbell.yaml");
  await writeFile(file, JSON.stringify(rest.held.config));
  try {
    return await measureOn(ground, { start, rest }, async ({ socket, etrade }) => ({
      words: [],
      environment: {
        OPENBELL_PROFILE: "sandbox",
        OPENBELL_PROJECT: projectId,
        OPENBELL_PUBLIC_URL: "https://openbell.example",
        OPENBELL_CHAT_ID: "1",
        OPENBELL_BOT_USERNAME: "bench_bot",
        OPENBELL_CONFIG: file,
        OPENBELL_TELEGRAM_ROOT: NO_MESSENGER,
        OPENBELL_BROKER_HOSTS: JSON.stringify({
          [CONNECTION]: { socket, authorizeUrl: NOWHERE, tokenUrl: NOWHERE },
          [ETRADE]: etrade,
        }),
        OPENBELL_SECRET_MANAGER_HOST: `127.0.0.1:${secretManager.clientOptions.port}`,
        FIRESTORE_EMULATOR_HOST: hosts.firestore,
        PUBSUB_EMULATOR_HOST: hosts.pubsub,
      },
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts a worker on a ground, waits until its socket is ready and it has rested, and reads its memory. */
async function measureOn(
  ground: Ground,
  { start, rest }: { readonly start: Start; readonly rest: Rest },
  prepare: (broker: WorkerPlace) => Promise<Start>,
): Promise<Footprint> {
  const broker = await openWorkerPlace();
  const running = await ground.open(quietLog);
  let child: ChildProcess | undefined;
  try {
    await broker.seed(running.platform);
    const { words, environment } = await prepare(broker);
    child = spawn(process.execPath, [...start.words, ...words], {
      env: { PATH: process.env.PATH, ...start.environment, ...environment },
      stdio: "ignore",
    });
    await waitUntilReady(running.platform.store, rest.held);
    return await footprintAtRest(child, rest);
  } finally {
    if (child !== undefined) await end(child);
    await running.close();
    await broker.close();
    await ground.close();
  }
}

async function waitUntilReady(store: Store, { ids }: Held): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  for (const connection of ids) {
    while ((await store.get(sockets, connection))?.ready !== true) {
      if (performance.now() > deadlineMs) throw new Error(`${connection} did not become ready.`);
      await sleep(200);
    }
  }
}

async function footprintAtRest(child: ChildProcess, { restMs, isSettled, atMostMs = restMs }: Rest) {
  const deadlineMs = performance.now() + atMostMs;
  await sleep(restMs);
  let found = await footprintOf(child);
  while (isSettled?.(found) === false && performance.now() < deadlineMs) {
    await sleep(1_000);
    found = await footprintOf(child);
  }
  return found;
}

/** Throws when the process has ended. */
async function footprintOf({ pid }: ChildProcess): Promise<Footprint> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const mibOf = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1]) / 1_024;
  return { residentMiB: mibOf("Rss"), ownMiB: mibOf("Anonymous") };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await ended;
}
