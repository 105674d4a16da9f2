/** With what the page was opened: a link's one-time code, a broker's way back, or nothing. */
export type Entry =
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "callback"; readonly requestToken: string; readonly verifier: string }
  | { readonly kind: "plain" };

const CODE = /^#c=([^&]+)$/;

/** Reads an address. What does not have the form of a link or a callback counts as nothing. */
export function readEntry(address: { pathname: string; search: string; hash: string }): Entry {
  const code = CODE.exec(address.hash)?.[1];
  if (code !== undefined) return { kind: "code", code: decode(code) };

  if (address.pathname === "/callback/etrade") {
    // Tokens are base64: a bare `+` in the query is a plus, not a space.
    const query = new URLSearchParams(address.search.replaceAll("+", "%2B"));
    const requestToken = query.get("oauth_token");
    const verifier = query.get("oauth_verifier");
    if (requestToken && verifier) return { kind: "callback", requestToken, verifier };
  }
  return { kind: "plain" };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
