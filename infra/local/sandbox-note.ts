import { z } from "zod";
import { type Home, readNote } from "./home.ts";

const NAME = "sandbox.json";

/**
 * Where the sandbox of a home listens, for the terminal. It holds no credential: those are in the vault.
 */
const noteSchema = z.object({
  console: z.url(),
  etrade: z.object({ apiBaseUrl: z.url(), sandboxBaseUrl: z.url(), authorizeUrl: z.url() }),
  /** Absent in a note from before there was a simulated cTrader. */
  ctrader: z
    .object({
      host: z.string(),
      demoPort: z.int(),
      livePort: z.int(),
      authorizeUrl: z.url(),
      tokenUrl: z.url(),
      caFile: z.string(),
    })
    .optional(),
  telegram: z.object({ apiRoot: z.url(), chatId: z.int() }),
});
export type SandboxNote = z.output<typeof noteSchema>;

/** Notes where the sandbox listens; whatever else is in `note` is left out. */
export function noteSandbox(home: Home, note: SandboxNote): Promise<void> {
  return home.writeText(NAME, JSON.stringify(noteSchema.parse(note)));
}

/**
 * Where the home's last sandbox listens or listened; undefined when there was none. Throws `HomeUnusable` when
 * the note is damaged.
 */
export function readSandboxNote(home: Home): Promise<SandboxNote | undefined> {
  return readNote(home, NAME, noteSchema);
}
