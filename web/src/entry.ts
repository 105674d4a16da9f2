import type { ApiErrorCode, ApiLanding } from "../../shared/console/api.ts";

/** With what the page was opened: a link's one-time code, a broker's way back, or nothing. */
export type Entry =
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "callback"; readonly requestToken: string; readonly verifier: string }
  | { readonly kind: "landing"; readonly landing: ApiLanding }
  | { readonly kind: "plain" };

const LANDING = /^#(?:connected|failed)=/;
const CODE = /^#c=([^&]+)$/;

/** Reads an address. What does not have the form of a link or a callback counts as nothing. */
export function readEntry(address: { pathname: string; search: string; hash: string }): Entry {
  const code = CODE.exec(address.hash)?.[1];
  if (code !== undefined) return { kind: "code", code: decode(code) };

  if (LANDING.test(address.hash)) return readLanding(new URLSearchParams(address.hash.slice(1)));

  if (address.pathname === "/callback/etrade") {
    // Tokens are base64: a bare `+` in the query is a plus, not a space.
    const query = new URLSearchParams(address.search.replaceAll("+", "%2B"));
    const requestToken = query.get("oauth_token");
    const verifier = query.get("oauth_verifier");
    if (requestToken && verifier) return { kind: "callback", requestToken, verifier };
  }
  return { kind: "plain" };
}

/** Anybody can write such an address: it holds names and codes, and no words to show. */
function readLanding(fields: URLSearchParams): Entry {
  const connected = fields.get("connected");
  const generation = Number(fields.get("generation"));
  if (connected && Number.isSafeInteger(generation) && generation > 0) {
    return { kind: "landing", landing: { connected, generation } };
  }
  const failed = fields.get("failed") ?? "";
  if (!/^[A-Z_]{3,60}$/.test(failed)) return { kind: "plain" };
  const connection = fields.get("connection");
  return {
    kind: "landing",
    landing: { failed: failed as ApiErrorCode, ...(connection && { connection }) },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
