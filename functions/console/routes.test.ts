import { afterEach, beforeEach, expect, test } from "vitest";
import { fail, succeed } from "../../shared/platform/result.ts";
import { ACCEPTED, AUTHORIZATION, BALANCE, KEEP_ALIVE, PING, STATUS } from "./testing/fake-services.ts";
import { createHouse, type House } from "./testing/house.ts";

let house: House;
let cookie: string;
let actor: { kind: "page"; session: string };

beforeEach(async () => {
  house = createHouse();
  cookie = await house.signIn();
  const session = await house.sessions.verify(cookie);
  actor = { kind: "page", session: session.ok ? session.value.id : "" };
});
afterEach(() => house.close());

const LOGINS = "/api/connections/etrade-production/authorizations";

test("the status is the services' status with the session's words, its end and the build", async () => {
  const answer = await house.ask("/api/status", { cookie });

  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(await answer.json()).toEqual({
    ...STATUS,
    build: "test-build",
    words: ["acorn", "zephyr"],
    sessionExpiresAt: "2026-11-24T13:30:00.000Z",
  });
});

test("anyone may ask for health: 200 when well, 503 when degraded", async () => {
  const well = await house.ask("/api/health");
  house.services.answers.health = async () => ({
    status: "degraded",
    checks: { store: true, worker: false, sockets: true },
  });
  const degraded = await house.ask("/api/health");

  expect(well.status).toBe(200);
  expect(await well.json()).toEqual({
    status: "ok",
    build: "test-build",
    checks: { store: true, worker: true, sockets: true },
  });
  expect(degraded.status).toBe(503);
  expect(await degraded.json()).toMatchObject({ status: "degraded", checks: { worker: false } });
});

test("a login is begun for the session that asks", async () => {
  const answer = await house.ask(LOGINS, { method: "POST", cookie });

  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual(AUTHORIZATION);
  expect(house.services.calls).toEqual([["begin", { connection: "etrade-production", actor }]]);
});

test("a PIN reaches its login without the blanks around it", async () => {
  const answer = await house.ask(`${LOGINS}/login-1/pin`, {
    method: "POST",
    cookie,
    body: { pin: " ab12c\n" },
  });

  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual(ACCEPTED);
  expect(house.services.calls).toEqual([
    ["complete", { connection: "etrade-production", authorization: "login-1", pin: "ab12c", actor }],
  ]);
});

test.each(["", "   ", "\n"])("an empty PIN %j is refused and costs no attempt", async (pin) => {
  const answer = await house.ask(`${LOGINS}/login-1/pin`, { method: "POST", cookie, body: { pin } });

  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ error: { code: "PIN_MALFORMED" } });
  expect(house.services.calls).toEqual([]);
});

test("the broker's callback finishes the login that it belongs to", async () => {
  const body = { requestToken: "rt+/=", verifier: "v1" };
  const answer = await house.ask("/api/oauth/etrade/callback", { method: "POST", cookie, body });

  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual(ACCEPTED);
  expect(house.services.calls).toEqual([["completeByCallback", { ...body, actor }]]);
});

test("ping, balance and keep-alive are passed on", async () => {
  const ping = await house.ask("/api/connections/etrade-production/ping", { cookie });
  const balance = await house.ask("/api/connections/etrade-production/balance", { cookie });
  const keepAlive = await house.ask("/api/keep-alive", { cookie });

  expect(await ping.json()).toEqual(PING);
  expect(await balance.json()).toEqual(BALANCE);
  expect(await keepAlive.json()).toEqual(KEEP_ALIVE);
  expect([ping.status, balance.status, keepAlive.status]).toEqual([200, 200, 200]);
});

test("keep-alive is forced for one connection or for all, and audited with its outcome", async () => {
  await house.ask("/api/keep-alive", { method: "POST", cookie });
  house.services.answers.forceKeepAlive = async () => fail("BROKER_UNAVAILABLE");
  const one = await house.ask("/api/keep-alive", {
    method: "POST",
    cookie,
    body: { connection: "etrade-sandbox" },
  });

  expect(one.status).toBe(503);
  expect(house.services.calls).toEqual([
    ["forceKeepAlive", { actor }],
    ["forceKeepAlive", { connection: "etrade-sandbox", actor }],
  ]);
  expect(house.audited).toEqual([
    { actor: `page:${actor.session}`, action: "keep-alive-forced", subject: "all", outcome: "ok" },
    {
      actor: `page:${actor.session}`,
      action: "keep-alive-forced",
      subject: "etrade-sandbox",
      outcome: "BROKER_UNAVAILABLE",
    },
  ]);
});

test("a failure of the services leaves with its code's status, its details and the one body", async () => {
  house.services.answers.complete = async () => fail("PIN_REFUSED", { attemptsLeft: 4 });

  const answer = await house.ask(`${LOGINS}/login-1/pin`, { method: "POST", cookie, body: { pin: "WRONG" } });

  expect(answer.status).toBe(422);
  expect(await answer.json()).toEqual({
    error: {
      code: "PIN_REFUSED",
      message: "The broker did not take this PIN.",
      next: expect.any(String),
      detail: { attemptsLeft: 4 },
    },
  });
});

test.each([
  ["POST", "/api/connections/Bad_Name/authorizations"],
  ["POST", "/api/connections/Bad_Name/authorizations/login-1/pin"],
  ["GET", "/api/connections/Bad_Name/ping"],
  ["GET", "/api/connections/%2e%2e%2fetc/balance"],
])("%s %s: what cannot be a connection's name is an unknown connection", async (method, path) => {
  const answer = await house.ask(path, { method, cookie, body: path.endsWith("pin") ? { pin: "A1" } : {} });

  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error: { code: "CONNECTION_UNKNOWN" } });
  expect(house.services.calls).toEqual([]);
});

test("forcing keep-alive for what cannot be a connection's name is refused", async () => {
  const answer = await house.ask("/api/keep-alive", { method: "POST", cookie, body: { connection: "../x" } });

  expect(answer.status).toBe(404);
  expect(house.services.calls).toEqual([]);
});

test.each(["a%20b", "__x__", "a".repeat(201)])(
  "%s, which is no document's id, is an unknown login",
  async (id) => {
    const answer = await house.ask(`${LOGINS}/${id}/pin`, { method: "POST", cookie, body: { pin: "A1B2C" } });

    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: "AUTHORIZATION_UNKNOWN" } });
    expect(house.services.calls).toEqual([]);
  },
);

test("a field that the schema does not name never leaves: the call fails instead", async () => {
  const leaking = { ...PING, accessToken: "canary" };
  house.services.answers.ping = async () => succeed(leaking);

  const answer = await house.ask("/api/connections/etrade-production/ping", { cookie });

  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("canary");
  expect(JSON.stringify(house.logged)).not.toContain("canary");
});
