import { Temporal } from "temporal-polyfill";
import { beforeEach, expect, test } from "vitest";
import { Secret } from "../../../platform/secret.ts";
import { noAnswer } from "../../../platform/testing/http-answers.ts";
import { createCountingRandom, createJumpingClock } from "../../etrade/testing/fakes.ts";
import { createTransport } from "../../http.ts";
import type { TokenIssuer } from "../../token-issuer.ts";
import { ACCESS_LIFE_SECONDS, TinyCtrader } from "../testing/tiny-ctrader.ts";
import { createCtraderIssuer } from "./issuer.ts";
import { unpackGrant } from "./token.ts";
import { createTokenEndpoint } from "./token-endpoint.ts";
import { readVerifier } from "./verifier.ts";

const CLIENT = { id: "app 1", secret: "HIDDEN", redirectUri: "https://openbell.example/api/cb" };

let broker: TinyCtrader;
let clock: ReturnType<typeof createJumpingClock>;
let issuer: TokenIssuer;
beforeEach(() => {
  clock = createJumpingClock();
  broker = new TinyCtrader(clock, CLIENT);
  const endpoint = createTokenEndpoint(
    { transport: createTransport({ http: broker.http, clock }, { timeoutMs: 1_000 }) },
    { url: "https://broker.example/token", clientId: CLIENT.id, clientSecret: Secret.of(CLIENT.secret) },
  );
  issuer = createCtraderIssuer(
    { endpoint, clock, random: createCountingRandom(), probe: () => Promise.reject(new Error("not here")) },
    {
      clientId: CLIENT.id,
      authorizeUrl: "https://id.example/grant/",
      redirectUri: CLIENT.redirectUri,
    },
  );
});

async function begin() {
  const begun = await issuer.begin();
  if (!begun.ok) throw new Error(begun.code);
  return begun.value;
}

function verifierOf(text: string): Secret {
  const read = issuer.readVerifier(Secret.of(text));
  if (!read.ok) throw new Error(read.code);
  return read.value;
}

async function logIn(): Promise<Secret> {
  const { request, authorizeUrl } = await begin();
  const token = await issuer.complete(request, verifierOf(broker.approve(authorizeUrl)));
  if (!token.ok) throw new Error(token.code);
  return token.value;
}

async function renew(token: Secret) {
  const renewed = await issuer.renew(token);
  return renewed.ok ? renewed.value : renewed.code;
}

test("a login opens without a call, names itself, and asks to trade", async () => {
  const { authorizeUrl } = await begin();

  expect(Object.fromEntries(new URL(authorizeUrl).searchParams)).toEqual({
    client_id: CLIENT.id,
    redirect_uri: CLIENT.redirectUri,
    scope: "trading",
    product: "web",
  });
  expect(authorizeUrl).not.toContain("HIDDEN");
  expect(broker.calls).toEqual([]);
});

test("a code is dead after a minute", async () => {
  const { request, authorizeUrl } = await begin();
  const verifier = verifierOf(broker.approve(authorizeUrl));
  clock.advance(Temporal.Duration.from({ seconds: 60 }));

  expect(await issuer.complete(request, verifier)).toMatchObject({ code: "BROKER_TOKEN_REJECTED" });
});

test("a login that is older than ten minutes asks the broker nothing", async () => {
  const { request, authorizeUrl } = await begin();
  clock.advance(Temporal.Duration.from({ minutes: 10 }));
  const verifier = verifierOf(broker.approve(authorizeUrl));

  expect(await issuer.complete(request, verifier)).toMatchObject({ code: "BROKER_TOKEN_EXPIRED" });
  expect(broker.calls).toEqual([]);
});

test("a refresh brings another grant, and the one before is spent", async () => {
  const token = await logIn();

  const renewed = await renew(token);

  if (!(renewed instanceof Secret)) throw new Error(String(renewed));
  expect(unpackGrant(renewed).accessToken.reveal()).not.toBe(unpackGrant(token).accessToken.reveal());
  expect(await renew(token)).toBe("BROKER_TOKEN_REJECTED");
  expect(await renew(renewed)).toBeInstanceOf(Secret);
});

test("a grant can be refreshed long after its access token has ended", async () => {
  const token = await logIn();
  clock.advance(Temporal.Duration.from({ seconds: 3 * ACCESS_LIFE_SECONDS }));

  expect(await renew(token)).toBeInstanceOf(Secret);
});

test("refreshes of one grant at one time are one call", async () => {
  const token = await logIn();
  broker.calls.length = 0;

  const renewed = await Promise.all([renew(token), renew(token), renew(token)]);

  expect(broker.calls).toEqual(["GET refresh_token"]);
  expect(new Set(renewed.map((one) => (one instanceof Secret ? one.reveal() : one))).size).toBe(1);
});

test("a refresh whose answer is lost is not sent again, and has spent the grant", async () => {
  const token = await logIn();
  broker.calls.length = 0;
  broker.nextReply = noAnswer("ECONNRESET");

  expect(await renew(token)).toBe("BROKER_TIMEOUT");
  expect(broker.calls).toHaveLength(1);
  expect(await renew(token)).toBe("BROKER_TOKEN_REJECTED");
});

test("the broker's word for a life goes with the grant", async () => {
  expect(issuer.lifeOf?.(await logIn())?.total("seconds")).toBe(ACCESS_LIFE_SECONDS);
});

test("ending a grant is refused, since the broker has no call for it", async () => {
  const token = await logIn();
  broker.calls.length = 0;

  expect(await issuer.revoke(token)).toMatchObject({ code: "BROKER_REFUSED" });
  expect(broker.calls).toEqual([]);
});

test.each([
  ["abc", "abc"],
  ["  abc \n", "abc"],
  ["a+b/c=", "a+b/c="],
  ["https://openbell.example/api/oauth/ctrader/callback?code=abc", "abc"],
  ["http://localhost:8080/cb?x=1&code=a%2Bb#top", "a+b"],
  ["https://openbell.example/cb?code=a+b", "a+b"],
])("%j is read as the code %s", (text, code) => {
  const read = readVerifier(Secret.of(text));

  expect(read.ok && read.value.reveal()).toBe(code);
});

test.each([
  "two words",
  "https://openbell.example/cb",
  "https://openbell.example/cb?error=access_denied",
  "https://",
  "a<b",
])("%j holds no code", (text) => {
  expect(readVerifier(Secret.of(text)).ok).toBe(false);
});

test("what is no grant of ours is never unpacked, and its text is not shown", () => {
  expect(() => unpackGrant(Secret.of("CANARY"))).toThrow(RangeError);
  expect(() => unpackGrant(Secret.of("CANARY"))).not.toThrow("CANARY");
});
