import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { createSeal } from "./seal.ts";
import { formFields, type Pair, postForm, type Rig, send, startRig } from "./testing/rig.ts";
import { enc } from "./testing/signing.ts";

const rigs: Rig[] = [];
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.close()));
});

function aStorage(key = "one") {
  const kept = {
    text: undefined as string | undefined,
    key: new Uint8Array(createHash("sha256").update(key).digest()),
    load: () => kept.text,
    save: (text: string) => {
      kept.text = text;
    },
  };
  return kept;
}

async function start(storage: ReturnType<typeof aStorage>, seed = "seed"): Promise<Rig> {
  const rig = await startRig({ storage, seed });
  rigs.push(rig);
  return rig;
}

const list = async (rig: Rig, token: Pair) => (await rig.call("/v1/accounts/list.json", { token })).status;

test("a restart keeps keys, accounts, access tokens and accepted request tokens, whatever the new seed", async () => {
  const storage = aStorage();
  const before = await start(storage);
  const token = await before.accessToken();
  const request = await before.requestToken();
  const pin = await before.pin(request.token);
  const accounts = await before.call("/v1/accounts/list.json", { token });

  const after = await start(storage, "another");
  const again = await after.call("/v1/accounts/list.json", { token });
  const extra = { oauth_verifier: pin };
  const exchanged = await after.call("/oauth/access_token", { token: request, extra });

  expect(after.at.consumerSecret).toBe(before.at.consumerSecret);
  expect(again.body).toBe(accounts.body);
  expect(exchanged.status).toBe(200);
});

test("whenever the process dies, either the request token is still good or its access token is there", async () => {
  const storage = aStorage();
  const saved: string[] = [];
  const rig = await start({
    ...storage,
    save: (text) => {
      saved.push(text);
    },
  });
  const request = await rig.requestToken();
  const pin = await rig.pin(request.token);

  await rig.call("/oauth/access_token", { token: request, extra: { oauth_verifier: pin } });

  const kept = saved.map((text) => JSON.parse(text) as { requestTokens: object; accessTokens: object });
  const count = (tokens: object) => Object.keys(tokens).length;
  expect(kept.map((one) => count(one.requestTokens) + count(one.accessTokens))).toEqual(kept.map(() => 1));
  expect(kept.map((one) => count(one.accessTokens)).at(-1)).toBe(1);
});

test("a restart with the same seed does not issue a token twice", async () => {
  const storage = aStorage();
  const first = await (await start(storage)).requestToken();

  const second = await (await start(storage)).requestToken();

  expect(second.token).not.toBe(first.token);
});

test("a restart keeps ends and locks", async () => {
  const storage = aStorage();
  const before = await start(storage);
  const token = await before.accessToken();
  await before.call("/oauth/revoke_access_token", { token });
  before.simulator.setFaults({ lockedUsers: [before.at.username] });

  const after = await start(storage);

  expect(await list(after, token)).toBe(401);
  const { token: request } = await after.requestToken();
  const page = await send(`${after.at.authorizeUrl}?key=${after.at.consumerKey}&token=${enc(request)}`);
  const login = await postForm(`${after.at.apiBaseUrl}/e/t/etws/login`, formFields(page.body));
  expect(login.status).toBe(403);
});

test("no token, secret, PIN, key or password lies in the stored text, the log or the shown state", async () => {
  const storage = aStorage();
  const rig = await start(storage);
  const request = await rig.requestToken();
  const pin = await rig.pin(request.token);
  const token = await rig.accessToken();
  await rig.call("/v1/accounts/list.json", { token });
  await rig.call("/v1/accounts/list.json", { token: { ...token, secret: "wrong" } });

  const state = JSON.stringify(rig.simulator.state());
  const texts = [storage.text ?? "", rig.log.lines.join("\n"), state];

  const secrets = [request.token, request.secret, token.token, token.secret, rig.at.consumerKey];
  for (const text of texts) {
    expect(text.length).toBeGreaterThan(100);
    for (const secret of [...secrets, rig.at.consumerSecret, rig.at.password]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(enc(secret));
    }
    expect(text).not.toMatch(new RegExp(`\\b${pin}\\b`));
  }
});

test.each([
  ["written with another key", () => aStorage("two"), "other-key"],
  ["that is no JSON", () => ({ ...aStorage(), text: "{" }), "unreadable"],
])("a state %s is left behind with a warning", async (_, other, reason) => {
  const before = await start(aStorage());
  const token = await before.accessToken();
  const written = aStorage();
  const writer = await start(written);
  await writer.requestToken();
  const storage = other();
  const text = storage.text ?? written.text;

  const after = await start({ ...storage, load: () => text });

  expect(await list(after, token)).toBe(401);
  expect(after.log.lines.join()).toContain(`simulator-state-left-behind {"reason":"${reason}"}`);
});

test("a request token that nobody accepted is not exchanged, even for the PIN that it would get", async () => {
  const storage = aStorage();
  const rig = await start(storage);
  const token = await rig.requestToken();
  const exchange = () =>
    rig.call("/oauth/access_token", {
      token,
      extra: { oauth_verifier: createSeal(storage.key).pinOf(token.token) },
    });

  const before = await exchange();
  await rig.pin(token.token);
  const after = await exchange();

  expect([before.status, after.status]).toEqual([401, 200]);
});

test("the stored text does not grow with dead tokens", async () => {
  const storage = aStorage();
  const rig = await start(storage);
  for (let day = 0; day < 10; day += 1) {
    await rig.accessToken();
    rig.now = rig.now.add({ hours: 24 });
  }

  const { accessTokens, requestTokens } = JSON.parse(storage.text ?? "{}");

  expect(Object.keys(accessTokens).length).toBeLessThan(5);
  expect(Object.keys(requestTokens)).toEqual([]);
});

test("the state shows each token's life and the last 50 calls, newest first", async () => {
  const rig = await start(aStorage());
  const token = await rig.accessToken();
  rig.simulator.setFaults({ accountsPerSecond: 0 });
  for (let count = 0; count < 60; count += 1) await list(rig, token);
  await rig.call("/v1/accounts/x/balance.json", { token });
  rig.now = rig.now.add({ hours: 2 });

  const state = rig.simulator.state();

  expect(state.tokens).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{8}$/),
      kind: "access",
      environment: "production",
      life: "inactive",
      issuedAt: "2026-01-05T13:40:00.000Z",
      expiresAt: "2026-01-06T05:00:00.000Z",
      lastUsedAt: "2026-01-05T13:40:00.000Z",
    },
  ]);
  expect(state.calls).toHaveLength(50);
  expect(state.calls[0]).toEqual({
    at: "2026-01-05T13:40:00.000Z",
    door: "api",
    method: "GET",
    endpoint: "accounts/balance",
    outcome: 400,
    refusal: "102",
  });
  expect(state.counters).toMatchObject({
    "accounts/list 200": 60,
    "oauth/access_token 200": 1,
    "page 200": 3,
  });
});

test("a taken port is told by Node's own error, and close ends calls that still wait", async () => {
  const rig = await start(aStorage());
  const taken = Number(new URL(rig.at.apiBaseUrl).port);
  const other = await start(aStorage("two"));
  rig.simulator.setFaults({ timeoutAfterAccept: true });
  const waiting = rig.call("/oauth/request_token", { extra: { oauth_callback: "oob" } });
  const ended = expect(waiting).rejects.toThrow();

  await expect(other.simulator.listen({ host: "127.0.0.1", apiPort: taken })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
  while (rig.simulator.state().calls.length === 0) await new Promise(setImmediate);
  await rig.close();

  await ended;
});
