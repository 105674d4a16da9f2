/** The processes that the containers run, started with the very command line of their Dockerfiles. */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, vi } from "vitest";
import { z } from "zod";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { commandOf, environmentOf, WORKER_DOCKERFILE } from "./dockerfile.ts";
import { ROOT } from "./stack.ts";

const lineSchema = z.object({
  severity: z.string(),
  event: z.string(),
  fields: z.record(z.string(), z.unknown()),
});
export type PrintedLine = z.output<typeof lineSchema>;

export interface ContainerProcess {
  /** What was printed so far on both streams; a line that is not a log line throws. */
  lines(): readonly PrintedLine[];
  /** Everything printed, as it stands. */
  output(): string;
  /** Waits in real time for a line with this event. */
  printed(event: string): Promise<void>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** How it ended: an exit code, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

let bundled: ReturnType<typeof makeTemporaryFolder> | undefined;
afterAll(() => bundled?.remove());

/** Where a container's process works: for the worker a folder with its bundle and nothing else, as in its image. */
function folderOf(dockerfile: string): string {
  if (dockerfile !== WORKER_DOCKERFILE) return ROOT;
  if (bundled === undefined) {
    bundled = makeTemporaryFolder();
    execFileSync(process.execPath, [join(ROOT, "infra/worker/build.ts"), bundled.path]);
  }
  return bundled.path;
}

/** Starts a container's command with nothing in its environment but its image's, `environment` and the search path. */
export function startContainerProcess(
  dockerfile: string,
  environment: Readonly<Record<string, string>>,
): ContainerProcess {
  const { flags, script } = commandOf(dockerfile);
  const child = spawn(process.execPath, [...flags, script], {
    cwd: folderOf(dockerfile),
    env: { PATH: process.env.PATH, ...environmentOf(dockerfile), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const lines = () =>
    output
      .split("\n")
      .slice(0, -1)
      .map((line) => lineSchema.parse(JSON.parse(line)));
  return {
    lines,
    output: () => output,
    printed: (event) =>
      vi.waitFor(
        () => {
          if (!lines().some((line) => line.event === event)) throw new Error(`No ${event} in:\n${output}`);
        },
        { timeout: 15_000, interval: 20 },
      ),
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code ?? signal));
    }),
  };
}
