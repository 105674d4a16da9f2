/** Two real worker processes and one broker over TLS: stopped, resumed, killed and ended while orders come in. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { seedCredentials } from "../infra/local/credentials.ts";
import { openHome } from "../infra/local/home.ts";
import { openLocalPlatform } from "../infra/local/local-platform.ts";
import { openAuthority } from "../infra/sandbox/ctrader/authority.ts";
import { createBroker } from "../infra/sandbox/ctrader/broker.ts";
import { DEMO_ACCOUNT } from "../infra/sandbox/ctrader/testing/rig.ts";
import { openSocketDoor } from "../infra/sandbox/ctrader/tls-edge.ts";
import { packGrant } from "../shared/brokers/ctrader/oauth/token.ts";
import { type SocketRecord, sockets } from "../shared/brokers/socket-state.ts";
import type { Clock } from "../shared/platform/clock.ts";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { createSystemClock } from "../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { Secret } from "../shared/platform/secret.ts";
import { acknowledgements, tokenRefreshed, tokens } from "../shared/tokens/records.ts";
import { packToken, tokenSecretName } from "../shared/tokens/token-payload.ts";
import { orders } from "../shared/trading/records.ts";
import { submitOrder } from "../shared/trading/submit-order.ts";
import { bookDifferences } from "./support/book-differences.ts";
import { DEMO } from "./support/socket-house.ts";
import { ROOT } from "./support/stack.ts";
import { silentLog } from "./support/token-house.ts";

const CONFIG = { connections: [{ ...DEMO, watch: [{ symbol: "EURUSD", bars: ["M1"] }] }] };
const machineClock = createSystemClock();
/** The market is at a Monday's noon, whatever the day of the test. */
const aheadMs = machineClock.now().until("2026-11-23T14:00:00Z").round("millisecond").total("milliseconds");
const clock: Clock = {
  now: () => machineClock.now().add({ milliseconds: aheadMs }),
  sleep: machineClock.sleep,
};
const random = createSeededRandom("two-workers");

interface WorkerProcess {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<number | string | null>;
}

let place: Awaited<ReturnType<typeof openPlace>>;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

async function openPlace() {
  const folder = makeTemporaryFolder();
  const timers = createSystemTimers();
  // It keeps a client that says nothing: what a stopped one would send late would arrive.
  const broker = createBroker({ clock, timers, random, log: silentLog }, {});
  broker.setFaults({ silenceSeconds: 0 });
  const nothing = { load: () => undefined, save: () => undefined };
  const authority = await openAuthority({ certificate: nothing, keys: nothing }, Date.now());
  const door = await openSocketDoor(
    { gateway: broker.gateway, log: silentLog },
    { at: "demo", host: "127.0.0.1", port: 0, certificate: authority.server },
  );
  const home = await openHome(join(folder.path, "home"), { isFresh: true });
  const running = openLocalPlatform({ home, masterKey: new Uint8Array(32).fill(7), clock, log: silentLog });
  const { clientId, clientSecret } = broker.applications.demo;
  await seedCredentials(running.platform, {
    botToken: "1:bot",
    brokerKeys: new Map([[DEMO.id, { key: clientId, secret: clientSecret }]]),
  });
  const file = join(folder.path, "orders.json");
  const socket = { host: "127.0.0.1", port: door.port, ca: authority.ca };
  writeFileSync(
    file,
    JSON.stringify({ home: home.folder, config: CONFIG, aheadMs, sockets: { demo: socket } }),
  );
  const started: WorkerProcess[] = [];

  return {
    ...running.platform,
    broker,
    started,
    start(): WorkerProcess {
      const script = join(ROOT, "tests/support/local-worker.ts");
      const child = spawn(process.execPath, [script, file], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
      }
      const ended = new Promise<number | string | null>((resolve) => {
        child.once("close", (code, signal) => resolve(code ?? signal));
      });
      const one = { child, output: () => output, ended };
      started.push(one);
      return one;
    },
    async close() {
      for (const { child } of started) child.kill("SIGKILL");
      await Promise.all(started.map((one) => one.ended));
      await door.close();
      broker.close();
      await running.close();
      folder.remove();
    },
  };
}

/** A login that has just brought a token: stored, recorded, told. */
async function bringToken(): Promise<void> {
  const { broker, vault, store, bus } = place;
  const permission = {
    ...({ user: "trader", clientId: broker.applications.demo.clientId, scope: "trading" } as const),
    accounts: broker.venue.accounts().map((one) => one.ctidTraderAccountId),
  };
  const redirectUri = "http://localhost/callback";
  const code = broker.grants.issueCode(permission, { redirectUri, lifeSeconds: 60 }, clock.now());
  const facts = { clientId: permission.clientId, redirectUri, lifeSeconds: 2_628_000, endsOlder: false };
  const pair = broker.grants.redeem(code, facts, clock.now());
  if (pair === undefined) throw new Error("the code was not taken");
  const [accessToken, refreshToken] = [Secret.of(pair.accessToken), Secret.of(pair.refreshToken)];
  const now = clock.now();
  const version = await vault.add(
    tokenSecretName(DEMO.id),
    packToken({
      authorization: "test",
      issuedAt: now.toString(),
      token: packGrant({ accessToken, refreshToken, life: undefined }),
    }),
  );
  await store.transact(async (transaction) =>
    transaction.set(tokens, DEMO.id, {
      ...{ connection: DEMO.id, generation: 1, version, authorization: "test" },
      ...{ issuedAt: now, lastUsedAt: now, expiresAt: now.add({ hours: 24 * 30 }) },
    }),
  );
  await bus.publish(tokenRefreshed, { connection: DEMO.id, generation: 1, version });
}

let placed = 0;
async function placeOrders(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    placed += 1;
    const submitted = await submitOrder(
      { ...place, log: silentLog },
      {
        connection: DEMO.id,
        clientOrderId: `w${placed}`,
        source: "test",
        ticket: {
          instrument: "EURUSD",
          side: placed % 2 === 0 ? "buy" : "sell",
          type: "market",
          quantity: new Decimal(1000),
          timeInForce: "ioc",
        },
      },
    );
    expect(submitted.ok).toBe(true);
  }
}

function led(epoch: number, timeout: number): Promise<SocketRecord> {
  return vi.waitFor(
    async () => {
      const record = await place.store.get(sockets, DEMO.id);
      expect(record).toMatchObject({ epoch, ready: true });
      return record as SocketRecord;
    },
    { timeout, interval: 50 },
  );
}

function allDone(timeout: number): Promise<void> {
  return vi.waitFor(
    async () => {
      const states = (await place.store.query(orders)).map(({ value }) => value.state);
      expect(states.filter((one) => !["filled", "absent", "not-sent"].includes(one))).toEqual([]);
    },
    { timeout, interval: 100 },
  );
}

test("stopped and resumed, killed and ended under load, they send every order once and keep the broker's books", async () => {
  const one = place.start();
  await vi.waitFor(() => expect(one.output()).toContain('"leading"'), { timeout: 15_000, interval: 20 });
  const other = place.start();
  const toldAt = performance.now();
  await bringToken();
  await vi.waitFor(
    async () => expect(await place.store.get(acknowledgements, `${DEMO.id}:worker`)).toBeDefined(),
    { timeout: 15_000, interval: 10 },
  );
  const acknowledgedMs = performance.now() - toldAt;
  await led(1, 5_000);
  await placeOrders(10);
  await allDone(10_000);

  // Stopped in the middle of its work.
  await placeOrders(10);
  one.child.kill("SIGSTOP");
  await placeOrders(10);
  await led(2, 45_000);
  await placeOrders(5);
  one.child.kill("SIGCONT");
  await placeOrders(5);
  await allDone(30_000);
  const afterResume = await bookDifferences(place.store, place.broker.venue.truth(DEMO_ACCOUNT));

  // Killed in the middle of its work; the resumed one takes over.
  await placeOrders(10);
  other.child.kill("SIGKILL");
  await placeOrders(10);
  await led(3, 45_000);
  await placeOrders(5);
  await allDone(45_000);

  const endedAt = performance.now();
  one.child.kill("SIGTERM");
  const code = await one.ended;

  expect(afterResume).toEqual([]);
  expect(await bookDifferences(place.store, place.broker.venue.truth(DEMO_ACCOUNT))).toEqual([]);
  expect(acknowledgedMs).toBeLessThan(5_000);
  expect([code, performance.now() - endedAt < 10_000]).toEqual([0, true]);
  expect((await place.store.get(sockets, DEMO.id))?.phase).toBe("stopped");
}, 240_000);
