/**
 * Real worker processes on one home, and one broker over TLS: two at once, one of them stopped and resumed, killed
 * at any moment, ended, and one that holds two connections. `OPENBELL_PROCESS_SEED=17 npx vitest run
 * tests/worker-processes.test.ts` gives them other orders and other moments.
 */
import { setTimeout as wait } from "node:timers/promises";
import { Decimal } from "decimal.js";
import { afterEach, expect, test, vi } from "vitest";
import { DEMO_ACCOUNT, LIVE_ACCOUNT } from "../infra/sandbox/ctrader/testing/rig.ts";
import { type CtraderConnection, connectionSchema } from "../shared/config/connection.ts";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { isDone } from "../shared/trading/order-progress.ts";
import { type OrderState, orders, tradingStates } from "../shared/trading/records.ts";
import { submitOrder } from "../shared/trading/submit-order.ts";
import { connectionDifferences } from "./support/connection-books.ts";
import { openOrderStream } from "./support/order-stream.ts";
import { DEMO } from "./support/socket-house.ts";
import type { TappedConnection } from "./support/wire-tap.ts";
import {
  type HouseOptions,
  openWorkerHouse,
  type WorkerHouse,
  type WorkerProcess,
} from "./support/worker-house.ts";

const SEED = process.env.OPENBELL_PROCESS_SEED ?? "1";
const LIVE = connectionSchema.parse({
  ...{ id: "ctrader-live", broker: "ctrader", environment: "live" },
  ...{ label: "cTrader live", needed: "on-demand" },
}) as CtraderConnection;

/** A lease that soon ends, so that its end can be waited for. */
const SHORT = { ttlMs: 5_000, renewEveryMs: 1_500, retryAfterMs: 200, marginMs: 1_000 };
const VERY_SHORT = { ttlMs: 1_500, renewEveryMs: 400, retryAfterMs: 100, marginMs: 300 };
const ORDER_REQUESTS = ["ProtoOANewOrderReq", "ProtoOAClosePositionReq"];

let house: WorkerHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

async function open(options: Partial<HouseOptions> = {}): Promise<WorkerHouse> {
  house = await openWorkerHouse({ seed: SEED, connections: [DEMO], ...options });
  return house;
}

/** Waits until the store says of the connection what is true at the broker. */
function agreed({ store, broker }: WorkerHouse, { id, environment }: CtraderConnection = DEMO) {
  const account = environment === "live" ? LIVE_ACCOUNT : DEMO_ACCOUNT;
  return vi.waitFor(
    async () => expect(await connectionDifferences(store, id, broker.venue.truth(account))).toEqual([]),
    // Positions are written a little later than fills.
    { timeout: 15_000, interval: 100 },
  );
}

let placed = 0;
/** Submits market orders, and gives back their ids. */
async function place(at: WorkerHouse, count: number, { id }: CtraderConnection = DEMO) {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    placed += 1;
    const ticket = {
      ...({ instrument: "EURUSD", type: "market", side: placed % 2 === 0 ? "buy" : "sell" } as const),
      ...({ quantity: new Decimal(1_000), timeInForce: "ioc" } as const),
    };
    const clientOrderId = `p${placed}`;
    const submitted = await submitOrder(at, { connection: id, clientOrderId, source: "test", ticket });
    expect(submitted.ok).toBe(true);
    ids.push(clientOrderId);
  }
  return ids;
}

/** Waits until nothing more is expected to happen to any order of the connection. */
function allOver({ store }: WorkerHouse, timeout: number, { id: connection }: CtraderConnection = DEMO) {
  return vi.waitFor(
    async () => {
      const all = (await store.query(orders, { where: { connection } })).map(({ value }) => value);
      expect(all.filter(({ state }) => !isDone(state)).map((one) => [one.clientOrderId, one.state])).toEqual(
        [],
      );
      return all;
    },
    { timeout, interval: 100 },
  );
}

async function inState({ store }: WorkerHouse, state: OrderState): Promise<readonly string[]> {
  const found = await store.query(orders, { where: { connection: DEMO.id, state } });
  return found.map(({ value }) => value.clientOrderId);
}

/** How many orders left over a connection. */
const ordersOn = ({ messages }: TappedConnection) =>
  messages.filter(({ name }) => ORDER_REQUESTS.includes(name)).length;
const ordersInAll = ({ tap }: WorkerHouse) =>
  tap.connections().reduce((sum, connection) => sum + ordersOn(connection), 0);

/** No order may leave over a connection on which the account was not reconciled; this many did. */
function ordersBeforeReconciled({ messages }: TappedConnection): number {
  const at = messages.findIndex(({ name }) => name === "ProtoOAReconcileRes");
  const before = at === -1 ? messages : messages.slice(0, at);
  return before.filter(({ name }) => ORDER_REQUESTS.includes(name)).length;
}

const authorised = ({ broker }: WorkerHouse) =>
  broker.gateway.connections().filter(({ accounts }) => accounts.length > 0);

/** Ends a process as its container is ended; gives back its exit code and how long it took, in milliseconds. */
async function end(one: WorkerProcess) {
  const begun = performance.now();
  one.kill("SIGTERM");
  const code = await one.ended;
  return { code, tookMs: performance.now() - begun };
}

test("of two processes one holds the socket; stopped past its lease and resumed it sends nothing, and leads again when the other ends", async () => {
  const at = await open({ leading: SHORT, faults: { silenceSeconds: 0 } });
  await at.giveToken(DEMO);
  const one = at.start();
  await at.socket(DEMO, { epoch: 1, ready: true });
  const other = at.start();
  await vi.waitFor(() => expect(other.output()).toContain("worker-started"), { timeout: 15_000 });
  await place(at, 20);
  await allOver(at, 15_000);
  const [stale, ...more] = at.tap.connections();
  if (stale === undefined) throw new Error("nobody came");
  expect([more, authorised(at).length]).toEqual([[], 1]);

  // Stopped in the middle of its work.
  await place(at, 10);
  await one.pause();
  const meanwhile = await place(at, 15);
  await at.socket(DEMO, { epoch: 2, ready: true });
  const sentByStale = ordersOn(stale);
  const everything = await allOver(at, 30_000);
  one.kill("SIGCONT");
  await place(at, 10);
  await vi.waitFor(() => expect(stale.isClosed).toBe(true), { timeout: 10_000, interval: 10 });
  await allOver(at, 15_000);

  expect(
    everything.filter((each) => meanwhile.includes(each.clientOrderId)).map((each) => each.epoch),
  ).toEqual(meanwhile.map(() => 2));
  expect(ordersOn(stale)).toBe(sentByStale);
  expect([at.tap.connections().length, authorised(at).length]).toEqual([2, 1]);
  await agreed(at);

  // Orders come in while the second one ends, and the resumed one takes over.
  await place(at, 15);
  const ended = end(other);
  await place(at, 15);
  expect((await ended).code).toBe(0);
  await at.socket(DEMO, { epoch: 3, ready: true });
  const states = (await allOver(at, 20_000)).map(({ state }) => state);
  // One that was claimed when its process was stopped, and one when the other ended, may not have left.
  const others = states.filter((state) => state !== "filled");
  expect([others.length <= 2, others.every((one) => one === "absent" || one === "not-sent")]).toEqual([
    true,
    true,
  ]);
  expect(ordersOn(at.tap.connections()[2] as TappedConnection)).toBeGreaterThan(0);
  expect(at.tap.connections().map(ordersBeforeReconciled)).toEqual([0, 0, 0]);
  await agreed(at);
}, 120_000);

const KILLS = 8;

test(`killed ${KILLS} times at random moments under load, it sends each order at most once and recovers every fill (seed ${SEED})`, async ({
  annotate,
}) => {
  const at = await open({
    leading: VERY_SHORT,
    // Between an order's acceptance and its fills is time to be killed in.
    faults: { fillMs: 250, partialFillShare: 0.3 },
  });
  const random = createSeededRandom(`kills ${SEED}`);
  const draw = (below: number) => ((random.bytes(1)[0] ?? 0) * below) / 256;
  await at.giveToken(DEMO);
  const stream = openOrderStream(at, DEMO, { seed: SEED, everyMs: 80 });
  const unfinished: number[] = [];

  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = ordersInAll(at);
    const worker = at.start();
    // Some die before they have sent anything, most among their orders.
    const isEarly = kill % 4 === 3;
    const wanted = isEarly ? 0 : 1 + Math.floor(draw(20));
    const deadline = performance.now() + 15_000;
    while (ordersInAll(at) < before + wanted && performance.now() < deadline) await wait(2);
    await wait(isEarly ? 600 + draw(1_800) : draw(300));
    worker.kill("SIGKILL");
    expect(await worker.ended).toBe("SIGKILL");
    unfinished.push(ordersInAll(at) - before);
  }
  await stream.stop();
  const last = at.start();
  const all = await allOver(at, 60_000);

  await agreed(at);
  expect(at.tap.connections().map(ordersBeforeReconciled)).toEqual(at.tap.connections().map(() => 0));
  const closes = at.tap
    .connections()
    .flatMap(({ messages }) =>
      messages.filter(({ name }) => name === "ProtoOAClosePositionReq").map(({ body }) => body.positionId),
    );
  expect(new Set(closes).size).toBe(closes.length);
  expect((await end(last)).code).toBe(0);
  // Else no process was killed at its work.
  const states = all.map(({ state }) => state);
  await annotate(
    JSON.stringify({
      orders: stream.submitted(),
      sent: unfinished,
      absent: states.filter((one) => one === "absent").length,
    }),
  );
  expect(unfinished.filter((sent) => sent > 0).length).toBeGreaterThan(KILLS / 2);
  expect(states.filter((state) => state === "filled").length).toBeGreaterThan(all.length / 2);
}, 180_000);

test(`ended while orders are under way, it is gone in time with code 0, and the next process leads at once (seed ${SEED})`, async () => {
  // With a lease of half a minute: a next process that had to wait for its end would be noticed.
  const at = await open({ faults: { fillMs: 700, partialFillShare: 0.3 } });
  await at.giveToken(DEMO);
  const stream = openOrderStream(at, DEMO, { seed: `ended ${SEED}`, everyMs: 60 });
  for (let round = 1; round <= 3; round += 1) {
    const before = ordersInAll(at);
    const worker = at.start();
    await at.socket(DEMO, { epoch: round, ready: true }, 12_000);
    await vi.waitFor(() => expect(ordersInAll(at)).toBeGreaterThan(before + 8), {
      timeout: 20_000,
      interval: 5,
    });
    const { code, tookMs } = await end(worker);

    expect([code, tookMs < 10_000]).toEqual([0, true]);
    expect(await inState(at, "sending")).toEqual([]);
    expect(await at.holder(DEMO)).toBeUndefined();
    await at.socket(DEMO, { phase: "stopped", ready: false });
  }
  await stream.stop();
  const last = at.start();
  await allOver(at, 40_000);

  await agreed(at);
  expect((await end(last)).code).toBe(0);
}, 120_000);

test("a demo and a live connection in one process share nothing: what befalls the one does not reach the other", async () => {
  const at = await open({ connections: [DEMO, LIVE] });
  const [demoToken, liveToken] = [await at.giveToken(DEMO), await at.giveToken(LIVE)];
  const onHost = (host: string) => at.tap.connections().filter((one) => one.host === host);

  // The live host cannot be reached.
  await at.shut("live");
  const first = at.start();
  await at.socket(DEMO, { ready: true });
  await place(at, 5);
  await allOver(at, 15_000);
  expect((await at.socket(LIVE, { ready: false })).lastTrouble).toBeDefined();

  // It comes back: both trade, each with its own account.
  await at.reopen("live");
  await at.socket(LIVE, { ready: true }, 40_000);
  await place(at, 5);
  await place(at, 5, LIVE);
  await allOver(at, 15_000);
  await allOver(at, 15_000, LIVE);
  await agreed(at);
  await agreed(at, LIVE);

  // Live is halted.
  await at.store.transact(async (transaction) =>
    transaction.set(tradingStates, LIVE.id, {
      ...({ state: "halted", who: { kind: "page", session: "s1" }, why: "test" } as const),
      at: at.clock.now(),
    }),
  );
  await place(at, 5);
  const refused = await place(at, 2, LIVE);
  const [demoOrders, liveOrders] = [await allOver(at, 15_000), await allOver(at, 15_000, LIVE)];
  expect(new Set(demoOrders.map(({ state }) => state))).toEqual(new Set(["filled"]));
  expect(liveOrders.filter((each) => refused.includes(each.clientOrderId)).map(({ state }) => state)).toEqual(
    ["refused", "refused"],
  );

  // Live breaks off.
  await at.shut("live");
  await at.socket(LIVE, { ready: false });
  await place(at, 5);
  await allOver(at, 15_000);
  expect((await end(first)).code).toBe(0);
  expect(onHost("demo").length).toBe(1);

  // Another process, whose key for live is wrong.
  await at.reopen("live");
  await at.giveKey(LIVE, "not the secret");
  const second = at.start();
  await at.socket(DEMO, { epoch: 2, ready: true });
  await at.socket(LIVE, { epoch: 2, waitingFor: "person", brokerCode: "CH_CLIENT_AUTH_FAILURE" });
  await place(at, 5);
  await allOver(at, 15_000);
  await agreed(at);
  await agreed(at, LIVE);
  expect((await end(second)).code).toBe(0);

  const { demo, live } = at.broker.applications;
  const heard = (host: string, text: string) => onHost(host).some((one) => one.hasSent(text));
  expect([heard("demo", demoToken), heard("live", liveToken)]).toEqual([true, true]);
  expect([heard("demo", liveToken), heard("live", demoToken)]).toEqual([false, false]);
  expect([heard("demo", live.clientSecret), heard("live", demo.clientSecret)]).toEqual([false, false]);
}, 120_000);
