import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../platform/secret.ts";
import { createSigner, type SignableRequest, signRequest } from "./signer.ts";
import { createCountingRandom, createJumpingClock } from "./testing/fakes.ts";
import { baseString, isSignedBy, readHeader } from "./testing/oracle.ts";
import { joinUrl, withQuery } from "./url.ts";

const CONSUMER_SECRET = "fedcba9876543210".repeat(4);
const consumer = { key: "0123456789abcdef0123456789abcdef", secret: Secret.of(CONSUMER_SECRET) };
const requestToken = {
  token: "a/b+cDefGhIjKlMnOpQrStUvWxYz0123456789ABCDE=",
  tokenSecret: Secret.of("Zz/Yy+XxWwVvUuTtSsRrQqPpOoNnMmLlKkJjIiHhGgF="),
};
const accessToken = {
  token: "T0ken/With+Reserved0123456789ABCDEFGHIJKLMNO=",
  tokenSecret: Secret.of("S3cret+With/Reserved9876543210ZYXWVUTSRQPONM="),
};
const ACCOUNT = "https://api.etrade.com/v1/accounts/AbCdEfGhIjKlMnOpQrStUv";
const at = (nonce: string) => ({ nonce, timestampSeconds: 1767362400 });

const VECTORS: readonly [name: string, request: SignableRequest, nonce: string, signature: string][] = [
  [
    "V1 request token",
    { method: "GET", url: "https://api.etrade.com/oauth/request_token", step: { oauth_callback: "oob" } },
    "n1",
    "/94UX5XO2uYZymTx4G4FwG3Wzi4=",
  ],
  [
    "V2 access token",
    {
      method: "GET",
      url: "https://api.etrade.com/oauth/access_token",
      step: { oauth_verifier: "AB12C" },
      token: requestToken,
    },
    "n2",
    "yHaMlM7BJGuphfnbqLkaTx4CFqM=",
  ],
  [
    "V3 comma in a query value",
    {
      method: "GET",
      url: `${ACCOUNT}/orders.json`,
      query: { status: "OPEN", symbol: "AAPL,MSFT", count: "25" },
      token: accessToken,
    },
    "n3",
    "IBnq/rCBBJmnV1+8fQNh0B+itvg=",
  ],
  [
    "V4 colons and commas in the path",
    {
      method: "GET",
      url: "https://api.etrade.com/v1/market/quote/AAPL:2026:1:16:CALL:250,MSFT.json",
      query: { detailFlag: "ALL" },
      token: accessToken,
    },
    "n4",
    "W1yUFJlAhEYZLFfkaUkCc07Ivy4=",
  ],
  [
    "V5 POST with a body that is not signed",
    { method: "POST", url: `${ACCOUNT}/orders/place.json`, token: accessToken },
    "n5",
    "XFXnNqT+9hZ2z30s6EpvdoUk+kI=",
  ],
];

test.each(VECTORS)("the signature of vector %s is the known one", (_name, request, nonce, signature) => {
  const header = signRequest(request, consumer, at(nonce));

  expect(readHeader(header).get("oauth_signature")).toBe(signature);
});

test("vector V3 is made of the known base string", () => {
  const [, request, nonce] = VECTORS[2]!;

  const header = signRequest(request, consumer, at(nonce));

  expect(baseString({ method: "GET", url: withQuery(request.url, request.query!), header })).toBe(
    "GET&https%3A%2F%2Fapi.etrade.com%2Fv1%2Faccounts%2FAbCdEfGhIjKlMnOpQrStUv%2Forders.json&count%3D25%26oauth_consumer_key%3D0123456789abcdef0123456789abcdef%26oauth_nonce%3Dn3%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1767362400%26oauth_token%3DT0ken%252FWith%252BReserved0123456789ABCDEFGHIJKLMNO%253D%26oauth_version%3D1.0%26status%3DOPEN%26symbol%3DAAPL%252CMSFT",
  );
});

test("the header holds the protocol parameters and nothing else", () => {
  const request: SignableRequest = {
    method: "GET",
    url: "https://api.etrade.com/oauth/access_token",
    query: { detailFlag: "ALL" },
    step: { oauth_verifier: "AB12C" },
    token: requestToken,
  };

  const header = signRequest(request, consumer, at("a0"));

  expect(Object.fromEntries(readHeader(header))).toEqual({
    oauth_consumer_key: consumer.key,
    oauth_nonce: "a0",
    oauth_signature: expect.any(String),
    oauth_signature_method: "HMAC-SHA1",
    oauth_timestamp: "1767362400",
    oauth_token: requestToken.token,
    oauth_verifier: "AB12C",
    oauth_version: "1.0",
  });
});

test("each request gets a hexadecimal nonce of its own and the clock's second", () => {
  const clock = createJumpingClock("2026-01-02T14:00:00.999Z");
  const sign = createSigner({ clock, random: createCountingRandom() }, consumer);
  const request = { method: "GET", url: "https://api.etrade.com/oauth/request_token" } as const;

  const [first, second] = [readHeader(sign(request)), readHeader(sign(request))];

  expect(first.get("oauth_nonce")).toMatch(/^[0-9a-f]{32}$/);
  expect(second.get("oauth_nonce")).not.toBe(first.get("oauth_nonce"));
  expect(first.get("oauth_timestamp")).toBe("1767362400");
});

const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));
const value = fc.oneof(fc.string(), fc.string({ unit: "binary" }), base64);
const parameters = fc.dictionary(fc.string({ minLength: 1 }).filter(isPlainName), value, { maxKeys: 6 });

function isPlainName(name: string): boolean {
  return !name.startsWith("oauth_") && name !== "__proto__";
}

test("a server that follows the standard accepts the signature of any token, secret and query", () => {
  const anything = fc.record({
    query: parameters,
    token: base64,
    tokenSecret: base64,
    consumerSecret: fc.oneof(fc.string({ minLength: 1 }), base64),
    verifier: value,
    segment: fc.string({ minLength: 1 }).map((text) => encodeURIComponent(text).replaceAll(".", "_")),
  });

  fc.assert(
    fc.property(anything, ({ query, token, tokenSecret, consumerSecret, verifier, segment }) => {
      const url = joinUrl("https://api.etrade.com", `/v1/${segment}.json`);
      const request: SignableRequest = {
        method: "GET",
        url,
        query,
        step: { oauth_verifier: verifier },
        token: { token, tokenSecret: Secret.of(tokenSecret) },
      };

      const header = signRequest(request, { key: "k", secret: Secret.of(consumerSecret) }, at("ab"));

      const seen = { method: "GET", url: withQuery(url, query), header };
      expect(isSignedBy(seen, { consumer: consumerSecret, token: tokenSecret })).toBe(true);
      expect(isSignedBy(seen, { consumer: consumerSecret, token: `${tokenSecret}x` })).toBe(false);
      expect(readHeader(header).get("oauth_token")).toBe(token);
    }),
    { numRuns: 300 },
  );
});
