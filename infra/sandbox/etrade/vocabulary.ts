/** The calls that the simulator knows, by the end of their path. */
export const ENDPOINTS = [
  "oauth/request_token",
  "oauth/access_token",
  "oauth/renew_access_token",
  "oauth/revoke_access_token",
  "accounts/list",
  "accounts/balance",
  "accounts/portfolio",
  "accounts/lots",
  "accounts/transactions",
  "market/quote",
  "orders/list",
  "orders/details",
  "orders/preview",
  "orders/place",
  "orders/cancel",
  "orders/change-preview",
  "orders/change-place",
] as const;
/** A simulated call. */
export type Endpoint = (typeof ENDPOINTS)[number];

/** The calls on one account. */
export type AccountEndpoint = Exclude<Endpoint, `oauth/${string}` | "accounts/list" | "market/quote">;

/** OAuth problems that can be asked for by the switch `failNext`. */
export const PROBLEM_KINDS = [
  "token_rejected",
  "token_expired",
  "signature_invalid",
  "consumer_key_rejected",
  "timestamp_refused",
  "nonce_used",
] as const;

/** All ways in which the switch `failNext` can make a call fail. */
export const FAILURE_KINDS = [
  ...PROBLEM_KINDS,
  "unavailable",
  "maintenance",
  "no-access",
  "busy",
  "rate-limit",
  "bad-gateway",
  "garbage",
  "empty",
  "drop-connection",
  "timeout-before-accept",
  "timeout-after-accept",
  "unavailable-after-accept",
] as const;
/** A way in which `failNext` makes a call fail. */
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** What a consumer key is for. */
export const ENVIRONMENTS = ["production", "sandbox"] as const;
/** What a consumer key is for. */
export type Environment = (typeof ENVIRONMENTS)[number];
