import { afterEach, expect, test } from "vitest";
import type { SwitchName } from "./faults.ts";
import type { TradingSwitchName } from "./faults-trading.ts";
import { type Answer, formFields, formOf, postForm, type Rig, send, startRig } from "./testing/rig.ts";
import { enc } from "./testing/signing.ts";

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const LIST = "/v1/accounts/list.json";
const QUOTE = "/v1/market/quote/AAPL.json";
const REQUEST = "/oauth/request_token";
const OOB = { oauth_callback: "oob" };

function turn(rig: Rig, patch: unknown): void {
  const result = rig.simulator.setFaults(patch);
  if (!result.ok) throw new Error(JSON.stringify(result.detail));
}

function problemIn(answer: Answer): string {
  return /oauth_problem=([a-z_]+)/.exec(answer.body)?.[1] ?? String(answer.status);
}

/** Counts how many of some calls were taken. */
async function taken(calls: readonly (() => Promise<Answer>)[]): Promise<number> {
  let count = 0;
  for (const call of calls) count += (await call()).status === 200 ? 1 : 0;
  return count;
}

async function login(rig: Rig, password: string): Promise<Answer> {
  const { token } = await rig.requestToken();
  const page = await send(`${rig.at.authorizeUrl}?key=${rig.at.consumerKey}&token=${enc(token)}`);
  return postForm(`${rig.at.apiBaseUrl}/e/t/etws/login`, { ...formFields(page.body), PASSWORD: password });
}

async function accept(rig: Rig): Promise<Answer> {
  const agreement = await login(rig, rig.at.password);
  const fields = { ...formFields(agreement.body), decision: "Accept" };
  return postForm(`${rig.at.apiBaseUrl}/e/t/etws/decision`, fields);
}

async function exchange(rig: Rig, change: (pin: string) => string) {
  const token = await rig.requestToken();
  const pin = await rig.pin(token.token);
  const tryPin = (verifier: string) =>
    rig.call("/oauth/access_token", { token, extra: { oauth_verifier: verifier } });
  return { first: await tryPin(change(pin)), second: await tryPin(pin) };
}

const otherPin = (pin: string) => (pin === "AAAAA" ? "BBBBB" : "AAAAA");

/** A request token whose PIN has a letter, so that its case can be wrong. */
async function exchangeLowerCase(rig: Rig): Promise<Answer> {
  for (;;) {
    const token = await rig.requestToken();
    const pin = await rig.pin(token.token);
    if (pin === pin.toLowerCase()) continue;
    return rig.call("/oauth/access_token", { token, extra: { oauth_verifier: pin.toLowerCase() } });
  }
}

/** For each switch: what is seen with it off, how it is set, and what is seen then. */
interface Demonstration {
  readonly patch: object;
  readonly off: unknown;
  readonly on: unknown;
  look(rig: Rig): Promise<unknown>;
}

async function requestAt(rig: Rig, seconds: number): Promise<number> {
  const timestamp = String(Math.floor(rig.now.epochMilliseconds / 1_000) + seconds);
  return (await rig.call(REQUEST, { extra: { ...OOB, oauth_timestamp: timestamp } })).status;
}

async function listAfter(rig: Rig, wait: { hours?: number; minutes?: number }): Promise<string> {
  const token = await rig.accessToken();
  rig.now = rig.now.add(wait);
  return problemIn(await rig.call(LIST, { token }));
}

async function quoteBody(rig: Rig, symbols: string) {
  const token = await rig.accessToken();
  return JSON.parse((await rig.call(`/v1/market/quote/${symbols}.json`, { token })).body);
}

const DEMONSTRATIONS = {
  timestampWindowSeconds: {
    patch: { timestampWindowSeconds: 1_800 },
    off: [200, 400, 400],
    on: [200, 200, 400],
    look: async (rig) => [
      await requestAt(rig, 300),
      await requestAt(rig, 1_800),
      await requestAt(rig, 1_801),
    ],
  },
  requestTokenLifeSeconds: {
    patch: { requestTokenLifeSeconds: 600 },
    off: 400,
    on: 200,
    async look(rig) {
      const { token } = await rig.requestToken();
      rig.now = rig.now.add({ seconds: 301 });
      return (await send(`${rig.at.authorizeUrl}?key=${rig.at.consumerKey}&token=${enc(token)}`)).status;
    },
  },
  registeredCallback: {
    patch: { registeredCallback: "https://me.test/back" },
    off: 200,
    on: 302,
    look: async (rig) => (await accept(rig)).status,
  },
  oobDespiteCallback: {
    patch: { oobDespiteCallback: true },
    off: 302,
    on: 200,
    async look(rig) {
      turn(rig, { registeredCallback: "https://me.test/back" });
      return (await accept(rig)).status;
    },
  },
  rawAuthorizeToken: {
    patch: { rawAuthorizeToken: "refuse" },
    off: 200,
    on: 400,
    async look(rig) {
      let { token } = await rig.requestToken();
      while (token.includes("+")) ({ token } = await rig.requestToken());
      return (await send(`${rig.at.authorizeUrl}?key=${rig.at.consumerKey}&token=${token}`)).status;
    },
  },
  wrongPinKillsRequestToken: {
    patch: { wrongPinKillsRequestToken: true },
    off: [401, 200],
    on: [401, 401],
    async look(rig) {
      const { first, second } = await exchange(rig, otherPin);
      return [first.status, second.status];
    },
  },
  verifierIgnoresCase: {
    patch: { verifierIgnoresCase: true },
    off: 401,
    on: 200,
    look: async (rig) => (await exchangeLowerCase(rig)).status,
  },
  wrongPasswordsToLock: {
    patch: { wrongPasswordsToLock: 0 },
    off: [401, 401, 403, 403],
    on: [401, 401, 401, 200],
    async look(rig) {
      const statuses = [];
      for (const password of ["a", "b", "c", rig.at.password])
        statuses.push((await login(rig, password)).status);
      return statuses;
    },
  },
  lockedUsers: {
    patch: { lockedUsers: ["simulated-trader"] },
    off: 200,
    on: 403,
    look: async (rig) => (await login(rig, rig.at.password)).status,
  },
  consumerKeyExpired: {
    patch: { consumerKeyExpired: true },
    off: "200",
    on: "consumer_key_rejected",
    look: async (rig) => problemIn(await rig.call(REQUEST, { extra: OOB })),
  },
  secondLoginKillsFirst: {
    patch: { secondLoginKillsFirst: true },
    off: ["200", "200"],
    on: ["token_rejected", "200"],
    async look(rig) {
      const [first, second] = [await rig.accessToken(), await rig.accessToken()];
      const answers = [await rig.call(LIST, { token: first }), await rig.call(LIST, { token: second })];
      return answers.map(problemIn);
    },
  },
  earlyDeathShare: {
    patch: { earlyDeathShare: 1 },
    off: "200",
    on: "token_rejected",
    async look(rig) {
      turn(rig, { idleAfterMinutes: 1_440 });
      const token = await rig.accessToken();
      rig.now = rig.now.add({ hours: 15, minutes: 19 });
      return problemIn(await rig.call(LIST, { token }));
    },
  },
  idleAfterMinutes: {
    patch: { idleAfterMinutes: 10 },
    off: "200",
    on: "token_expired",
    look: (rig) => listAfter(rig, { minutes: 10 }),
  },
  idleProblem: {
    patch: { idleProblem: "token_rejected" },
    off: "token_expired",
    on: "token_rejected",
    look: (rig) => listAfter(rig, { hours: 3 }),
  },
  midnightProblem: {
    patch: { midnightProblem: "token_rejected" },
    off: "token_expired",
    on: "token_rejected",
    look: (rig) => listAfter(rig, { hours: 15, minutes: 30 }),
  },
  renewDoesNothing: {
    patch: { renewDoesNothing: true },
    off: ["200", "200"],
    on: ["200", "token_expired"],
    async look(rig) {
      const token = await rig.accessToken();
      rig.now = rig.now.add({ hours: 2 });
      const renewed = await rig.call("/oauth/renew_access_token", { token });
      return [renewed, await rig.call(LIST, { token })].map(problemIn);
    },
  },
  renewBody: {
    patch: { renewBody: "empty" },
    off: "Access Token has been renewed",
    on: "",
    async look(rig) {
      return (await rig.call("/oauth/renew_access_token", { token: await rig.accessToken() })).body;
    },
  },
  wwwAuthenticate: {
    patch: { wwwAuthenticate: true },
    off: undefined,
    on: 'OAuth oauth_problem="token_rejected"',
    async look(rig) {
      const token = { token: `${"x".repeat(43)}=`, secret: "y" };
      return (await rig.call("/oauth/renew_access_token", { token })).headers["www-authenticate"];
    },
  },
  acceptErrorFormat: {
    patch: { acceptErrorFormat: "json" },
    off: "application/xml",
    on: "application/json",
    async look(rig) {
      const token = { token: `${"x".repeat(43)}=`, secret: "y" };
      const headers = { accept: "application/json" };
      return (await rig.call("/v1/accounts/list", { token, headers })).headers["content-type"];
    },
  },
  sandboxData: {
    patch: { sandboxData: "stateful" },
    off: "GOOG",
    on: "AAPL",
    async look(rig) {
      const token = await rig.accessToken("sandbox");
      const answer = await rig.call(QUOTE, { environment: "sandbox", token });
      return JSON.parse(answer.body).QuoteResponse.QuoteData[0].Product.symbol;
    },
  },
  noAccounts: {
    patch: { noAccounts: true },
    off: [200, true],
    on: [204, false],
    async look(rig) {
      const answer = await rig.call(LIST, { token: await rig.accessToken() });
      return [answer.status, answer.body !== ""];
    },
  },
  delayedQuotes: {
    patch: { delayedQuotes: true },
    off: ["REALTIME", "10:40:00 EST 01-05-2026"],
    on: ["DELAYED", "10:25:00 EST 01-05-2026"],
    async look(rig) {
      rig.now = rig.now.add({ hours: 2 });
      const [quote] = (await quoteBody(rig, "AAPL")).QuoteResponse.QuoteData;
      return [quote.quoteStatus, quote.dateTime];
    },
  },
  unknownSymbols: {
    patch: { unknownSymbols: ["AAPL"] },
    off: ["AAPL"],
    on: undefined,
    look: async (rig) =>
      (await quoteBody(rig, "AAPL")).QuoteResponse.QuoteData?.map(
        (quote: { Product: { symbol: string } }) => quote.Product.symbol,
      ),
  },
  tooManySymbols: {
    patch: { tooManySymbols: "first-25" },
    off: [1023, undefined],
    on: [undefined, 25],
    async look(rig) {
      const body = await quoteBody(rig, Array(26).fill("AAPL").join(","));
      return [body.Error?.code, body.QuoteResponse?.QuoteData.length];
    },
  },
  accountsPerSecond: {
    patch: { accountsPerSecond: 1 },
    off: 3,
    on: 1,
    async look(rig) {
      const token = await rig.accessToken();
      return taken(Array(3).fill(() => rig.call(LIST, { token })));
    },
  },
  accountsPerHour: {
    patch: { accountsPerHour: 2 },
    off: 3,
    on: 2,
    async look(rig) {
      const token = await rig.accessToken();
      return taken(Array(3).fill(() => rig.call(LIST, { token })));
    },
  },
  marketPerSecond: {
    patch: { marketPerSecond: 1 },
    off: 3,
    on: 1,
    async look(rig) {
      const token = await rig.accessToken();
      return taken(Array(3).fill(() => rig.call(QUOTE, { token })));
    },
  },
  marketPerHour: {
    patch: { marketPerHour: 2 },
    off: 3,
    on: 2,
    async look(rig) {
      const token = await rig.accessToken();
      return taken(Array(3).fill(() => rig.call(QUOTE, { token })));
    },
  },
  rateLimitStatus: {
    patch: { rateLimitStatus: 429 },
    off: [400, '{"Error":{"message":"Number of requests exceeded the rate limit set"}}'],
    on: [429, '{"Error":{"message":"Number of requests exceeded the rate limit set"}}'],
    async look(rig) {
      const token = await rig.accessToken();
      turn(rig, { accountsPerSecond: 1 });
      await rig.call(LIST, { token });
      const { status, body } = await rig.call(LIST, { token });
      return [status, body];
    },
  },
  serverErrorShare: {
    patch: { serverErrorShare: 1 },
    off: [200, undefined],
    on: [500, 100],
    async look(rig) {
      const { status, body } = await rig.call(LIST, { token: await rig.accessToken() });
      return [status, JSON.parse(body).Error?.code];
    },
  },
  maintenance: {
    patch: { maintenance: true },
    off: [200, undefined],
    on: [500, 670],
    async look(rig) {
      const { status, body } = await rig.call(LIST, { token: await rig.accessToken() });
      return [status, JSON.parse(body).Error?.code];
    },
  },
  latencyMs: {
    patch: { latencyMs: 1_500 },
    off: [],
    on: [1_500],
    async look(rig) {
      delays.length = 0;
      await rig.call(REQUEST, { extra: OOB });
      return [...delays];
    },
  },
  dropConnection: {
    patch: { dropConnection: true },
    off: [200, 1],
    on: ["ECONNRESET", 0],
    async look(rig) {
      const got = await rig.call(REQUEST, { extra: OOB }).then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code,
      );
      return [got, rig.simulator.state().tokens.length];
    },
  },
  timeoutAfterAccept: {
    patch: { timeoutAfterAccept: true },
    off: [200, 1],
    on: ["no answer came", 1],
    async look(rig) {
      const got = await rig.call(REQUEST, { extra: OOB, timeoutMs: 60 }).then(
        ({ status }) => status,
        (error: Error) => error.message,
      );
      return [got, rig.simulator.state().tokens.length];
    },
  },
  failNext: {
    patch: { failNext: { kind: "unavailable", times: 2 } },
    off: [200, 200, 200],
    on: [500, 500, 200],
    async look(rig) {
      const statuses = [];
      for (let count = 0; count < 3; count += 1) {
        statuses.push((await rig.call(REQUEST, { extra: OOB })).status);
      }
      return statuses;
    },
  },
} satisfies Record<Exclude<SwitchName, TradingSwitchName>, Demonstration>;

const delays: number[] = [];
const delay = async (ms: number) => {
  delays.push(ms);
};

test.each(Object.entries(DEMONSTRATIONS) as [SwitchName, Demonstration][])(
  "the switch %s does what it says, and nothing while it is off",
  async (_, demonstration) => {
    open = await startRig({ delay });
    const off = await demonstration.look(open);
    await open.close();
    open = await startRig({ delay });
    turn(open, demonstration.patch);

    const on = await demonstration.look(open);

    expect(off).toEqual(demonstration.off);
    expect(on).toEqual(demonstration.on);
  },
);

test.each([
  ["token_rejected", 401, "token_rejected"],
  ["token_expired", 401, "token_expired"],
  ["signature_invalid", 401, "signature_invalid"],
  ["consumer_key_rejected", 401, "consumer_key_rejected"],
  ["timestamp_refused", 400, "timestamp_refused"],
  ["nonce_used", 401, "nonce_used"],
  ["unavailable", 500, '"code":100'],
  ["maintenance", 500, '"code":670'],
  ["no-access", 400, '"code":253'],
  ["rate-limit", 400, '{"Error":{"message":"Number of'],
  ["bad-gateway", 502, "HTTP Status 502 – Bad Gateway"],
  ["garbage", 200, '{"Response":{"Cut'],
  ["empty", 204, ""],
])("failNext of the kind %s fails one data call with %i and no other call", async (kind, status, text) => {
  open = await startRig();
  const token = await open.accessToken();
  turn(open, { failNext: { where: "accounts/list", kind } });

  const quote = await open.call(QUOTE, { token });
  const failed = await open.call(LIST, { token });
  const next = await open.call(LIST, { token });

  expect([quote.status, failed.status, next.status]).toEqual([200, status, 200]);
  expect(failed.body).toContain(text);
});

test("failNext drops one connection, or answers nothing to one call that is carried out all the same", async () => {
  open = await startRig();
  const rig = open;
  const token = await rig.accessToken();

  turn(rig, { failNext: { where: "data", kind: "drop-connection" } });
  await expect(rig.call(LIST, { token })).rejects.toMatchObject({ code: "ECONNRESET" });
  turn(rig, { failNext: { where: "oauth/revoke_access_token", kind: "timeout-after-accept" } });
  const silent = rig.call("/oauth/revoke_access_token", { token, timeoutMs: 60 });
  await expect(silent).rejects.toThrow("no answer came");

  expect(problemIn(await rig.call(LIST, { token }))).toBe("token_rejected");
});

test("a renewed token pair in the body is the same pair", async () => {
  open = await startRig();
  const token = await open.accessToken();
  turn(open, { renewBody: "pair" });

  const answer = await open.call("/oauth/renew_access_token", { token });

  expect(formOf(answer.body)).toEqual(token);
});

test("a token that dies early works until then", async () => {
  open = await startRig();
  turn(open, { earlyDeathShare: 1, accountsPerSecond: 0 });
  const token = await open.accessToken();
  const answers = [];

  for (let step = 0; step < 15; step += 1) {
    answers.push(problemIn(await open.call(LIST, { token })));
    open.now = open.now.add({ hours: 1 });
  }

  const death = answers.indexOf("token_rejected");
  expect(death).toBeGreaterThan(0);
  expect(answers.slice(0, death).every((answer) => answer === "200")).toBe(true);
  expect(answers.slice(death).every((answer) => answer === "token_rejected")).toBe(true);
});

test("a share of server errors between 0 and 1 fails some calls and not others", async () => {
  open = await startRig();
  turn(open, { serverErrorShare: 0.5, accountsPerSecond: 0 });
  const { call, accessToken } = open;
  const token = await accessToken();

  const good = await taken(Array(40).fill(() => call(LIST, { token })));

  expect(good).toBeGreaterThan(8);
  expect(good).toBeLessThan(32);
});
