/** `openbell` as a process of its own, by a pipe or in a pseudo-terminal. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "../../../tests/support/stack.ts";
import { shellWords } from "./pseudo-terminal.ts";

export interface RunningCommand {
  /** Waits until what was shown, without colours and cursor moves, has a match, and gives it. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  /** As if typed, or piped. */
  type(text: string): void;
  /** Ends the input, as a pipe does. */
  endInput(): void;
  /** Closes the output, as `head` does. */
  stopReading(): void;
  signal(signal: "SIGINT" | "SIGTERM"): void;
  /** Resolves at the end of the process. In a pseudo-terminal everything is in `out`. */
  ended(): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

export interface CommandOptions {
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where given, the command runs in a pseudo-terminal. */
  readonly wrap?: (shellCommand: string) => readonly [string, ...string[]];
}

export function startCommand(argv: readonly string[], options: CommandOptions): RunningCommand {
  const words = [process.execPath, join(ROOT, "infra/cli/openbell.ts"), ...argv];
  const [command, ...rest] =
    options.wrap?.(`stty cols 120 rows 40; exec ${shellWords(words)}`) ?? (words as [string, ...string[]]);
  const child = spawn(command, rest, {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH ?? "",
      SHELL: "/bin/sh",
      TERM: "xterm-256color",
      OPENBELL_HOME: options.home,
      OPENBELL_CONFIG: `${options.home}.yaml`,
      OPENBELL_KEYCHAIN: "off",
      ...options.environment,
    },
  });
  return attend(child);
}

function attend(child: ChildProcessWithoutNullStreams): RunningCommand {
  const text = { out: "", err: "" };
  let tellNews: () => void = () => undefined;
  const follow = (name: "out" | "err") => (part: string) => {
    text[name] += part;
    tellNews();
  };
  child.stdout.setEncoding("utf8").on("data", follow("out"));
  child.stderr.setEncoding("utf8").on("data", follow("err"));
  // A command that has ended before it read everything is no fault of the test.
  child.stdin.on("error", () => undefined);
  let isClosed = false;
  const closed = once(child, "close").then(() => {
    isClosed = true;
    tellNews();
  });
  return {
    async shows(pattern) {
      for (;;) {
        const match = pattern.exec(stripVTControlCharacters(text.out + text.err));
        if (match !== null) return match;
        if (isClosed)
          throw new Error(`Ended with ${child.exitCode} without ${pattern}: ${text.out}${text.err}`);
        await new Promise<void>((resolve) => {
          tellNews = resolve;
        });
      }
    },
    type: (input) => void child.stdin.write(input),
    endInput: () => void child.stdin.end(),
    stopReading: () => void child.stdout.destroy(),
    signal: (signal) => void child.kill(signal),
    async ended() {
      await closed;
      return { code: child.exitCode, ...text };
    },
  };
}
