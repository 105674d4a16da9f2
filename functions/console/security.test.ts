import { UnsecuredJWT } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failureSchema } from "../../shared/console/api.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { createSessions } from "../../shared/sessions/sessions.ts";
import { createConsoleApp } from "./app.ts";
import { createHouse, type House, ORIGIN } from "./testing/house.ts";

let house: House;

beforeEach(() => {
  house = createHouse();
});
afterEach(() => house.close());

const PIN_PATH = "/api/connections/etrade-production/authorizations/login-1/pin";
const OWNER_CALLS: readonly (readonly [string, string])[] = [
  ["GET", "/api/status"],
  ["DELETE", "/api/session"],
  ["POST", "/api/connections/etrade-production/authorizations"],
  ["POST", PIN_PATH],
  ["POST", "/api/oauth/etrade/callback"],
  ["GET", "/api/connections/etrade-production/ping"],
  ["GET", "/api/connections/etrade-production/balance"],
  ["GET", "/api/keep-alive"],
  ["POST", "/api/keep-alive"],
];

/** All that a caller can see of an answer. */
async function seen(answer: Response): Promise<unknown> {
  return { status: answer.status, headers: [...answer.headers], body: await answer.text() };
}

async function failureOf(answer: Response): Promise<{ status: number; code: string }> {
  const body = failureSchema.parse(await answer.json());
  return { status: answer.status, code: body.error.code };
}

test.each(OWNER_CALLS)(
  "%s %s answers 401 without a session, and asks nothing behind it",
  async (method, path) => {
    const answer = await house.ask(path, { method, body: { pin: "A1B2C" } });

    expect(await failureOf(answer)).toEqual({ status: 401, code: "SESSION_REQUIRED" });
    expect(house.services.calls).toEqual([]);
  },
);

test("missing, empty, forged, unsigned, foreign, revoked and ended sessions are answered alike to the byte", async () => {
  const good = await house.signIn();
  const revoked = await house.signIn();
  await house.ask("/api/session", { method: "DELETE", cookie: revoked });
  const otherKey = createSessions({ ...house, key: Secret.of("x".repeat(32)) });
  const forged = (await otherKey.open({ chatId: "4711", words: ["acorn", "zephyr"] })).cookieValue.reveal();
  const foreign = (
    await house.sessions.open({ chatId: "666", words: ["acorn", "zephyr"] })
  ).cookieValue.reveal();
  const unsigned = new UnsecuredJWT({ jti: "A".repeat(22) })
    .setIssuer("openbell")
    .setAudience("openbell-console")
    .encode();
  const cookies = [undefined, "", "x", `${good.slice(0, -5)}AAAAA`, forged, unsigned, foreign, revoked];

  const answers = [];
  for (const cookie of cookies) {
    answers.push(await seen(await house.ask("/api/status", cookie === undefined ? {} : { cookie })));
  }
  expect((await house.ask("/api/status", { cookie: good })).status).toBe(200);
  await house.pass(24 * 3_600);
  answers.push(await seen(await house.ask("/api/status", { cookie: good })));

  expect(answers[0]).toMatchObject({ status: 401 });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test("every answer, good or bad, is never cached and carries the security headers and no CORS header", async () => {
  const cookie = await house.signIn();
  house.services.answers.ping = () => Promise.reject(new Error("boom"));
  const answers = [
    await house.ask("/api/health"),
    await house.ask("/api/status", { cookie }),
    await house.ask("/api/status"),
    await house.ask("/api/nothing"),
    await house.ask("/"),
    await house.ask("/api/status", { method: "POST", body: {} }),
    await house.ask("/api/status", { method: "OPTIONS", headers: { origin: "https://evil.example" } }),
    await house.ask("/api/session", { method: "POST", headers: { origin: "https://evil.example" } }),
    await house.ask("/api/session", { method: "POST", body: "{" }),
    await house.ask("/api/connections/etrade-production/ping", { cookie }),
    await house.ask("/api/session", { method: "DELETE", cookie }),
  ];
  for (let i = 0; i < 100; i += 1) await house.ask("/api/nothing", { from: "192.0.2.9" });
  answers.push(await house.ask("/api/health", { from: "192.0.2.9" }));

  expect(answers.map((answer) => answer.status)).toEqual([
    200, 200, 401, 404, 404, 405, 405, 403, 400, 500, 204, 429,
  ]);
  for (const { headers } of answers) {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
});

test("what does not exist is a 404 and a wrong method a 405 that names the right ones, in the one body", async () => {
  const unknown = await house.ask("/api/secret");
  const slash = await house.ask("/api/status/");
  const wrong = await house.ask("/api/session", { method: "PUT" });
  const get = await house.ask("/api/session");
  const keepAlive = await house.ask("/api/keep-alive", { method: "DELETE" });

  expect(await failureOf(unknown)).toEqual({ status: 404, code: "ROUTE_UNKNOWN" });
  expect(await failureOf(slash)).toEqual({ status: 404, code: "ROUTE_UNKNOWN" });
  expect(await failureOf(wrong)).toEqual({ status: 405, code: "METHOD_NOT_ALLOWED" });
  expect(await failureOf(get)).toEqual({ status: 405, code: "METHOD_NOT_ALLOWED" });
  expect(wrong.headers.get("allow")).toBe("POST, DELETE");
  expect(keepAlive.headers.get("allow")).toBe("GET, HEAD, POST");
});

const FOREIGN: readonly (readonly [string, Record<string, string>])[] = [
  ["another site", { origin: "https://evil.example" }],
  ["a sandboxed frame", { origin: "null" }],
  ["our host over plain HTTP", { origin: "http://openbell.example" }],
  ["our host at another port", { origin: "https://openbell.example:8443" }],
  ["a look-alike", { origin: "https://openbell.example.evil.example" }],
  ["our own subdomain", { origin: "https://x.openbell.example" }],
  ["a cross-site fetch without an origin", { origin: ORIGIN, "sec-fetch-site": "cross-site" }],
  ["a same-site fetch", { origin: ORIGIN, "sec-fetch-site": "same-site" }],
];

test.each(FOREIGN)("a call that changes something from %s is refused", async (_where, headers) => {
  const cookie = await house.signIn();
  const code = await house.issueCode();
  const calls: readonly (readonly [string, string, unknown])[] = [
    ["POST", "/api/session", { code }],
    ["POST", "/api/session/link", {}],
    ["DELETE", "/api/session", undefined],
    ["POST", "/api/connections/etrade-production/authorizations", {}],
    ["POST", PIN_PATH, { pin: "A1B2C" }],
    ["POST", "/api/keep-alive", {}],
  ];

  for (const [method, path, body] of calls) {
    const answer = await house.ask(path, { method, cookie, headers, body });

    expect(await failureOf(answer)).toEqual({ status: 403, code: "ORIGIN_REFUSED" });
  }
  expect(house.services.calls).toEqual([]);
  expect((await house.links.redeem(code)).ok).toBe(true);
  expect((await house.sessions.verify(cookie)).ok).toBe(true);
});

test("a terminal, which sends neither origin nor fetch metadata, may call", async () => {
  const cookie = await house.signIn();

  const answer = await house.app.request(`${ORIGIN}/api/keep-alive`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: `__session=${cookie}` },
    body: "{}",
  });

  expect(answer.status).toBe(200);
});

test("the 101st request of a minute from one address is refused with the time to wait, others are served", async () => {
  for (let i = 0; i < 100; i += 1) expect((await house.ask("/api/health")).status).toBe(200);
  await house.pass(20);

  const refused = await house.ask("/api/health");
  const other = await house.ask("/api/health", { from: "192.0.2.2" });
  await house.pass(40);
  const later = await house.ask("/api/health");

  expect(refused.headers.get("retry-after")).toBe("40");
  expect(await failureOf(refused)).toEqual({ status: 429, code: "RATE_LIMITED" });
  expect([other.status, later.status]).toEqual([200, 200]);
});

test("an address that the caller invents does not help against the limit", async () => {
  const statuses = [];
  for (let i = 0; i < 101; i += 1) {
    statuses.push((await house.ask("/api/health", { from: `10.0.0.${i}, 192.0.2.1` })).status);
  }

  expect(statuses.at(-1)).toBe(429);
});

test("the eleventh PIN of a minute from one address never reaches the broker", async () => {
  const cookie = await house.signIn();
  const send = () => house.ask(PIN_PATH, { method: "POST", cookie, body: { pin: "A1B2C" } });
  for (let i = 0; i < 10; i += 1) expect((await send()).status).toBe(202);

  const refused = await send();

  expect(await failureOf(refused)).toEqual({ status: 429, code: "RATE_LIMITED" });
  expect(refused.headers.get("retry-after")).toBe("60");
  expect(house.services.calls).toHaveLength(10);
});

test("callback codes count as PINs", async () => {
  const cookie = await house.signIn();
  const body = { requestToken: "t", verifier: "v" };
  for (let i = 0; i < 10; i += 1)
    await house.ask(PIN_PATH, { method: "POST", cookie, body: { pin: "A1B2C" } });

  const refused = await house.ask("/api/oauth/etrade/callback", { method: "POST", cookie, body });

  expect(await failureOf(refused)).toEqual({ status: 429, code: "RATE_LIMITED" });
});

test("callers without a session use up nobody's PIN attempts", async () => {
  for (let i = 0; i < 20; i += 1) await house.ask(PIN_PATH, { method: "POST", body: { pin: "A" } });
  const cookie = await house.signIn();

  const answer = await house.ask(PIN_PATH, { method: "POST", cookie, body: { pin: "A1B2C" } });

  expect(answer.status).toBe(202);
});

test.each([
  ["an error", new Error("canary in /secret/path")],
  ["an error with a cause", new Error("canary", { cause: new TypeError("canary") })],
  ["what is no error", "canary"],
])(
  "%s thrown behind the console gives an id that the log also has, and no word of it",
  async (_what, thrown) => {
    const cookie = await house.signIn();
    house.services.answers.status = () => Promise.reject(thrown);

    const answer = await house.ask("/api/status", { cookie });

    const body = failureSchema.parse(await answer.json());
    expect(answer.status).toBe(500);
    expect(body.error).toMatchObject({
      code: "INTERNAL",
      detail: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(house.logged).toContainEqual(
      expect.objectContaining({
        level: "error",
        fields: expect.objectContaining({ id: body.error.detail.id }),
      }),
    );
    expect(JSON.stringify([body, house.logged])).not.toContain("canary");
  },
);

test("the log has no PIN, code, cookie, path or query of any call", async () => {
  const cookie = await house.signIn();
  const code = await house.issueCode();
  await house.ask("/api/session", { method: "POST", body: { code } });
  await house.ask(PIN_PATH, { method: "POST", cookie, body: { pin: "CANARYPIN" } });
  await house.ask("/api/canary-path?canary=query", { cookie });
  await house.ask("/api/session", { method: "POST", body: '{"canary' });

  const logged = JSON.stringify(house.logged);

  expect(house.logged.map(({ fields }) => fields.route)).toEqual([
    "/api/session",
    "/api/connections/:connection/authorizations/:authorization/pin",
    "unknown",
    "/api/session",
  ]);
  for (const secret of ["CANARYPIN", "canary", code, cookie]) expect(logged).not.toContain(secret);
});

test.each([
  ["a public origin with a path", { publicOrigin: "https://openbell.example/" }],
  ["hops that are no count", { trustedProxyHops: -1 }],
])("%s is refused when the console is made", (_what, over) => {
  const options = { ...house.deps.options, ...over };

  expect(() => createConsoleApp({ ...house.deps, options })).toThrow(RangeError);
});
