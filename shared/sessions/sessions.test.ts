import { createHmac } from "node:crypto";
import fc from "fast-check";
import { UnsecuredJWT } from "jose";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Secret } from "../platform/secret.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { ALERT_TIME, createHarness, type Harness } from "./testing/harness.ts";

const KEY = "k".repeat(32);
const OWNER = { chatId: "4711", words: ["acorn", "zephyr"] } as const;
const REQUIRED = { ok: false, code: "SESSION_REQUIRED", detail: {} };
const DAY_END = ALERT_TIME.add(Temporal.Duration.from({ hours: 24 }));

let harness: Harness;
let sessions: Sessions;

beforeEach(() => {
  harness = createHarness();
  sessions = createSessions({ ...harness, key: Secret.of(KEY) });
});
afterEach(() => harness.close());

const json64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token made by hand, by default just like a genuine one. */
function signed(claims: object, { alg = "HS256", hash = "sha256", key = KEY } = {}): string {
  const head = `${json64({ alg })}.${json64(claims)}`;
  return `${head}.${createHmac(hash, key).update(head).digest("base64url")}`;
}

test("a session's cookie value stands for the session", async () => {
  const { session, cookieValue } = await sessions.open(OWNER);

  const verified = await sessions.verify(cookieValue.reveal());

  expect(verified).toEqual({ ok: true, value: session });
  expect(session).toMatchObject({ ...OWNER, expiresAt: DAY_END });
});

test("a session also counts in another instance with the same key, and in none with another", async () => {
  const { cookieValue } = await sessions.open(OWNER);
  const store = harness.anotherStore();

  const same = await createSessions({ ...harness, store, key: Secret.of(KEY) }).verify(cookieValue.reveal());
  const other = await createSessions({ ...harness, store, key: Secret.of("x".repeat(32)) }).verify(
    cookieValue.reveal(),
  );

  expect(same.ok).toBe(true);
  expect(other).toEqual(REQUIRED);
});

test("a session ends after 24 hours to the second and use does not prolong it", async () => {
  const { cookieValue } = await sessions.open(OWNER);

  await harness.clock.advanceTo(DAY_END.subtract(Temporal.Duration.from({ seconds: 1 })));
  const before = await sessions.verify(cookieValue.reveal());
  await harness.clock.advanceTo(DAY_END);
  const after = await sessions.verify(cookieValue.reveal());

  expect(before.ok).toBe(true);
  expect(after).toEqual(REQUIRED);
});

test("a closed session is over at once, and only that one", async () => {
  const first = await sessions.open(OWNER);
  const second = await sessions.open(OWNER);

  await sessions.close(first.session.id);

  expect(await sessions.verify(first.cookieValue.reveal())).toEqual(REQUIRED);
  expect((await sessions.verify(second.cookieValue.reveal())).ok).toBe(true);
});

test("closing all sessions ends every one and says how many", async () => {
  const opened = [];
  for (let i = 0; i < 3; i += 1) opened.push(await sessions.open(OWNER));

  expect(await sessions.closeAll()).toBe(3);

  for (const { cookieValue } of opened) {
    expect(await sessions.verify(cookieValue.reveal())).toEqual(REQUIRED);
  }
  expect(await sessions.closeAll()).toBe(0);
});

test("the signature alone opens nothing: a well signed token without a session is refused", async () => {
  const exp = DAY_END.epochMilliseconds / 1_000;
  const token = signed({ jti: "A".repeat(22), iss: "openbell", aud: "openbell-console", exp });

  expect(await sessions.verify(token)).toEqual(REQUIRED);
});

test("tokens of an open session with another algorithm, audience, issuer, key or end are refused", async () => {
  const { session, cookieValue } = await sessions.open(OWNER);
  const claims = {
    jti: session.id,
    iss: "openbell",
    aud: "openbell-console",
    exp: DAY_END.epochMilliseconds / 1_000,
  };
  const { exp: _, ...endless } = claims;
  const [, payload = "", signature = ""] = cookieValue.reveal().split(".");
  const forged = [
    new UnsecuredJWT(claims).encode(),
    `${json64({ alg: "none", typ: "JWT" })}.${payload}.`,
    `${json64({ alg: "None" })}.${payload}.${signature}`,
    signed(claims, { alg: "none" }),
    signed(claims, { alg: "HS512", hash: "sha512" }),
    signed(claims, { key: "x".repeat(32) }),
    signed({ ...claims, aud: "other" }),
    signed({ ...claims, iss: "other" }),
    signed({ ...claims, exp: 1 }),
    signed(endless),
  ];

  for (const token of forged) expect(await sessions.verify(token)).toEqual(REQUIRED);
  expect((await sessions.verify(signed(claims))).ok).toBe(true);
});

test("a token with any one character changed is refused", async () => {
  const { cookieValue } = await sessions.open(OWNER);
  const token = cookieValue.reveal();

  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: token.length - 2 }),
      fc.constantFrom("A", "z", "_", "."),
      async (at, letter) => {
        fc.pre(token[at] !== letter);
        const changed = token.slice(0, at) + letter + token.slice(at + 1);

        expect(await sessions.verify(changed)).toEqual(REQUIRED);
      },
    ),
    { numRuns: 200 },
  );
});

test("whatever text comes as a cookie is refused and never throws", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.constant(undefined),
        fc.string(),
        fc.string({ unit: "binary" }),
        fc.array(fc.base64String(), { minLength: 3, maxLength: 3 }).map((parts) => parts.join(".")),
        fc.tuple(fc.json(), fc.json()).map(([a, b]) => `${json64(a)}.${json64(b)}.AAAA`),
        fc.json().map((payload) => {
          const head = `${json64({ alg: "HS256" })}.${Buffer.from(payload).toString("base64url")}`;
          return `${head}.${createHmac("sha256", KEY).update(head).digest("base64url")}`;
        }),
        fc.constant("a".repeat(10_000)),
      ),
      async (text) => {
        expect(await sessions.verify(text)).toEqual(REQUIRED);
      },
    ),
    { numRuns: 300 },
  );
});

test("a key of fewer than 32 bytes is refused", () => {
  expect(() => createSessions({ ...harness, key: Secret.of("k".repeat(31)) })).toThrow(RangeError);
});
