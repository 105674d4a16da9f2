/** Query parameters by name, not encoded. E*TRADE has none that repeats. */
export type QueryParameters = Readonly<Record<string, string>>;

/** Percent-encodes all but letters, digits and `-._~`, as RFC 5849 section 3.6 wants it. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, encodeMark);
}

/** Encodes one segment of a path, leaving `:` and `,` as they are: E*TRADE refuses them encoded. */
export function encodePathSegment(text: string): string {
  return percentEncode(text).replaceAll("%3A", ":").replaceAll("%2C", ",");
}

/**
 * Joins a root address and an encoded path. Throws a RangeError for an address that `URL` would rewrite
 * (upper-case host, default port, dot segments): the signature covers it byte by byte.
 */
export function joinUrl(root: string, path: string): string {
  const url = root + path;
  if (!URL.canParse(url) || new URL(url).href !== url || /[?#]/.test(url)) {
    throw new RangeError("The address is not in the form in which it would be sent.");
  }
  return url;
}

/** The address with its query, each name and value percent-encoded. */
export function withQuery(url: string, query: QueryParameters): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`,
  );
  return pairs.length === 0 ? url : `${url}?${pairs.join("&")}`;
}

function encodeMark(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;
}
