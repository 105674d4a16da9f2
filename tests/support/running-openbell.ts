/** `npm start` as a process of its own, to be signalled and killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./stack.ts";

export interface StartOptions {
  readonly home: string;
  /** Default: any free ports. */
  readonly port?: number;
  readonly isFresh?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningOpenbell {
  /** Scheme, host and port of the page, without a slash at the end. */
  readonly origin: string;
  readonly sandbox: string;
  stdout(): string;
  /** Sends the signal and waits for the end. */
  end(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<Ended>;
  /** Sends SIGKILL and waits for nothing. */
  kill(): void;
}

/** The configuration file that goes with a home; need not exist. */
export function configurationOf(home: string): string {
  return `${home}.yaml`;
}

/** Starts it and waits until it says that it is up. Throws what it said when it ended instead. */
export async function startOpenbell(options: StartOptions): Promise<RunningOpenbell> {
  const { child, ended, output } = launch(options);
  const early = await Promise.race([saidThatItIsUp(child, output), ended]);
  if (early !== undefined) throw new Error(`Openbell ended with ${early.code}: ${early.stderr}`);
  const note = JSON.parse(readFileSync(join(options.home, "sandbox.json"), "utf8")) as { console: string };
  const { origin } = new URL(note.console);
  return {
    origin,
    sandbox: `${origin}/sandbox`,
    stdout: () => output.stdout,
    end(signal) {
      child.kill(signal);
      return ended;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

async function saidThatItIsUp(child: ChildProcess, output: { readonly stdout: string }): Promise<undefined> {
  while (!output.stdout.includes("Ctrl-C ends it.")) await once(child.stdout as NodeJS.EventEmitter, "data");
}

/** Starts it where it is to end by itself. */
export function startInVain(options: StartOptions): Promise<Ended> {
  return launch(options).ended;
}

interface Launched {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly output: { stdout: string; stderr: string };
}

function launch({ home, port = 0, isFresh = false }: StartOptions): Launched {
  const child = spawn(process.execPath, ["infra/local/start.ts", ...(isFresh ? ["--fresh"] : [])], {
    cwd: ROOT,
    env: {
      OPENBELL_HOME: home,
      OPENBELL_KEYCHAIN: "off",
      OPENBELL_CONFIG: configurationOf(home),
      PORT: String(port),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const ended = once(child, "close").then(() => ({ code: child.exitCode, ...output }));
  return { child, ended, output };
}
