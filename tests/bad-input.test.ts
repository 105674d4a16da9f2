/** What is wrong on the way in gets one clear refusal, changes nothing, and leaves everything working. */
import { SignJWT } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BesiegedStack, openBesiegedStack } from "./support/besieged-stack.ts";
import { type Caller, codeOf, createCaller, linkCodeOf } from "./support/http-caller.ts";
import { moveClock } from "./support/sandbox-orders.ts";
import { PRODUCTION, type TestStack } from "./support/stack.ts";

const PIN_PATH = (login: string) => `/api/connections/${PRODUCTION}/authorizations/${login}/pin`;

let besieged: BesiegedStack;
let stack: TestStack;
let origin: string;
let call: Caller;

beforeEach(async () => {
  besieged = await openBesiegedStack();
  ({ stack, origin, call } = besieged);
});
afterEach(() => besieged.close());

const JSON_TYPE = { "content-type": "application/json" };

interface BadCall {
  readonly path?: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code: string;
}

const BAD_PINS: Readonly<Record<string, BadCall>> = {
  empty: { body: { pin: "" }, status: 422, code: "PIN_MALFORMED" },
  blank: { body: { pin: " \n\t " }, status: 422, code: "PIN_MALFORMED" },
  short: { body: { pin: "A1" }, status: 422, code: "PIN_MALFORMED" },
  "not letters": { body: { pin: "A1B2<" }, status: 422, code: "PIN_MALFORMED" },
  "of another script": { body: { pin: "А1В2С" }, status: 422, code: "PIN_MALFORMED" },
  "80 letters": { body: { pin: "A".repeat(80) }, status: 422, code: "PIN_MALFORMED" },
  "500 letters": { body: { pin: "A".repeat(500) }, status: 400, code: "REQUEST_MALFORMED" },
  "10 kB": { body: { pin: "A".repeat(10_000) }, status: 413, code: "REQUEST_TOO_LARGE" },
  "1 MB": { body: { pin: "A".repeat(1_000_000) }, status: 413, code: "REQUEST_TOO_LARGE" },
  "a number": { body: { pin: 12345 }, status: 400, code: "REQUEST_MALFORMED" },
  "a list": { body: { pin: ["A1B2C"] }, status: 400, code: "REQUEST_MALFORMED" },
  missing: { body: {}, status: 400, code: "REQUEST_MALFORMED" },
  "not alone": { body: { pin: "A1B2C", more: 1 }, status: 400, code: "REQUEST_MALFORMED" },
  "with a prototype": { body: '{"pin":"A1B2C","__proto__":{"x":1}}', status: 400, code: "REQUEST_MALFORMED" },
  "in broken JSON": { body: '{"pin":"A1B2C"', status: 400, code: "REQUEST_MALFORMED" },
  "in no JSON object": { body: '"A1B2C"', status: 400, code: "REQUEST_MALFORMED" },
  "deep in JSON": {
    body: `${"[".repeat(2_000)}${"]".repeat(2_000)}`,
    status: 400,
    code: "REQUEST_MALFORMED",
  },
  "as a form": {
    body: "pin=A1B2C",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    status: 415,
    code: "REQUEST_NOT_JSON",
  },
  "as plain text": {
    body: '{"pin":"A1B2C"}',
    headers: { "content-type": "text/plain" },
    status: 415,
    code: "REQUEST_NOT_JSON",
  },
  "said to be compressed": {
    body: '{"pin":"A1B2C"}',
    headers: { ...JSON_TYPE, "content-encoding": "gzip" },
    status: 415,
    code: "REQUEST_NOT_JSON",
  },
  "for an unknown login": {
    path: PIN_PATH("nobody"),
    body: { pin: "A1B2C" },
    status: 404,
    code: "AUTHORIZATION_UNKNOWN",
  },
  "for an unknown connection": {
    path: "/api/connections/etrade-nowhere/authorizations/x/pin",
    body: { pin: "A1B2C" },
    status: 404,
    code: "CONNECTION_UNKNOWN",
  },
};

test("a PIN that cannot be one is refused in one clear form, and the login stays as it was", async () => {
  const login = await besieged.begin();
  const before = besieged.stored();

  for (const [what, bad] of Object.entries(BAD_PINS)) {
    const answer = await call("POST", bad.path ?? PIN_PATH(login.id), {
      body: bad.body,
      headers: bad.headers ?? {},
    });
    expect({ what, status: answer.status, code: codeOf(answer) }).toEqual({
      what,
      status: bad.status,
      code: bad.code,
    });
    // Ten attempts a minute: the limit is another test's affair.
    await moveClock(stack, { advance: "PT7S" });
  }

  expect(besieged.stored()).toEqual(before);
  expect(stack.logged()).not.toContain("A1B2C");
  const pin = await stack.owner.logIn(login);
  expect((await call("POST", PIN_PATH(login.id), { body: { pin } })).status).toBe(202);
});

test("a body without measure is refused each time, and its sender hears it", async () => {
  const statuses: number[] = [];
  for (let tried = 0; tried < 20; tried += 1) {
    statuses.push((await call("POST", "/api/session", { body: { code: "x".repeat(5_000_000) } })).status);
  }

  expect(statuses).toEqual(statuses.map(() => 413));
  await besieged.expectStillWorking();
});

test("a PIN that is replayed, late, or wrong too often is refused by its own name", async () => {
  const done = await besieged.begin();
  const pin = await stack.owner.logIn(done);
  await call("POST", PIN_PATH(done.id), { body: { pin } });
  const replayed = await call("POST", PIN_PATH(done.id), { body: { pin } });
  const late = await besieged.begin();
  const latePin = await stack.owner.logIn(late);
  await moveClock(stack, { advance: "PT5M" });
  const expired = await call("POST", PIN_PATH(late.id), { body: { pin: latePin } });
  const wrong = await besieged.begin();
  const refusals = [];
  for (let tried = 1; tried <= 6; tried += 1) {
    refusals.push(codeOf(await call("POST", PIN_PATH(wrong.id), { body: { pin: "WRONG" } })));
  }

  expect([replayed.status, codeOf(replayed)]).toEqual([410, "AUTHORIZATION_CLOSED"]);
  expect([expired.status, codeOf(expired)]).toEqual([410, "AUTHORIZATION_EXPIRED"]);
  expect(refusals).toEqual([
    ...Array.from({ length: 4 }, () => "PIN_REFUSED"),
    "PIN_WRONG_TOO_OFTEN",
    "PIN_WRONG_TOO_OFTEN",
  ]);
  const report = await stack.app.services.status();
  expect(report.connections[0]?.token.generation).toBe(1);
  await besieged.expectStillWorking();
});

test("a code that is wrong, replayed, late or no code opens nothing, and all spent ones are answered alike", async () => {
  const { code } = besieged;
  const stranger = createCaller(origin);
  const spentBefore = besieged.stored();
  const tries: readonly (readonly [unknown, number, string])[] = [
    [{ code }, 401, "LINK_NOT_VALID"],
    [{ code: code.replace(/^./, (first) => (first === "A" ? "B" : "A")) }, 401, "LINK_NOT_VALID"],
    [{ code: "x" }, 401, "LINK_NOT_VALID"],
    [{ code: "" }, 400, "REQUEST_MALFORMED"],
    [{ code: "x".repeat(10_000) }, 413, "REQUEST_TOO_LARGE"],
    [{ code: null }, 400, "REQUEST_MALFORMED"],
    ['{"code":', 400, "REQUEST_MALFORMED"],
    ["", 415, "REQUEST_NOT_JSON"],
  ];

  for (const [body, status, expected] of tries) {
    const headers: Record<string, string> = body === "" ? { "content-type": "text/html" } : {};
    const answer = await stranger("POST", "/api/session", { body, headers });
    expect([body, answer.status, codeOf(answer)]).toEqual([body, status, expected]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  expect(besieged.stored()).toEqual(spentBefore);
  await moveClock(stack, { advance: "PT61S" });
  await stranger("POST", "/api/session/link", { body: {} });
  const fresh = await besieged.newestLink();
  await moveClock(stack, { advance: "PT1H" });
  const late = await stranger("POST", "/api/session", { body: { code: linkCodeOf(fresh) } });

  expect([late.status, codeOf(late)]).toEqual([401, "LINK_NOT_VALID"]);
  await besieged.expectStillWorking();
});

test("forged, foreign and broken cookies are no session", async () => {
  const [, token = ""] = besieged.cookie.split("=", 2);
  const [head = "", payload = "", signature = ""] = token.split(".");
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
  const foreign = await new SignJWT(JSON.parse(Buffer.from(payload, "base64url").toString()))
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new Uint8Array(32).fill(1));
  const forged = [
    "",
    "x",
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    `${head}.${payload}.${signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))}`,
    `${head}.${Buffer.from("{}").toString("base64url")}.${signature}`,
    foreign,
    "%00%ff",
    "x".repeat(6_000),
  ];

  for (const value of forged) {
    const answer = await createCaller(origin, { cookie: `__session=${value}` })("GET", "/api/status");
    expect([value.slice(0, 20), answer.status, codeOf(answer)]).toEqual([
      value.slice(0, 20),
      401,
      "SESSION_REQUIRED",
    ]);
  }

  const other = await createCaller(origin, { cookie: `session=${token}` })("GET", "/api/status");
  expect(other.status).toBe(401);
  expect((await call("GET", "/api/status")).status).toBe(200);
});

test("another site's page changes nothing, whichever way it calls", async () => {
  const login = await besieged.begin();
  const before = besieged.stored();
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: origin.replace("http:", "https:") },
    { origin: `${origin}.evil.example` },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  const changing: readonly (readonly [string, string, unknown])[] = [
    ["POST", PIN_PATH(login.id), { pin: "A1B2C" }],
    ["POST", `/api/connections/${PRODUCTION}/authorizations`, {}],
    ["POST", "/api/keep-alive", {}],
    ["POST", "/api/session/link", {}],
    ["DELETE", "/api/session", undefined],
  ];

  for (const headers of foreign) {
    for (const [method, path, body] of changing) {
      const answer = await createCaller(origin, { cookie: besieged.cookie })(method, path, {
        body,
        headers: { ...headers },
      });
      expect([method, path, headers, answer.status, codeOf(answer)]).toEqual([
        method,
        path,
        headers,
        403,
        "ORIGIN_REFUSED",
      ]);
    }
  }

  expect(besieged.stored()).toEqual(before);
  await besieged.expectStillWorking();
});
