/** The broker's own words: codes, texts and hosts. */

/** The broker's two worlds. */
export const HOSTS = ["demo", "live"] as const;
export type BrokerHost = (typeof HOSTS)[number];

/** An application that may connect. */
export interface Application {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A refusal before it is dressed as one of the error messages. */
export interface Refusal {
  readonly errorCode: string;
  readonly description?: string;
  readonly retryAfter?: number;
  readonly maintenanceEndTimestamp?: number;
}

/** What the server was seen to say, or is likely to. */
export const REFUSALS = {
  appUnknown: { errorCode: "CH_OA_CLIENT_NOT_FOUND", description: "Open API client is not found" },
  appRefused: { errorCode: "CH_CLIENT_AUTH_FAILURE", description: "clientId or clientSecret is incorrect" },
  appInactive: { errorCode: "CH_CLIENT_AUTH_FAILURE", description: "Open API client is not activated" },
  appTwice: {
    errorCode: "CH_CLIENT_ALREADY_AUTHENTICATED",
    description: "Client is already authenticated",
  },
  appMissing: { errorCode: "CH_CLIENT_NOT_AUTHENTICATED", description: "Client is not authenticated" },
  tooManyConnections: {
    errorCode: "CONNECTIONS_LIMIT_EXCEEDED",
    description: "Limit of connections is reached for this Open API client",
  },
  tokenInvalid: { errorCode: "CH_ACCESS_TOKEN_INVALID", description: "Invalid access token" },
  accountUnknown: {
    errorCode: "CH_CTID_TRADER_ACCOUNT_NOT_FOUND",
    description: "Trading account is not found",
  },
  accountForeign: { errorCode: "ACCOUNT_NOT_AUTHORIZED", description: "Trading account is not authorized" },
  accountMissing: { errorCode: "INVALID_REQUEST", description: "Trading account is not authorized" },
  accountTwice: {
    errorCode: "ALREADY_LOGGED_IN",
    description: "Trading account is already authorized in this channel",
  },
  noRoute: { errorCode: "CANT_ROUTE_REQUEST", description: "Cannot route request" },
  unsupported: { errorCode: "UNSUPPORTED_MESSAGE", description: "Message is not supported" },
  corrupt: { errorCode: "UNKNOWN_ERROR", description: "Corrupted frame." },
  tooLong: { errorCode: "FRAME_TOO_LONG", description: "Frame size exceeds allowed limit." },
} as const satisfies Readonly<Record<string, Refusal>>;

export function missingFields(fields: readonly string[]): Refusal {
  return {
    errorCode: "INVALID_REQUEST",
    description: `Message missing required fields: ${fields.join(", ")}`,
  };
}
