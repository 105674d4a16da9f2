/** What the commands know of the terminal: lines out, a PIN in. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ReadStream } from "node:tty";
import { styleText } from "node:util";
import { Secret } from "../../shared/platform/secret.ts";

/** What a command ends with: 0 done, 1 failed, 2 not understood, 130 left by Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 130;

/** `left`: by Ctrl-C · `stopped`: by the caller · `ended`: nobody is there to ask. */
export type PinAnswer =
  | { readonly kind: "pin"; readonly pin: Secret }
  | { readonly kind: "left" | "stopped" | "ended" };

/** Marks text where the terminal can show it; elsewhere it gives the text back as it is. */
export interface Style {
  strong(text: string): string;
}

export interface Terminal {
  readonly style: Style;
  /** A line, or several, for whoever or whatever reads the output. */
  print(text: string): void;
  /** Text as it is, without an end of line of its own; resolves when the reader has room for more. */
  write(text: string): Promise<void>;
  /** The same as `print` for what went wrong. */
  complain(text: string): void;
  /** Asks a person, or reads the next line of a pipe. */
  askPin(message: string, signal: AbortSignal): Promise<PinAnswer>;
  /** The same for what may not be seen on the screen. */
  askSecret(message: string, signal: AbortSignal): Promise<PinAnswer>;
  /** Ends reading, so that the process can end. */
  close(): void;
}

export interface Streams {
  readonly stdin: ReadStream | NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

export function createTerminal(streams: Streams): Terminal {
  const { stdin, stdout, stderr } = streams;
  const lines = lineReader(stdin);
  const isInteractive = isTty(stdin) && isTty(stdout);
  return {
    // Heeds what the stream is, and NO_COLOR.
    style: { strong: (text) => styleText("bold", text, { stream: stdout }) },
    print: (text) => void stdout.write(`${text}\n`),
    async write(text) {
      if (!stdout.write(text)) await once(stdout, "drain");
    },
    complain: (text) => void stderr.write(`${text}\n`),
    askPin: (message, signal) => (isInteractive ? prompt(message, signal, "text") : lines.next(signal)),
    askSecret: (message, signal) =>
      isInteractive ? prompt(message, signal, "password") : lines.next(signal),
    close: () => lines.close(),
  };
}

function isTty(stream: object): boolean {
  return "isTTY" in stream && stream.isTTY === true;
}

async function prompt(message: string, signal: AbortSignal, kind: "text" | "password"): Promise<PinAnswer> {
  const { isCancel, [kind]: ask } = await import("@clack/prompts");
  const answer = await ask({
    message,
    signal,
    withGuide: false,
    validate: (value) => (value?.trim() ? undefined : "Enter it, or leave with Ctrl-C."),
  });
  if (isCancel(answer)) return { kind: signal.aborted ? "stopped" : "left" };
  return { kind: "pin", pin: Secret.of(answer) };
}

/** Lines of a pipe, one a question; empty ones are passed over. */
function lineReader(stdin: NodeJS.ReadableStream) {
  let reader: ReturnType<typeof createInterface> | undefined;
  let lines: AsyncIterator<string> | undefined;

  async function next(signal: AbortSignal): Promise<PinAnswer> {
    reader ??= createInterface({ input: stdin });
    lines ??= reader[Symbol.asyncIterator]();
    const stopped = new Promise<"stopped">((resolve) => {
      signal.addEventListener("abort", () => resolve("stopped"), { once: true });
    });
    for (;;) {
      const line = await Promise.race([lines.next(), stopped]);
      if (line === "stopped") return { kind: "stopped" };
      if (line.done) return { kind: "ended" };
      if (line.value.trim() !== "") return { kind: "pin", pin: Secret.of(line.value) };
    }
  }

  return { next, close: () => reader?.close() };
}
