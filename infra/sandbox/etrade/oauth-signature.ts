import { createHmac, timingSafeEqual } from "node:crypto";
import { type Call, pathOf } from "./http-words.ts";
import { type Pair, percentEncode, type SignedParameters } from "./oauth-parameters.ts";

/** The `oauth_*` names that take part in the signature; others are ignored, as E*TRADE ignores them. */
const KNOWN = new Set([
  "oauth_callback",
  "oauth_consumer_key",
  "oauth_nonce",
  "oauth_signature_method",
  "oauth_timestamp",
  "oauth_token",
  "oauth_verifier",
  "oauth_version",
]);

/** Scheme, host and path as they are signed: from the Host header, in lower case, without a default port; the path byte for byte as sent. */
export function signedUrl(call: Pick<Call, "scheme" | "headers" | "target">): string {
  const host = (call.headers.host ?? "").toLowerCase();
  const defaultPort = call.scheme === "https" ? ":443" : ":80";
  const bare = host.endsWith(defaultPort) ? host.slice(0, -defaultPort.length) : host;
  return `${call.scheme}://${bare}${pathOf(call.target)}`;
}

function byEncodedText([nameA, valueA]: Pair, [nameB, valueB]: Pair): number {
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  if (valueA === valueB) return 0;
  return valueA < valueB ? -1 : 1;
}

/** The text that is signed (RFC 5849 §3.4.1). */
export function baseString(
  call: Pick<Call, "scheme" | "method" | "headers" | "target">,
  parameters: SignedParameters,
): string {
  const signed = [...parameters.oauth.filter(([name]) => KNOWN.has(name)), ...parameters.others];
  const sorted = signed
    .map(([name, value]): Pair => [percentEncode(name), percentEncode(value)])
    .sort(byEncodedText)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  return `${call.method.toUpperCase()}&${percentEncode(signedUrl(call))}&${percentEncode(sorted)}`;
}

/** HMAC-SHA1 over `base`, in base64, keyed with both secrets percent-encoded; no token secret before there is a token. */
export function hmacSha1(
  base: string,
  secrets: { readonly consumerSecret: string; readonly tokenSecret?: string | undefined },
): string {
  const key = `${percentEncode(secrets.consumerSecret)}&${percentEncode(secrets.tokenSecret ?? "")}`;
  return createHmac("sha1", key).update(base).digest("base64");
}

/** Compares two signatures without telling by time where they differ. */
export function isSameSignature(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
