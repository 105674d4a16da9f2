import { type DestinationStream, type Logger, pino } from "pino";
import type { Log } from "../log.ts";
import { toLoggable } from "./loggable.ts";

export interface PinoLogOptions {
  readonly level: "info" | "warn" | "error" | "silent";
  /** Where the lines go; default: standard output. */
  readonly destination?: DestinationStream;
}

/**
 * A log of JSON lines: `time` (ISO 8601 in UTC, the machine's), `severity`, `subsystem`, `event` and the
 * fields, which pass {@link toLoggable} first.
 */
export function createPinoLog(options: PinoLogOptions): Log {
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: "event",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ severity: label === "warn" ? "WARNING" : label.toUpperCase() }) },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
  return wrap(logger);
}

function wrap(logger: Logger): Log {
  return {
    info: (event, fields = {}) => logger.info({ fields: toLoggable(fields) }, event),
    warn: (event, fields = {}) => logger.warn({ fields: toLoggable(fields) }, event),
    error: (event, fields = {}) => logger.error({ fields: toLoggable(fields) }, event),
    for: (subsystem) => wrap(logger.child({ subsystem })),
  };
}
