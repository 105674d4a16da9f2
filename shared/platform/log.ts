/** Facts of one log line. Never secrets, account numbers or raw bodies; a `Secret` prints as `[secret]`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log of one subsystem. `event` is a stable word in kebab case, e.g. `token-stored`. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log under another subsystem's name. */
  for(subsystem: string): Log;
}
