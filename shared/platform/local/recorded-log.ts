import type { Log, LogFields } from "../log.ts";

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
}

export interface RecordedLog {
  readonly log: Log;
  /** Newest last. */
  readonly lines: readonly LogLine[];
}

/** A log that keeps its lines in memory: for tests. */
export function createRecordedLog(): RecordedLog {
  const lines: LogLine[] = [];
  const write =
    (level: LogLine["level"]) =>
    (event: string, fields: LogFields = {}): void => {
      lines.push({ level, event, fields });
    };
  const log: Log = { info: write("info"), warn: write("warn"), error: write("error"), for: () => log };
  return { log, lines };
}
