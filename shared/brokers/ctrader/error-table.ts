/** What each of the broker's error codes means, what the client does, and what a person reads (cause and next step). */
import type { BrokerCallFailure } from "../token-issuer.ts";
import { ACCESS_ERRORS } from "./errors-of-access.ts";
import { TRADING_ERRORS } from "./errors-of-trading.ts";

/** `already-done`: a success · `session-lost`: authorise the account again · `token` · `application`: authorise the application again · `fatal`: a person must act · `transient`: back off, outcome of a write unknown · `rate` · `race` and `gone`: read the state again · `caller`: our fault, never again · `business`: a refusal by the rules of trading · `unknown`: not in the table. */
export type BrokerAction =
  | "already-done"
  | "session-lost"
  | "token"
  | "application"
  | "fatal"
  | "transient"
  | "rate"
  | "race"
  | "gone"
  | "caller"
  | "business"
  | "unknown";

/** One row: what the program does, and what a person reads. */
export interface BrokerError {
  readonly action: BrokerAction;
  /** The code of our own under which a call fails that met it. */
  readonly failure: BrokerCallFailure;
  /** Why the broker says it, in one or two sentences. */
  readonly cause: string;
  /** What a person does now. */
  readonly next: string;
}

/** Every code that has a meaning here, and two that the client gives itself where an event brings none. */
export const BROKER_ERRORS: Readonly<Record<string, BrokerError>> = { ...ACCESS_ERRORS, ...TRADING_ERRORS };

/** Codes of the protocol that say nothing: they are treated as a code that nobody has heard of. */
export const SAYS_NOTHING: readonly string[] = ["UNKNOWN_ERROR"];

/** The general "invalid request" has one text with a meaning of its own. */
const NOT_AUTHORIZED_TEXT = /trading account is not authorized/i;

const UNKNOWN_TO_ORDERS: BrokerError = {
  action: "unknown",
  failure: "BROKER_REFUSED",
  cause: "The broker refused with a code that is not in this program's table.",
  next: "Read the broker's own code and text, and look at the position at the broker before you try again.",
};

const UNKNOWN_TO_READS: BrokerError = {
  action: "transient",
  failure: "BROKER_UNAVAILABLE",
  cause: "The broker answered with an error that is not in this program's table.",
  next: "It is asked again by itself. If it stays, report the broker's code with the log line.",
};

/**
 * The meaning of a code, which is an open set. A code that is not in the table counts as a refusal where an order
 * met it, and as passing trouble where a read did.
 */
export function explain(brokerCode: string, description: string, during: "order" | "read"): BrokerError {
  const row = Object.hasOwn(BROKER_ERRORS, brokerCode) ? BROKER_ERRORS[brokerCode] : undefined;
  if (row === undefined) return during === "order" ? UNKNOWN_TO_ORDERS : UNKNOWN_TO_READS;
  if (brokerCode === "INVALID_REQUEST" && NOT_AUTHORIZED_TEXT.test(description)) {
    return ACCESS_ERRORS.ACCOUNT_NOT_AUTHORIZED;
  }
  return row;
}
