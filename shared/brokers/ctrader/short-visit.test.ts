import { beforeEach, expect, test } from "vitest";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import { Secret } from "../../platform/secret.ts";
import { createJumpingClock } from "../etrade/testing/fakes.ts";
import { packGrant } from "./oauth/token.ts";
import { knock, type VisitOptions, type VisitStep, visit } from "./short-visit.ts";
import { A_PEER } from "./testing/scripted-link.ts";
import { TinyCtrader } from "./testing/tiny-ctrader.ts";
import { createCtraderAccounts } from "./visits.ts";

const CLIENT = { id: "app", secret: "HIDDEN", redirectUri: "https://openbell.example/cb" };
const OPTIONS: VisitOptions = {
  clientId: CLIENT.id,
  clientSecret: Secret.of(CLIENT.secret),
  environment: "demo",
};

let broker: TinyCtrader;
let token: Secret;
beforeEach(async () => {
  broker = new TinyCtrader(createJumpingClock(), CLIENT);
  const query = new URL(
    broker.approve(`https://id.example/?client_id=app&redirect_uri=${CLIENT.redirectUri}`),
  );
  const code = query.searchParams.get("code") ?? "";
  const address = new URLSearchParams({
    ...{ grant_type: "authorization_code", code, redirect_uri: CLIENT.redirectUri },
    ...{ client_id: CLIENT.id, client_secret: CLIENT.secret },
  });
  const url = `https://broker.example/?${address}`;
  const answer = await broker.http({ method: "GET", url, headers: {}, timeoutMs: 1_000 });
  if (answer.kind !== "answered") throw new Error(answer.why);
  token = Secret.of((JSON.parse(answer.text) as { accessToken: string }).accessToken);
  broker.calls.length = 0;
});

const timers = createVirtualTimers();
const deps = () => ({ openChannel: broker.openChannel, timers });
const go = (over: Partial<VisitOptions> = {}, accessToken = token) =>
  visit(deps(), { ...OPTIONS, ...over }, accessToken);
const grant = () => packGrant({ accessToken: token, refreshToken: Secret.of("r"), life: undefined });
const accounts = (over: Partial<VisitOptions> = {}) => createCtraderAccounts(deps(), { ...OPTIONS, ...over });

test("a visit authorises the first account of its environment, reads it, and leaves", async () => {
  const visited = await go();

  expect(visited).toMatchObject({
    ok: true,
    value: {
      peer: A_PEER,
      listed: ["1111", "2222"],
      visited: [{ lastFour: "1111", brokerTitle: "Tiny", currency: "EUR", isOpenToTrade: true }],
      mayTrade: true,
    },
  });
  expect(visited.ok && visited.value.visited[0]?.balance.toString()).toBe("12345.67");
  expect(broker.calls).toEqual([
    "ProtoOAApplicationAuthReq",
    "ProtoOAGetAccountListByAccessTokenReq",
    "ProtoOAAccountAuthReq",
    "ProtoOAAssetListReq",
    "ProtoOATraderReq",
  ]);
  expect(broker.openChannels).toBe(0);
});

test("the accounts of the other environment are left alone", async () => {
  const visited = await go({ environment: "live" });

  expect(visited.ok && visited.value.listed).toEqual(["3333"]);
});

test("the configured account is the one that is authorised", async () => {
  const visited = await go({ account: "2222" });

  expect(visited.ok && visited.value.visited.map((one) => one.lastFour)).toEqual(["2222"]);
});

test.each([
  [{ account: "9999" }, 2],
  [{ account: "3333" }, 2],
])("%j is missing among them", async (over, found) => {
  expect(await go(over)).toMatchObject({ code: "ACCOUNT_MISSING", detail: { accounts: found } });
});

test("each step is told as it succeeds, round trips last", async () => {
  const steps: VisitStep[] = [];

  const going = go({ roundTrips: 3, onStep: (step) => steps.push(step) });
  await timers.advance(300);
  const visited = await going;

  expect(steps.map((step) => step.kind)).toEqual([
    ...["link", "application", "accounts", "account", "balance"],
    ...["round-trip", "round-trip", "round-trip"],
  ]);
  expect(visited.ok && visited.value.roundTripsMs).toHaveLength(3);
});

test.each([
  ["link", "BROKER_UNREACHABLE", () => Object.assign(broker, { isDown: true }), {}],
  ["application", "BROKER_CREDENTIALS_REJECTED", () => {}, { clientSecret: Secret.of("wrong") }],
  ["balance", "BROKER_REPLY_UNREADABLE", () => Object.assign(broker, { trader: { depositAssetId: 8 } }), {}],
] as const)("a failure at %s is %s and names the step", async (step, code, spoil, over) => {
  spoil();

  expect(await go(over)).toMatchObject({ ok: false, code, detail: { step } });
  expect(broker.openChannels).toBe(0);
});

test("a visit without a token authorises the application, and leaves", async () => {
  const knocked = await knock(deps(), OPTIONS);
  const refused = await knock(deps(), { ...OPTIONS, clientSecret: Secret.of("wrong") });

  expect(knocked).toMatchObject({ ok: true });
  expect(refused).toMatchObject({ code: "BROKER_CREDENTIALS_REJECTED", detail: { step: "application" } });
  expect(broker.calls).toEqual(["ProtoOAApplicationAuthReq", "ProtoOAApplicationAuthReq"]);
  expect(broker.openChannels).toBe(0);
});

test("a visit that is left closes its connection at once, also between two round trips", async () => {
  const leaving = new AbortController();
  const going = go({ roundTrips: 3, signal: leaving.signal });
  await timers.advance(150);
  leaving.abort();
  await timers.advance(0);

  expect(broker.openChannels).toBe(0);
  await timers.advance(50);
  expect(await going).toMatchObject({ code: "BROKER_UNREACHABLE", detail: { step: "round-trip" } });
});

test("a refused token fails at the list of accounts, before any account is authorised", async () => {
  const refused = await go({}, Secret.of("unknown"));

  expect(refused).toMatchObject({ code: "BROKER_TOKEN_REJECTED", detail: { step: "accounts" } });
  expect(broker.calls).not.toContain("ProtoOAAccountAuthReq");
});

test("a probe counts the environment's accounts and names those that can trade", async () => {
  expect(await accounts().probe(grant())).toMatchObject({
    ok: true,
    value: { accounts: 2, tradable: ["1111", "2222"] },
  });
});

test("a token for looking alone trades on no account", async () => {
  broker.scope = "SCOPE_VIEW";

  expect(await accounts().probe(grant())).toMatchObject({ value: { accounts: 2, tradable: [] } });
});

test("an account whose own rights forbid to open positions is not offered", async () => {
  broker.trader = { accessRights: "CLOSE_ONLY" };

  expect(await accounts().probe(grant())).toMatchObject({ value: { tradable: ["2222"] } });
});

test("a configured account that is not there leaves a good token without an account to trade on", async () => {
  expect(await accounts({ account: "9999" }).probe(grant())).toMatchObject({
    ok: true,
    value: { accounts: 2, tradable: [] },
  });
});

test("balances name each account's own currency", async () => {
  expect(await accounts().balances(grant())).toEqual({
    ok: true,
    value: [
      { account: "1111", description: "Tiny", currency: "EUR", balance: "12345.67" },
      { account: "2222", description: "", currency: "EUR", balance: "12345.67" },
    ],
  });
});
