/**
 * Every failure that a person or a program can meet, in one table. `status` is the HTTP status where the code
 * leaves by HTTP, `retry` says what a program may do, `summary` what happened, `next` what a person does now.
 * Codes are `CATEGORY_CONDITION`.
 */
export interface ErrorEntry {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
  readonly retry: "never" | "safe" | "later" | "after-login" | "ask-first";
  readonly summary: string;
  readonly next: string;
}

export const ERRORS = {
  ACCOUNT_MISSING: {
    status: 409,
    retry: "never",
    summary: "The account to trade on is not among those that this login may trade on.",
    next: "Check `account` of the connection in openbell.yaml, that you logged in with the right user, and that you allowed trading on the broker's page.",
  },
  ACKNOWLEDGEMENT_MISSING: {
    status: 504,
    retry: "later",
    summary: "The token is stored, but the worker has not confirmed it yet.",
    next: "Check with `openbell health` that the worker runs; it confirms by itself as soon as it can.",
  },
  AUTHORIZATION_BUSY: {
    status: 409,
    retry: "later",
    summary: "A PIN of this login is being checked right now.",
    next: "Wait a few seconds and look at the state.",
  },
  AUTHORIZATION_CLOSED: {
    status: 410,
    retry: "never",
    summary: "This login is over.",
    next: "Press Renew and log in at the broker again.",
  },
  AUTHORIZATION_EXPIRED: {
    status: 410,
    retry: "never",
    summary: "The broker's five minutes for this login are over.",
    next: "Press Renew and log in at the broker again.",
  },
  AUTHORIZATION_LOST: {
    status: 410,
    retry: "never",
    summary: "This login was cut off before its token was safe, so it is over.",
    next: "Press Renew and log in at the broker again.",
  },
  AUTHORIZATION_OUTCOME_UNKNOWN: {
    status: 504,
    retry: "ask-first",
    summary: "The broker did not answer in time; whether it took the PIN is unknown.",
    next: "Wait half a minute: Openbell asks the broker again by itself. Then look at the state.",
  },
  AUTHORIZATION_UNKNOWN: {
    status: 404,
    retry: "never",
    summary: "There is no such login.",
    next: "Press Renew and log in at the broker again.",
  },
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
    summary: "The broker does not accept the consumer key, or the application's id and secret.",
    next: "Check that they belong to this environment, that an application is active, and that a key has not expired.",
  },
  BROKER_KEY_MISSING: {
    status: 503,
    retry: "never",
    summary: "The broker's consumer key of this connection has not been entered, or cannot be read.",
    next: "Enter the consumer key and secret again; on a laptop, starting `npm start` again does it.",
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
    next: "Log in at the broker again, by Renew or Connect.",
  },
  BROKER_TOKEN_REJECTED: {
    status: 502,
    retry: "after-login",
    summary: "The broker does not accept the token.",
    next: "Log in at the broker again, by Renew or Connect.",
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
  CALENDAR_OUT_OF_RANGE: {
    status: 400,
    retry: "never",
    summary: "The market calendar does not reach this date.",
    next: "Ask for dates within the years named in the details.",
  },
  CONNECTION_MISSING: {
    status: 404,
    retry: "never",
    summary: "No connection of this broker and environment is configured.",
    next: "Add it under `connections` in openbell.yaml and start again.",
  },
  CONNECTION_UNKNOWN: {
    status: 404,
    retry: "never",
    summary: "There is no connection of this name.",
    next: "Use one of the names that `openbell status` lists.",
  },
  INTERNAL: {
    status: 500,
    retry: "ask-first",
    summary: "Something went wrong inside Openbell.",
    next: "Look at the state before you try again; if it stays, report the id in the details, which is also in the log.",
  },
  LEASE_HELD: {
    status: 409,
    retry: "later",
    summary: "Someone else is doing this already.",
    next: "Wait until they are done and look at the state; a lease that was left behind ends by itself.",
  },
  LINK_NOT_VALID: {
    status: 401,
    retry: "never",
    summary: "This link is not valid: it was used, has ended, or was never made.",
    next: "Press the button for a fresh link; it goes to your phone.",
  },
  CREDENTIAL_MISSING: {
    status: 503,
    retry: "never",
    summary: "A credential has not been entered yet.",
    next: "Enter it: the name stands in the details.",
  },
  LOGIN_BUDGET_SPENT: {
    status: 429,
    retry: "later",
    summary: "Today's logins for this connection are used up, so that the broker does not lock the account.",
    next: "Wait for the broker's next day (midnight New York time).",
  },
  LOGIN_DENIED: {
    status: 403,
    retry: "never",
    summary: "The broker sent you back without a code: access was not granted.",
    next: "Press Connect and allow the access on the broker's page.",
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
  METHOD_NOT_ALLOWED: {
    status: 405,
    retry: "never",
    summary: "This address does not take this method.",
    next: "Use a method that the Allow header names.",
  },
  ORDER_ID_TAKEN: {
    status: 409,
    retry: "never",
    summary: "Another order of this connection already has this id.",
    next: "Give the order an id of its own; an id is never used for two orders.",
  },
  ORDER_TOO_LATE: {
    status: 409,
    retry: "never",
    summary: "The order could not be sent in its time, so it was not sent at all.",
    next: "Check with `openbell status` that the worker and its socket are up, then place the order anew.",
  },
  ORIGIN_REFUSED: {
    status: 403,
    retry: "never",
    summary: "This call did not come from Openbell's own page.",
    next: "Open the page by the link on your phone and try again there.",
  },
  PIN_MALFORMED: {
    status: 422,
    retry: "never",
    summary: "This is not a PIN of the broker: those are 4 to 10 letters and digits.",
    next: "Copy the PIN from the broker's page once more and paste it whole.",
  },
  PIN_REFUSED: {
    status: 422,
    retry: "never",
    summary: "The broker did not take this PIN.",
    next: "Check the letters and send it again; if it stays wrong, press Renew and log in again.",
  },
  PIN_WRONG_TOO_OFTEN: {
    status: 410,
    retry: "never",
    summary: "Too many wrong PINs: this login is closed.",
    next: "Press Renew and log in at the broker again.",
  },
  QUOTE_MISSING: {
    status: 404,
    retry: "never",
    summary: "The broker sent no usable quote for this symbol.",
    next: "Check the symbol; the broker's code, where it sent one, is in the details.",
  },
  RATE_LIMITED: {
    status: 429,
    retry: "later",
    summary: "Too many requests.",
    next: "Wait as long as the Retry-After header says, then try again.",
  },
  REDIRECT_UNEXPECTED: {
    status: 409,
    retry: "never",
    summary: "The broker sent you back, but this browser waits for no login.",
    next: "Press Connect in the browser in which you go on, and log in at the broker there.",
  },
  RENEWAL_OUTCOME_UNKNOWN: {
    status: 502,
    retry: "later",
    summary: "The broker's answer to a renewal was lost; it may have put a token in force that nobody holds.",
    next: "Openbell goes on with the stored token and tries again in 5 minutes. If it says that the broker stopped accepting the token, log in again.",
  },
  RENEWAL_REFUSED: {
    status: 502,
    retry: "after-login",
    summary: "The broker refuses to renew this token, which still answers until its end.",
    next: "Log in at the broker again before the token ends.",
  },
  REQUEST_MALFORMED: {
    status: 400,
    retry: "never",
    summary: "The request does not have the expected form.",
    next: "Correct the request; the details name the field where it is known.",
  },
  REQUEST_NOT_JSON: {
    status: 415,
    retry: "never",
    summary: "The body must be JSON in UTF-8.",
    next: "Send it with the content type application/json, without compression.",
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    retry: "never",
    summary: "The body is too large.",
    next: "Send less.",
  },
  ROUTE_UNKNOWN: {
    status: 404,
    retry: "never",
    summary: "There is nothing at this address.",
    next: "Check the address.",
  },
  SANDBOX_BUTTON_UNKNOWN: {
    status: 404,
    retry: "never",
    summary: "The message on the simulated phone has no such button.",
    next: "Read the messages again; the bot may have changed this one.",
  },
  SANDBOX_CLOCK_INVALID: {
    status: 400,
    retry: "never",
    summary: "The sandbox's clock cannot be set so.",
    next: "Read the reason in the details; the clock has not been moved.",
  },
  SANDBOX_SWITCH_INVALID: {
    status: 400,
    retry: "never",
    summary: "The simulator has no such switch, or the switch does not take this value.",
    next: "Look the switch up in the simulator's documentation, under docs/simulators.",
  },
  SENTIMENT_KEY_MISSING: {
    status: 503,
    retry: "never",
    summary: "The key of the service that is asked for sentiment has not been entered, or cannot be read.",
    next: "Enter it as the credential `perplexity`; without it every sentiment is neutral.",
  },
  SENTIMENT_KEY_REFUSED: {
    status: 502,
    retry: "never",
    summary: "The service that is asked for sentiment does not accept the key.",
    next: "Make a new key at the service, see that it has credit, and enter it as the credential `perplexity`.",
  },
  SENTIMENT_UNAVAILABLE: {
    status: 503,
    retry: "later",
    summary: "The service that is asked for sentiment did not answer, or is asked too often.",
    next: "Nothing to do: the sentiment counts as neutral, and it is asked again in a few minutes.",
  },
  SENTIMENT_UNREADABLE: {
    status: 502,
    retry: "later",
    summary: "The answer of the service that is asked for sentiment does not have the expected form.",
    next: "Nothing to do: the sentiment counts as neutral. If it stays, report it with the log line.",
  },
  SESSION_REQUIRED: {
    status: 401,
    retry: "after-login",
    summary: "You are not signed in.",
    next: "Open the newest link on your phone, or ask for a fresh one.",
  },
  STACK_NOT_RUNNING: {
    status: 503,
    retry: "later",
    summary: "Openbell does not run on this machine.",
    next: "Start it with `npm start` in another terminal, then try again.",
  },
  STRATEGY_INVALID: {
    status: 422,
    retry: "never",
    summary: "The file of a bot's strategy cannot be used.",
    next: "Mend what the details name; docs/guides/own-strategy.md shows what a strategy is made of.",
  },
  STRATEGY_UNKNOWN: {
    status: 422,
    retry: "never",
    summary: "There is no strategy of this name, or no file at this path.",
    next: "Write the name of a built-in strategy, or the path of a file from the configuration's folder.",
  },
  TOKEN_NOT_LIVE: {
    status: 409,
    retry: "after-login",
    summary: "This connection has no live token.",
    next: "Log in at the broker again, by Renew or Connect.",
  },
  TRADING_HALTED: {
    status: 409,
    retry: "never",
    summary: "Trading is halted, so no order is sent.",
    next: "Find out who halted it and why, and resume trading when that is settled.",
  },
  TRADING_NOT_PERMITTED: {
    status: 403,
    retry: "after-login",
    summary: "The broker lets this login look at the account, but not trade on it.",
    next: "Connect anew and allow trading on the broker's page; if it was allowed, ask the broker about the account.",
  },
  TRADING_REDUCING: {
    status: 409,
    retry: "never",
    summary: "Only orders that close a position are sent now.",
    next: "Close what you want to close, or resume trading.",
  },
  VAULT_CORRUPT: {
    status: 500,
    retry: "never",
    summary: "A stored secret does not match its checksum or key.",
    next: "Renew the connection; on a laptop, also check that the master key was not replaced.",
  },
  VAULT_KEY_LOST: {
    status: 500,
    retry: "never",
    summary: "The key that opens the vault on this machine is not there, or is another one.",
    next: "Unlock the keychain or bring the key file back; failing that, start afresh and enter the broker keys again.",
  },
  VAULT_VERSION_MISSING: {
    status: 500,
    retry: "never",
    summary: "A stored secret is not there in the version asked for.",
    next: "Renew the connection; for a broker key, enter it again.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
