import fc from "fast-check";
import { expect, test } from "vitest";
import { pathOf, queryOf } from "./http-words.ts";
import { readForm } from "./oauth-parameters.ts";
import { baseString, hmacSha1, isSameSignature, signedUrl } from "./oauth-signature.ts";
import { sign } from "./testing/signing.ts";

const CONSUMER_SECRET = "fedcba9876543210".repeat(4);
const REQUEST = {
  token: "a/b+cDefGhIjKlMnOpQrStUvWxYz0123456789ABCDE=",
  secret: "Zz/Yy+XxWwVvUuTtSsRrQqPpOoNnMmLlKkJjIiHhGgF=",
};
const ACCESS = {
  token: "T0ken/With+Reserved0123456789ABCDEFGHIJKLMNO=",
  secret: "S3cret+With/Reserved9876543210ZYXWVUTSRQPONM=",
};
const ORDERS = "https://api.etrade.com/v1/accounts/AbCdEfGhIjKlMnOpQrStUv/orders";

interface Vector {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly nonce: string;
  readonly extra: readonly (readonly [string, string])[];
  readonly tokenSecret?: string;
  readonly signature: string;
}

const VECTORS: readonly Vector[] = [
  {
    name: "request token",
    method: "GET",
    url: "https://api.etrade.com/oauth/request_token",
    nonce: "n1",
    extra: [["oauth_callback", "oob"]],
    signature: "/94UX5XO2uYZymTx4G4FwG3Wzi4=",
  },
  {
    name: "access token",
    method: "GET",
    url: "https://api.etrade.com/oauth/access_token",
    nonce: "n2",
    extra: [
      ["oauth_token", REQUEST.token],
      ["oauth_verifier", "AB12C"],
    ],
    tokenSecret: REQUEST.secret,
    signature: "yHaMlM7BJGuphfnbqLkaTx4CFqM=",
  },
  {
    name: "query with a comma in a value",
    method: "GET",
    url: `${ORDERS}.json?status=OPEN&symbol=AAPL%2CMSFT&count=25`,
    nonce: "n3",
    extra: [["oauth_token", ACCESS.token]],
    tokenSecret: ACCESS.secret,
    signature: "IBnq/rCBBJmnV1+8fQNh0B+itvg=",
  },
  {
    name: "colons and a comma in the path",
    method: "GET",
    url: "https://api.etrade.com/v1/market/quote/AAPL:2026:1:16:CALL:250,MSFT.json?detailFlag=ALL",
    nonce: "n4",
    extra: [["oauth_token", ACCESS.token]],
    tokenSecret: ACCESS.secret,
    signature: "W1yUFJlAhEYZLFfkaUkCc07Ivy4=",
  },
  {
    name: "POST with a JSON body",
    method: "POST",
    url: `${ORDERS}/place.json`,
    nonce: "n5",
    extra: [["oauth_token", ACCESS.token]],
    tokenSecret: ACCESS.secret,
    signature: "XFXnNqT+9hZ2z30s6EpvdoUk+kI=",
  },
];

function callOf(method: string, url: string) {
  const target = url.slice("https://api.etrade.com".length);
  return { scheme: "https" as const, method, headers: { host: "api.etrade.com" }, target };
}

function oauthOf(vector: Vector): readonly (readonly [string, string])[] {
  return [
    ["oauth_consumer_key", "0123456789abcdef0123456789abcdef"],
    ["oauth_nonce", vector.nonce],
    ["oauth_signature_method", "HMAC-SHA1"],
    ["oauth_timestamp", "1767362400"],
    ["oauth_version", "1.0"],
    ...vector.extra,
  ];
}

test.each(VECTORS)("the published signature of $name is reproduced", (vector) => {
  const call = callOf(vector.method, vector.url);

  const base = baseString(call, { oauth: oauthOf(vector), others: readForm(queryOf(call.target)) });

  const secrets = { consumerSecret: CONSUMER_SECRET, tokenSecret: vector.tokenSecret };
  expect(hmacSha1(base, secrets)).toBe(vector.signature);
});

test("the base string of the published query example is reproduced to the letter", () => {
  const vector = VECTORS[2]!;
  const call = callOf("GET", vector.url);

  const base = baseString(call, { oauth: oauthOf(vector), others: readForm(queryOf(call.target)) });

  expect(base).toBe(
    "GET&https%3A%2F%2Fapi.etrade.com%2Fv1%2Faccounts%2FAbCdEfGhIjKlMnOpQrStUv%2Forders.json&count%3D25%26oauth_consumer_key%3D0123456789abcdef0123456789abcdef%26oauth_nonce%3Dn3%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1767362400%26oauth_token%3DT0ken%252FWith%252BReserved0123456789ABCDEFGHIJKLMNO%253D%26oauth_version%3D1.0%26status%3DOPEN%26symbol%3DAAPL%252CMSFT",
  );
});

test("a key with an unencoded token secret gives another signature", () => {
  const base = "GET&x&y";

  const right = hmacSha1(base, { consumerSecret: "c", tokenSecret: "a+b/c=" });
  const raw = hmacSha1(base, { consumerSecret: "c", tokenSecret: "abc" });

  expect(right).not.toBe(raw);
});

test.each([
  ["http", "127.0.0.1:8080", "http://127.0.0.1:8080/x"],
  ["http", "LOCALHOST:80", "http://localhost/x"],
  ["https", "Api.Example:443", "https://api.example/x"],
  ["https", "api.example:80", "https://api.example:80/x"],
] as const)("the signed address of %s with the host %s is %s", (scheme, host, expected) => {
  expect(signedUrl({ scheme, headers: { host }, target: "/x?a=b" })).toBe(expected);
});

test("an unknown oauth parameter, realm and the signature itself are not signed", () => {
  const call = callOf("GET", "https://api.etrade.com/x");
  const known = [["oauth_nonce", "n"]] as const;

  const plain = baseString(call, { oauth: known, others: [] });
  const more = baseString(call, {
    oauth: [...known, ["oauth_body_hash", "h"], ["oauth_signature", "s"]],
    others: [],
  });

  expect(more).toBe(plain);
});

test("parameters are sorted by their encoded name, then by their encoded value", () => {
  const call = callOf("GET", "https://api.etrade.com/x");

  const base = baseString(call, {
    oauth: [],
    others: [
      ["b", "2"],
      ["b", "10"],
      ["a b", "1"],
      ["a", "z"],
      ["a", "A"],
    ],
  });

  expect(decodeURIComponent(base.split("&")[2]!)).toBe("a=A&a=z&a%20b=1&b=10&b=2");
});

test("the verifier agrees with the hand-made signer of the tests on any query", () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), texts), { maxLength: 6 }), (query) => {
      const url = "https://api.etrade.com/v1/market/quote/A.json";
      const oauth = { oauth_consumer_key: "k", oauth_nonce: "n" };

      const signed = sign({ url, query, oauth, consumerSecret: "s+=", tokenSecret: "t/=" });
      const text = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]));
      const call = callOf("GET", `${url}?${text}`);
      const base = baseString(call, { oauth: Object.entries(oauth), others: readForm(queryOf(call.target)) });

      expect(base).toBe(signed.base);
      expect(hmacSha1(base, { consumerSecret: "s+=", tokenSecret: "t/=" })).toBe(signed.signature);
      expect(pathOf(call.target)).toBe("/v1/market/quote/A.json");
    }),
  );
});

test("signatures of different length or letters are not the same", () => {
  expect(isSameSignature("abc=", "abc=")).toBe(true);
  expect(isSameSignature("abc=", "abd=")).toBe(false);
  expect(isSameSignature("abc", "abc=")).toBe(false);
});
