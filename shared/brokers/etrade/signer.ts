import { createHmac } from "node:crypto";
import OAuth from "oauth-1.0a";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { Secret } from "../../platform/secret.ts";
import type { TokenPair } from "./token.ts";
import type { QueryParameters } from "./url.ts";

/** The key that E*TRADE gave to this application. */
export interface Consumer {
  readonly key: string;
  readonly secret: Secret;
}

/** What the signature covers. A JSON body is not part of it. */
export interface SignableRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Scheme, host and path, byte for byte as they are sent; no query. */
  readonly url: string;
  readonly query?: QueryParameters;
  /** Protocol parameters of this one step, e.g. `oauth_callback`; they travel in the header. */
  readonly step?: Readonly<Record<`oauth_${string}`, string>>;
  readonly token?: TokenPair;
}

/** What must differ from request to request. */
export interface Uniqueness {
  /** Hexadecimal: E*TRADE has been seen to lose parameters with a bare `=` in them. */
  readonly nonce: string;
  readonly timestampSeconds: number;
}

/** Makes the `Authorization` header of one request. */
export type Signer = (request: SignableRequest) => string;

const NONCE_BYTES = 16;

/** Signs each request with a fresh nonce and the clock's time. */
export function createSigner(
  deps: { readonly clock: Clock; readonly random: Random },
  consumer: Consumer,
): Signer {
  return (request) =>
    signRequest(request, consumer, {
      nonce: Buffer.from(deps.random.bytes(NONCE_BYTES)).toString("hex"),
      timestampSeconds: Math.floor(deps.clock.now().epochMilliseconds / 1000),
    });
}

/** The `Authorization` header by OAuth 1.0a with HMAC-SHA1, E*TRADE's only method. Pure. */
export function signRequest(request: SignableRequest, consumer: Consumer, unique: Uniqueness): string {
  const oauth = new OAuth({
    consumer: { key: consumer.key, secret: consumer.secret.reveal() },
    signature_method: "HMAC-SHA1",
    hash_function: (baseString, key) => createHmac("sha1", key).update(baseString).digest("base64"),
  });
  // The library would draw both from the process's own clock and generator.
  oauth.getNonce = () => unique.nonce;
  oauth.getTimeStamp = () => unique.timestampSeconds;

  // The query goes in as data, because the library does not decode the names of a query inside the address.
  const data = { ...request.query, ...request.step };
  const token = request.token && { key: request.token.token, secret: request.token.tokenSecret.reveal() };
  const authorization = oauth.authorize({ method: request.method, url: request.url, data }, token);
  return oauth.toHeader(authorization).Authorization;
}
