import { expect, test } from "vitest";
import type { ApiStatus } from "../../shared/console/api.ts";
import { aConnection, anArmedConnection, aStatus, NOW } from "../testing/a-status.ts";
import type { Answer, ApiClient, Problem } from "./api.ts";
import { createApp } from "./app.ts";
import { createServerClock } from "./clock.ts";
import { createPageState } from "./state.ts";
import { createWatch } from "./watch.ts";

const ID = "etrade-production";
const silence: Problem = { kind: "unreachable" };
const refused = (status: number): Problem => ({
  kind: "refused",
  status,
  code: "SOME_CODE",
  message: "No.",
  next: "Wait.",
});
const good = <T>(value: T): Answer<T> => ({ ok: true, value });
const bad = (problem: Problem): Answer<never> => ({ ok: false, problem });
const login = {
  id: "login-1",
  authorizeUrl: "https://us.etrade.com/x",
  expiresAt: "2026-03-23T12:36:00.000Z",
  attemptsLeft: 5,
};

/** An app on a clock that stands still until it is moved, with a server of scripted answers. */
function setUp(answers: Partial<ApiClient> = {}, status: () => Answer<ApiStatus> = () => good(aStatus())) {
  const calls: string[] = [];
  const timers = new Set<{ dueMs: number; run: () => void }>();
  const page = { nowMs: 1_000, isHidden: false };
  const script: ApiClient = {
    openSession: async () => good({ words: ["amber", "heron"], expiresAt: NOW }),
    closeSession: async () => good(undefined),
    sendFreshLink: async () => good(undefined),
    status: async () => status(),
    beginAuthorization: async () => good(login),
    sendPin: async () => good({ connection: ID, generation: 7 }),
    sendCallback: async () => good({ connection: ID, generation: 7 }),
    forceKeepAlive: async () => good({ connections: [] }),
    ...answers,
  };
  const names = Object.keys(script) as (keyof ApiClient)[];
  const recorded = names.map((name) => [
    name,
    (...values: unknown[]) => {
      calls.push(name);
      return (script[name] as (...values: unknown[]) => unknown)(...values);
    },
  ]);
  const api = Object.fromEntries(recorded) as ApiClient;
  const state = createPageState();
  const schedule = (run: () => void, afterMs: number) => {
    const timer = { dueMs: page.nowMs + afterMs, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const monotonicMs = () => page.nowMs;
  const isHidden = () => page.isHidden;
  const watch = createWatch({
    api,
    state,
    clock: createServerClock(monotonicMs),
    monotonicMs,
    wallMs: monotonicMs,
    schedule,
    isHidden,
  });
  const ledTo: string[] = [];
  const navigate = (address: string) => void ledTo.push(address);
  const app = createApp({ api, state, watch, monotonicMs, schedule, navigate });

  /** Second by second, as the page lives it. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      page.nowMs += 1_000;
      watch.tick();
      for (const timer of [...timers].filter(({ dueMs }) => dueMs <= page.nowMs)) {
        timers.delete(timer);
        timer.run();
      }
      await settle();
    }
  }
  return { app, state, watch, calls, page, pass, ledTo };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

const count = (calls: readonly string[], name: string) => calls.filter((call) => call === name).length;

test("a good code lets in", async () => {
  const { app, state, calls } = setUp();

  await app.enter({ kind: "code", code: "x" });

  expect(state.door.value.kind).toBe("inside");
  expect(calls).toEqual(["openSession", "status"]);
});

test("a spent code leads to the fresh link when nobody is signed in", async () => {
  const { app, state } = setUp({ openSession: async () => bad(refused(401)) }, () => bad(refused(401)));

  await app.enter({ kind: "code", code: "x" });

  expect(state.door.value).toEqual({ kind: "link-needed", reason: "spent", request: "idle" });
});

test("a spent code lets in who is signed in already, and says so", async () => {
  const { app, state } = setUp({ openSession: async () => bad(refused(410)) });

  await app.enter({ kind: "code", code: "x" });

  expect(state.door.value.kind).toBe("inside");
  expect(state.notice.value).toContain("used before");
});

test("a session without its cookie is told apart from no session", async () => {
  const { app, state } = setUp({}, () => bad(refused(401)));

  await app.enter({ kind: "code", code: "x" });
  const afterCode = state.door.value.kind;
  const plain = setUp({}, () => bad(refused(401)));
  await plain.app.enter({ kind: "plain" });

  expect(afterCode).toBe("cookie-refused");
  expect(plain.state.door.value).toMatchObject({ kind: "link-needed", reason: "no-session" });
});

test("a code that met no answer is kept and handed in again by itself", async () => {
  const network: { isUp: boolean } = { isUp: false };
  const { app, state, calls, pass } = setUp({
    openSession: async () =>
      network.isUp ? good({ words: ["amber", "heron"], expiresAt: NOW }) : bad(silence),
  });

  await app.enter({ kind: "code", code: "x" });
  const door = state.door.value;
  await pass(9);
  const triesSoFar = count(calls, "openSession");
  network.isUp = true;
  await pass(1);

  expect(door).toEqual({ kind: "unreachable", isHoldingCode: true });
  expect(triesSoFar).toBe(1);
  expect(state.door.value.kind).toBe("inside");
});

test("a second tap while the link is being sent asks once", async () => {
  const { app, state, calls } = setUp({}, () => bad(refused(401)));
  await app.enter({ kind: "plain" });

  await Promise.all([app.sendFreshLink(), app.sendFreshLink()]);

  expect(count(calls, "sendFreshLink")).toBe(1);
  expect(state.door.value).toMatchObject({ request: "sent" });
});

test("signing out forgets what was shown and stops asking", async () => {
  const { app, state, calls, pass } = setUp();
  await app.enter({ kind: "plain" });

  await app.signOut();
  const before = count(calls, "status");
  await pass(60);

  expect(state.status.value).toBeUndefined();
  expect(state.door.value).toMatchObject({ kind: "link-needed", reason: "signed-out" });
  expect(count(calls, "status")).toBe(before);
});

test("a sign-out that did not reach the server leaves the person signed in, and says so", async () => {
  const { app, state } = setUp({ closeSession: async () => bad(silence) });
  await app.enter({ kind: "plain" });

  await app.signOut();

  expect(state.door.value.kind).toBe("inside");
  expect(state.connectivity.value.problem).toEqual(silence);
});

test("two taps on the PIN's button send it once", async () => {
  const open = aConnection({ token: { state: "awaiting-pin", generation: 6 }, authorization: login });
  const { app, calls } = setUp({}, () => good(aStatus({ connections: [open] })));
  await app.enter({ kind: "plain" });

  await Promise.all([app.sendPin("AB12C"), app.sendPin("AB12C")]);

  expect(count(calls, "sendPin")).toBe(1);
});

test("a login that comes after the owner has left does not pull them back", async () => {
  let answer: (value: Answer<typeof login>) => void = () => {};
  const { app, state } = setUp({ beginAuthorization: () => new Promise((resolve) => (answer = resolve)) });
  await app.enter({ kind: "plain" });

  const begun = app.renew(ID);
  app.leaveRenewal();
  answer(good(login));
  await begun;

  expect(state.renewal.value).toBeUndefined();
});

test("an open login is taken up again when the page is opened, but not once it was left", async () => {
  const open = aConnection({ token: { state: "awaiting-pin", generation: 6 }, authorization: login });
  const { app, state, pass } = setUp({}, () => good(aStatus({ connections: [open] })));

  await app.enter({ kind: "plain" });
  const first = state.renewal.value?.step;
  app.leaveRenewal();
  await pass(20);

  expect(first).toBe("pin");
  expect(state.renewal.value).toBeUndefined();
});

test("after the PIN the page looks each second, at most 60 times a minute, and slower once it is late", async () => {
  const stored = anArmedConnection({ acknowledged: false });
  const { app, state, calls, pass } = setUp({}, () => good(aStatus({ connections: [stored] })));
  await app.enter({ kind: "plain" });
  await app.comeBack({ requestToken: "t", verifier: "v" });

  const before = count(calls, "status");
  await pass(60);
  const inFirstMinute = count(calls, "status") - before;
  await pass(60);
  const inSecondMinute = count(calls, "status") - before - inFirstMinute;

  expect(inFirstMinute).toBeGreaterThan(50);
  expect(inFirstMinute).toBeLessThanOrEqual(60);
  expect(state.renewal.value).toMatchObject({ step: "confirming", isLate: true });
  expect(inSecondMinute).toBeLessThanOrEqual(13);
});

test("a hidden page asks nothing, and asks at once when it is seen again", async () => {
  const { app, watch, calls, page, pass } = setUp();
  await app.enter({ kind: "plain" });

  page.isHidden = true;
  watch.visibilityChanged();
  await pass(120);
  const whileHidden = count(calls, "status");
  page.isHidden = false;
  watch.visibilityChanged();

  expect(whileHidden).toBe(1);
  expect(count(calls, "status")).toBe(2);
});

test("the moment a token runs out the page asks, without waiting for its turn", async () => {
  const almost = anArmedConnection();
  const expiresAt = new Date(Date.parse(NOW) + 3_000).toISOString();
  const connection = { ...almost, token: { ...almost.token, expiresAt } };
  const { app, calls, pass } = setUp({}, () => good(aStatus({ connections: [connection] })));
  await app.enter({ kind: "plain" });

  await pass(2);
  const before = count(calls, "status");
  await pass(1);

  expect(before).toBe(1);
  expect(count(calls, "status")).toBe(2);
});

test("a status that cannot be renewed for a minute vouches for nothing", async () => {
  const network: { isUp: boolean } = { isUp: true };
  const { app, state, pass } = setUp({}, () => (network.isUp ? good(aStatus()) : bad(silence)));
  await app.enter({ kind: "plain" });

  network.isUp = false;
  await pass(59);
  const soon = state.isFresh.value;
  await pass(2);

  expect(soon).toBe(true);
  expect(state.isFresh.value).toBe(false);
  expect(state.door.value.kind).toBe("inside");
  expect(state.connectivity.value.problem).toEqual(silence);
});

test("a code from the broker's page is handed in only by somebody signed in", async () => {
  const { app, calls } = setUp({}, () => bad(refused(401)));

  await app.enter({ kind: "callback", requestToken: "t", verifier: "v" });

  expect(count(calls, "sendCallback")).toBe(0);
});

const aCtrader = (over: Parameters<typeof aConnection>[0] = {}) =>
  aConnection({ id: "ctrader-demo", broker: "ctrader", environment: "demo", login: "redirect", ...over });

test("Connect leads this tab to the broker's page, and a PIN login does not", async () => {
  const { app, ledTo } = setUp({}, () => good(aStatus({ connections: [aCtrader(), aConnection()] })));
  await app.enter({ kind: "plain" });

  await app.renew("ctrader-demo");
  const connected = [...ledTo];
  await app.renew(ID);

  expect(connected).toEqual([login.authorizeUrl]);
  expect(ledTo).toEqual([login.authorizeUrl]);
});

test("an address that is not a safe one leads nowhere", async () => {
  const unsafe = { ...login, authorizeUrl: "javascript:alert(1)" };
  const { app, ledTo, calls } = setUp({ beginAuthorization: async () => good(unsafe) }, () =>
    good(aStatus({ connections: [aCtrader()] })),
  );
  await app.enter({ kind: "plain" });

  await app.renew("ctrader-demo");

  expect(count(calls, "beginAuthorization")).toBe(1);
  expect(ledTo).toEqual([]);
});

test("back from the broker with a stored token the page waits for the worker's word, and is green by it alone", async () => {
  let connection = aCtrader({ token: { state: "active", generation: 3 } });
  const { app, state, watch } = setUp({}, () => good(aStatus({ connections: [connection] })));

  await app.enter({ kind: "landing", landing: { connected: "ctrader-demo", generation: 3 } });
  const waiting = state.renewal.value?.step;
  const proof = { at: NOW, accounts: 1, latencyMs: 9, account: "1111" };
  connection = { ...connection, acknowledged: true, acknowledgement: { ...proof, generation: 2 } };
  await watch.look();
  const byAnOlderWord = state.renewal.value?.step;
  connection = { ...connection, acknowledgement: { ...proof, generation: 3 } };
  await watch.look();

  expect([waiting, byAnOlderWord, state.renewal.value?.step]).toEqual(["confirming", "confirming", "armed"]);
});

test("an address that claims a token that the status does not show is believed by nobody", async () => {
  const { app, state } = setUp({}, () => good(aStatus({ connections: [aCtrader()] })));

  await app.enter({ kind: "landing", landing: { connected: "ctrader-demo", generation: 9 } });

  expect(state.renewal.value).toBeUndefined();
});

test("back from the broker without access the login is over, by the page's own words", async () => {
  const { app, state } = setUp({}, () => good(aStatus({ connections: [aCtrader()] })));

  await app.enter({ kind: "landing", landing: { failed: "LOGIN_DENIED", connection: "ctrader-demo" } });

  expect(state.renewal.value).toMatchObject({
    step: "closed",
    connection: "ctrader-demo",
    problem: { code: "LOGIN_DENIED", message: "The access was not granted at the broker’s page." },
  });
});

test("a code that an address makes up is shown with words of ours", async () => {
  const { app, state } = setUp({}, () => good(aStatus({ connections: [aCtrader()] })));

  await app.enter({ kind: "landing", landing: { failed: "SEND_MONEY_TO" as never } });

  expect(state.renewal.value).toMatchObject({
    problem: { message: "The login at the broker did not succeed." },
  });
});

test("an answer that was lost is looked for each second", async () => {
  const open = aCtrader({ authorization: login, token: { state: "awaiting-pin", generation: 2 } });
  let connection = open;
  const { app, state, pass } = setUp({}, () => good(aStatus({ connections: [connection] })));

  await app.enter({ kind: "landing", landing: { failed: "AUTHORIZATION_OUTCOME_UNKNOWN" } });
  const lost = state.renewal.value;
  connection = aCtrader({ token: { state: "active", generation: 3 } });
  await pass(2);

  expect(lost).toMatchObject({ step: "pin", problem: { code: "AUTHORIZATION_OUTCOME_UNKNOWN" } });
  expect(state.renewal.value).toMatchObject({ step: "confirming", generation: 3 });
});
