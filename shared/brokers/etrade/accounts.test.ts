import { expect, test } from "vitest";
import { noAnswer } from "../../platform/testing/http-answers.ts";
import { ACCESS_SECRET, aToken, isSigned, scripted } from "./testing/client.ts";
import { json } from "./testing/fakes.ts";

const anAccount = (over: object = {}) => ({
  accountId: "11112222",
  accountIdKey: "AbCdEfGhIjKlMnOpQrStUv",
  accountMode: "MARGIN",
  accountDesc: "Individual Brokerage",
  accountName: "Main",
  accountType: "INDIVIDUAL",
  institutionType: "BROKERAGE",
  accountStatus: "ACTIVE",
  closedDate: 0,
  shareWorksAccount: false,
  fcManagedMssbClosedAccount: false,
  ...over,
});
const list = (...Account: unknown[]) => json({ AccountListResponse: { Accounts: { Account } } });

test("an account is known by its key and the last four of its number", async () => {
  const { client, seen } = scripted([list(anAccount())]);

  const read = await client.accounts(aToken());

  expect(read.ok && read.value.accounts).toEqual([
    {
      accountIdKey: "AbCdEfGhIjKlMnOpQrStUv",
      lastFour: "2222",
      description: "Individual Brokerage",
      name: "Main",
      mode: "MARGIN",
      type: "INDIVIDUAL",
      institutionType: "BROKERAGE",
      status: "ACTIVE",
    },
  ]);
  expect(JSON.stringify(read)).not.toContain("11112222");
  expect(seen[0]).toMatchObject({ method: "GET", url: "https://data.test/v1/accounts/list.json" });
  expect(seen[0]?.headers.get("accept")).toBe("application/json");
  expect(isSigned(seen[0], ACCESS_SECRET)).toBe(true);
});

test("closed accounts are left out", async () => {
  const closed = anAccount({ accountIdKey: "closed", accountStatus: "CLOSED", closedDate: 1_600_000_000 });
  const { client } = scripted([list(closed, anAccount())]);

  const read = await client.accounts(aToken());

  expect(read.ok && read.value.accounts.map((account) => account.accountIdKey)).toEqual([
    "AbCdEfGhIjKlMnOpQrStUv",
  ]);
});

test("what is described poorly is still an account", async () => {
  const bare = {
    accountId: 11112222,
    accountIdKey: "k_-1",
    institutionType: "BROKERAGE",
    accountStatus: "ACTIVE",
  };
  const { client } = scripted([list({ ...bare, accountDesc: null, accountName: "  " })]);

  const read = await client.accounts(aToken());

  expect(read.ok && read.value.accounts[0]).toMatchObject({
    lastFour: "2222",
    description: "",
    name: "",
    mode: "",
  });
});

test("an answer without content means no accounts", async () => {
  const { client } = scripted([new Response(null, { status: 204 })]);

  const read = await client.accounts(aToken());

  expect(read).toEqual({ ok: true, value: { accounts: [], latencyMs: 0 } });
});

test.each([
  ["a page", "<html>Maintenance</html>"],
  ["nothing", ""],
  ["half an answer", '{"AccountListResponse":{"Accounts":{"Account":[{"accountId":"1'],
  ["no list", '{"AccountListResponse":{"Accounts":{}}}'],
  ["an account without a key", JSON.stringify({ AccountListResponse: { Accounts: { Account: [{}] } } })],
  [
    "a key that would change the address",
    JSON.stringify({ AccountListResponse: { Accounts: { Account: [anAccount({ accountIdKey: "../x" })] } } }),
  ],
])("%s with status 200 is unreadable, and is never taken for no accounts", async (_name, body) => {
  const { client, seen } = scripted([new Response(body)]);

  const read = await client.accounts(aToken());

  expect(read).toEqual({
    ok: false,
    code: "BROKER_REPLY_UNREADABLE",
    detail: { module: "accounts", status: 200 },
  });
  expect(seen.length).toBe(1);
});

test("a read is tried again after what passes, within the module's rate", async () => {
  const { client, seen, clock, log } = scripted([
    json({ Error: { code: 100, message: "The requested service is not currently available" } }, 500),
    noAnswer("ECONNRESET"),
    list(anAccount()),
  ]);
  const begin = clock.now();

  const read = await client.accounts(aToken());

  expect(read.ok).toBe(true);
  expect(seen.length).toBe(3);
  expect(clock.sleepsMs.slice(0, 2)).toEqual([499, 999]);
  expect(begin.until(clock.now()).total("milliseconds")).toBeGreaterThanOrEqual(1000);
  expect(log.lines.map(({ subsystem, fields }) => [subsystem, fields.code])).toEqual([
    ["etrade-production", "BROKER_UNAVAILABLE"],
    ["etrade-production", "BROKER_TIMEOUT"],
  ]);
});

test("a read gives up after three tries with the last failure", async () => {
  const busy = () => json({ Error: { message: "Number of requests exceeded the rate limit set" } }, 400);
  const { client, seen } = scripted([busy(), busy(), busy()]);

  const read = await client.accounts(aToken());

  expect(read).toEqual({
    ok: false,
    code: "BROKER_RATE_LIMITED",
    detail: { module: "accounts", status: 400 },
  });
  expect(seen.length).toBe(3);
});

test("a complaint with status 200 is a complaint", async () => {
  const { client } = scripted([json({ Error: { message: "oauth_problem=token_rejected" } })]);

  const read = await client.accounts(aToken());

  expect(read).toMatchObject({ ok: false, code: "BROKER_TOKEN_REJECTED" });
});

test("calls beyond the limit wait for their second, and OAuth calls do not", async () => {
  const { client, clock } = scripted([list(anAccount()), new Response(""), list(anAccount())], {
    limits: { accounts: 1, market: 1, order: 1 },
  });

  await client.accounts(aToken());
  await client.issuer.renew(aToken());
  const pausesBefore = clock.sleepsMs.length;
  const last = await client.accounts(aToken());

  expect([last.ok, pausesBefore, clock.sleepsMs]).toEqual([true, 0, [1000]]);
});
