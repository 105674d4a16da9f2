import { createHmac } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { afterEach, expect, test } from "vitest";
import { formOf, type Rig, send, startRig } from "./testing/rig.ts";
import { enc, header, sign } from "./testing/signing.ts";

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  open = await startRig(options);
  return open;
}

const OOB = { oauth_callback: "oob" };
const REQUEST = "/oauth/request_token";

/** Signs a request_token call by hand, to be sent in a form of the test's choice. */
function signedRequest(rig: Rig, over: Readonly<Record<string, string>> = {}, method = "GET") {
  const oauth: Record<string, string> = {
    oauth_callback: "oob",
    oauth_consumer_key: rig.at.consumerKey,
    oauth_nonce: "by-hand",
    oauth_signature_method: "HMAC-SHA1",
    oauth_timestamp: String(Math.floor(rig.now.epochMilliseconds / 1_000)),
    ...over,
  };
  const url = `${rig.at.apiBaseUrl}${REQUEST}`;
  const { signature } = sign({ method, url, oauth, consumerSecret: rig.at.consumerSecret });
  return { url, oauth: { ...oauth, oauth_signature: signature } };
}

test("a request token is form-encoded, percent-encoded, and confirms the callback", async () => {
  const { call } = await start();

  const answer = await call(REQUEST, { extra: OOB });

  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  expect(answer.body).toMatch(
    /^oauth_token=[A-Za-z0-9%]+%3D&oauth_token_secret=[A-Za-z0-9%]+%3D&oauth_callback_confirmed=true$/,
  );
});

test("tokens and secrets are 44 characters of base64, some with a slash and some with a plus", async () => {
  const { requestToken } = await start();

  const pairs = [];
  for (let count = 0; count < 30; count += 1) pairs.push(await requestToken());

  const texts = pairs.flatMap(({ token, secret }) => [token, secret]);
  for (const text of texts) expect(text).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(new Set(texts).size).toBe(60);
  expect(pairs.some(({ token }) => token.includes("/"))).toBe(true);
  expect(pairs.some(({ token }) => token.includes("+"))).toBe(true);
});

test.each(["GET", "POST"])("all four token calls work by %s", async (method) => {
  const { call, pin } = await start();

  const request = formOf((await call(REQUEST, { method, extra: OOB })).body);
  const verifier = await pin(request.token);
  const given = { method, token: request, extra: { oauth_verifier: verifier } };
  const access = await call("/oauth/access_token", given);
  const token = formOf(access.body);
  const renewed = await call("/oauth/renew_access_token", { method, token });
  const revoked = await call("/oauth/revoke_access_token", { method, token });

  expect(access.body).toMatch(/^oauth_token=[^&]+%3D&oauth_token_secret=[^&]+%3D$/);
  expect([renewed.status, renewed.body]).toEqual([200, "Access Token has been renewed"]);
  expect([revoked.status, revoked.body]).toEqual([200, "Revoked Access Token"]);
});

test("the parameters may ride in the query", async () => {
  const rig = await start();
  const { url, oauth } = signedRequest(rig);

  const query = Object.entries(oauth).map(([name, value]) => `${name}=${enc(value)}`);
  const answer = await send(`${url}?${query.join("&")}`);

  expect(answer.status).toBe(200);
});

test("OAuth works on the sandbox host too, and for the sandbox key on the api host", async () => {
  const { call } = await start();

  const onSandbox = await call(REQUEST, { environment: "sandbox", door: "sandbox", extra: OOB });
  const onApi = await call(REQUEST, { environment: "sandbox", door: "api", extra: OOB });

  expect([onSandbox.status, onApi.status]).toEqual([200, 200]);
});

test("a query parameter that the server does not know is signed all the same", async () => {
  const { call } = await start();

  const answer = await call(REQUEST, { extra: OOB, query: [["format", "json"]] });

  expect(answer.status).toBe(200);
  expect(answer.body).toContain("oauth_token=");
});

test("a signature over another host, method, path or secret is refused", async () => {
  const rig = await start();
  const { url, oauth } = signedRequest(rig);
  const authorization = header(oauth);

  const otherHost = await send(url, { headers: { authorization, host: "example.test" } });
  const otherMethod = await send(url, { method: "POST", headers: { authorization } });
  const otherQuery = await send(`${url}?a=1`, { headers: { authorization } });
  const asSigned = await send(url, { headers: { authorization } });

  for (const answer of [otherHost, otherMethod, otherQuery]) {
    expect(answer.status).toBe(401);
    expect(answer.body).toContain("oauth_problem=signature_invalid");
  }
  expect(asSigned.status).toBe(200);
});

test("a client that signs with a raw token secret is caught", async () => {
  const rig = await start();
  const token = await rig.accessToken();

  const oauth: Record<string, string> = {
    oauth_consumer_key: rig.at.consumerKey,
    oauth_nonce: "raw",
    oauth_signature_method: "HMAC-SHA1",
    oauth_timestamp: String(Math.floor(rig.now.epochMilliseconds / 1_000)),
    oauth_token: token.token,
  };
  const url = `${rig.at.apiBaseUrl}/v1/accounts/list.json`;
  const { base } = sign({ url, oauth, consumerSecret: rig.at.consumerSecret, tokenSecret: token.secret });
  const key = `${rig.at.consumerSecret}&${token.secret}`;
  const signature = createHmac("sha1", key).update(base).digest("base64");
  const answer = await send(url, {
    headers: { authorization: header({ ...oauth, oauth_signature: signature }) },
  });

  expect([answer.status, answer.body]).toEqual([
    401,
    '{"Error":{"message":"oauth_problem=signature_invalid"}}',
  ]);
});

test("an oauth parameter that the server does not know spoils the signature of a client that signs it", async () => {
  const { call } = await start();

  const answer = await call(REQUEST, {
    method: "POST",
    extra: { ...OOB, oauth_body_hash: "2jmj7l5rSw0yVb" },
  });

  expect(answer.body).toContain("oauth_problem=signature_invalid");
});

test("an unencoded nonce with an equals sign vanishes and is reported as absent", async () => {
  const rig = await start();
  const { url, oauth } = signedRequest(rig, { oauth_nonce: "YWJj=" });

  const raw = header(oauth).replace("YWJj%3D", "YWJj=");
  const answer = await send(url, { headers: { authorization: raw } });

  expect(answer.status).toBe(400);
  expect(answer.body).toContain("oauth_problem=parameter_absent,oauth_parameters_absent=oauth_nonce");
});

test("a doubled oauth parameter is an error, whether in the header or in header and query", async () => {
  const rig = await start();
  const { url, oauth } = signedRequest(rig);
  const authorization = header(oauth);

  const inHeader = await send(url, { headers: { authorization: `${authorization},oauth_nonce="x"` } });
  const inQuery = await send(`${url}?oauth_nonce=by-hand`, { headers: { authorization } });

  for (const answer of [inHeader, inQuery]) {
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("oauth_problem=parameter_rejected,oauth_parameters_rejected=oauth_nonce");
  }
});

test("the scheme's name may be written in any case", async () => {
  const rig = await start();
  const { url, oauth } = signedRequest(rig);

  const answer = await send(url, { headers: { authorization: header(oauth).replace("OAuth", "oauth") } });

  expect(answer.status).toBe(200);
});

test.each([
  [{ oauth_signature_method: "PLAINTEXT" }, 400, "signature_method_rejected"],
  [{ oauth_version: "2.0" }, 400, "version_rejected"],
  [{ oauth_consumer_key: "0".repeat(32) }, 401, "consumer_key_rejected"],
  [{ oauth_timestamp: "soon" }, 400, "parameter_rejected,oauth_parameters_rejected=oauth_timestamp"],
  [{ oauth_callback: undefined }, 400, "parameter_absent,oauth_parameters_absent=oauth_callback"],
  [{ oauth_callback: "https://me.test" }, 400, "callback_rejected,oauth_acceptable_callback=oob"],
])("%j answers %i and names the problem", async (extra, status, problem) => {
  const { call } = await start();

  const answer = await call(REQUEST, { extra: { ...OOB, ...extra } });

  expect(answer.status).toBe(status);
  expect(answer.body).toContain(`oauth_problem=${problem}`);
});

test("a call without any parameter is told all that is absent", async () => {
  const { at } = await start();

  const answer = await send(`${at.apiBaseUrl}/v1/accounts/list.json`);

  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body).Error.message).toContain(
    "oauth_parameters_absent=oauth_consumer_key%26oauth_nonce%26oauth_signature%26",
  );
});

test("a nonce is good once for its second, and again for another second", async () => {
  const rig = await start();
  const seconds = Math.floor(rig.now.epochMilliseconds / 1_000);
  const nonce = { ...OOB, oauth_nonce: "same" };

  const first = await rig.call(REQUEST, { extra: nonce });
  const again = await rig.call(REQUEST, { extra: nonce });
  const next = await rig.call(REQUEST, { extra: { ...nonce, oauth_timestamp: String(seconds + 1) } });

  expect([first.status, again.status, next.status]).toEqual([200, 401, 200]);
  expect(again.body).toContain("oauth_problem=nonce_used");
});

test("a call with a wrong signature does not use up the nonce of the right one", async () => {
  const rig = await start();
  const { url, oauth } = signedRequest(rig);

  const forged = await send(url, { headers: { authorization: header({ ...oauth, oauth_signature: "x" }) } });
  const real = await send(url, { headers: { authorization: header(oauth) } });

  expect([forged.status, real.status]).toEqual([401, 200]);
});

test("a timestamp 300 seconds off is taken, one of 301 is refused with the range", async () => {
  const rig = await start();
  const seconds = Math.floor(rig.now.epochMilliseconds / 1_000);
  const at = (offset: number) =>
    rig.call(REQUEST, { extra: { ...OOB, oauth_timestamp: String(seconds + offset) } });

  const [early, late, tooEarly, tooLate] = [await at(-300), await at(300), await at(-301), await at(301)];

  expect([early.status, late.status, tooEarly.status, tooLate.status]).toEqual([200, 200, 400, 400]);
  expect(tooLate.body).toContain(
    `oauth_problem=timestamp_refused,oauth_acceptable_timestamps=${seconds - 300}-${seconds + 300}`,
  );
});

test("an access token needs a request token that was accepted, and the right PIN", async () => {
  const { call, requestToken, pin } = await start();
  const exchange = async (token: Awaited<ReturnType<typeof requestToken>>, verifier: string) =>
    call("/oauth/access_token", { token, extra: { oauth_verifier: verifier } });

  const unaccepted = await exchange(await requestToken(), "AB12C");
  const request = await requestToken();
  const right = await pin(request.token);
  const wrong = await exchange(request, right === "AAAAA" ? "BBBBB" : "AAAAA");
  const good = await exchange(request, right);
  const again = await exchange(request, right);

  expect([unaccepted.status, wrong.status, good.status, again.status]).toEqual([401, 401, 200, 401]);
  for (const refused of [unaccepted, wrong, again]) {
    expect(refused.headers["content-type"]).toMatch(/^text\/html/);
    expect(refused.body).toContain("<h1>HTTP Status 401 – Unauthorized</h1>");
    expect(refused.body).toContain("<b>Message</b> oauth_problem=token_rejected");
  }
});

test("a request token is spent after five minutes, also when it was accepted", async () => {
  const rig = await start();
  const request = await rig.requestToken();
  const verifier = await rig.pin(request.token);

  rig.now = rig.now.add({ seconds: 300 });
  const late = await rig.call("/oauth/access_token", { token: request, extra: { oauth_verifier: verifier } });

  expect(late.status).toBe(401);
  expect(late.body).toContain("token_rejected");
});

test("a token is worth nothing with the other key, and a request token nothing for data", async () => {
  const { call, requestToken, accessToken } = await start();

  const token = await accessToken();
  const otherKey = await call("/v1/accounts/list.json", { environment: "sandbox", token });
  const request = await call("/v1/accounts/list.json", { token: await requestToken() });

  for (const answer of [otherKey, request]) {
    expect([answer.status, answer.body]).toEqual([
      401,
      '{"Error":{"message":"oauth_problem=token_rejected"}}',
    ]);
  }
});

test("a sandbox key gets no data from the api host, and a production key none from the sandbox host", async () => {
  const { call, accessToken } = await start();
  const sandbox = await accessToken("sandbox");
  const production = await accessToken("production");

  const wrong = await call("/v1/accounts/list.json", { environment: "sandbox", door: "api", token: sandbox });
  const alsoWrong = await call("/v1/accounts/list.json", { door: "sandbox", token: production });
  const right = await call("/v1/accounts/list.json", { environment: "sandbox", token: sandbox });

  expect([wrong.status, alsoWrong.status, right.status]).toEqual([401, 401, 200]);
});

test("renew revives an idle token, which stays the same, but no dead one", async () => {
  const rig = await start();
  const token = await rig.accessToken();

  rig.now = rig.now.add({ hours: 2 });
  const idle = await rig.call("/v1/accounts/list.json", { token });
  const renewed = await rig.call("/oauth/renew_access_token", { token });
  const revived = await rig.call("/v1/accounts/list.json", { token });
  rig.now = rig.now.round({ smallestUnit: "hour" }).add({ hours: 14 });
  const dead = await rig.call("/oauth/renew_access_token", { token });

  expect([idle.status, renewed.status, revived.status, dead.status]).toEqual([401, 200, 200, 401]);
  expect(idle.body).toContain("token_expired");
});

test("a call every 100 minutes keeps a token alive until midnight in New York and not longer", async () => {
  const rig = await start({ now: "2026-03-08T06:30:00Z" });
  const midnight = Temporal.Instant.from("2026-03-09T04:00:00Z");
  const token = await rig.accessToken();

  const alive = [];
  for (rig.now = rig.now.add({ minutes: 100 }); rig.now.until(midnight).sign > 0; ) {
    alive.push((await rig.call("/v1/accounts/list.json", { token })).status);
    rig.now = rig.now.add({ minutes: 100 });
  }
  rig.now = midnight;
  const dead = await rig.call("/v1/accounts/list.json", { token });

  expect(alive).toEqual(Array(12).fill(200));
  expect([dead.status, dead.body]).toEqual([401, '{"Error":{"message":"oauth_problem=token_expired"}}']);
});

test.each([
  ["2026-03-08T06:30:00Z", "2026-03-09T03:59:59Z", "2026-03-09T04:00:00Z"],
  ["2026-11-01T05:30:00Z", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"],
])("over HTTP a token of %s can be renewed at %s and not at %s", async (issued, before, after) => {
  const rig = await start({ now: issued });
  const token = await rig.accessToken();
  const renewAt = async (moment: string) => {
    rig.now = rig.now.add(rig.now.until(moment));
    return (await rig.call("/oauth/renew_access_token", { token })).status;
  };

  expect([await renewAt(before), await renewAt(after)]).toEqual([200, 401]);
});

test("a revoked token is rejected everywhere", async () => {
  const { call, accessToken } = await start();
  const token = await accessToken();

  await call("/oauth/revoke_access_token", { token });
  const data = await call("/v1/accounts/list.json", { token });
  const renew = await call("/oauth/renew_access_token", { token });
  const again = await call("/oauth/revoke_access_token", { token });

  expect([data.status, renew.status, again.status]).toEqual([401, 401, 401]);
  expect(data.body).toContain("token_rejected");
});
