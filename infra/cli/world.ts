import type { Terminal } from "./terminal.ts";

/** What a command is given of the world around it. */
export interface World {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** The project's folder. */
  readonly root: string;
  /** Aborted by Ctrl-C. */
  readonly interruption: AbortSignal;
}
