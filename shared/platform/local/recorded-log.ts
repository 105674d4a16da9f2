import type { Log, LogFields } from "../log.ts";

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines in memory, newest last: for tests. */
export function createRecordedLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const write =
    (level: LogLine["level"]) =>
    (event: string, fields: LogFields = {}): void => {
      lines.push({ level, event, fields });
    };
  const log: Log = { info: write("info"), warn: write("warn"), error: write("error"), for: () => log };
  return { log, lines };
}
