import { expect, test } from "vitest";
import { fail } from "../../platform/result.ts";
import { decideRest, SESSION_TIMINGS } from "./session-step.ts";
import { endTrouble, troubleOf } from "./session-trouble.ts";
import { NOON_MS, wireSession } from "./testing/session-on-a-wire.ts";
import { error, type Fault } from "./testing/wired-server.ts";

const half = { bytes: (count: number) => new Uint8Array(count).fill(128) };
const FACTS = { failures: 0, strikes: 1, now: NOON_MS };

const restAfter = (brokerCode: string, over: Partial<typeof FACTS> = {}, detail = {}) =>
  decideRest(
    troubleOf(fail("BROKER_REFUSED", { brokerCode, ...detail })),
    { ...FACTS, ...over },
    SESSION_TIMINGS,
    half,
  );

test.for([
  ["ACCOUNT_NOT_AUTHORIZED", "stay", "backoff"],
  ["OA_AUTH_TOKEN_EXPIRED", "stay", "token"],
  ["CH_ACCESS_TOKEN_INVALID", "stay", "token"],
  ["CH_CLIENT_NOT_AUTHENTICATED", "stay", "backoff"],
  ["CH_CLIENT_AUTH_FAILURE", "leave", "person"],
  ["CH_OA_CLIENT_NOT_FOUND", "leave", "person"],
  ["CH_CTID_TRADER_ACCOUNT_NOT_FOUND", "leave", "person"],
  ["RET_NO_SUCH_LOGIN", "leave", "person"],
  ["RET_ACCOUNT_DISABLED", "leave", "person"],
  ["CHANNEL_IS_BLOCKED", "leave", "person"],
  ["CANT_ROUTE_REQUEST", "stay", "backoff"],
  ["CH_SERVER_NOT_REACHABLE", "stay", "backoff"],
  ["TIMEOUT_ERROR", "stay", "backoff"],
  ["SERVER_IS_UNDER_MAINTENANCE", "leave", "maintenance"],
  ["CONNECTIONS_LIMIT_EXCEEDED", "leave", "backoff"],
  ["BLOCKED_PAYLOAD_TYPE", "stay", "backoff"],
  ["PENDING_EXECUTION", "stay", "backoff"],
  ["ENTITY_NOT_FOUND", "stay", "backoff"],
  ["INCORRECT_BOUNDARIES", "leave", "person"],
  ["TRADING_DISABLED", "leave", "person"],
  ["NOBODY_HEARD_OF_IT", "stay", "backoff"],
] as const)("after %s the session will %s, waiting for %s", ([brokerCode, kind, waitingFor]) => {
  expect(restAfter(brokerCode)).toMatchObject({ kind, waitingFor });
});

test("trouble that stays is worth a fresh connection", () => {
  expect(restAfter("CANT_ROUTE_REQUEST", { strikes: 2 }).kind).toBe("stay");
  expect(restAfter("CANT_ROUTE_REQUEST", { strikes: 3 }).kind).toBe("leave");
});

test("a block is waited out for as long as the broker asks", () => {
  expect(restAfter("BLOCKED_PAYLOAD_TYPE", {}, { retryAfterMs: 9_000 }).ms).toBe(9_000);
  expect(restAfter("BLOCKED_PAYLOAD_TYPE").ms).toBe(SESSION_TIMINGS.againMs);
});

test("a maintenance is waited for until its end and a little longer, but no longer than five minutes", () => {
  const until = (ms: number) =>
    restAfter("SERVER_IS_UNDER_MAINTENANCE", {}, { maintenanceEndsAt: NOON_MS + ms }).ms;

  expect(until(120_000)).toBeGreaterThan(121_000);
  expect(until(120_000)).toBeLessThan(130_001);
  expect(until(86_400_000)).toBe(300_000);
  expect(until(-86_400_000)).toBeGreaterThanOrEqual(1_000);
  expect(restAfter("SERVER_IS_UNDER_MAINTENANCE").ms).toBeGreaterThan(60_000);
});

test("too many connections are waited out slowly, since the broker counts dead ones for a minute", () => {
  expect(restAfter("CONNECTIONS_LIMIT_EXCEEDED").ms).toBeGreaterThanOrEqual(60_000);
});

test("an authority that is not trusted waits for a person, every other end only for a moment", () => {
  const rest = (end: Parameters<typeof endTrouble>[0]) =>
    decideRest(endTrouble(end), FACTS, SESSION_TIMINGS, half);

  expect(rest("certificate-refused")).toMatchObject({ waitingFor: "person", ms: 300_000 });
  for (const end of ["reset", "closed-by-peer", "silent", "unreachable", "disconnected-by-server"] as const) {
    expect(rest(end)).toMatchObject({ kind: "leave", waitingFor: "backoff" });
    expect(rest(end).ms).toBeLessThanOrEqual(500);
  }
});

test("a failure without the broker's word is judged by its own code", () => {
  const actions = (
    ["BROKER_UNREACHABLE", "BROKER_TIMEOUT", "BROKER_TOKEN_EXPIRED", "BROKER_RATE_LIMITED"] as const
  ).map((code) => troubleOf(fail(code)).action);

  expect(actions).toEqual(["ended", "transient", "token", "rate"]);
});

type Name =
  | "ProtoOAApplicationAuthReq"
  | "ProtoOAAccountAuthReq"
  | "ProtoOAReconcileReq"
  | "ProtoOATraderReq";

/** What becomes of a session whose first request of that name fails so, and how much it took. */
async function meet(name: Name, faults: readonly Fault[], waitMs: number) {
  const { session, server, timers, dials } = wireSession();
  server.fail(name, ...faults);
  session.start();
  await timers.advance(waitMs);
  return { state: session.state(), dials: dials().length, asked: server.count(name) };
}

test.for([
  ["ProtoOAApplicationAuthReq", error("CANT_ROUTE_REQUEST"), 5_000, 1],
  ["ProtoOAAccountAuthReq", error("CANT_ROUTE_REQUEST"), 5_000, 1],
  ["ProtoOAReconcileReq", error("TIMEOUT_ERROR"), 5_000, 1],
  ["ProtoOAReconcileReq", error("ACCOUNT_NOT_AUTHORIZED"), 5_000, 1],
  ["ProtoOATraderReq", error("CH_CLIENT_NOT_AUTHENTICATED"), 5_000, 1],
  ["ProtoOAReconcileReq", { kind: "silent" }, 30_000, 1],
  ["ProtoOAReconcileReq", { kind: "end" }, 10_000, 2],
  ["ProtoOAAccountAuthReq", { kind: "end" }, 10_000, 2],
  ["ProtoOAApplicationAuthReq", error("CHANNEL_IS_BLOCKED"), 310_000, 2],
  ["ProtoOAAccountAuthReq", error("RET_ACCOUNT_DISABLED"), 310_000, 2],
  ["ProtoOAApplicationAuthReq", error("CONNECTIONS_LIMIT_EXCEEDED"), 130_000, 2],
] as const satisfies readonly (readonly [Name, Fault, number, number])[])(
  "%s that meets %o once is ready again",
  async ([name, fault, waitMs, connections]) => {
    const { state, dials, asked } = await meet(name, [fault], waitMs);

    expect(state.phase).toBe("ready");
    expect([dials, asked]).toEqual([connections, 2]);
  },
);

test("wrong credentials wait for a person, five minutes between two tries, or until somebody wakes the session", async () => {
  const { session, server, timers, dials } = wireSession();
  const wrong = error("CH_CLIENT_AUTH_FAILURE");
  server.fail("ProtoOAApplicationAuthReq", wrong, wrong, wrong);
  session.start();
  await timers.advance(1_000);
  expect(session.state()).toMatchObject({
    phase: "waiting",
    waitingFor: "person",
    lastTrouble: "BROKER_CREDENTIALS_REJECTED",
    brokerCode: "CH_CLIENT_AUTH_FAILURE",
  });

  await timers.advance(298_000);
  expect(dials()).toHaveLength(1);
  await timers.advance(5_000);
  expect(dials()).toHaveLength(2);
  session.wake();
  await timers.advance(5_000);
  expect(dials()).toHaveLength(3);
  session.wake();
  await timers.advance(5_000);
  expect(session.state().phase).toBe("ready");
});

test("a maintenance is shown as such, and over when the broker said", async () => {
  const { session, server, timers } = wireSession();
  const maintenanceEnd = Math.floor(NOON_MS / 1000) + 240;
  server.fail("ProtoOAAccountAuthReq", error("SERVER_IS_UNDER_MAINTENANCE", { maintenanceEnd }));
  session.start();

  await timers.advance(230_000);
  expect(session.state()).toMatchObject({ phase: "waiting", waitingFor: "maintenance" });
  await timers.advance(30_000);
  expect(session.state().phase).toBe("ready");
});

test("pauses grow while connections do not last, and start anew after one that did", async () => {
  const { session, timers, link, dialledAt } = wireSession({ random: () => 255 });
  session.start();
  const cut = async (afterMs: number) => {
    await timers.advance(afterMs);
    const at = timers.now();
    const dials = dialledAt.length;
    link().end("reset");
    for (let waited = 0; dialledAt.length === dials && waited < 60_000; waited += 100)
      await timers.advance(100);
    return (dialledAt.at(-1) ?? 0) - at;
  };

  const pauses = [await cut(5_000), await cut(5_000), await cut(5_000), await cut(61_000), await cut(5_000)];

  expect(pauses).toEqual([500, 1_000, 2_000, 500, 1_000]);
});
