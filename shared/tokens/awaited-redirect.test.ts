import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CtraderHouse, DEMO, openCtraderHouse } from "../../tests/support/ctrader-house.ts";
import { type Connection, connectionSchema } from "../config/connection.ts";
import { Secret } from "../platform/secret.ts";
import { Authorizer } from "./authorizer.ts";
import { currentLogin } from "./login-opening.ts";
import { type Actor, tokens } from "./records.ts";

const LIVE = connectionSchema.parse({ ...DEMO, id: "ctrader-live", environment: "live" });
const ETRADE = connectionSchema.parse({
  id: "etrade-production",
  broker: "etrade",
  environment: "production",
  label: "E*TRADE",
  needed: "every-morning",
});
const ALICE: Actor = { kind: "page", session: "alice" };
const BOB: Actor = { kind: "page", session: "bob" };
const TERMINAL: Actor = { kind: "terminal" };

let house: CtraderHouse;
let authorizer: Authorizer;
beforeEach(() => {
  house = openCtraderHouse();
  authorizer = new Authorizer({ ...house.parts(), connections: [DEMO, LIVE, ETRADE] });
});
afterEach(() => house.close());

async function begin(connection: Connection, actor: Actor): Promise<string> {
  const begun = await authorizer.begin(connection.id, actor);
  if (!begun.ok) throw new Error(begun.code);
  return begun.value.authorizeUrl;
}

/** The code that the broker's page sends back, into whichever browser. */
const codeFrom = (authorizeUrl: string) =>
  Secret.of(new URL(house.broker.approve(authorizeUrl)).searchParams.get("code") ?? "");
const comeBack = (code: Secret, actor: Actor) => authorizer.completeByRedirect({ code, actor });
const tokenOf = (connection: Connection) => house.store.get(tokens, connection.id);
const exchanges = () => house.broker.calls.filter((one) => one === "GET authorization_code").length;

test("a code that comes back to the session that began the login brings its token", async () => {
  const code = codeFrom(await begin(DEMO, ALICE));

  expect(await comeBack(code, ALICE)).toMatchObject({ ok: true, value: { generation: 1 } });
  expect((await tokenOf(DEMO))?.connection).toBe("ctrader-demo");
});

test("a code that comes to another session is not sent to the broker", async () => {
  const code = codeFrom(await begin(DEMO, ALICE));

  expect(await comeBack(code, BOB)).toMatchObject({ code: "REDIRECT_UNEXPECTED" });
  expect(exchanges()).toBe(0);
  expect(await comeBack(code, ALICE)).toMatchObject({ ok: true });
});

test("a code that comes where no login was begun is not sent to the broker", async () => {
  const code = Secret.of("somebody-elses-code");

  expect(await comeBack(code, ALICE)).toMatchObject({ code: "REDIRECT_UNEXPECTED" });
  expect(exchanges()).toBe(0);
});

test("beginning another redirect login in a session closes the earlier one, of whichever connection", async () => {
  const demo = await begin(DEMO, ALICE);
  const live = await begin(LIVE, ALICE);

  await comeBack(codeFrom(live), ALICE);
  const late = await comeBack(codeFrom(demo), ALICE);

  expect((await currentLogin(house.store, DEMO.id))?.record).toMatchObject({
    state: "closed",
    closedBecause: "replaced",
  });
  expect((await tokenOf(LIVE))?.generation).toBe(1);
  expect(await tokenOf(DEMO)).toBeUndefined();
  // The session's login is done: the late code is not even sent.
  expect(late).toMatchObject({ ok: true, value: { connection: "ctrader-live", generation: 1 } });
  expect(exchanges()).toBe(1);
});

test("logins of two sessions, for demo and live, do not touch each other", async () => {
  const demo = codeFrom(await begin(DEMO, ALICE));
  const live = codeFrom(await begin(LIVE, BOB));

  await Promise.all([comeBack(live, BOB), comeBack(demo, ALICE)]);

  expect([(await tokenOf(DEMO))?.generation, (await tokenOf(LIVE))?.generation]).toEqual([1, 1]);
});

test("a login of another session for the same connection closes the earlier one, whose code is then of no use", async () => {
  const first = await begin(DEMO, ALICE);
  await begin(DEMO, BOB);

  expect(await comeBack(codeFrom(first), ALICE)).toMatchObject({ code: "AUTHORIZATION_CLOSED" });
  expect(exchanges()).toBe(0);
});

test("a PIN login in the same session leaves the awaited redirect alone", async () => {
  const code = codeFrom(await begin(DEMO, ALICE));
  await begin(ETRADE, ALICE);

  expect(await comeBack(code, ALICE)).toMatchObject({ ok: true });
});

test("coming back once more, as by a reload, sends nothing and tells the same", async () => {
  const code = codeFrom(await begin(DEMO, ALICE));
  const first = await comeBack(code, ALICE);

  const again = await comeBack(code, ALICE);

  expect(again).toEqual(first);
  expect(exchanges()).toBe(1);
});

test("two that come back at once exchange the code once", async () => {
  const code = codeFrom(await begin(DEMO, ALICE));

  const outcomes = await Promise.all([comeBack(code, ALICE), comeBack(code, ALICE)]);

  expect(exchanges()).toBe(1);
  expect(outcomes.map((one) => (one.ok ? "ok" : one.code)).sort()).toEqual(["AUTHORIZATION_BUSY", "ok"]);
});

test("a login that has expired takes no code", async () => {
  const address = await begin(DEMO, ALICE);
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 10 }));

  expect(await comeBack(codeFrom(address), ALICE)).toMatchObject({ code: "AUTHORIZATION_EXPIRED" });
  expect(exchanges()).toBe(0);
});

test("a login of the terminal can come back through any of the owner's sessions", async () => {
  const code = codeFrom(await begin(DEMO, TERMINAL));

  expect(await comeBack(code, ALICE)).toMatchObject({ ok: true, value: { connection: "ctrader-demo" } });
});

test("a session's own login comes before the terminal's", async () => {
  await begin(LIVE, TERMINAL);
  const code = codeFrom(await begin(DEMO, ALICE));

  expect(await comeBack(code, ALICE)).toMatchObject({ ok: true, value: { connection: "ctrader-demo" } });
  expect(await tokenOf(LIVE)).toBeUndefined();
});

test("a request that the owner turned down ends the login, and a code that comes late is of no use", async () => {
  const address = await begin(DEMO, ALICE);

  expect(await authorizer.denyByRedirect(ALICE)).toBe("ctrader-demo");
  expect(await comeBack(codeFrom(address), ALICE)).toMatchObject({ code: "AUTHORIZATION_CLOSED" });
  expect(exchanges()).toBe(0);
});

test("a refusal that reaches another session ends nobody's login", async () => {
  const address = await begin(DEMO, ALICE);

  expect(await authorizer.denyByRedirect(BOB)).toBeUndefined();
  expect(await comeBack(codeFrom(address), ALICE)).toMatchObject({ ok: true });
});

test("a wrong code leaves the login open for the right one", async () => {
  const address = await begin(DEMO, ALICE);

  expect(await comeBack(Secret.of("wrong"), ALICE)).toMatchObject({ code: "PIN_REFUSED" });
  expect(await comeBack(codeFrom(address), ALICE)).toMatchObject({ ok: true });
});
