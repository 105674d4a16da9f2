import { createHmac } from "node:crypto";

/** Percent-encoding after RFC 3986, written apart from the simulator's. */
export function enc(text: string): string {
  let out = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const letter = String.fromCharCode(byte);
    out += /[A-Za-z0-9._~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

/** What a test signs. Query parameters are given decoded, and travel in `url` as encoded there. */
export interface Signing {
  readonly method?: string;
  /** Without a query. */
  readonly url: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly oauth: Readonly<Record<string, string>>;
  readonly consumerSecret: string;
  readonly tokenSecret?: string;
}

/** The text that RFC 5849 wants signed, and its signature. */
export function sign(what: Signing): { readonly base: string; readonly signature: string } {
  const pairs = [...Object.entries(what.oauth), ...(what.query ?? [])]
    .map(([name, value]) => `${enc(name)}=${enc(value)}`)
    .sort((a, b) => (a < b ? -1 : 1));
  const base = [what.method ?? "GET", what.url, pairs.join("&")].map(enc).join("&");
  const key = `${enc(what.consumerSecret)}&${enc(what.tokenSecret ?? "")}`;
  return { base, signature: createHmac("sha1", key).update(base).digest("base64") };
}

/** An Authorization header in the usual form. */
export function header(oauth: Readonly<Record<string, string>>): string {
  const fields = Object.entries(oauth).map(([name, value]) => `${name}="${enc(value)}"`);
  return `OAuth realm="",${fields.join(",")}`;
}
