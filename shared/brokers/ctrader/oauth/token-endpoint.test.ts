import { inspect } from "node:util";
import { Temporal } from "temporal-polyfill";
import { beforeEach, expect, test } from "vitest";
import type { Http, HttpCall } from "../../../platform/http.ts";
import { Secret } from "../../../platform/secret.ts";
import { answerOf, noAnswer, notSent } from "../../../platform/testing/http-answers.ts";
import { createJumpingClock } from "../../etrade/testing/fakes.ts";
import { createTransport } from "../../http.ts";
import { createTokenEndpoint, type Exchange } from "./token-endpoint.ts";

let asked: { readonly url: URL; readonly call: HttpCall }[];
let reply: () => ReturnType<Http>;
beforeEach(() => {
  asked = [];
});

const CODE: Exchange = {
  kind: "code",
  code: Secret.of("c+/=de"),
  redirectUri: "https://openbell.example/cb",
};
const REFRESH: Exchange = { kind: "refresh", refreshToken: Secret.of("old-refresh") };
const GRANT = { accessToken: "acc", refreshToken: "ref", expiresIn: 2_628_000 };
const SNAKE = { access_token: "acc", refresh_token: "ref", expires_in: 2_628_000 };

function send(exchange: Exchange) {
  const transport = createTransport(
    {
      clock: createJumpingClock(),
      http: async (call) => {
        asked.push({ url: new URL(call.url), call });
        return reply();
      },
    },
    { timeoutMs: 1_000 },
  );
  const options = { url: "https://broker.example/token", clientId: "app", clientSecret: Secret.of("HIDDEN") };
  return createTokenEndpoint({ transport }, options)(exchange);
}

const answer = (body: unknown, status = 200) => {
  reply = () => answerOf(Response.json(body, { status }));
};

async function outcomeOf(exchange: Exchange) {
  const sent = await send(exchange);
  return sent.ok ? "ok" : sent.code;
}

test("a code goes by GET with the redirect address byte for byte, once", async () => {
  answer(GRANT);

  await send(CODE);

  expect(asked).toHaveLength(1);
  expect(asked[0]?.call.method).toBe("GET");
  // A connection that others used may be dead, and a code works once.
  expect(asked[0]?.call.reuse).toBeUndefined();
  expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toEqual({
    grant_type: "authorization_code",
    code: "c+/=de",
    redirect_uri: "https://openbell.example/cb",
    client_id: "app",
    client_secret: "HIDDEN",
  });
});

test("a refresh sends the refresh token and neither code nor address", async () => {
  answer(GRANT);

  await send(REFRESH);

  expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toEqual({
    grant_type: "refresh_token",
    refresh_token: "old-refresh",
    client_id: "app",
    client_secret: "HIDDEN",
  });
});

test.each([
  ["camel case", GRANT],
  ["snake case", SNAKE],
  ["both", { ...GRANT, ...SNAKE, tokenType: "bearer", errorCode: null, description: null, scope: "new" }],
])("a grant is read in %s", async (_spelling, body) => {
  answer(body);

  const sent = await send(CODE);

  if (!sent.ok) throw new Error(sent.code);
  expect([sent.value.accessToken.reveal(), sent.value.refreshToken.reveal()]).toEqual(["acc", "ref"]);
  expect(sent.value.life?.total("seconds")).toBe(2_628_000);
});

test("a grant without a life has none of its own", async () => {
  answer({ ...GRANT, expiresIn: null });

  const sent = await send(CODE);

  expect(sent.ok && sent.value.life).toBeUndefined();
});

test.each([
  ["CH_ACCESS_TOKEN_INVALID", "BROKER_TOKEN_REJECTED", "BROKER_TOKEN_REJECTED"],
  ["ACCESS_DENIED", "BROKER_TOKEN_REJECTED", "BROKER_TOKEN_REJECTED"],
  ["OA_AUTH_TOKEN_EXPIRED", "BROKER_TOKEN_EXPIRED", "BROKER_TOKEN_EXPIRED"],
  ["CH_CLIENT_AUTH_FAILURE", "BROKER_CREDENTIALS_REJECTED", "BROKER_CREDENTIALS_REJECTED"],
  ["SERVER_IS_UNDER_MAINTENANCE", "BROKER_UNAVAILABLE", "BROKER_UNAVAILABLE"],
  ["REQUEST_FREQUENCY_EXCEEDED", "BROKER_RATE_LIMITED", "BROKER_RATE_LIMITED"],
  ["SOMETHING_NEW", "BROKER_TOKEN_REJECTED", "BROKER_REFUSED"],
  ["constructor", "BROKER_TOKEN_REJECTED", "BROKER_REFUSED"],
])(
  "%s with status 200 is a refusal: %s of a code, %s of a refresh token",
  async (errorCode, code, refresh) => {
    answer({ accessToken: null, refreshToken: null, expiresIn: null, errorCode, description: "No." });

    expect([await outcomeOf(CODE), await outcomeOf(REFRESH)]).toEqual([code, refresh]);
  },
);

test.each([
  [429, "BROKER_RATE_LIMITED"],
  [500, "BROKER_UNAVAILABLE"],
  [503, "BROKER_UNAVAILABLE"],
  [504, "BROKER_TIMEOUT"],
  [302, "BROKER_REFUSED"],
  [404, "BROKER_REFUSED"],
])("status %s without a word is %s", async (status, code) => {
  reply = () => answerOf(new Response("<html>", { status }));

  expect(await outcomeOf(REFRESH)).toBe(code);
});

test.each([
  ["no JSON", "<html>"],
  ["no object", "[]"],
  ["no tokens", "{}"],
  ["half a grant", JSON.stringify({ accessToken: "a" })],
  ["two grants in one", JSON.stringify({ ...GRANT, ...SNAKE, access_token: "another" })],
  ["a life that is no number", JSON.stringify({ ...GRANT, expiresIn: "soon" })],
  ["a token with a line break", JSON.stringify({ ...GRANT, accessToken: "a\nb" })],
])("an answer with %s cannot be read, which says nothing of what the broker did", async (_case, text) => {
  reply = () => answerOf(new Response(text));

  expect(await outcomeOf(REFRESH)).toBe("BROKER_REPLY_UNREADABLE");
});

test.each([
  ["a connection that never came about", notSent("ECONNREFUSED"), "BROKER_UNREACHABLE"],
  ["one that broke", noAnswer("ECONNRESET"), "BROKER_TIMEOUT"],
])("%s is told apart", async (_case, fault, code) => {
  reply = async () => fault;

  expect(await outcomeOf(REFRESH)).toBe(code);
});

test("neither a grant nor a failure shows a secret", async () => {
  answer(GRANT);
  const granted = await send(CODE);
  answer({ errorCode: "old-refresh HIDDEN", description: "c+/=de acc ref" });
  const refused = await send(REFRESH);

  const shown = inspect([granted, refused], { depth: 9 }) + JSON.stringify([granted, refused]);

  expect(refused.ok).toBe(false);
  for (const secret of ["HIDDEN", "old-refresh", "c+/=de", '"acc"', '"ref"']) {
    expect(shown).not.toContain(secret);
  }
});

test("a life is counted in seconds", async () => {
  answer({ ...GRANT, expiresIn: 60 });

  const sent = await send(CODE);

  expect(sent.ok && sent.value.life).toEqual(Temporal.Duration.from({ seconds: 60 }));
});
