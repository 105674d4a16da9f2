import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "../../platform/secret.ts";
import { noAnswer, notSent } from "../../platform/testing/http-answers.ts";
import { ACCESS_SECRET, ACCESS_TOKEN, aToken, isSigned, scripted } from "./testing/client.ts";
import { json } from "./testing/fakes.ts";
import { readHeader } from "./testing/oracle.ts";
import { packTokenPair, unpackTokenPair } from "./token.ts";

const REQUEST_TOKEN = "r/b+cDefGhIjKlMnOpQrStUvWxYz0123456789ABCDE=";
const REQUEST_SECRET = "Zz/Yy+XxWwVvUuTtSsRrQqPpOoNnMmLlKkJjIiHhGgF=";

const form = (token: string, secret: string, more = "") =>
  new Response(
    `oauth_token=${encodeURIComponent(token)}&oauth_token_secret=${encodeURIComponent(secret)}${more}`,
  );
const aRequest = () => packTokenPair({ token: REQUEST_TOKEN, tokenSecret: Secret.of(REQUEST_SECRET) });
const page = (problem: string, status = 401) =>
  new Response(`<html><body><p><b>Message</b> oauth_problem=${problem}</p></body></html>`, { status });
const verifier = Secret.of("AB12C");

test("begin asks for a request token with the callback oob and gives the encoded login address", async () => {
  const { client, seen } = scripted([form(REQUEST_TOKEN, REQUEST_SECRET, "&oauth_callback_confirmed=true")]);

  const begun = await client.issuer.begin();

  expect(begun.ok && begun.value).toMatchObject({
    requestKey: REQUEST_TOKEN,
    authorizeUrl:
      "https://us.test/e/t/etws/authorize?key=0123456789abcdef0123456789abcdef&token=r%2Fb%2BcDefGhIjKlMnOpQrStUvWxYz0123456789ABCDE%3D",
  });
  expect(begun.ok && unpackTokenPair(begun.value.request).tokenSecret.reveal()).toBe(REQUEST_SECRET);
  expect(seen.map(({ method, url }) => [method, url])).toEqual([
    ["GET", "https://api.test/oauth/request_token"],
  ]);
  const header = readHeader(seen[0]?.headers.get("authorization") ?? "");
  expect([header.get("oauth_callback"), header.has("oauth_token")]).toEqual(["oob", false]);
  expect(isSigned(seen[0])).toBe(true);
});

test("a request ends five minutes after it was sent", async () => {
  const { client, clock } = scripted([form(REQUEST_TOKEN, REQUEST_SECRET)]);
  const end = clock.now().add({ minutes: 5 });

  const begun = await client.issuer.begin();

  expect(begun.ok && begun.value.expiresAt.toString()).toBe(end.toString());
});

test("begin is sent again, signed anew, only while nothing has been sent", async () => {
  const { client, seen } = scripted([
    notSent("ECONNREFUSED"),
    notSent("ENOTFOUND"),
    form(REQUEST_TOKEN, REQUEST_SECRET),
  ]);

  const begun = await client.issuer.begin();

  expect(begun.ok).toBe(true);
  const nonces = seen.map(({ headers }) => readHeader(headers.get("authorization") ?? "").get("oauth_nonce"));
  expect(new Set(nonces).size).toBe(3);
});

test.each([
  ["a lost connection", noAnswer("ECONNRESET"), "BROKER_TIMEOUT"],
  ["an outage", new Response("", { status: 503 }), "BROKER_UNAVAILABLE"],
  ["a wrong consumer secret", page("signature_invalid"), "BROKER_SIGNATURE_REFUSED"],
  ["an unknown consumer key", page("consumer_key_rejected"), "BROKER_CREDENTIALS_REJECTED"],
  ["a wrong clock", page("timestamp_refused,oauth_acceptable_timestamps=1-2", 400), "BROKER_CLOCK_REFUSED"],
  ["a callback", page("callback_rejected,oauth_acceptable_callback=oob", 400), "BROKER_CALLBACK_REFUSED"],
  ["a page with status 200", new Response("<html>maintenance</html>"), "BROKER_REPLY_UNREADABLE"],
] as const)("begin refused for %s fails at once", async (_name, answer, code) => {
  const { client, seen } = scripted([answer]);

  const begun = await client.issuer.begin();

  expect(begun).toMatchObject({ ok: false, code, detail: { module: "oauth" } });
  expect(seen.length).toBe(1);
});

test("complete exchanges the PIN under the request token and its secret", async () => {
  const { client, seen } = scripted([form(ACCESS_TOKEN, ACCESS_SECRET)]);

  const completed = await client.issuer.complete(aRequest(), verifier);

  const pair = completed.ok ? unpackTokenPair(completed.value) : undefined;
  expect([pair?.token, pair?.tokenSecret.reveal()]).toEqual([ACCESS_TOKEN, ACCESS_SECRET]);
  expect(seen[0]?.url).toBe("https://api.test/oauth/access_token");
  const header = readHeader(seen[0]?.headers.get("authorization") ?? "");
  expect([header.get("oauth_token"), header.get("oauth_verifier")]).toEqual([REQUEST_TOKEN, "AB12C"]);
  expect(isSigned(seen[0], REQUEST_SECRET)).toBe(true);
});

test("a bare + in a token's body is a digit of base64 and not a space", async () => {
  const { client } = scripted([new Response("oauth_token=a+b/c=&oauth_token_secret=d+e/f=\n")]);

  const completed = await client.issuer.complete(aRequest(), verifier);

  const pair = completed.ok ? unpackTokenPair(completed.value) : undefined;
  expect([pair?.token, pair?.tokenSecret.reveal()]).toEqual(["a+b/c=", "d+e/f="]);
});

test.each([
  ["no secret", "oauth_token=abc"],
  ["an empty secret", "oauth_token=abc&oauth_token_secret="],
  ["a broken encoding", "oauth_token=abc&oauth_token_secret=%E0%A4%A"],
  ["nothing", ""],
  ["JSON", '{"oauth_token":"abc","oauth_token_secret":"def"}'],
])("a token answer with %s is unreadable", async (_name, body) => {
  const { client } = scripted([new Response(body)]);

  const completed = await client.issuer.complete(aRequest(), verifier);

  expect(completed).toEqual({
    ok: false,
    code: "BROKER_REPLY_UNREADABLE",
    detail: { module: "oauth", status: 200 },
  });
});

test.each([
  ["a refused connection", notSent("ECONNREFUSED"), "BROKER_UNREACHABLE"],
  ["a lost answer", noAnswer("ECONNRESET"), "BROKER_TIMEOUT"],
  ["an outage", new Response("", { status: 500 }), "BROKER_UNAVAILABLE"],
  ["a wrong PIN", page("token_rejected"), "BROKER_TOKEN_REJECTED"],
  ["a request that is too old", page("token_expired"), "BROKER_TOKEN_EXPIRED"],
])("after %s complete, renew and revoke are not sent again", async (_name, answer, code) => {
  const again = () => (answer instanceof Response ? answer.clone() : answer);
  const { client, seen } = scripted([again(), again(), again()]);

  const results = [
    await client.issuer.complete(aRequest(), verifier),
    await client.issuer.renew(aToken()),
    await client.issuer.revoke(aToken()),
  ];

  expect(results.map((result) => !result.ok && result.code)).toEqual([code, code, code]);
  expect(seen.length).toBe(3);
});

test.each(["Access Token has been renewed", "", "oauth_token=x&oauth_token_secret=y", "<html></html>"])(
  "status 200 alone says that a token is renewed, also beside %j",
  async (body) => {
    const { client, seen } = scripted([new Response(body)]);

    const renewed = await client.issuer.renew(aToken());

    expect(renewed).toEqual({ ok: true, value: undefined });
    expect(seen[0]?.url).toBe("https://api.test/oauth/renew_access_token");
    expect(isSigned(seen[0], ACCESS_SECRET)).toBe(true);
  },
);

test("renewals of one token at one time are one call, and a later one is another", async () => {
  const { client, seen } = scripted([page("token_rejected"), new Response(""), new Response("")]);
  const other = packTokenPair({ token: "another", tokenSecret: Secret.of("s") });

  const together = await Promise.all([client.issuer.renew(aToken()), client.issuer.renew(aToken())]);
  const apart = [await client.issuer.renew(aToken()), await client.issuer.renew(other)];

  expect(together.map(({ ok }) => ok)).toEqual([false, false]);
  expect(apart.map(({ ok }) => ok)).toEqual([true, true]);
  expect(seen.length).toBe(3);
});

test("renewals of different tokens do not share an outcome", async () => {
  const { client, seen } = scripted([page("token_rejected"), new Response("")]);
  const other = packTokenPair({ token: "another", tokenSecret: Secret.of("s") });

  const results = await Promise.all([client.issuer.renew(aToken()), client.issuer.renew(other)]);

  expect(results.map(({ ok }) => ok)).toEqual([false, true]);
  expect(seen.length).toBe(2);
});

test("revoke ends the token at the broker", async () => {
  const { client, seen } = scripted([new Response("Revoked Access Token")]);

  const revoked = await client.issuer.revoke(aToken());

  expect(revoked).toEqual({ ok: true, value: undefined });
  expect(seen[0]?.url).toBe("https://api.test/oauth/revoke_access_token");
  expect(isSigned(seen[0], ACCESS_SECRET)).toBe(true);
});

test("probe counts the open accounts, names those that can trade, and says how long the broker took", async () => {
  const account = (accountId: string, accountStatus: string, institutionType = "BROKERAGE") => ({
    accountId,
    accountIdKey: `key-${accountId}`,
    institutionType,
    accountStatus,
  });
  const Account = [
    account("11112222", "ACTIVE"),
    account("33334444", "CLOSED"),
    account("55556666", "ACTIVE", "BANK"),
  ];
  const { client, clock } = scripted([
    () => {
      clock.advance(clock.now().until(clock.now().add({ milliseconds: 85 })));
      return json({ AccountListResponse: { Accounts: { Account } } });
    },
  ]);

  const probed = await client.issuer.probe(aToken());

  expect(probed).toEqual({ ok: true, value: { accounts: 2, latencyMs: 85, tradable: ["2222"] } });
});

test("probe passes on that the token has expired, and asks once only", async () => {
  const { client, seen } = scripted([json({ Error: { message: "oauth_problem=token_expired" } }, 401)]);

  const probed = await client.issuer.probe(aToken());

  expect(probed).toEqual({
    ok: false,
    code: "BROKER_TOKEN_EXPIRED",
    detail: { module: "accounts", status: 401, problem: "token_expired" },
  });
  expect(seen.length).toBe(1);
});

test("a PIN is read as the broker shows it, and a malformed one is refused without a call", () => {
  const { client, seen } = scripted([]);

  const good = client.issuer.readVerifier(Secret.of(" ab12c "));
  const bad = client.issuer.readVerifier(Secret.of("ab 12c"));

  expect(good.ok && good.value.reveal()).toBe("AB12C");
  expect(bad).toEqual({ ok: false, code: "PIN_MALFORMED", detail: {} });
  expect(seen.length).toBe(0);
});

test("neither results nor log lines show a secret", async () => {
  const echo = '<html>oauth_token=canary-T0ken oauth_problem=token_rejected <a href="?t=canary"></a></html>';
  const { client, log } = scripted([
    new Response(echo, { status: 401 }),
    noAnswer("ECONNRESET"),
    new Response(echo),
    form(ACCESS_TOKEN, ACCESS_SECRET),
  ]);

  const results = [
    await client.issuer.renew(aToken()),
    await client.issuer.revoke(aToken()),
    await client.issuer.complete(aRequest(), verifier),
    await client.issuer.complete(aRequest(), verifier),
  ];

  expect(results.map(({ ok }) => ok)).toEqual([false, false, false, true]);
  expect(log.lines.length).toBeGreaterThanOrEqual(2);
  expect(
    inspect([results, log.lines, client], { depth: 12 }) + JSON.stringify([results, log.lines]),
  ).not.toMatch(/canary|AB12C/);
});
