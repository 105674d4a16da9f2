import type { Log } from "../../shared/platform/log.ts";

/** A log that keeps nothing, for a stack whose narrator is enough. */
export const quietLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  for: () => quietLog,
};
