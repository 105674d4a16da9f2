import type { Call } from "./http-words.ts";
import { queryOf } from "./http-words.ts";

/** A decoded name and value. */
export type Pair = readonly [name: string, value: string];

/** The parameters of a signed request, decoded, apart by where they stood. */
export interface SignedParameters {
  /** All `oauth_*` pairs of header, query and form body. */
  readonly oauth: readonly Pair[];
  /** All others of query and form body. They are signed too. */
  readonly others: readonly Pair[];
}

/** Percent-encodes as RFC 5849 §3.6 wants it: everything but letters, digits and `-._~`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads form-encoded text (a query or a form body), where `+` is a space. A pair with a broken escape keeps
 * its text as it stands.
 */
export function readForm(text: string): readonly Pair[] {
  if (text === "") return [];
  return text
    .split("&")
    .filter((piece) => piece !== "")
    .map((piece) => {
      const mark = piece.indexOf("=");
      const [name, value] = mark === -1 ? [piece, ""] : [piece.slice(0, mark), piece.slice(mark + 1)];
      return [name, value].map((part) => {
        const spaced = part.replaceAll("+", " ");
        return percentDecode(spaced) ?? spaced;
      }) as unknown as Pair;
    });
}

/**
 * Reads an Authorization header in the way that public reports suggest E*TRADE does: split at commas, then at
 * `=`, and whatever does not fall into exactly two parts is dropped. So an unencoded trailing `=` of a base64
 * value makes its whole parameter vanish. `realm` is left out. Undefined when the scheme is not OAuth.
 */
export function readAuthorization(header: string | undefined): readonly Pair[] | undefined {
  const scheme = /^oauth(\s+|$)/i.exec(header?.trim() ?? "");
  if (header === undefined || scheme === null) return undefined;
  const pairs: Pair[] = [];
  for (const piece of header.trim().slice(scheme[0].length).split(",")) {
    const parts = piece.trim().split("=");
    const [rawName, rawValue] = parts;
    if (parts.length !== 2 || rawName === undefined || rawValue === undefined) continue;
    const name = percentDecode(rawName.trim());
    const value = percentDecode(rawValue.trim().replace(/^"(.*)"$/, "$1"));
    if (name === undefined || value === undefined || name.toLowerCase() === "realm") continue;
    pairs.push([name, value]);
  }
  return pairs;
}

/** Collects the parameters of a call: header, query, and a form body where there is one. JSON and XML bodies have none. */
export function collectParameters(call: Call): SignedParameters {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(call.headers["content-type"] ?? "");
  const loose = [...readForm(queryOf(call.target)), ...(isForm ? readForm(call.body) : [])];
  const isOauth = ([name]: Pair) => name.startsWith("oauth_");
  return {
    oauth: [...(readAuthorization(call.headers.authorization) ?? []), ...loose.filter(isOauth)],
    others: loose.filter((pair) => !isOauth(pair)),
  };
}
