import { afterEach, expect, test } from "vitest";
import { type Pair, type Rig, send, startRig } from "./testing/rig.ts";

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  open = await startRig(options);
  return open;
}

const LIST = "/v1/accounts/list";
const BROKERAGE = [["instType", "BROKERAGE"]] as const;
const REAL_TIME = [...BROKERAGE, ["realTimeNAV", "true"]] as const;

async function accountKeys(rig: Rig, token: Pair): Promise<string[]> {
  const list = JSON.parse((await rig.call(`${LIST}.json`, { token })).body);
  return list.AccountListResponse.Accounts.Account.map((row: { accountIdKey: string }) => row.accountIdKey);
}

async function balanceOf(
  rig: Rig,
  token: Pair,
  [key, query]: [string, readonly (readonly [string, string])[]],
) {
  const answer = await rig.call(`/v1/accounts/${key}/balance.json`, { token, query });
  return { status: answer.status, body: JSON.parse(answer.body) };
}

test("the list has a margin, a cash, a retirement and a closed account with keys of 22 letters", async () => {
  const rig = await start();
  const token = await rig.accessToken();

  const list = JSON.parse((await rig.call(`${LIST}.json`, { token })).body);

  const rows = list.AccountListResponse.Accounts.Account;
  expect(rows.map((row: { accountMode: string }) => row.accountMode)).toEqual([
    "MARGIN",
    "CASH",
    "IRA",
    "CASH",
  ]);
  expect(rows[3]).toMatchObject({ accountStatus: "CLOSED", institutionType: "BROKERAGE" });
  expect(rows[3].closedDate).toBeGreaterThan(0);
  for (const row of rows) {
    expect(row.accountIdKey).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(row.accountId).toMatch(/^\d{8}$/);
  }
});

test("two users have different accounts, and one has none of the other's", async () => {
  const users = [
    { username: "one", password: "1" },
    { username: "two", password: "2" },
  ] as const;
  const rig = await start({ users });
  const first = await rig.accessToken();
  const otherRig = await startRig({ users: [users[1], users[0]] });
  const otherKeys = await accountKeys(otherRig, await otherRig.accessToken());
  await otherRig.close();

  const answer = await balanceOf(rig, first, [otherKeys[0]!, BROKERAGE]);

  expect(answer).toMatchObject({ status: 400, body: { Error: { code: 100 } } });
});

test("real-time values come only when asked for, and move with the prices", async () => {
  const rig = await start();
  const token = await rig.accessToken();
  const [key] = await accountKeys(rig, token);

  const plain = await balanceOf(rig, token, [key!, BROKERAGE]);
  const before = await balanceOf(rig, token, [key!, REAL_TIME]);
  rig.now = rig.now.add({ minutes: 100 });
  const after = await balanceOf(rig, token, [key!, REAL_TIME]);

  expect(plain.body.BalanceResponse.Computed.RealTimeValues).toBeUndefined();
  const [early, late] = [before, after].map(({ body }) => body.BalanceResponse.Computed);
  expect(late.RealTimeValues.totalAccountValue).not.toBe(early.RealTimeValues.totalAccountValue);
  expect(early.RealTimeValues.totalAccountValue).toBeCloseTo(early.RealTimeValues.netMv + early.netCash, 5);
});

test("the account's value is what its holdings are quoted at", async () => {
  const rig = await start({ now: "2026-01-05T16:00:00Z" });
  const token = await rig.accessToken();
  const keys = await accountKeys(rig, token);

  const balance = await balanceOf(rig, token, [keys[1]!, REAL_TIME]);
  const quote = JSON.parse((await rig.call("/v1/market/quote/KO.json", { token })).body);

  const price = quote.QuoteResponse.QuoteData[0].All.lastTrade;
  expect(balance.body.BalanceResponse.Computed.RealTimeValues.netMv).toBeCloseTo(100 * price, 5);
});

test("a cash account lacks what only a margin account has", async () => {
  const rig = await start();
  const token = await rig.accessToken();
  const keys = await accountKeys(rig, token);

  const margin = (await balanceOf(rig, token, [keys[0]!, BROKERAGE])).body.BalanceResponse;
  const cash = (await balanceOf(rig, token, [keys[1]!, BROKERAGE])).body.BalanceResponse;

  expect(margin.Computed.marginBuyingPower).toBeGreaterThan(margin.Computed.cashBuyingPower);
  expect(margin.Margin).toBeDefined();
  expect(cash.Computed.marginBuyingPower).toBeUndefined();
  expect(cash.Margin).toBeUndefined();
});

test.each([
  ["no instType", 0, [], 7002],
  ["another instType", 0, [["instType", "BANK"]], 7002],
  ["the closed account", 3, BROKERAGE, 7001],
] as const)("a balance with %s is refused", async (_, index, query, code) => {
  const rig = await start();
  const token = await rig.accessToken();
  const keys = await accountKeys(rig, token);

  const answer = await balanceOf(rig, token, [keys[index]!, query]);

  expect(answer).toMatchObject({ status: 400, body: { Error: { code } } });
});

test("an account id in place of its key is no valid key", async () => {
  const rig = await start();
  const token = await rig.accessToken();
  const list = JSON.parse((await rig.call(`${LIST}.json`, { token })).body);
  const { accountId } = list.AccountListResponse.Accounts.Account[0];

  const answer = await balanceOf(rig, token, [accountId, BROKERAGE]);

  expect(answer).toMatchObject({ status: 400, body: { Error: { code: 102 } } });
});

test("the format is XML by default, JSON by suffix or by the Accept header", async () => {
  const { call, accessToken } = await start();
  const token = await accessToken();
  const json = { accept: "application/json" };

  const plain = await call(LIST, { token });
  const suffix = await call(`${LIST}.json`, { token });
  const accept = await call(LIST, { token, headers: json });

  expect(plain.headers["content-type"]).toBe("application/xml");
  expect(plain.body).toMatch(/^<\?xml [^>]*\?><AccountListResponse><Accounts><Account><accountId>\d{8}</);
  expect(plain.body.match(/<Account>/g)).toHaveLength(4);
  expect([suffix, accept].map(({ headers }) => headers["content-type"])).toEqual([
    "application/json",
    "application/json",
  ]);
  expect(accept.body).toBe(suffix.body);
});

test("errors come as JSON by suffix and as XML by Accept alone or nothing, and without a code for OAuth", async () => {
  const { call, accessToken } = await start();
  const token = await accessToken();
  const bad = { token: `${"x".repeat(43)}=`, secret: "y" };
  const json = { accept: "application/json" };

  const suffix = await call(`${LIST}.json`, { token: bad });
  const accept = await call(LIST, { token: bad, headers: json });
  const business = await call("/v1/accounts/nobody/balance", { token });

  expect(suffix.body).toBe('{"Error":{"message":"oauth_problem=token_rejected"}}');
  expect(accept.body).toContain("<Error><message>oauth_problem=token_rejected</message></Error>");
  expect(business.body).toContain("<Error><code>102</code><message>");
  expect([suffix.status, accept.status, business.status]).toEqual([401, 401, 400]);
});

test("quotes come as XML too, with one element a symbol", async () => {
  const { call, accessToken } = await start();

  const answer = await call("/v1/market/quote/AAPL,SPY", { token: await accessToken() });

  expect(answer.body.match(/<QuoteData>/g)).toHaveLength(2);
  expect(answer.body).toContain("<companyName>SPDR S&amp;P 500 ETF TR</companyName>");
});

test("the sandbox host answers its samples whatever is asked, but only to a good signature", async () => {
  const { call, accessToken } = await start();
  const token = await accessToken("sandbox");
  const given = { environment: "sandbox", token } as const;

  const list = JSON.parse((await call(`${LIST}.json`, given)).body);
  const balance = await call("/v1/accounts/whatever/balance.json", given);
  const quote = JSON.parse((await call("/v1/market/quote/AAPL.json", given)).body);
  const forged = await call(`${LIST}.json`, { ...given, token: { ...token, secret: "x" } });

  const names = list.AccountListResponse.Accounts.Account.map(
    (row: { accountName: string }) => row.accountName,
  );
  expect(names).toEqual(["NickName-1", "NickName-2", "NickName-3", ""]);
  expect(balance.status).toBe(200);
  expect(quote.QuoteResponse.QuoteData[0].Product.symbol).toBe("GOOG");
  expect(forged.status).toBe(401);
});

test("limits count each key and module apart, slide over a second, and start anew each hour", async () => {
  const rig = await start();
  const { call, accessToken, simulator } = rig;
  simulator.setFaults({ accountsPerSecond: 1, accountsPerHour: 3 });
  const [token, sandbox] = [await accessToken(), await accessToken("sandbox")];
  const list = async () => (await call(`${LIST}.json`, { token })).status;

  const first = [await list(), await list()];
  const others = [
    (await call(`${LIST}.json`, { environment: "sandbox", token: sandbox })).status,
    (await call("/v1/market/quote/A.json", { token })).status,
  ];
  rig.now = rig.now.add({ milliseconds: 999 });
  const within = await list();
  rig.now = rig.now.add({ milliseconds: 1 });
  const second = await list();
  rig.now = rig.now.add({ seconds: 5 });
  const third = await list();
  rig.now = rig.now.add({ seconds: 5 });
  const overHour = await list();
  rig.now = rig.now.round({ smallestUnit: "hour", roundingMode: "ceil" });
  const nextHour = await list();

  expect(first).toEqual([200, 400]);
  expect(others).toEqual([200, 200]);
  expect([within, second, third, overHour, nextHour]).toEqual([400, 200, 200, 400, 200]);
});

test("an address that is not simulated is not found, and a wrong method not allowed", async () => {
  const rig = await start();
  const token = await rig.accessToken();

  const unknown = await rig.call("/v1/user/alerts.json", { token });
  const posted = await rig.call(`${LIST}.json`, { method: "POST", token });

  expect([unknown.status, posted.status]).toEqual([404, 405]);
});

test("answers carry the headers of the real server, chunked, without a charset, dated by the clock", async () => {
  const rig = await start();
  const token = await rig.accessToken();

  const { headers } = await rig.call(`${LIST}.json`, { token, headers: { connection: "keep-alive" } });
  const withCookie = await rig.call(`${LIST}.json`, { token, headers: { cookie: "JSESSIONID=A" } });

  expect(headers).toMatchObject({
    date: "Mon, 05 Jan 2026 13:40:00 GMT",
    server: "Apache",
    "cache-control": "no-cache, no-store",
    pragma: "no-cache",
    "keep-alive": "timeout=60, max=100",
    connection: "Keep-Alive",
    "transfer-encoding": "chunked",
    "content-type": "application/json",
  });
  expect(headers.apiservername).toMatch(/^[0-9a-f]{2}w[0-9a-f]{3}m\d\./);
  expect(headers["x-et-trace"]).toMatch(/^[0-9a-f]{32}$/);
  expect(headers["set-cookie"]?.[0]).toMatch(
    /^JSESSIONID=[0-9A-F]{32}\.tomcat\d; Path=\/; Secure; HttpOnly$/,
  );
  expect(withCookie.headers["set-cookie"]).toBeUndefined();
});

test("a client that wants its connection closed is not told that it stays open", async () => {
  const { at } = await start();

  const { headers } = await send(at.authorizeUrl, { headers: { connection: "close" } });

  expect(headers.connection).toBe("close");
  expect(headers["keep-alive"]).toBeUndefined();
});

test("a body over 64 kilobytes is too large", async () => {
  const { at } = await start();

  const answer = await send(`${at.apiBaseUrl}/e/t/etws/login`, { method: "POST", body: "x".repeat(70_000) });

  expect(answer.status).toBe(413);
});
