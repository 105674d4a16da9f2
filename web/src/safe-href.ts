/**
 * An address fit for a link: https, or http on this machine (the simulated broker). Anything else, a
 * `javascript:` address above all, gives `undefined`.
 */
export function safeHref(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isLocal = url.hostname === "localhost" || url.hostname === "127.0.0.1" || url.hostname === "[::1]";
  return url.protocol === "https:" || (url.protocol === "http:" && isLocal) ? address : undefined;
}
