import { type ChildProcess, spawn } from "node:child_process";

/**
 * Runs "$@" and ends it, with all its children, when standard input closes. `gcloud` puts itself and its Java
 * child into a process group of their own, so that two groups are to be killed: that one and the guard's.
 */
const GUARD = `
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
( read -r _ <&3; kill -s KILL -- "-$child"; kill -s KILL 0 ) 2>/dev/null &
wait "$child"
kill -s KILL 0
`;

/** A command and all the processes it started. */
export interface ProcessGroup {
  /** What the command printed so far, both streams together. */
  output(): string;
  /** Resolves once the command has ended, by itself or by `stop`. */
  readonly ended: Promise<void>;
  /** Ends the command and its children for good. Ending twice is no error. */
  stop(): Promise<void>;
}

/**
 * Starts a command that cannot outlive this process: its guard notices the closed pipe however this process
 * ends, be it by Ctrl-C or by SIGKILL.
 */
export function startProcessGroup(command: readonly string[], env: NodeJS.ProcessEnv): ProcessGroup {
  const guard: ChildProcess = spawn("sh", ["-c", GUARD, "guard", ...command], {
    // Its own session, so that Ctrl-C in the terminal reaches the guard only through the pipe.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env,
  });
  const printed: string[] = [];
  guard.stdout?.setEncoding("utf8").on("data", (text: string) => printed.push(text));
  guard.stderr?.setEncoding("utf8").on("data", (text: string) => printed.push(text));
  // The guard may be gone when its pipe is closed.
  guard.stdin?.on("error", () => {});
  // "close" comes when the last process has let go of the output, so it covers the children too.
  const ended = new Promise<void>((resolve) => {
    guard.once("close", () => resolve());
    guard.once("error", (error) => {
      printed.push(error.message);
      resolve();
    });
  });
  return {
    output: () => printed.join(""),
    ended,
    async stop() {
      guard.stdin?.end();
      await ended;
    },
  };
}
