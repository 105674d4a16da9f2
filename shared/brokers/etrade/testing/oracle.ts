/**
 * A second, independent reading of RFC 5849 with E*TRADE's rules, against which the signer is checked. It
 * starts from what a server sees: method, address as sent, and the header.
 */
import { createHmac } from "node:crypto";

const UNRESERVED = new Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

/** Percent-encoding byte by byte. */
export function rfcEncode(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const letter = String.fromCharCode(byte);
    encoded += UNRESERVED.has(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** The protocol parameters of a header, decoded. */
export function readHeader(header: string): Map<string, string> {
  const scheme = /^OAuth /.exec(header);
  if (scheme === null) throw new Error("not an OAuth header");
  const parameters = new Map<string, string>();
  for (const part of header.slice(scheme[0].length).split(",")) {
    const [, name, value] = /^\s*([a-z_]+)="([A-Za-z0-9%._~-]*)"\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a parameter: ${part}`);
    if (parameters.has(name)) throw new Error(`twice: ${name}`);
    parameters.set(name, decodeURIComponent(value));
  }
  return parameters;
}

export interface SeenBySigner {
  readonly method: string;
  /** As sent, query included. */
  readonly url: string;
  readonly header: string;
}

/** The signature base string that a server makes of a request. */
export function baseString(seen: SeenBySigner): string {
  const [address = "", query = ""] = seen.url.split("?");
  const pairs: [string, string][] = [...readHeader(seen.header)]
    .filter(([name]) => name !== "oauth_signature" && name !== "realm")
    .map(([name, value]) => [rfcEncode(name), rfcEncode(value)]);
  for (const pair of query === "" ? [] : query.split("&")) {
    const at = pair.indexOf("=");
    const name = decodeURIComponent(pair.slice(0, at));
    pairs.push([rfcEncode(name), rfcEncode(decodeURIComponent(pair.slice(at + 1)))]);
  }
  pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
  const normalized = pairs.map(([name, value]) => `${name}=${value}`).join("&");
  return [seen.method, address, normalized].map(rfcEncode).join("&");
}

/** Whether the header's signature is the one that these secrets make. */
export function isSignedBy(seen: SeenBySigner, secrets: { consumer: string; token?: string }): boolean {
  const key = `${rfcEncode(secrets.consumer)}&${rfcEncode(secrets.token ?? "")}`;
  const expected = createHmac("sha1", key).update(baseString(seen)).digest("base64");
  return readHeader(seen.header).get("oauth_signature") === expected;
}
