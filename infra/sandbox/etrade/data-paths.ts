/** The paths of the data interface. */
import type { Endpoint } from "./vocabulary.ts";

/** The data calls that are simulated. */
export type DataEndpoint = Exclude<Endpoint, `oauth/${string}`>;

/** What a data call names: the endpoint, and the account key or the symbols of its path. */
export interface DataTarget {
  readonly endpoint: DataEndpoint;
  /** Without `.json`, as it was sent. */
  readonly subject: string;
  /** The order or position of the path. */
  readonly item?: string;
}

const ACCOUNT_PATHS: readonly (readonly [pattern: RegExp, endpoint: DataEndpoint])[] = [
  [/^balance$/, "accounts/balance"],
  [/^portfolio$/, "accounts/portfolio"],
  [/^portfolio\/(\d{1,15})$/, "accounts/lots"],
  [/^transactions$/, "accounts/transactions"],
  [/^orders$/, "orders/list"],
  [/^orders\/preview$/, "orders/preview"],
  [/^orders\/place$/, "orders/place"],
  [/^orders\/cancel$/, "orders/cancel"],
  [/^orders\/(\d{1,12})$/, "orders/details"],
  [/^orders\/(\d{1,12})\/change\/preview$/, "orders/change-preview"],
  [/^orders\/(\d{1,12})\/change\/place$/, "orders/change-place"],
];

/** Reads a path of the data interface; undefined for one that is not simulated. */
export function readDataPath(path: string): DataTarget | undefined {
  const bare = path.endsWith(".json") ? path.slice(0, -".json".length) : path;
  if (bare === "/v1/accounts/list") return { endpoint: "accounts/list", subject: "" };
  const [, account, rest] = /^\/v1\/accounts\/([^/]+)\/(.+)$/.exec(bare) ?? [];
  if (account !== undefined && rest !== undefined) return readAccountPath(account, rest);
  const symbols = /^\/v1\/market\/quote\/([^/]+)$/.exec(bare)?.[1];
  return symbols === undefined ? undefined : { endpoint: "market/quote", subject: symbols };
}

function readAccountPath(subject: string, rest: string): DataTarget | undefined {
  for (const [pattern, endpoint] of ACCOUNT_PATHS) {
    const found = pattern.exec(rest);
    if (found !== null) return { endpoint, subject, ...(found[1] === undefined ? {} : { item: found[1] }) };
  }
  return undefined;
}

/** The methods that a data call takes. */
export function methodsOf(endpoint: DataEndpoint): readonly string[] {
  switch (endpoint) {
    case "orders/preview":
    case "orders/place":
      return ["POST"];
    case "orders/cancel":
    case "orders/change-preview":
    case "orders/change-place":
      return ["PUT"];
    default:
      return ["GET"];
  }
}
