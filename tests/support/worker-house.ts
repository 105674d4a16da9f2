/** Worker processes on one home of this machine, and one simulated broker, over TLS, in the process of the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { z } from "zod";
import { seedCredentials } from "../../infra/local/credentials.ts";
import { openHome } from "../../infra/local/home.ts";
import { openLocalPlatform } from "../../infra/local/local-platform.ts";
import { openAuthority } from "../../infra/sandbox/ctrader/authority.ts";
import { createBroker } from "../../infra/sandbox/ctrader/broker.ts";
import type { Faults } from "../../infra/sandbox/ctrader/faults.ts";
import { openSocketDoor, type SocketDoor } from "../../infra/sandbox/ctrader/tls-edge.ts";
import { packGrant } from "../../shared/brokers/ctrader/oauth/token.ts";
import { type SocketRecord, sockets } from "../../shared/brokers/socket-state.ts";
import type { CtraderConnection } from "../../shared/config/connection.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { collection } from "../../shared/platform/store.ts";
import { tokenRefreshed, tokens } from "../../shared/tokens/records.ts";
import { packToken, tokenSecretName } from "../../shared/tokens/token-payload.ts";
import type { LocalWorkerOrders } from "./local-worker.ts";
import { ROOT } from "./stack.ts";
import { silentLog } from "./token-house.ts";
import { openWireTap } from "./wire-tap.ts";

/** One process, from its start to its end. */
export interface WorkerProcess {
  readonly output: () => string;
  /** Its exit code, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  kill(signal: "SIGTERM" | "SIGKILL" | "SIGCONT"): void;
  /** Resolves when it truly stands still. */
  pause(): Promise<void>;
}

export interface HouseOptions {
  readonly seed: string;
  readonly connections: readonly CtraderConnection[];
  readonly leading?: LocalWorkerOrders["leading"];
  readonly faults?: Partial<Faults>;
}

/** The market is at a Monday's afternoon, whatever the day of the test. */
const MARKET_TIME = "2026-11-23T14:00:00Z";
const REDIRECT = "http://localhost/callback";
const nothing = { load: () => undefined, save: () => undefined };

/** Of a lease's record what tests look at. */
const leases = collection(
  "leases",
  z.looseObject({ holder: z.string().optional(), fence: z.int().positive() }),
);

export type WorkerHouse = Awaited<ReturnType<typeof openWorkerHouse>>;

export async function openWorkerHouse(options: HouseOptions) {
  const folder = makeTemporaryFolder();
  const machineClock = createSystemClock();
  const aheadMs = machineClock.now().until(MARKET_TIME).round("millisecond").total("milliseconds");
  const clock: Clock = {
    now: () => machineClock.now().add({ milliseconds: aheadMs }),
    sleep: machineClock.sleep,
  };
  const random = createSeededRandom(options.seed);
  const broker = createBroker({ clock, timers: createSystemTimers(), random, log: silentLog });
  if (options.faults !== undefined) broker.setFaults(options.faults);
  const tap = openWireTap(broker.gateway);
  const authority = await openAuthority({ certificate: nothing, keys: nothing }, Date.now());
  const openDoor = (at: "demo" | "live", port: number) =>
    openSocketDoor(
      { gateway: tap, log: silentLog },
      { at, host: "127.0.0.1", port, certificate: authority.server },
    );
  const doors: Record<"demo" | "live", SocketDoor> = {
    demo: await openDoor("demo", 0),
    live: await openDoor("live", 0),
  };
  const home = await openHome(join(folder.path, "home"), { isFresh: true });
  const running = openLocalPlatform({ home, masterKey: new Uint8Array(32).fill(7), clock, log: silentLog });
  const { store, vault, bus } = running.platform;
  const file = join(folder.path, "orders.json");
  const at = { host: "127.0.0.1", ca: authority.ca };
  const orders: LocalWorkerOrders = {
    home: home.folder,
    config: { connections: options.connections },
    aheadMs,
    sockets: { demo: { ...at, port: doors.demo.port }, live: { ...at, port: doors.live.port } },
    leading: options.leading,
  };
  writeFileSync(file, JSON.stringify(orders));
  const started: { readonly child: ChildProcess; readonly process: WorkerProcess }[] = [];

  /** Has the connection's key stored; `secret`: another than the application's own. */
  async function giveKey({ id, environment }: CtraderConnection, secret?: string): Promise<void> {
    const { clientId, clientSecret } = broker.applications[environment];
    const pair = { key: clientId, secret: secret ?? clientSecret };
    await seedCredentials(running.platform, { botToken: "1:bot", brokerKeys: new Map([[id, pair]]) });
  }

  /** A login that has just brought a token: stored, recorded, told. Gives back the access token. */
  async function giveToken({ id, environment }: CtraderConnection): Promise<string> {
    const { clientId } = broker.applications[environment];
    const accounts = broker.venue.accounts().map((one) => one.ctidTraderAccountId);
    const now = clock.now();
    const code = broker.grants.issueCode(
      { user: "trader", clientId, scope: "trading", accounts },
      { redirectUri: REDIRECT, lifeSeconds: 60 },
      now,
    );
    const facts = { clientId, redirectUri: REDIRECT, lifeSeconds: 2_628_000, endsOlder: false };
    const pair = broker.grants.redeem(code, facts, now);
    if (pair === undefined) throw new Error("the code was not taken");
    const [accessToken, refreshToken] = [Secret.of(pair.accessToken), Secret.of(pair.refreshToken)];
    const token = packGrant({ accessToken, refreshToken, life: undefined });
    const payload = packToken({ authorization: "test", issuedAt: now.toString(), token });
    const version = await vault.add(tokenSecretName(id), payload);
    await store.transact(async (transaction) =>
      transaction.set(tokens, id, {
        ...{ connection: id, generation: 1, version, authorization: "test" },
        ...{ issuedAt: now, lastUsedAt: now, expiresAt: now.add({ hours: 24 * 30 }) },
      }),
    );
    await bus.publish(tokenRefreshed, { connection: id, generation: 1, version });
    return pair.accessToken;
  }

  for (const connection of options.connections) await giveKey(connection);

  return {
    ...running.platform,
    log: silentLog,
    broker,
    tap,
    giveKey,
    giveToken,
    start(): WorkerProcess {
      const one = startProcess(file);
      started.push(one);
      return one.process;
    },
    /** Who holds the lease of a connection's socket; undefined after it was given back. */
    holder: async ({ id }: CtraderConnection) => (await store.get(leases, `socket:${id}`))?.holder,
    /** Waits until a worker has written of the connection what is wanted. */
    socket: ({ id }: CtraderConnection, wanted: Partial<SocketRecord>, timeout = 20_000) =>
      vi.waitFor(
        async () => {
          const record = await store.get(sockets, id);
          if (record === undefined) throw new Error(`${id} has not been held.`);
          for (const [name, value] of Object.entries(wanted)) {
            const found = record[name as keyof SocketRecord];
            if (found !== value) throw new Error(`${id}: ${name} is ${found}, not ${value}.`);
          }
          return record;
        },
        { timeout, interval: 20 },
      ),
    shut: (host: "demo" | "live") => doors[host].close(),
    async reopen(host: "demo" | "live") {
      doors[host] = await openDoor(host, doors[host].port);
    },
    async close() {
      for (const { child } of started) child.kill("SIGKILL");
      await Promise.all(started.map(({ process }) => process.ended));
      await Promise.all([doors.demo.close(), doors.live.close()]);
      broker.close();
      await running.close();
      folder.remove();
    },
  };
}

function startProcess(file: string) {
  const script = join(ROOT, "tests/support/local-worker.ts");
  const child = spawn(process.execPath, [script, file], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  const running: WorkerProcess = {
    output: () => output,
    ended,
    kill: (signal) => void child.kill(signal),
    async pause() {
      child.kill("SIGSTOP");
      await vi.waitFor(() => {
        // The third word of the file is the state; the second may contain anything but a closing bracket.
        const state = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.[0];
        if (state !== "T") throw new Error(`The process is ${state}.`);
      });
    },
  };
  return { child, process: running };
}
