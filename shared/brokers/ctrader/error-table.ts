/** What each of the broker's error codes means, what the client does, and what a person reads (cause and next step). */

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
