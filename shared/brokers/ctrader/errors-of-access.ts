/** The broker's codes about who may come in, and whether anybody is there; a part of `error-table.ts`. */
import type { BrokerError } from "./error-table.ts";

export const ACCESS_ERRORS = {
  ACCOUNT_NOT_AUTHORIZED: {
    action: "session-lost",
    failure: "BROKER_UNAVAILABLE",
    cause: "The account is not logged in on this connection, most often because its session has ended.",
    next: "It is logged in again by itself. If this stays, connect cTrader anew and choose this account on the broker's page.",
  },
  ALREADY_LOGGED_IN: {
    action: "already-done",
    failure: "BROKER_REFUSED",
    cause: "The account was logged in on this connection before.",
    next: "Nothing: it counts as done.",
  },
  ALREADY_SUBSCRIBED: {
    action: "already-done",
    failure: "BROKER_REFUSED",
    cause: "These prices or bars were asked for before.",
    next: "Nothing: it counts as done.",
  },
  BLOCKED_PAYLOAD_TYPE: {
    action: "rate",
    failure: "BROKER_RATE_LIMITED",
    cause: "This kind of request was made too often, and the broker holds it back for a while.",
    next: "Nothing: it waits as long as the broker asks. If it comes often, see what else uses the same application.",
  },
  CANT_ROUTE_REQUEST: {
    action: "transient",
    failure: "BROKER_UNAVAILABLE",
    cause:
      "No trading server answers for this account here: the broker is away, or a demo account was sought on the live host or the other way round.",
    next: "Check that the connection's environment, demo or live, is the account's. If it is, wait: it is tried again by itself.",
  },
  CHANNEL_IS_BLOCKED: {
    action: "fatal",
    failure: "BROKER_REFUSED",
    cause: "The broker has barred this account from the interface.",
    next: "Ask the broker's support why, and log in again when they have lifted it.",
  },
  CH_ACCESS_TOKEN_INVALID: {
    action: "token",
    failure: "BROKER_TOKEN_REJECTED",
    cause: "The access token is not valid: it was replaced by a newer one, or access was withdrawn.",
    next: "The stored token is tried, then renewed once. If that fails, connect cTrader anew.",
  },
  CH_CLIENT_ALREADY_AUTHENTICATED: {
    action: "already-done",
    failure: "BROKER_REFUSED",
    cause: "The application was logged in on this connection before.",
    next: "Nothing: it counts as done.",
  },
  CH_CLIENT_AUTH_FAILURE: {
    action: "fatal",
    failure: "BROKER_CREDENTIALS_REJECTED",
    cause: "The client id and secret do not belong together, or the application is not active.",
    next: "Copy both anew from the application's page at cTrader, and see there that its status is active.",
  },
  CH_CLIENT_NOT_AUTHENTICATED: {
    action: "application",
    failure: "BROKER_UNAVAILABLE",
    cause: "The application is not logged in on this connection.",
    next: "It is logged in again by itself.",
  },
  CH_CTID_TRADER_ACCOUNT_NOT_FOUND: {
    action: "fatal",
    failure: "BROKER_REFUSED",
    cause: "There is no account with this id. The number that the trading platform shows is another one.",
    next: "Choose the account from the list that the connection offers, in place of typing its number.",
  },
  CH_OA_CLIENT_NOT_FOUND: {
    action: "fatal",
    failure: "BROKER_CREDENTIALS_REJECTED",
    cause: "The broker knows no application with this client id.",
    next: "Copy the client id anew from the application's page at cTrader; it may have been deleted.",
  },
  CH_SERVER_NOT_REACHABLE: {
    action: "transient",
    failure: "BROKER_UNAVAILABLE",
    cause: "The broker's trading server is down.",
    next: "Wait: it is tried again by itself.",
  },
  CONNECTIONS_LIMIT_EXCEEDED: {
    action: "transient",
    failure: "BROKER_UNAVAILABLE",
    cause: "The application has too many connections open at once.",
    next: "Stop what else runs with the same client id; a connection that died is forgotten after a minute.",
  },
  FRAME_TOO_LONG: {
    action: "caller",
    failure: "BROKER_REFUSED",
    cause: "The request was larger than the broker takes.",
    next: "Ask for less at once. If this program chose the size, report it with the log line.",
  },
  INCORRECT_BOUNDARIES: {
    action: "caller",
    failure: "BROKER_REFUSED",
    cause: "The span of time that was asked for is turned round, or longer than the broker gives at once.",
    next: "Ask for a shorter span.",
  },
  INVALID_REQUEST: {
    action: "caller",
    failure: "BROKER_REFUSED",
    cause: "A value is missing, not allowed, or does not go with the others.",
    next: "Read the broker's text and put the value right; the same request would be refused again.",
  },
  NOT_SUBSCRIBED_TO_PNL: {
    action: "caller",
    failure: "BROKER_REFUSED",
    cause: "Running profits were not asked for on this connection.",
    next: "Report it with the log line: this program must ask for them first.",
  },
  NOT_SUBSCRIBED_TO_SPOTS: {
    action: "caller",
    failure: "BROKER_REFUSED",
    cause: "Live bars and depth are only given for a symbol whose prices are watched.",
    next: "Watch the symbol's prices first.",
  },
  OA_AUTH_TOKEN_EXPIRED: {
    action: "token",
    failure: "BROKER_TOKEN_EXPIRED",
    cause: "The access token has reached its end; it lives for about thirty days.",
    next: "It is renewed by itself, once. If that fails, connect cTrader anew.",
  },
  REQUEST_FREQUENCY_EXCEEDED: {
    action: "rate",
    failure: "BROKER_RATE_LIMITED",
    cause: "More requests were made than the broker allows in a second.",
    next: "Nothing: the next ones wait. If it comes often, see what else uses the same application.",
  },
  RET_ACCOUNT_DISABLED: {
    action: "fatal",
    failure: "BROKER_REFUSED",
    cause: "The account is disabled.",
    next: "Ask the broker to open it again, or choose another account.",
  },
  RET_NO_SUCH_LOGIN: {
    action: "fatal",
    failure: "BROKER_REFUSED",
    cause: "The account no longer exists; demo accounts end when they are not used.",
    next: "Open a new account at the broker, then connect cTrader anew and choose it.",
  },
  SERVER_IS_UNDER_MAINTENANCE: {
    action: "transient",
    failure: "BROKER_UNAVAILABLE",
    cause: "The broker's servers are being worked on, as happens most weekends.",
    next: "Wait: it is tried again by itself.",
  },
  TIMEOUT_ERROR: {
    action: "transient",
    failure: "BROKER_TIMEOUT",
    cause: "The broker itself waited too long for its trading server.",
    next: "For an order, wait until the positions have been compared with the broker's; everything else is asked again by itself.",
  },
  UNSUPPORTED_MESSAGE: {
    action: "caller",
    failure: "BROKER_REFUSED",
    cause: "The broker does not know this kind of request.",
    next: "Report it with the log line; this program is older or newer than the broker's interface.",
  },
} as const satisfies Readonly<Record<string, BrokerError>>;
