/** What a request says about the page it came from. Absent headers are undefined. */
export interface PageFacts {
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly host: string | undefined;
  readonly forwardedHost: string | undefined;
}

export interface PageOptions {
  /** Where people open the page, e.g. `https://openbell.example`. */
  readonly publicOrigin: string;
  /** With 0, `X-Forwarded-Host` is not believed. */
  readonly trustedProxyHops: number;
}

/**
 * Whether a call that changes something came from Openbell's own page, or from no page at all (a terminal
 * sends neither header; a browser sends `Origin` with each POST and DELETE). The host that the call came to
 * counts as own, so that the page also works under a second domain; a foreign page cannot make a browser lie
 * about either.
 */
export function isFromOwnPage(facts: PageFacts, options: PageOptions): boolean {
  const { origin, fetchSite } = facts;
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") return false;
  if (origin === undefined || origin === options.publicOrigin) return true;
  const host = options.trustedProxyHops > 0 ? (facts.forwardedHost ?? facts.host) : facts.host;
  return host !== undefined && origin === `${new URL(options.publicOrigin).protocol}//${host}`;
}
