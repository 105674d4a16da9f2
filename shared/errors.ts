/**
 * Every failure that a person or a program can meet, in one table. `status` is the HTTP status where the code
 * leaves by HTTP, `retry` says what a program may do, `summary` what happened, `next` what a person does now.
 * Codes are `CATEGORY_CONDITION`.
 */
export interface ErrorEntry {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
  readonly retry: "never" | "safe" | "later" | "after-login" | "ask-first";
  readonly summary: string;
  readonly next: string;
}

export const ERRORS = {
  BROKER_CALLBACK_REFUSED: {
    status: 502,
    retry: "never",
    summary: "The broker does not accept our callback address.",
    next: "Use the PIN way, or have the broker register the callback for this consumer key.",
  },
  BROKER_CLOCK_REFUSED: {
    status: 502,
    retry: "never",
    summary: "The broker says that this machine's clock is wrong.",
    next: "Set the machine's clock by NTP, then try again.",
  },
  BROKER_CREDENTIALS_REJECTED: {
    status: 502,
    retry: "never",
    summary: "The broker does not accept the consumer key.",
    next: "Check the key and that it belongs to this environment; an expired key must be asked for anew.",
  },
  BROKER_RATE_LIMITED: {
    status: 503,
    retry: "later",
    summary: "The broker says that too many calls were made.",
    next: "Wait a minute and try again.",
  },
  BROKER_REFUSED: {
    status: 502,
    retry: "never",
    summary: "The broker refused the request.",
    next: "Read the broker's code in the details.",
  },
  BROKER_REPLY_UNREADABLE: {
    status: 502,
    retry: "safe",
    summary: "The broker's answer does not have the expected form.",
    next: "Try again; if it stays, the broker has changed its interface: report it with the log line.",
  },
  BROKER_SIGNATURE_REFUSED: {
    status: 502,
    retry: "never",
    summary: "The broker does not accept our signature.",
    next: "Check the consumer secret of this connection.",
  },
  BROKER_TIMEOUT: {
    status: 504,
    retry: "ask-first",
    summary: "The broker did not answer in time; whether it acted is unknown.",
    next: "Look at the state before you try again.",
  },
  BROKER_TOKEN_EXPIRED: {
    status: 502,
    retry: "after-login",
    summary: "The broker says that the token has expired.",
    next: "Renew the connection with a new PIN.",
  },
  BROKER_TOKEN_REJECTED: {
    status: 502,
    retry: "after-login",
    summary: "The broker does not accept the token.",
    next: "Renew the connection with a new PIN.",
  },
  BROKER_UNAVAILABLE: {
    status: 503,
    retry: "later",
    summary: "The broker's service is not available right now.",
    next: "Try again in a minute; nights and weekends are its usual maintenance hours.",
  },
  BROKER_UNREACHABLE: {
    status: 502,
    retry: "safe",
    summary: "The broker could not be reached; nothing was sent.",
    next: "Check the network and the broker's status page, then try again.",
  },
  MESSENGER_RATE_LIMITED: {
    status: 503,
    retry: "later",
    summary: "The messenger asks us to send less.",
    next: "Wait; the message is sent again by itself.",
  },
  MESSENGER_REFUSED: {
    status: 502,
    retry: "never",
    summary: "The messenger refused the message.",
    next: "Check the bot token, and that the owner's chat has pressed Start and not blocked the bot.",
  },
  MESSENGER_TIMEOUT: {
    status: 504,
    retry: "ask-first",
    summary: "The messenger did not answer in time; the message may have arrived.",
    next: "Look at the phone; the message is sent again by itself.",
  },
  MESSENGER_UNREACHABLE: {
    status: 502,
    retry: "safe",
    summary: "The messenger could not be reached.",
    next: "Check the network; the message is sent again by itself.",
  },
  VAULT_CORRUPT: {
    status: 500,
    retry: "never",
    summary: "A stored secret does not match its checksum or key.",
    next: "Renew the connection; on a laptop, also check that the master key was not replaced.",
  },
  VAULT_VERSION_MISSING: {
    status: 500,
    retry: "never",
    summary: "A stored secret is not there in the version asked for.",
    next: "Renew the connection; for a broker key, enter it again.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
