/** A real pseudo-terminal from what the machine has: util-linux's `script`, or Python. */
import { spawnSync } from "node:child_process";

type Wrap = (shellCommand: string) => readonly [command: string, ...argv: string[]];

const PYTHON = `import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["/bin/sh", "-c", sys.argv[1]])))`;

/** How a shell command is run in a pseudo-terminal here; undefined where there is no way. */
export function findPseudoTerminal(): Wrap | undefined {
  if (answers("script", ["--version"], /util-linux/)) {
    return (shellCommand) => ["script", "-qfec", shellCommand, "/dev/null"];
  }
  // Windows has a Python without terminals.
  if (answers("python3", ["-c", "import pty; print('pty')"], /pty/)) {
    return (shellCommand) => ["python3", "-c", PYTHON, shellCommand];
  }
  return undefined;
}

/** Puts words together for a shell, each as it is. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

function answers(command: string, argv: readonly string[], pattern: RegExp): boolean {
  return pattern.test(spawnSync(command, argv, { encoding: "utf8" }).stdout ?? "");
}
