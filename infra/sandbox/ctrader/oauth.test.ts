import { afterEach, beforeEach, expect, test } from "vitest";
import { type Authority, openAuthority } from "./authority.ts";
import {
  type CtraderSimulator,
  type CtraderSimulatorAddresses,
  createCtraderSimulator,
} from "./ctrader-simulator.ts";
import type { GrantStorage } from "./grants.ts";
import { DEMO_ACCOUNT, LIVE_ACCOUNT, openRig } from "./testing/rig.ts";

const REDIRECT = "http://localhost:8790/api/oauth/ctrader/callback";
const nothing = { load: () => undefined, save: () => undefined };

let authority: Authority;
let simulator: CtraderSimulator;
let addresses: CtraderSimulatorAddresses;
let rig: ReturnType<typeof openRig>;
let saved: { text?: string };

async function open(key: Uint8Array) {
  const storage: GrantStorage & { key: Uint8Array } = {
    key,
    load: () => saved.text,
    save: (text) => {
      saved.text = text;
    },
  };
  const { clock, timers, log } = rig;
  const made = createCtraderSimulator(
    { clock, timers, log, random: { bytes: (count) => new Uint8Array(count) } },
    { authority, storage, registeredRedirects: [REDIRECT] },
  );
  return { made, at: await made.listen({ host: "127.0.0.1" }) };
}

beforeEach(async () => {
  authority ??= await openAuthority({ certificate: nothing, keys: nothing }, Date.now());
  saved = {};
  rig = openRig();
  const { made, at } = await open(Buffer.alloc(32, 1));
  [simulator, addresses] = [made, at];
});
afterEach(async () => {
  await simulator.close();
  rig.close();
});

function authorizeUrl(over: Readonly<Record<string, string>> = {}): string {
  const { clientId } = addresses.applications.demo;
  const query = { client_id: clientId, redirect_uri: REDIRECT, scope: "trading", product: "web", ...over };
  return `${addresses.authorizeUrl}?${new URLSearchParams(query)}`;
}

function fieldsOf(page: string): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const of = (name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(input)?.[1];
    const name = of("name");
    if (name !== undefined && of("type") !== "submit") fields.append(name, of("value") ?? "");
  }
  return fields;
}

async function submit(page: string, change: (fields: URLSearchParams) => void = () => undefined) {
  const action = /action="([^"]*)"/.exec(page)?.[1] ?? "";
  const body = fieldsOf(page);
  change(body);
  return fetch(new URL(action, addresses.authorizeUrl), { method: "POST", body, redirect: "manual" });
}

async function logIn(
  over: Readonly<Record<string, string>> = {},
  change?: (fields: URLSearchParams) => void,
) {
  const login = await (await fetch(authorizeUrl(over))).text();
  const choice = await (await submit(login)).text();
  const allowed = await submit(choice, (fields) => {
    fields.set("decision", "Allow");
    change?.(fields);
  });
  const location = allowed.headers.get("location") ?? "";
  return { location, code: new URL(location).searchParams.get("code") ?? "" };
}

async function ask(query: Readonly<Record<string, string>>, init: RequestInit = {}) {
  const { clientId, clientSecret } = addresses.applications.demo;
  const all = { client_id: clientId, client_secret: clientSecret, ...query };
  const answer = await fetch(`${addresses.tokenUrl}?${new URLSearchParams(all)}`, init);
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.startsWith("application/json");
  return { status: answer.status, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : text };
}

const exchange = (code: string) => ask({ grant_type: "authorization_code", code, redirect_uri: REDIRECT });
const refresh = (token: unknown) => ask({ grant_type: "refresh_token", refresh_token: String(token) });

async function grant() {
  const { code } = await logIn();
  const { body } = await exchange(code);
  return body as { accessToken: string; refreshToken: string };
}

test("a user who logs in and allows is sent back with a code and nothing else, state included", async () => {
  const { location } = await logIn({ state: "mine" });

  expect(location).toMatch(/^http:\/\/localhost:8790\/api\/oauth\/ctrader\/callback\?code=[\w-]+$/);
});

test("the older address leads to the same page", async () => {
  const old = new URL("/apps/auth", addresses.authorizeUrl);

  const page = await fetch(`${old}?${new URL(authorizeUrl()).searchParams}`);

  expect(page.status).toBe(200);
  expect(await page.text()).toContain("Log in to the simulated cTrader");
});

test("a code gives a grant in both spellings, for thirty days and ten hours", async () => {
  const { code } = await logIn();

  const { status, body } = await exchange(code);

  const grant = body as Record<string, unknown>;
  expect(status).toBe(200);
  expect(grant).toEqual({
    accessToken: expect.stringMatching(/^[\w-]{40,}$/),
    tokenType: "bearer",
    expiresIn: 2_628_000,
    refreshToken: expect.stringMatching(/^[\w-]{40,}$/),
    errorCode: null,
    description: null,
    access_token: grant.accessToken,
    refresh_token: grant.refreshToken,
    expires_in: 2_628_000,
  });
});

test("a code works once", async () => {
  const { code } = await logIn();
  await exchange(code);

  expect(await exchange(code)).toMatchObject({
    status: 200,
    body: { errorCode: "ACCESS_DENIED", accessToken: null, access_token: null },
  });
});

test("a code works for 60 seconds", async () => {
  const [young, old] = [await logIn(), await logIn()];
  await rig.timers.advance(59_999);
  const inTime = await exchange(young.code);
  await rig.timers.advance(1);

  expect(inTime.body).toMatchObject({ errorCode: null });
  expect((await exchange(old.code)).body).toMatchObject({ errorCode: "ACCESS_DENIED" });
});

test("a code is bound to its redirect address, byte for byte, and to its application", async () => {
  const [first, second] = [await logIn(), await logIn()];
  const { clientId, clientSecret } = addresses.applications.live;

  const slash = { grant_type: "authorization_code", code: first.code, redirect_uri: `${REDIRECT}/` };
  const other = { client_id: clientId, client_secret: clientSecret };
  const foreign = { grant_type: "authorization_code", code: second.code, redirect_uri: REDIRECT, ...other };

  expect((await ask(slash)).body).toMatchObject({ errorCode: "ACCESS_DENIED" });
  expect((await ask(foreign)).body).toMatchObject({ errorCode: "ACCESS_DENIED" });
});

test("a refresh token works once, and its use ends the access token before", async () => {
  const first = await grant();

  const second = (await refresh(first.refreshToken)).body as { accessToken: string; refreshToken: string };
  const again = await refresh(first.refreshToken);

  expect(second.accessToken).toMatch(/^[\w-]{40,}$/);
  expect(again).toMatchObject({ status: 200, body: { errorCode: "CH_ACCESS_TOKEN_INVALID" } });
  expect((await refresh(second.refreshToken)).body).toMatchObject({ errorCode: null });
  expect(simulator.state().grants).toHaveLength(1);
});

test("a refresh token works after its access token has ended", async () => {
  const { refreshToken } = await grant();
  simulator.setFaults({ endTokensNow: "access-tokens" });

  expect((await refresh(refreshToken)).body).toMatchObject({ errorCode: null });
});

test("a fresh login leaves older grants alone, or ends them", async () => {
  const first = await grant();
  await grant();
  const alone = (await refresh(first.refreshToken)).body as { refreshToken: string };
  simulator.setFaults({ freshGrantEndsOlder: true });
  await grant();

  expect(alone.refreshToken).toMatch(/./);
  expect((await refresh(alone.refreshToken)).body).toMatchObject({ errorCode: "CH_ACCESS_TOKEN_INVALID" });
});

test("only the chosen accounts, and only the user's own, are granted", async () => {
  const { code } = await logIn({ scope: "accounts" }, (fields) => {
    fields.delete("account");
    fields.append("account", String(DEMO_ACCOUNT));
    fields.append("account", "99");
  });
  await exchange(code);

  expect(simulator.state().grants).toMatchObject([{ scope: "accounts", accounts: 1, user: "trader" }]);
  expect(addresses.accounts.map((one) => one.ctidTraderAccountId)).toContain(LIVE_ACCOUNT);
});

test("tokens outlive the process, under names that say nothing of them", async () => {
  const { accessToken, refreshToken } = await grant();
  await simulator.close();
  const again = await open(Buffer.alloc(32, 1));
  [simulator, addresses] = [again.made, again.at];

  expect(saved.text).not.toContain(accessToken);
  expect(saved.text).not.toContain(refreshToken);
  expect((await refresh(refreshToken)).body).toMatchObject({ errorCode: null });
});

test("a restarted generator gives no token twice", async () => {
  const first = await grant();
  await simulator.close();
  const again = await open(Buffer.alloc(32, 1));
  [simulator, addresses] = [again.made, again.at];

  expect((await grant()).accessToken).not.toBe(first.accessToken);
});

test("grants of another key are left behind", async () => {
  const { refreshToken } = await grant();
  await simulator.close();
  const again = await open(Buffer.alloc(32, 2));
  [simulator, addresses] = [again.made, again.at];

  expect((await refresh(refreshToken)).body).toMatchObject({ errorCode: "CH_ACCESS_TOKEN_INVALID" });
});

test.each([
  ["an unknown application", { client_id: "nobody" }],
  ["an address that is not registered", { redirect_uri: "http://localhost:8790/other" }],
  ["an address that differs by a slash", { redirect_uri: `${REDIRECT}/` }],
  ["an unknown scope", { scope: "everything" }],
])("the page refuses %s, and sends nobody anywhere", async (_, over) => {
  const page = await fetch(authorizeUrl(over), { redirect: "manual" });

  expect(page.status).toBe(400);
  expect(page.headers.get("location")).toBeNull();
});

test("a registered address may be added by a switch", async () => {
  simulator.setFaults({ moreRedirects: ["https://mine.example/cb?x=1"] });

  const { location } = await logIn({ redirect_uri: "https://mine.example/cb?x=1" });

  expect(location).toMatch(/^https:\/\/mine\.example\/cb\?x=1&code=/);
});

test("a wrong password, a forged ticket and a denial give no code", async () => {
  const login = await (await fetch(authorizeUrl())).text();
  const wrong = await submit(login, (fields) => fields.set("password", "x"));
  const choice = await (await submit(login)).text();
  const forged = await submit(choice, (fields) => {
    fields.set("decision", "Allow");
    fields.set("ticket", "0".repeat(32));
  });
  const denied = await submit(choice, (fields) => fields.set("decision", "Deny"));

  expect([wrong.status, forged.status, denied.status]).toEqual([401, 400, 200]);
  expect(await denied.text()).toContain("Denied");
});

test("a ticket is good for the request it was given for only", async () => {
  const login = await (await fetch(authorizeUrl({ scope: "accounts" }))).text();
  const choice = await (await submit(login)).text();

  simulator.setFaults({ moreRedirects: ["https://mine.example/"] });

  const widened = await submit(choice, (fields) => {
    fields.set("scope", "trading");
    fields.set("decision", "Allow");
  });
  const moved = await submit(choice, (fields) => {
    fields.set("redirect_uri", "https://mine.example/");
    fields.set("decision", "Allow");
  });

  expect([widened.status, moved.status]).toEqual([400, 400]);
});

test("wrong credentials and grant types are refused with status 200, POST with 405", async () => {
  const { code } = await logIn();
  const query = { grant_type: "authorization_code", code, redirect_uri: REDIRECT };

  expect(await ask({ ...query, client_secret: "x" })).toMatchObject({
    status: 200,
    body: { errorCode: "CH_CLIENT_AUTH_FAILURE", accessToken: null },
  });
  expect((await ask({ ...query, grant_type: "password" })).body).toMatchObject({
    errorCode: "INVALID_REQUEST",
  });
  expect((await ask(query, { method: "POST" })).status).toBe(405);
  expect((await exchange(code)).body).toMatchObject({ errorCode: null });
});

test("too many token calls are 429 for as often as the switch says, and spend nothing", async () => {
  const { code } = await logIn();
  simulator.setFaults({ tooManyTokenCalls: 1 });

  expect((await exchange(code)).status).toBe(429);
  expect((await exchange(code)).body).toMatchObject({ errorCode: null });
});

test("a lost answer has spent the refresh token all the same", async () => {
  const { refreshToken } = await grant();
  simulator.setFaults({ lostTokenAnswers: 1 });

  await expect(refresh(refreshToken)).rejects.toThrow();
  expect((await refresh(refreshToken)).body).toMatchObject({ errorCode: "CH_ACCESS_TOKEN_INVALID" });
});
