/** What Openbell must do, row E of the list of features: each row shown once, end to end, in its own words. */
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCommand } from "../infra/cli/testing/running-command.ts";
import { logInAtBroker } from "../infra/sandbox/owner/broker-login.ts";
import type { ApiConnectionStatus } from "../shared/console/api.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { Secret } from "../shared/platform/secret.ts";
import { readTokenPayload } from "../shared/tokens/token-payload.ts";
import { callbackOf } from "./support/broker-callback.ts";
import { freshSession } from "./support/fresh-session.ts";
import { createCaller } from "./support/http-caller.ts";
import { startOpenbell } from "./support/running-openbell.ts";
import { brokerCalls, moveClock, refusedCalls, runJob, setFaults } from "./support/sandbox-orders.ts";
import { createSearch, filesUnder } from "./support/secrets.ts";
import { openTestStack, PRODUCTION, renewByHttp, SANDBOX, signIn, type TestStack } from "./support/stack.ts";

const ACCOUNTS = "accounts/list";

/** Refuses every account call in a way that is no word on the token; sent once, as it would not help to repeat. */
const REFUSING = { failNext: { where: ACCOUNTS, kind: "no-access", times: 1_000 } };

let stack: TestStack;
beforeEach(async () => {
  stack = await openTestStack({ startAt: Temporal.Instant.from("2026-11-23T13:29:30Z") });
  await signIn(stack);
});
afterEach(() => stack.close());

async function connection(id = PRODUCTION): Promise<ApiConnectionStatus> {
  const report = await stack.app.services.status();
  const found = report.connections.find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no connection ${id}.`);
  return found;
}

/** Asks for a keep-alive as the page does. */
async function force(id = PRODUCTION): Promise<void> {
  await stack.app.services.forceKeepAlive({ connection: id });
}

async function toldWith(words: string): Promise<readonly string[]> {
  return (await stack.owner.messages()).map((one) => one.text).filter((text) => text.includes(words));
}

function startUp(id = PRODUCTION) {
  const found = stack.app.options.config.connections.find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no connection ${id}.`);
  return stack.app.startUp(found);
}

test("E1: OAuth by PIN and by a registered callback, production and sandbox connections side by side", async () => {
  await renewByHttp(stack, PRODUCTION);
  const callback = `${stack.addresses.console}callback/etrade`;
  await setFaults(stack, "etrade", { registeredCallback: callback });
  const login = await stack.owner.begin(SANDBOX);
  const sentTo = await callbackOf(login.authorizeUrl);

  const completed = await stack.app.services.completeByCallback({
    requestToken: sentTo.searchParams.get("oauth_token") ?? "",
    verifier: Secret.of(sentTo.searchParams.get("oauth_verifier") ?? ""),
    actor: { kind: "page" },
  });
  await moveClock(stack, { advance: "PT31S" });

  expect(sentTo.toString().startsWith(callback)).toBe(true);
  expect(completed).toMatchObject({ ok: true, value: { connection: SANDBOX, generation: 1 } });
  expect([(await connection(PRODUCTION)).acknowledged, (await connection(SANDBOX)).acknowledged]).toEqual([
    true,
    true,
  ]);
  expect(refusedCalls(stack)["oauth/access_token 401"]).toBeUndefined();
});

test("E2: token life as one state machine: missing, awaiting PIN, active, idle, expired, rejected, and until when renewable", async () => {
  const states = [(await connection()).token.state];
  await stack.owner.begin(PRODUCTION);
  states.push((await connection()).token.state);
  await renewByHttp(stack);
  states.push((await connection()).token.state);
  await setFaults(stack, "etrade", REFUSING);
  await moveClock(stack, { advance: "PT2H1M" });
  const idle = (await connection()).token;
  await setFaults(stack, "etrade", { failNext: null });
  await force();
  const revived = (await connection()).token;
  await moveClock(stack, { to: "2026-11-24T05:00:00Z" });
  states.push(idle.state, revived.state, (await connection()).token.state);
  await moveClock(stack, { to: "2026-11-24T13:30:00Z" });
  await stack.owner.openLink(
    await stack.owner.waitForMessage((one) => one.at.startsWith("2026-11-24T13:30"), 5_000),
  );
  await renewByHttp(stack);
  await setFaults(stack, "etrade", { failNext: { where: ACCOUNTS, kind: "token_rejected", times: 9 } });
  await force();
  const rejected = (await connection()).token;

  expect([...states, rejected.state]).toEqual([
    "missing",
    "awaiting-pin",
    "active",
    "idle",
    "active",
    "expired",
    "rejected",
  ]);
  expect(idle.renewableUntil).toBe("2026-11-24T05:00:00.000Z");
  expect(revived.lastRenewedAt).toBeDefined();
  expect(rejected.rejection).toBe("BROKER_TOKEN_REJECTED");
});

test("E3: the alert comes one hour before the open on trading days only, with a deep link", async () => {
  await moveClock(stack, { to: "2026-11-27T13:30:00Z" });

  const rings = (await stack.owner.messages()).filter((one) => one.text.includes("opens in 60 minutes"));
  expect(rings.map((one) => one.at.slice(0, 16))).toEqual([
    "2026-11-23T13:30",
    "2026-11-24T13:30",
    "2026-11-25T13:30",
    "2026-11-27T13:30",
  ]);
  for (const ring of rings) expect(ring.buttons[0]?.[0]?.url).toContain(`${stack.addresses.console}#c=`);
}, 60_000);

test("E4: alerts for success, failure and keep-alive trouble after 3 failures in a row say what is active and what to do", async () => {
  await renewByHttp(stack);
  // The last rung has proven the token at 09:20: the keeper's next call is due at 10:35.
  await moveClock(stack, { to: "2026-11-23T14:21:00Z" });
  await setFaults(stack, "etrade", REFUSING);
  await moveClock(stack, { to: "2026-11-23T15:42:00Z" });
  const afterTwo = await toldWith("Keep-alive trouble");
  await moveClock(stack, { to: "2026-11-23T15:52:00Z" });
  const afterThree = await toldWith("Keep-alive trouble");
  await setFaults(stack, "etrade", { failNext: null });
  const login = await stack.owner.begin(SANDBOX);
  for (let wrong = 1; wrong <= 5; wrong += 1) {
    await expect(stack.owner.enterPin(SANDBOX, login.id, "WRONG")).rejects.toThrow(/PIN_/);
  }

  expect(await toldWith("✅ E*TRADE production is active")).toHaveLength(1);
  expect([afterTwo.length, afterThree.length]).toEqual([0, 1]);
  expect(afterThree[0]).toContain("goes to sleep at");
  const [failed] = await toldWith("❌ Renewal failed: E*TRADE sandbox");
  expect(failed).toContain("Press Renew and log in at the broker again.");
});

test("E6: token status, keep-alive status and force keep-alive over HTTP; the alert is run by the scheduler", async () => {
  await renewByHttp(stack);
  const before = brokerCalls(stack, ACCOUNTS).length;
  const { origin } = new URL(stack.addresses.console);
  const job = JSON.parse((await createCaller(origin)("GET", "/sandbox/jobs")).text)[0];

  const status = await stack.owner.status();
  const stranger = await createCaller(origin)("POST", "/api/keep-alive", { body: {} });
  const owner = createCaller(origin, { cookie: await freshSession(stack) });
  const forced = await owner("POST", "/api/keep-alive", { body: { connection: PRODUCTION } });
  const told = await owner("GET", "/api/keep-alive");

  expect(status.connections[0]).toMatchObject({
    token: { state: "active" },
    keepAlive: { health: "healthy" },
  });
  expect([stranger.status, forced.status]).toEqual([401, 200]);
  expect(told.text).toBe(forced.text);
  expect(brokerCalls(stack, ACCOUNTS)).toHaveLength(before + 1);
  expect(job).toMatchObject({
    name: "morning-alert",
    lastRun: { at: "2026-11-23T13:30:00.000Z", status: 200 },
  });
});

test("E7: one vault version holds token and secret together, old versions are destroyed, and the vault is encrypted", async () => {
  for (let renewal = 1; renewal <= 3; renewal += 1) await renewByHttp(stack);

  const { vault } = stack.app.platform;
  const newest = await readTokenPayload(vault, PRODUCTION as never, 3);
  if (!newest.ok) throw new Error(newest.code);
  const pair = JSON.parse(newest.value.token.reveal()) as { token: string; tokenSecret: string };
  expect(pair).toEqual({ token: expect.any(String), tokenSecret: expect.any(String) });
  expect(await vault.versions(`token-${PRODUCTION}`)).toEqual([2, 3]);
  const leaksIn = createSearch(new Map(Object.entries(pair)));
  for (const [name, content] of filesUnder(stack.folder))
    expect([name, leaksIn(content)]).toEqual([name, []]);
});

test("E8: every new token is broadcast; trading stops at midnight and resumes only on a working token", async () => {
  // The clock stands, so the worker does not look by itself: only the broadcast can have told it.
  await renewByHttp(stack);
  const trading = await startUp();
  await moveClock(stack, { to: "2026-11-24T05:00:00Z" });
  const atMidnight = await startUp();
  await moveClock(stack, { to: "2026-11-24T13:30:00Z" });
  await stack.owner.openLink(
    await stack.owner.waitForMessage(
      (one) => one.at.startsWith("2026-11-24T13:30") && one.buttons.length > 0,
      5_000,
    ),
  );
  await renewByHttp(stack);
  const resumed = await startUp();
  await setFaults(stack, "etrade", { failNext: { where: ACCOUNTS, kind: "token_rejected", times: 9 } });
  const notWorking = await startUp();

  expect(trading).toMatchObject({ kind: "ready", generation: 1 });
  expect(atMidnight).toEqual({ kind: "stopped", reason: "no-live-token" });
  expect(resumed).toMatchObject({ kind: "ready", generation: 2 });
  expect(notWorking).toEqual({ kind: "stopped", reason: "BROKER_TOKEN_REJECTED" });
}, 60_000);

test("E9: keep-alive before the 2-hour idle limit, serialised, with health and counters, stopping at expiry", async () => {
  await renewByHttp(stack);
  await moveClock(stack, { advance: "PT75M" });
  const due = brokerCalls(stack, ACCOUNTS).length;
  await Promise.all(Array.from({ length: 5 }, () => runJob(stack, "keep-alive")));
  const afterFive = brokerCalls(stack, ACCOUNTS).length;
  await moveClock(stack, { to: "2026-11-24T06:00:00Z" });

  const calls = brokerCalls(stack, ACCOUNTS).map((call) => Temporal.Instant.from(call.at));
  const rests = calls.slice(1).map((call, index) => call.since(calls[index] ?? call).total("minutes"));
  expect([due, afterFive]).toEqual([2, 2]);
  expect(Math.max(...rests)).toBeLessThanOrEqual(90);
  expect(calls.length).toBeGreaterThan(10);
  expect(calls.every((call) => call.toString() < "2026-11-24T05:00:00Z")).toBe(true);
  expect(refusedCalls(stack)).toEqual({});
  expect((await connection()).keepAlive).toMatchObject({
    health: "resting",
    lastOutcome: "ok",
    failuresInRow: 0,
  });
});

test("E10: the same from a terminal: status, renew with PIN, health", async () => {
  const folder = makeTemporaryFolder();
  const home = `${folder.path}/home`;
  const openbell = await startOpenbell({ home });
  const renewal = startCommand(["renew", PRODUCTION], { home });
  const [, link = ""] = await renewal.shows(/^ {2}(http:\S+)\s*$/m);
  renewal.type(`${await logInAtBroker(link)}\n`);
  const renewed = await renewal.ended();

  const [status, health] = await Promise.all([
    startCommand(["status"], { home }).ended(),
    startCommand(["health"], { home }).ended(),
  ]);
  await openbell.end("SIGTERM");
  folder.remove();

  expect([renewed.code, status.code, health.code]).toEqual([0, 0, 0]);
  expect(renewed.out).toContain("Armed. The worker has confirmed E*TRADE production.");
  expect(status.out).toContain("E*TRADE production");
}, 30_000);

test("E11: trading start-up: token valid, else renew, else stop; a real account call; an account selected", async () => {
  const without = await startUp();
  await renewByHttp(stack);
  const before = brokerCalls(stack, ACCOUNTS).length;
  const valid = await startUp();
  const made = brokerCalls(stack, ACCOUNTS).length - before;
  await setFaults(stack, "etrade", REFUSING);
  await moveClock(stack, { advance: "PT2H10M" });
  const failing = await startUp();
  await setFaults(stack, "etrade", { failNext: null });
  const renewed = await startUp();

  expect(without).toEqual({ kind: "stopped", reason: "no-live-token" });
  expect(valid).toEqual({ kind: "ready", generation: 1, account: expect.stringMatching(/^\w{4}$/) });
  expect(made).toBeGreaterThanOrEqual(1);
  expect(failing).toEqual({ kind: "stopped", reason: "BROKER_REFUSED" });
  expect(renewed).toMatchObject({ kind: "ready", generation: 1 });
  expect((await connection()).token.lastRenewedAt).toBeDefined();
});

test("E13: token history: last renewed, last used, time from alert to armed; structured logs per subsystem", async () => {
  await moveClock(stack, { advance: "PT2M" });
  await renewByHttp(stack);

  const { token } = await connection();
  const [morning] = (await stack.app.services.status()).mornings;
  expect(token).toMatchObject({
    issuedAt: "2026-11-23T13:32:00.000Z",
    lastUsedAt: "2026-11-23T13:32:00.000Z",
  });
  expect(morning).toMatchObject({ date: "2026-11-23", secondsToArmed: 120, outcome: "armed-before-open" });
  const lines = stack
    .logged()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.every((line) => typeof line.event === "string" && typeof line.subsystem === "string")).toBe(
    true,
  );
  expect(lines.map((line) => line.subsystem)).toEqual(
    expect.arrayContaining(["tokens", "worker", "alerts", "console", "morning-alert"]),
  );
});

test("E15: transient faults are retried, bad state is shown, and a manual way is always there", async () => {
  await setFaults(stack, "etrade", { failNext: { where: ACCOUNTS, kind: "unavailable", times: 2 } });
  await renewByHttp(stack);
  const retried = stack.simulators.etrade.state().counters;
  await setFaults(stack, "etrade", REFUSING);
  await moveClock(stack, { advance: "PT90M" });
  const bad = await stack.app.services.status();
  await setFaults(stack, "etrade", { failNext: null });
  await force();

  expect(retried).toMatchObject({ "accounts/list 500": 2, "accounts/list 200": 1 });
  expect(bad.attention).toMatchObject([{ kind: "keep-alive", connection: PRODUCTION }]);
  expect((await connection()).keepAlive).toMatchObject({ health: "healthy", failuresInRow: 0 });
});
