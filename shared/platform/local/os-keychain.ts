import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createAbsentKeychain, type Keychain, type KeychainAnswer } from "./keychain.ts";
import { type KeychainRequest, keychainAnswerSchema } from "./os-keychain-protocol.ts";

export interface OsKeychainOptions {
  /** How long the keychain may take to answer; default 1,000. */
  readonly answerTimeoutMs?: number;
  /** How long its process may take to start, on a busy machine; default 5,000. */
  readonly startTimeoutMs?: number;
  /** The program that asks it; a test's stand-in. */
  readonly program?: string;
}

const SERVICE = "openbell";
const PROGRAM = fileURLToPath(new URL("./os-keychain-child.ts", import.meta.url));

/**
 * The operating system's keychain: Keychain on macOS, Credential Manager on Windows, the Secret Service on
 * Linux. It is asked in a process of its own that is ended when it takes too long.
 */
export function createOsKeychain(options: OsKeychainOptions = {}): Keychain {
  return {
    async read(account) {
      const answer = await ask({ act: "read", service: SERVICE, account }, options);
      return answer.isAvailable ? { ...answer, value: answer.value ?? undefined } : answer;
    },
    async write(account, text) {
      const answer = await ask({ act: "write", service: SERVICE, account, text }, options);
      return answer.isAvailable ? { ...answer, value: undefined } : answer;
    },
  };
}

/** The keychain by the setting `OPENBELL_KEYCHAIN`: `off` for none, `on` or nothing for the system's. */
export function chooseKeychain(setting: string | undefined): Keychain {
  if (setting === "off") return createAbsentKeychain();
  if (setting === undefined || setting === "" || setting === "on") return createOsKeychain();
  throw new RangeError("OPENBELL_KEYCHAIN is on or off.");
}

function ask(request: KeychainRequest, options: OsKeychainOptions): Promise<KeychainAnswer<string | null>> {
  const { answerTimeoutMs = 1_000, startTimeoutMs = 5_000, program = PROGRAM } = options;
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "ignore"] });
  return new Promise((resolve) => {
    let output = "";
    let timer = setTimeout(giveUp, startTimeoutMs);
    function finish(answer: KeychainAnswer<string | null>): void {
      clearTimeout(timer);
      resolve(answer);
    }
    function giveUp(): void {
      child.kill("SIGKILL");
      finish({ isAvailable: false, trouble: "timeout" });
    }
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      if (output === "") {
        clearTimeout(timer);
        timer = setTimeout(giveUp, answerTimeoutMs);
      }
      output += chunk;
    });
    child.on("error", () => finish({ isAvailable: false, trouble: "unavailable" }));
    child.on("close", (code) =>
      finish(code === 0 ? parse(output) : { isAvailable: false, trouble: "unavailable" }),
    );
    send(child, request);
  });
}

function send(child: ChildProcessByStdio<Writable, Readable, null>, request: KeychainRequest): void {
  // A child that dies before it has read shows by its end.
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(request));
}

function parse(output: string): KeychainAnswer<string | null> {
  try {
    const answer = keychainAnswerSchema.parse(JSON.parse(output.slice(output.indexOf("\n") + 1)));
    return { isAvailable: true, value: answer.text };
  } catch {
    return { isAvailable: false, trouble: "unavailable" };
  }
}
