import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GOOD_PIN } from "../../tests/support/fake-issuer.ts";
import { authorizerOf, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { Secret } from "../platform/secret.ts";
import { authorizations, currentAuthorizations, tokens } from "./records.ts";
import { loginSecretName, readTokenPayload, tokenSecretName } from "./token-payload.ts";

const OWNER = { kind: "page", session: "s1" } as const;
let house: TokenHouse;

beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

async function opened() {
  const begun = await authorizerOf(house).begin(house.connection.id, OWNER);
  if (!begun.ok) throw new Error(begun.code);
  return begun.value;
}

function enter(authorization: string, pin = GOOD_PIN) {
  return authorizerOf(house).complete({
    connection: house.connection.id,
    authorization,
    pin: Secret.of(pin),
    actor: OWNER,
  });
}

test("a login and its PIN bring generation 1, stored whole in one version and broadcast", async () => {
  const login = await opened();

  const completed = await enter(login.id);

  expect(completed).toMatchObject({
    ok: true,
    value: { generation: 1, version: 1, authorization: login.id },
  });
  const record = await house.store.get(tokens, house.connection.id);
  expect(record?.expiresAt.toString()).toBe("2026-11-24T05:00:00Z");
  const payload = await readTokenPayload(house.vault, house.connection.id, 1);
  expect(payload.ok && payload.value.token.reveal()).toBe("token-1");
  expect(house.bus.published).toEqual([{ connection: house.connection.id, generation: 1, version: 1 }]);
});

test("a PIN is taken in lower case and with blanks around it", async () => {
  const login = await opened();

  expect(await enter(login.id, " ab12c\n")).toMatchObject({ ok: true });
});

test.each(["abc", "ABCDEFGHIJK", "AB 12C!", "x".repeat(10_000)])(
  "the text %j is no PIN, is not sent and costs no attempt",
  async (text) => {
    const login = await opened();

    const completed = await enter(login.id, text);

    expect(completed).toMatchObject({ ok: false, code: "PIN_MALFORMED" });
    expect(house.issuer.count("complete")).toBe(0);
    expect((await house.store.get(authorizations, login.id))?.attempts).toBe(0);
  },
);

test("a wrong PIN is counted and the login goes on; the fifth closes it and tells the owner", async () => {
  const login = await opened();

  for (const left of [4, 3, 2, 1]) {
    const refused = await enter(login.id, "WRONG");
    expect(refused).toMatchObject({ ok: false, code: "PIN_REFUSED", detail: { attemptsLeft: left } });
  }
  const fifth = await enter(login.id, "WRONG");
  const afterwards = await enter(login.id);

  expect(fifth).toMatchObject({ ok: false, code: "PIN_WRONG_TOO_OFTEN" });
  expect(afterwards).toMatchObject({ ok: false, code: "PIN_WRONG_TOO_OFTEN" });
  expect(house.issuer.count("complete")).toBe(5);
  expect(house.events).toMatchObject([{ kind: "login-failed", login: login.id }]);
});

test("the right PIN after a wrong one still brings the token", async () => {
  const login = await opened();
  await enter(login.id, "WRONG");

  expect(await enter(login.id)).toMatchObject({ ok: true, value: { generation: 1 } });
});

test("a PIN that is sent twice at once is exchanged once", async () => {
  const login = await opened();

  const outcomes = await Promise.all([enter(login.id), enter(login.id), enter(login.id)]);

  expect(outcomes.filter((one) => one.ok)).toHaveLength(1);
  expect(house.issuer.count("complete")).toBe(1);
});

test("a PIN that is replayed after success is refused, and the token stays", async () => {
  const login = await opened();
  await enter(login.id);

  const replayed = await enter(login.id);

  expect(replayed).toMatchObject({ ok: false, code: "AUTHORIZATION_CLOSED" });
  expect((await house.store.get(tokens, house.connection.id))?.generation).toBe(1);
});

test("after five minutes the login takes no PIN", async () => {
  const login = await opened();
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));

  expect(await enter(login.id)).toMatchObject({ ok: false, code: "AUTHORIZATION_EXPIRED" });
  expect(house.issuer.count("complete")).toBe(0);
});

test("beginning again closes the login before", async () => {
  const first = await opened();
  const second = await opened();

  expect(await enter(first.id)).toMatchObject({ ok: false, code: "AUTHORIZATION_CLOSED" });
  expect(await enter(second.id)).toMatchObject({ ok: true });
});

test("an unknown connection, an unknown login and another connection's login are refused", async () => {
  const login = await opened();
  const authorizer = authorizerOf(house);
  const pin = Secret.of(GOOD_PIN);

  expect(await authorizer.begin("nowhere", OWNER)).toMatchObject({ ok: false, code: "CONNECTION_UNKNOWN" });
  expect(
    await authorizer.complete({ connection: "nowhere", authorization: login.id, pin, actor: OWNER }),
  ).toMatchObject({ ok: false, code: "CONNECTION_UNKNOWN" });
  expect(await enter("no-such-login")).toMatchObject({ ok: false, code: "AUTHORIZATION_UNKNOWN" });
});

test("the day's login budget is one for page and terminal, and new after New York's midnight", async () => {
  const authorizer = authorizerOf(house);
  for (let login = 0; login < house.limits.loginsPerDay; login += 1) {
    const actor = login % 2 === 0 ? OWNER : ({ kind: "terminal" } as const);
    expect(await authorizer.begin(house.connection.id, actor)).toMatchObject({ ok: true });
  }

  const spent = await authorizer.begin(house.connection.id, { kind: "terminal" });
  await house.clock.advanceTo(Temporal.Instant.from("2026-11-24T05:00:00Z"));
  const nextDay = await authorizer.begin(house.connection.id, OWNER);

  expect(spent).toMatchObject({ ok: false, code: "LOGIN_BUDGET_SPENT" });
  expect(house.issuer.count("begin")).toBe(house.limits.loginsPerDay + 1);
  expect(nextDay).toMatchObject({ ok: true });
});

test("a broker that cannot be reached costs nothing of the budget", async () => {
  house.issuer.failures.push({ method: "begin", code: "BROKER_UNREACHABLE" });
  const authorizer = authorizerOf(house);

  expect(await authorizer.begin(house.connection.id, OWNER)).toMatchObject({ code: "BROKER_UNREACHABLE" });
  for (let login = 0; login < house.limits.loginsPerDay; login += 1) {
    expect(await authorizer.begin(house.connection.id, OWNER)).toMatchObject({ ok: true });
  }
});

test.each([
  "BROKER_UNREACHABLE",
  "BROKER_RATE_LIMITED",
  "BROKER_SIGNATURE_REFUSED",
  "BROKER_CLOCK_REFUSED",
  "BROKER_CREDENTIALS_REJECTED",
] as const)("%s proves that the broker has not looked at the PIN: the login takes it again", async (code) => {
  const login = await opened();
  house.issuer.failures.push({ method: "complete", code });

  expect(await enter(login.id)).toMatchObject({ ok: false, code });
  expect((await house.store.get(authorizations, login.id))?.attempts).toBe(0);
  expect(await enter(login.id)).toMatchObject({ ok: true });
});

test.each(["BROKER_UNAVAILABLE", "BROKER_REFUSED", "BROKER_REPLY_UNREADABLE"] as const)(
  "%s may have spent the PIN: its outcome is unknown, and recovery finds out",
  async (code) => {
    const login = await opened();
    house.issuer.failures.push({ method: "complete", code });

    const unknown = await enter(login.id);
    const state = (await house.store.get(authorizations, login.id))?.state;
    await house.clock.advanceBy(Temporal.Duration.from({ minutes: 1 }));
    const settled = await authorizerOf(house).recover();

    expect(unknown).toMatchObject({ ok: false, code: "AUTHORIZATION_OUTCOME_UNKNOWN" });
    expect(state).toBe("completing");
    expect(settled).toBe(1);
    expect(await house.store.get(tokens, house.connection.id)).toMatchObject({ authorization: login.id });
  },
);

test("a lost answer is unknown, and recovery asks again with the stored PIN", async () => {
  const login = await opened();
  house.issuer.failures.push({ method: "complete", code: "BROKER_TIMEOUT" });

  const unknown = await enter(login.id);
  const meanwhile = await enter(login.id);
  await house.clock.advanceBy(Temporal.Duration.from({ seconds: 20 }));
  const settled = await authorizerOf(house).recover();

  expect(unknown).toMatchObject({ ok: false, code: "AUTHORIZATION_OUTCOME_UNKNOWN" });
  expect(meanwhile).toMatchObject({ ok: false, code: "AUTHORIZATION_BUSY" });
  expect(settled).toBe(1);
  expect((await house.store.get(tokens, house.connection.id))?.generation).toBe(1);
});

test("a callback finds its login by the request token", async () => {
  await opened();
  const completed = await authorizerOf(house).completeByCallback({
    requestToken: "request-1",
    verifier: Secret.of(GOOD_PIN),
    actor: OWNER,
  });
  const foreign = await authorizerOf(house).completeByCallback({
    requestToken: "request-9",
    verifier: Secret.of(GOOD_PIN),
    actor: OWNER,
  });

  expect(completed).toMatchObject({ ok: true });
  expect(foreign).toMatchObject({ ok: false, code: "AUTHORIZATION_UNKNOWN" });
});

test("the vault keeps the last two tokens, and nothing of a finished login", async () => {
  for (let day = 0; day < 4; day += 1) {
    const login = await opened();
    expect(await enter(login.id)).toMatchObject({ ok: true });
  }

  expect(await house.vault.versions(tokenSecretName(house.connection.id))).toEqual([3, 4]);
  expect(await house.vault.versions(loginSecretName(house.connection.id))).toEqual([]);
});

test("begun logins and PINs are audited without the PIN", async () => {
  const login = await opened();
  await enter(login.id, "WRONG");
  await enter(login.id);

  expect(house.audited).toEqual([
    { actor: "page:s1", action: "login-begun", subject: house.connection.id, outcome: "ok" },
    { actor: "page:s1", action: "pin-entered", subject: house.connection.id, outcome: "PIN_REFUSED" },
    { actor: "page:s1", action: "pin-entered", subject: house.connection.id, outcome: "ok" },
  ]);
});

test("the newest login is the one that the connection points to", async () => {
  await opened();
  const second = await opened();

  expect(await house.store.get(currentAuthorizations, house.connection.id)).toEqual({
    authorization: second.id,
  });
});

test("the store may drop a login only days later: an outage that outlasts its PIN loses none", async () => {
  const { id } = await opened();

  const record = await house.store.get(authorizations, id);

  const removedAfter = record?.[authorizations.expiresBy as "keptUntil"];
  expect(removedAfter?.since(record?.openedAt ?? removedAfter).total("hours")).toBe(72);
});
