import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HeldSocket, HeldSocketState } from "../../shared/brokers/held-socket.ts";
import { createSocketReporter } from "../../shared/brokers/socket-reporter.ts";
import type { SocketPhase } from "../../shared/brokers/socket-state.ts";
import { heardUntil, type SocketRecord, sockets } from "../../shared/brokers/socket-state.ts";
import { configSchema } from "../../shared/config/config.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { createLeadership } from "../../shared/platform/leadership.ts";
import { createLeases, type Leases } from "../../shared/platform/lease.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { succeed } from "../../shared/platform/result.ts";
import type { Store } from "../../shared/platform/store.ts";
import { createTradingControl } from "../../shared/trading/control/command-trading.ts";
import { createMarketRecorder } from "../../shared/trading/market-recorder.ts";
import { createOrderExecutor } from "../../shared/trading/order-executor.ts";
import { tradedAccount } from "../../shared/trading/traded-account.ts";
import { createFakeTradingBroker } from "../../tests/support/fake-trading-broker.ts";
import { silentLog } from "../../tests/support/token-house.ts";
import { anOrder, openTradingHouse, type TradingHouse } from "../../tests/support/trading-house.ts";
import { createSocketDesk } from "./socket-desk.ts";
import { watchKills } from "./watch-kills.ts";

let house: TradingHouse;
let clock: Clock;
let stopping: (() => Promise<void>)[];

beforeEach(async () => {
  house = await openTradingHouse();
  stopping = [];
  const start = Temporal.Instant.from("2026-11-23T12:00:00Z");
  clock = {
    now: () => start.add({ milliseconds: Math.round(house.timers.now()) }),
    sleep: async () => undefined,
  };
});
afterEach(async () => {
  for (const stop of stopping) await stop();
  await house.close();
});

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await house.timers.advance(1_000);
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A socket that goes where the test sends it, and notes what was asked of it. */
function createFakeSocket(did: string[]) {
  const broker = createFakeTradingBroker(house.venue);
  let state: HeldSocketState = { phase: "stopped" };
  let watchers: ((state: HeldSocketState) => void)[] = [];
  const go = (phase: SocketPhase) => {
    state = { phase };
    broker.setReady(phase === "ready");
    for (const watcher of watchers) watcher(state);
  };
  const socket: HeldSocket = {
    start: () => did.push("start"),
    async stop(options) {
      did.push(`stop ${options?.settleMs}`);
      go("stopped");
    },
    drop() {
      did.push("drop");
      go("stopped");
    },
    wake: () => did.push("wake"),
    state: () => state,
    watch(listener) {
      watchers.push(listener);
      return () => {
        watchers = watchers.filter((one) => one !== listener);
      };
    },
    lastFrameAt: () => (state.phase === "ready" ? house.timers.now() : undefined),
    prove: async () => succeed({ accounts: 1, latencyMs: 1, tradable: ["1111"] }),
    broker,
    market: { quotes: () => [], instruments: () => [], onBar: () => () => {}, lagMs: () => 7 },
  };
  return { socket, go, broker };
}

/** A desk of one process; `over.leases` may be those of a process that does not reach the store. */
function openDesk(holder: string, over: { readonly leases?: Leases; readonly store?: Store } = {}) {
  const did: string[] = [];
  const fake = createFakeSocket(did);
  const leases =
    over.leases ?? createLeases({ store: house.store, clock, random: createSeededRandom(holder) });
  const shared = {
    store: over.store ?? house.store,
    clock: house.clock,
    timers: house.timers,
    log: silentLog,
    leases,
    connection: house.connection,
  };
  const desk = createSocketDesk({
    provesTokens: true,
    connection: house.connection,
    socket: fake.socket,
    executor: createOrderExecutor({
      ...shared,
      account: tradedAccount(house.connection, "live"),
      subscriber: "worker",
      broker: fake.broker,
    }),
    recorder: createMarketRecorder({ ...shared, feed: fake.socket.market }),
    reporter: createSocketReporter({ ...shared, build: "test", socket: fake.socket }),
    timers: house.timers,
    log: silentLog,
    leadership: (events) =>
      createLeadership(
        { leases, clock, timers: house.timers, log: silentLog },
        "socket:x",
        { holder },
        events,
      ),
    ready: () => did.push("ready"),
  });
  stopping.push(async () => {
    const stopped = desk.stop();
    await pass(4);
    await stopped;
  });
  desk.start();
  return { ...fake, desk, did };
}

const record = (): Promise<SocketRecord | undefined> => house.store.get(sockets, house.connection.id);

test("the socket is opened once this process leads, and its readiness is told", async () => {
  const one = openDesk("one");
  const before = [...one.did];
  await settle();
  one.go("ready");
  await settle();

  expect([before, one.did]).toEqual([[], ["start", "ready"]]);
  expect([one.desk.isLeading(), one.desk.isReady()]).toEqual([true, true]);
  expect(await record()).toMatchObject({ phase: "ready", ready: true, epoch: 1, build: "test", lagMs: 7 });
});

test("a second process opens nothing, says nothing, and takes over within seconds of an orderly stop", async () => {
  const one = openDesk("one");
  await settle();
  one.go("ready");
  await settle();
  const two = openDesk("two");
  await pass(40);
  two.desk.report();
  const before = [...two.did];

  const stopped = one.desk.stop();
  await pass(3);
  await stopped;

  expect(before).toEqual([]);
  expect(one.did).toEqual(["start", "ready", "stop 6000", "drop"]);
  expect(two.did).toEqual(["start"]);
  expect(await record()).toMatchObject({ epoch: 2, ready: false });
});

test("a process that cannot renew its lease drops the socket before the lease ends", async () => {
  const road = { isAway: new Set<string>() };
  const real = createLeases({ store: house.store, clock, random: createSeededRandom("one") });
  const leases: Leases = {
    ...real,
    renew: (lease, ttl) =>
      road.isAway.has("now") ? Promise.reject(new Error("away")) : real.renew(lease, ttl),
    acquire: (name, options) =>
      road.isAway.has("now") ? Promise.reject(new Error("away")) : real.acquire(name, options),
  };
  const one = openDesk("one", { leases });
  await settle();
  one.go("ready");
  road.isAway.add("now");

  await pass(24);
  const early = [...one.did];
  await pass(1);

  expect(early).not.toContain("drop");
  expect(one.did.at(-1)).toBe("drop");
  expect([one.desk.isLeading(), one.desk.isReady()]).toEqual([false, false]);
});

test("of two processes on one store the one that leads carries a kill out within a second, though the other got its message", async () => {
  const [one, two] = [openDesk("one"), openDesk("two")];
  for (const { desk } of [one, two]) {
    const watch = { isWanted: () => desk.isLeading(), seen: () => void desk.control() };
    stopping.push(watchKills({ ...house, log: silentLog }, watch));
  }
  await settle();
  one.go("ready");
  house.venue.behaviour = "rest";
  const { ticket } = anOrder(house.connection.id, "a1");
  const limitPrice = new Decimal("1.08");
  await house.submit("a1", { ticket: { ...ticket, type: "limit", limitPrice, timeInForce: "gtc" } });
  await pass(6);
  const before = await house.read("a1");

  const control = createTradingControl({
    ...{ ...house, log: silentLog, newId: () => "k", audit: async () => undefined },
    config: configSchema.parse({ connections: [house.connection], accounts: [], bots: [] }),
  });
  await control.kill({ actor: { kind: "page" }, why: "test" });
  await two.desk.control();
  await pass(1);

  expect(before.state).toBe("accepted");
  expect((await house.read("a1")).state).toBe("cancelled");
});

test("an order that waits is sent when the socket becomes ready, by the process that leads alone", async () => {
  const one = openDesk("one");
  const two = openDesk("two");
  await settle();
  await house.submit("a1");
  one.go("ready");
  two.go("ready");
  await settle();

  expect(house.venue.arrived).toEqual(["a1"]);
  expect(await house.read("a1")).toMatchObject({ state: "filled", epoch: 1 });
});

test("the record of the socket is renewed every 15 seconds, and keeps since when it is ready", async () => {
  const one = openDesk("one");
  await settle();
  one.go("ready");
  await settle();
  const since = (await record())?.readySince.toString();
  await house.clock.advanceBy(Temporal.Duration.from({ seconds: 20 }));

  await pass(15);

  expect((await record())?.at.toString()).toBe(house.clock.now().toString());
  expect((await record())?.readySince.toString()).toBe(since);
});

test("the record keeps when the broker was last heard, through days without a connection and another process", async () => {
  const one = openDesk("one");
  await settle();
  one.go("ready");
  await settle();
  const heard = (await record())?.at;
  await house.clock.advanceBy(Temporal.Duration.from({ hours: 30 }));
  one.go("waiting");
  await settle();
  await house.clock.advanceBy(Temporal.Duration.from({ hours: 48 }));
  await one.desk.stop();
  openDesk("two");

  await pass(20);

  const after = await record();
  expect(after).toMatchObject({ epoch: 2, ready: false });
  expect(after && heardUntil(after).toString()).toBe(heard?.toString());
});

test("a process that lost its lease without knowing does not speak for its successor", async () => {
  const one = openDesk("one");
  await settle();
  one.go("ready");
  await settle();
  const leases = createLeases({ store: house.store, clock, random: createSeededRandom("other") });
  await leases.acquire("socket:x", { ttl: Temporal.Duration.from({ seconds: 30 }), holder: "one" });

  one.go("waiting");
  await settle();

  expect(await record()).toMatchObject({ phase: "ready", ready: true });
});

test("stopping ends in time though the store does not answer any more", async () => {
  const isAway = new Set<string>();
  const never = () => new Promise<never>(() => {});
  const store: Store = {
    ...house.store,
    get: (...given) => (isAway.has("now") ? never() : house.store.get(...given)),
    query: (...given) => (isAway.has("now") ? never() : house.store.query(...given)),
    transact: (work) => (isAway.has("now") ? never() : house.store.transact(work)),
  };
  const one = openDesk("one", { store });
  await settle();
  one.go("ready");
  await settle();
  isAway.add("now");
  void one.desk.wake();
  let isStopped = false;

  const stopped = one.desk.stop().then(() => {
    isStopped = true;
  });
  await pass(4);

  expect(isStopped).toBe(true);
  await stopped;
});

test("an orderly stop says that the socket is stopped", async () => {
  const one = openDesk("one");
  await settle();
  one.go("ready");
  await settle();

  const stopped = one.desk.stop();
  await pass(4);
  await stopped;

  expect(await record()).toMatchObject({ phase: "stopped", ready: false });
});
