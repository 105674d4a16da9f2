/** Rows C and B of the list of features, and E8, for a cTrader connection: each shown once, end to end, in its own words. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openHome, writeClock } from "../infra/local/home.ts";
import { logInAtBroker } from "../infra/sandbox/owner/broker-login.ts";
import { WORKER } from "../shared/app.ts";
import type { TestLine } from "../shared/brokers/connection-test.ts";
import { unpackGrant } from "../shared/brokers/ctrader/oauth/token.ts";
import { connectionIdSchema } from "../shared/config/connection.ts";
import { failureSchema } from "../shared/console/api.ts";
import { ERRORS } from "../shared/errors.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { acknowledgementId } from "../shared/tokens/acknowledger.ts";
import { acknowledgements, tokenRefreshed, tokens } from "../shared/tokens/records.ts";
import { readTokenPayload } from "../shared/tokens/token-payload.ts";
import { bars, markets } from "../shared/trading/market-recorder.ts";
import { fills, orders, positions } from "../shared/trading/records.ts";
import { type OrderRequest, submitOrder } from "../shared/trading/submit-order.ts";
import { bookDifferences } from "./support/book-differences.ts";
import {
  connect,
  connectionOf,
  DEMO,
  heard,
  LIVE,
  logIn,
  openCtraderStack,
  truthOf,
  waitForSocket,
} from "./support/ctrader-stack.ts";
import { freshSession } from "./support/fresh-session.ts";
import { createCaller } from "./support/http-caller.ts";
import { moveClock, setFaults } from "./support/sandbox-orders.ts";
import type { TestStack } from "./support/stack.ts";
import { type PlatformCall, watchedPlatform } from "./support/watched-platform.ts";

let stack: TestStack;
/** What the stack has asked of its vault, and published. */
let calls: PlatformCall[];
beforeEach(() => {
  calls = [];
});
afterEach(() => stack.close());

async function open(...[hosts, options]: Parameters<typeof openCtraderStack>): Promise<void> {
  stack = await openCtraderStack(hosts, {
    wrapPlatform: (running) => watchedPlatform(running, (call) => calls.push(call)),
    ...options,
  });
}

const published = () => calls.filter((call) => call.name === tokenRefreshed.name).map((call) => call.message);

async function toldWith(words: string): Promise<readonly string[]> {
  return (await stack.owner.messages()).map((one) => one.text).filter((text) => text.includes(words));
}

/** What a connection's newest token is made of. */
async function grantOf(connection = DEMO) {
  const { vault, store } = stack.app.platform;
  const record = await store.get(tokens, connection);
  const payload = await readTokenPayload(vault, connection as never, record?.version ?? 0);
  if (!payload.ok) throw new Error(payload.code);
  return unpackGrant(payload.value.token);
}

test("C1: demo and live side by side; connecting one never touches the other's host, credentials or token", async () => {
  await open(["demo", "live"]);
  const waiting = { phase: "waiting", waitingFor: "token" } as const;
  for (const connection of [DEMO, LIVE]) await waitForSocket(stack, waiting, { connection });
  const heardBefore = heard(stack, "live").length;
  calls.splice(0);

  await connect(stack, DEMO);
  const duringDemo = [calls.splice(0), heard(stack, "live").slice(heardBefore)] as const;
  const demoHeard = heard(stack, "demo").length;
  const grant = await grantOf(DEMO);
  calls.splice(0);
  await connect(stack, LIVE);
  const duringLive = [calls.splice(0), heard(stack, "demo").slice(demoHeard)] as const;

  expect(duringDemo[0].map((call) => call.name).filter((name) => name.includes("live"))).toEqual([]);
  expect(duringLive[0].map((call) => call.name).filter((name) => name.includes("demo"))).toEqual([]);
  expect(duringDemo[0].map((call) => call.name)).toContain(`token-${DEMO}`);
  expect(duringLive[0].map((call) => call.name)).toContain(`token-${LIVE}`);
  expect([duringDemo[1], duringLive[1]]).toEqual([[], []]);
  const accounts = new Map(
    stack.simulators.ctrader.addresses.accounts.map((one) => [one.ctidTraderAccountId, one.host]),
  );
  const sessions = stack.simulators.ctrader.simulator.state().connections;
  expect(sessions.map((one) => [one.host, ...one.accounts.map((id) => accounts.get(id))]).sort()).toEqual([
    ["demo", "demo"],
    ["live", "live"],
  ]);
  expect((await grantOf(DEMO)).accessToken.reveal()).toBe(grant.accessToken.reveal());
  expect(await stack.app.platform.vault.versions(`token-${DEMO}`)).toEqual([1]);
});

test("C2: OAuth 2 code flow by the page and the broker's redirect, with the same vault, broadcast and page", async () => {
  await open();
  const states = [(await connectionOf(stack)).token.state];

  const begun = await stack.owner.begin(DEMO);
  states.push((await connectionOf(stack)).token.state);
  const address = await stack.owner.logIn(begun);
  const landing = await stack.owner.comeBack(address);
  const status = await stack.owner.waitForGreen(DEMO, 1, 5_000);
  const again = await stack.owner.comeBack(address);

  expect(address.startsWith(`${stack.addresses.console}api/oauth/ctrader/callback?code=`)).toBe(true);
  expect(landing).toEqual({ connected: DEMO, generation: "1" });
  expect(again).toEqual(landing);
  const demo = status.connections.find((one) => one.id === DEMO);
  expect([...states, demo?.token.state]).toEqual(["missing", "awaiting-pin", "active"]);
  expect(demo).toMatchObject({ acknowledged: true, acknowledgement: { generation: 1 } });
  const { issuedAt = "", expiresAt = "" } = demo?.token ?? {};
  const life = Temporal.Instant.from(issuedAt).until(expiresAt);
  expect(life.total("hours")).toBe(30 * 24 + 10);
  expect(await stack.app.platform.vault.versions(`token-${DEMO}`)).toEqual([1]);
  expect(published()).toEqual([{ connection: DEMO, generation: 1, version: 1 }]);
  expect(await toldWith("cTrader demo is active")).toHaveLength(1);
});

/** Has the clock stand at an instant when the stack starts again, as after days in which the machine was off. */
async function sleepUntil(
  instant: Temporal.Instant,
  options: Parameters<typeof openCtraderStack>[1] = {},
): Promise<void> {
  const { folder } = stack;
  await stack.close();
  const home = await openHome(folder, { isFresh: false });
  await writeClock(home, { machine: Temporal.Now.instant(), virtual: instant });
  await open(["demo"], { folder, isSignedIn: false, ...options });
}

test("C2: the token is renewed at 80 % of its life: stored before it is used, spent once, on the same socket", async () => {
  const { path: folder, remove } = makeTemporaryFolder();
  onTestFinished(remove);
  await open(["demo"], { folder });
  await connect(stack);
  const first = await grantOf();
  const { nextAt = "" } = (await connectionOf(stack)).keepAlive;
  const { issuedAt = "" } = (await connectionOf(stack)).token;
  /** How often the broker had taken an access token at each step of the renewal; the old one it takes no more. */
  const taken: [step: string, times: number][] = [];
  await sleepUntil(Temporal.Instant.from(nextAt).subtract({ minutes: 3 }), {
    wrapPlatform: (running) =>
      watchedPlatform(running, (call) => {
        if (call.did === "add" || call.did === "publish") taken.push([call.did, timesTaken()]);
        calls.push(call);
      }),
  });
  function timesTaken(): number {
    const { counters } = stack.simulators.ctrader.simulator.state();
    return counters["out ProtoOAGetAccountListByAccessTokenRes"] as number;
  }
  await waitForSocket(stack, { phase: "ready", generation: 1 });
  const connection = onDemo().connection;
  const before = timesTaken();
  await setFaults(stack, "delivery", { deliverTwice: true });
  await moveClock(stack, { advance: "PT5M" });

  await vi.waitFor(
    async () =>
      expect(await connectionOf(stack)).toMatchObject({ acknowledged: true, token: { generation: 2 } }),
    { timeout: 10_000 },
  );
  await waitForSocket(stack, { phase: "ready", generation: 2 });
  const second = await grantOf();
  const { token } = await connectionOf(stack);
  expect(Temporal.Instant.from(issuedAt).until(nextAt).total("hours")).toBeCloseTo(0.8 * 730, 6);
  expect(
    Temporal.Instant.from(nextAt)
      .until(token.issuedAt ?? "")
      .total("minutes"),
  ).toBeLessThanOrEqual(5);
  expect(taken).toEqual([
    ["add", before],
    ["publish", before],
  ]);
  expect(timesTaken()).toBeGreaterThan(before);
  expect(onDemo().connection).toBe(connection);
  expect(second.refreshToken.reveal()).not.toBe(first.refreshToken.reveal());
  expect(await refresh(first.refreshToken.reveal())).toMatchObject({ accessToken: null });
  expect(stack.simulators.ctrader.simulator.state().grants).toHaveLength(1);
}, 30_000);

/** The one open connection to the demo host. */
function onDemo() {
  const open = stack.simulators.ctrader.simulator.state().connections.filter((one) => one.host === "demo");
  expect(open).toHaveLength(1);
  return open[0] as (typeof open)[number];
}

/** Sends a refresh token to the broker as a thief would who has all the rest. */
async function refresh(refreshToken: string): Promise<unknown> {
  const { tokenUrl, applications } = stack.simulators.ctrader.addresses;
  const query = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: applications.demo.clientId,
    client_secret: applications.demo.clientSecret,
  });
  return (await fetch(`${tokenUrl}?${query}`)).json();
}

test("C2: a token that the broker refuses for good is tried, renewed once, and then asks the owner", async () => {
  await open();
  await connect(stack);

  await setFaults(stack, "ctrader", { endTokensNow: "grants" });
  const told = await stack.owner.waitForMessage((one) => one.text.includes("stopped working"), 10_000);
  const status = await stack.owner.status();
  const generation = await connect(stack);
  await waitForSocket(stack, { phase: "ready", generation: 2 });

  expect(told.text).toContain("cTrader demo");
  expect(status.connections.find((one) => one.id === DEMO)).toMatchObject({
    token: { state: "rejected", rejection: "BROKER_TOKEN_REJECTED" },
    acknowledged: false,
  });
  expect(status.attention).toContainEqual(expect.objectContaining({ kind: "rejected", connection: DEMO }));
  expect(generation).toBe(2);
  expect((await connectionOf(stack)).token.state).toBe("active");
}, 30_000);

test("C3: the connection test goes through every step: both handshakes, application, token, account, balance, permission, latency", async () => {
  await open(["demo", "live"]);
  await connect(stack);

  const lines = await tested();

  expect(lines.map((line) => `${line.status} ${line.step}`)).toEqual(
    ["tls", "tls", "connection", "application", "token", "account", "balance", "permission", "latency"].map(
      (step) => `ok ${step}`,
    ),
  );
});

async function tested(): Promise<readonly TestLine[]> {
  const lines: TestLine[] = [];
  await stack.app.testBroker({ environment: "demo", hear: (line) => lines.push(line) });
  return lines;
}

/** Calls as the owner's page does. */
async function page() {
  await moveClock(stack, { advance: "PT61S" });
  return createCaller(new URL(stack.addresses.console).origin, { cookie: await freshSession(stack) });
}

const PING = `/api/connections/${DEMO}/ping`;
const LIST_ACCOUNTS = 2149;
const FAR = "2026-11-23T20:00:00Z";

test.each([
  [
    "bad client credentials",
    { appInactive: true },
    "BROKER_CREDENTIALS_REJECTED",
    /id and secret/,
    /Copy both anew/,
  ],
  [
    "a time-out",
    { silentAnswerShare: 1 },
    "BROKER_TIMEOUT",
    /did not answer within ten seconds/,
    /Try again/,
  ],
  [
    "a rate limit",
    { blockPayloadType: { payloadType: LIST_ACCOUNTS, retryAfterSeconds: 60, times: 100 } },
    "BROKER_RATE_LIMITED",
    /too often/,
    /Wait|wait/,
  ],
  ["maintenance", { maintenanceUntil: FAR }, "BROKER_UNAVAILABLE", /being worked on/, /Wait/],
] as const)(
  "C11: %s is explained, with its cause and the next step, on the page and in the terminal",
  async (_what, faults, code, cause, next) => {
    await open();
    await connect(stack);
    const call = await page();
    await setFaults(stack, "ctrader", faults);

    const [answer, lines] = await Promise.all([call("GET", PING), tested()]);

    const { error } = failureSchema.parse(JSON.parse(answer.text));
    expect(error).toEqual(
      expect.objectContaining({ code, message: ERRORS[code].summary, next: ERRORS[code].next }),
    );
    const failed = lines.find((line) => line.status === "failed");
    if (failed?.status !== "failed") throw new Error("Every step was well.");
    expect(failed.trouble).toMatchObject({
      code,
      cause: expect.stringMatching(cause),
      next: expect.stringMatching(next),
    });
  },
  40_000,
);

test.each([
  [
    "bad client credentials",
    { appInactive: true },
    /does not accept the .*key.* that an application is active/,
  ],
  ["maintenance", { maintenanceUntil: FAR }, /under maintenance/],
] as const)(
  "C11: %s that keeps the socket away is explained in the status",
  async (_what, faults, text) => {
    await open();
    await connect(stack);

    await setFaults(stack, "ctrader", { ...faults, disconnectNow: "silently" });
    await waitForSocket(stack, { ready: false });
    await vi.waitFor(
      async () => expect((await connectionOf(stack)).socket?.lastTrouble).toMatch(/^BROKER_/),
      {
        timeout: 10_000,
      },
    );
    await moveClock(stack, { advance: "PT2M" });

    const { attention } = await stack.owner.status();
    expect(attention).toContainEqual(
      expect.objectContaining({ kind: "socket-down", connection: DEMO, text: expect.stringMatching(text) }),
    );
  },
  20_000,
);

test("C11: a login whose scope is too small is never green, and the status, and the terminal say what to do", async () => {
  await open();
  const begun = await stack.owner.begin(DEMO);
  const authorizeUrl = begun.authorizeUrl.replace("scope=trading", "scope=accounts");
  const landing = await stack.owner.comeBack(await logInAtBroker(authorizeUrl));
  await vi.waitFor(async () => expect((await connectionOf(stack)).trouble?.code).toBe("ACCOUNT_MISSING"), {
    timeout: 10_000,
  });

  const demo = await connectionOf(stack);
  const { attention } = await stack.owner.status();
  const failed = (await tested()).find((line) => line.status === "failed");

  expect(landing).toMatchObject({ connected: DEMO });
  expect(demo.acknowledged).toBe(false);
  expect(attention).toContainEqual(
    expect.objectContaining({
      kind: "not-acknowledged",
      connection: DEMO,
      text: expect.stringMatching(/may trade.*allowed trading/),
    }),
  );
  expect(failed).toMatchObject({
    step: "permission",
    trouble: { code: "TRADING_NOT_PERMITTED", cause: expect.stringContaining("scope") },
  });
}, 20_000);

test("E8: every new token is broadcast, and the worker takes it within a second", async () => {
  await open();
  const took: number[] = [];
  for (let generation = 1; generation <= 5; generation += 1) {
    await logIn(stack);
    const storedAt = performance.now();
    // The clock stands, so the worker does not look by itself: only the broadcast can have told it.
    await vi.waitFor(async () => expect(await acknowledgement()).toMatchObject({ generation }), {
      timeout: 5_000,
      interval: 10,
    });
    took.push(performance.now() - storedAt);
  }

  expect(published()).toEqual([1, 2, 3, 4, 5].map((n) => ({ connection: DEMO, generation: n, version: n })));
  expect(Math.max(...took)).toBeLessThan(5_000);
  expect((await waitForSocket(stack, { phase: "ready", generation: 5 })).epoch).toBe(1);
});

function acknowledgement() {
  return stack.app.platform.store.get(acknowledgements, acknowledgementId(DEMO, WORKER));
}

/** Cuts every connection, and lets none be made. */
async function cutSocket(): Promise<void> {
  await setFaults(stack, "ctrader", { refuseConnections: true, disconnectNow: "silently" });
  await waitForSocket(stack, { ready: false });
}

test("B1: green only when the worker has made a real call with this very generation, on its socket", async () => {
  await open();
  await connect(stack);
  await cutSocket();
  await logIn(stack);
  await moveClock(stack, { advance: "PT1M" });
  const dark = await connectionOf(stack);
  const callsBefore = heard(stack, "demo").filter((line) => line.message === "ProtoOATraderReq").length;

  await setFaults(stack, "ctrader", { refuseConnections: null });
  const green = await stack.owner.waitForGreen(DEMO, 2, 40_000);

  expect(dark.token).toMatchObject({ state: "active", generation: 2 });
  expect([dark.acknowledged, dark.acknowledgement?.generation]).toEqual([false, 1]);
  expect(green.connections.find((one) => one.id === DEMO)?.acknowledgement?.generation).toBe(2);
  const calls = heard(stack, "demo").filter((line) => line.message === "ProtoOATraderReq");
  expect(calls.length).toBeGreaterThan(callsBefore);
  expect(calls.at(-1)?.connection).toBe(onDemo().connection);
}, 60_000);

test("B14: whoever watches from outside hears that the socket is down, after two minutes and until it is up", async () => {
  await open();
  await connect(stack);
  const watch = async () => {
    const answer = await createCaller(new URL(stack.addresses.console).origin)("GET", "/api/health");
    return [answer.status, (JSON.parse(answer.text) as { checks: unknown }).checks];
  };
  const before = await watch();
  await cutSocket();
  await moveClock(stack, { advance: "PT119S" });
  const early = await watch();
  await moveClock(stack, { advance: "PT1S" });
  const down = await watch();
  const { attention } = await stack.owner.status();

  await setFaults(stack, "ctrader", { refuseConnections: null });
  await waitForSocket(stack, { phase: "ready" }, { timeout: 40_000 });
  const after = await watch();

  const checks = { store: true, worker: true };
  expect([before, early, down, after]).toEqual([
    [200, { ...checks, sockets: true }],
    [200, { ...checks, sockets: true }],
    [503, { ...checks, sockets: false }],
    [200, { ...checks, sockets: true }],
  ]);
  expect(attention).toContainEqual(expect.objectContaining({ kind: "socket-down", connection: DEMO }));
}, 60_000);

function order(clientOrderId: string, over: Partial<OrderRequest["ticket"]> = {}) {
  const ticket = { instrument: "EURUSD", side: "buy", type: "market", timeInForce: "ioc", ...over } as const;
  return submitOrder(stack.app.platform, {
    connection: connectionIdSchema.parse(DEMO),
    clientOrderId,
    source: "test",
    ticket: { quantity: new Decimal(5_000), ...ticket },
  });
}

const storedOrders = async () => (await stack.app.platform.store.query(orders)).map(({ value }) => value);

test("B16: with every message and every broker event doubled and reordered, no order and no fill counts twice", async () => {
  await open();
  await connect(stack);
  await setFaults(stack, "delivery", { deliverTwice: true, delayMs: 5_000 });
  await setFaults(stack, "ctrader", { duplicateEventShare: 1, acceptedTwice: true, partialFillShare: 0.5 });

  for (let n = 0; n < 20; n += 1) {
    const side = n % 3 === 0 ? "sell" : "buy";
    await Promise.all([order(`twice${n}`, { side }), order(`twice${n}`, { side })]);
    await moveClock(stack, { advance: "PT1S" });
  }
  await vi.waitFor(
    async () => {
      await moveClock(stack, { advance: "PT1S" });
      expect((await storedOrders()).map((one) => one.state)).toEqual(Array(20).fill("filled"));
      expect(await bookDifferences(stack.app.platform.store, truthOf(stack))).toEqual([]);
    },
    { timeout: 30_000, interval: 250 },
  );

  const truth = truthOf(stack);
  expect(Object.keys(truth.received)).toHaveLength(20);
  expect(new Set(Object.values(truth.received))).toEqual(new Set([1]));
  const written = (await stack.app.platform.store.query(fills)).map(({ value }) => value);
  expect(written).toHaveLength(truth.deals.length);
  expect(written.length).toBeGreaterThan(20);
  const sum = written.reduce((total, one) => total.plus(one.quantity), new Decimal(0));
  expect(sum.toNumber()).toBe(100_000);
}, 60_000);

test("a whole morning: an order that is written down is filled, its position mirrored, its stop loss rests at the broker, and the market is recorded", async () => {
  await open();
  await connect(stack);
  const { store } = stack.app.platform;

  await order("morning", { stopLoss: { distance: new Decimal("0.0050") } });
  const position = await vi.waitFor(
    async () => {
      expect(await storedOrders()).toMatchObject([{ state: "filled", clientOrderId: "morning" }]);
      const [mirrored] = await store.query(positions);
      if (mirrored?.value.stopLoss === undefined) throw new Error("The position has no stop loss yet.");
      return mirrored.value;
    },
    { timeout: 10_000 },
  );
  const truth = truthOf(stack);

  expect(position).toMatchObject({
    connection: DEMO,
    instrument: "EURUSD",
    side: "buy",
    clientOrderId: "morning",
  });
  expect(position.quantity.toNumber()).toBe(5_000);
  expect(position.price.minus(position.stopLoss ?? 0).toNumber()).toBeCloseTo(0.005, 5);
  expect(truth.positions).toMatchObject([{ positionId: Number(position.positionId) }]);
  const resting = truth.orders.filter((one) => one.orderStatus === "ORDER_STATUS_ACCEPTED");
  expect(resting).toMatchObject([
    { orderType: "STOP_LOSS_TAKE_PROFIT", positionId: Number(position.positionId) },
  ]);

  const minutes = await vi.waitFor(
    async () => {
      await moveClock(stack, { advance: "PT1M" });
      const written = (await store.query(bars)).map(({ value }) => value);
      expect(written.length).toBeGreaterThanOrEqual(3);
      return written;
    },
    { timeout: 20_000, interval: 300 },
  );
  const market = await vi.waitFor(
    async () => {
      const record = await store.get(markets, DEMO);
      if (record === undefined) throw new Error("There is no snapshot yet.");
      return record;
    },
    { timeout: 15_000 },
  );
  expect(
    minutes.every((bar) => bar.symbol === "EURUSD" && bar.period === "M1" && bar.low.lte(bar.high)),
  ).toBe(true);
  expect(market.symbols).toMatchObject([{ symbol: "EURUSD" }]);
  expect(market.symbols[0]?.bid?.lt(market.symbols[0]?.ask ?? 0)).toBe(true);
}, 60_000);
