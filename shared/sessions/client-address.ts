import { isIP } from "node:net";

export interface AddressFacts {
  /** The header `X-Forwarded-For`, with several headers joined by commas. */
  readonly forwardedFor: string | undefined;
  /** The other end of the socket; undefined once it has closed. */
  readonly socketAddress: string | undefined;
  /**
   * How many proxies of ours stand in front, each of which appends the address it was called from: 0 for
   * none, 1 for Cloud Run alone, 2 for Firebase Hosting before it.
   */
  readonly trustedProxyHops: number;
}

/**
 * The address that a limit counts by. Only entries that our own proxies wrote are believed, counted from the
 * right; what stands left of them is the caller's invention. When there are fewer entries than proxies, the
 * call came another way and counts under the socket's address. IPv6 callers own whole networks and count by
 * their first 64 bits. `unknown` is one key for all whose address cannot be read.
 */
export function clientAddress(facts: AddressFacts): string {
  const entries = facts.forwardedFor?.split(",") ?? [];
  const isForwarded = facts.trustedProxyHops > 0 && entries.length >= facts.trustedProxyHops;
  const address = isForwarded ? entries.at(-facts.trustedProxyHops) : facts.socketAddress;
  return addressKey(address?.trim() ?? "");
}

function addressKey(address: string): string {
  if (isIP(address) === 4) return address;
  if (isIP(address) !== 6) return "unknown";
  const groups = ipv6Groups(address);
  const mapped = groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff" ? groups.slice(6) : undefined;
  if (mapped === undefined) return `${groups.slice(0, 4).join(":")}::/64`;
  return mapped
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join(".");
}

/** The eight groups of a valid IPv6 address, in lower-case hexadecimal without leading zeros. */
function ipv6Groups(address: string): readonly string[] {
  const withoutZone = address.split("%")[0] ?? address;
  const short = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
  const [left = "", right] = short.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  return [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
}
