/**
 * What every answer of a function carries. The interface serves data to its own page and nothing else: so no
 * cache keeps it (Firebase Hosting's would keep a 404 for ten minutes), no page frames it, no other origin
 * reads it, and nothing in it runs. There are no CORS headers on purpose.
 */
export const SECURITY_HEADERS: ReadonlyMap<string, string> = new Map([
  ["Cache-Control", "no-store"],
  [
    "Content-Security-Policy",
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"],
  ["Referrer-Policy", "no-referrer"],
  ["Strict-Transport-Security", "max-age=63072000; includeSubDomains"],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["X-Robots-Tag", "noindex, nofollow"],
]);
