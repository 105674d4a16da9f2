import { createPinoLog } from "../../shared/platform/local/pino-log.ts";
import type { Log } from "../../shared/platform/log.ts";

/** The product's own log, kept as the text that would stand in the file. */
export function recordedLog(): { readonly log: Log; text(): string } {
  const lines: string[] = [];
  const log = createPinoLog({ level: "info", destination: { write: (line) => void lines.push(line) } });
  return { log, text: () => lines.join("") };
}
