import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Task } from "./facts.ts";

const PROGRAM = fileURLToPath(new URL("./child.ts", import.meta.url));

export interface ChildProcessUnderTest {
  /** The numbers that it printed so far. */
  readonly acknowledged: readonly number[];
  /** Resolves when it has printed so many, or has ended. */
  hasAcknowledged(count: number): Promise<void>;
  /** Ends it without a warning and waits for the end. */
  kill(): Promise<void>;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

/** Starts the tests' child process on one task. */
export function startChild(
  task: Task,
  path: string,
  options: { times: number; first?: number },
): ChildProcessUnderTest {
  const { times, first = 0 } = options;
  const child = spawn(process.execPath, [PROGRAM, task, path, String(times), String(first)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  // A line that was torn by the end of the process is no acknowledgement: writes of a few bytes are whole.
  lines.on("line", (line) => acknowledged.push(Number(line)));
  const ended = Promise.all([once(child, "exit"), once(lines, "close")]).then(
    ([[code]]) => code as number | null,
  );
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  return {
    acknowledged,
    ended,
    async hasAcknowledged(count) {
      while (acknowledged.length < count && !hasEnded) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
