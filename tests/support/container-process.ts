/** The processes that the containers run, started with the very command line of their Dockerfiles. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { z } from "zod";
import { ROOT } from "./stack.ts";

export const FUNCTIONS_DOCKERFILE = "functions/Dockerfile";
export const WORKER_DOCKERFILE = "functions/worker/Dockerfile";

const commandSchema = z.tuple([z.literal("node"), z.string()]);
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

/** The command of a Dockerfile's last `CMD`, which must be in the form that no shell reads. */
export function commandOf(dockerfile: string): readonly [node: string, script: string] {
  const text = readFileSync(join(ROOT, dockerfile), "utf8");
  const command = [...text.matchAll(/^CMD (\[.*\])$/gm)].at(-1)?.[1];
  if (command === undefined) throw new Error(`${dockerfile} has no CMD in JSON form.`);
  return commandSchema.parse(JSON.parse(command));
}

/** Starts a container's command with nothing in its environment but `environment` and the search path. */
export function startContainerProcess(
  dockerfile: string,
  environment: Readonly<Record<string, string>>,
): ContainerProcess {
  const [, script] = commandOf(dockerfile);
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...environment },
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
