/** What `npm start` says when it cannot begin; `tests/start.test.ts` has what it does when it can. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { botsYaml } from "../../tests/support/bots-yaml.ts";
import { ROOT } from "../../tests/support/stack.ts";
import { closeServer } from "./services.ts";
import { listenAnywhere } from "./testing/raw-http.ts";

let folder: { readonly path: string; remove(): void };
let home: string;

beforeEach(() => {
  folder = makeTemporaryFolder();
  home = join(folder.path, "home");
});
afterEach(() => folder.remove());

interface Attempt {
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts it, waits until it has ended by itself, and says how. */
async function attempt({ options = [], environment = {} }: Attempt) {
  const child = spawn(process.execPath, ["infra/local/start.ts", ...options], {
    cwd: ROOT,
    env: {
      OPENBELL_HOME: home,
      OPENBELL_KEYCHAIN: "off",
      OPENBELL_CONFIG: join(folder.path, "openbell.yaml"),
      PORT: "0",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // One that does not end by itself must not outlive its test.
    timeout: 15_000,
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

test.each<[string, Attempt, string]>([
  ["an option that it does not have", { options: ["--frehs"] }, "There is one option: --fresh"],
  ["a word that is no option", { options: ["fresh"] }, "There is one option: --fresh"],
  ["a port that is none", { environment: { PORT: "http" } }, "PORT is a whole number from 0"],
  [
    "a keychain that is neither on nor off",
    { environment: { OPENBELL_KEYCHAIN: "maybe" } },
    "OPENBELL_KEYCHAIN is on or off.",
  ],
])("%s is told without a stack, and nothing is begun", async (_what, wrong, words) => {
  const ended = await attempt(wrong);

  expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(words) });
  expect(ended.stderr).not.toContain("    at ");
});

test("a configuration with faults is told line by line, and the home is not touched", async () => {
  writeFileSync(join(folder.path, "openbell.yaml"), "alerts:\n  minutesBeforeOpen: [65]\nsurprise: 1\n");

  const ended = await attempt({ options: ["--fresh"] });

  const lines = ended.stderr.trim().split("\n");
  expect(ended.code).toBe(1);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("openbell.yaml:2: alerts.minutesBeforeOpen[0]: ");
  expect(lines[0]).toContain("write a whole number from 10 to 150 that is a multiple of 10");
  expect(lines[1]).toContain("openbell.yaml:3: surprise: is not known: write ");
  expect(readdirSync(folder.path)).toEqual(["openbell.yaml"]);
});

test.each([
  ["      quoteAge: 60", "      quotAge: 60", "bots[0].limits.quotAge: is not known: did you mean quoteAge?"],
  ["      stopRequired: true\n", "", "bots[0].limits.stopRequired: is missing: write true or false"],
  ["riskPercent: 0.5", "quantity: -2", "bots[0].size.quantity: cannot be used: write a number above 0"],
  ["rsi-sentiment", "rsi-sentimant", "did you mean rsi-sentiment?"],
  ["rsiPeriod: 10", "rsiPeriod: ten", "cannot be used: write a whole number from 2 to 500"],
  [
    "mode: paper\n    instruments",
    "mode: live\n    instruments",
    "bots[0].mode: has no account: add `connection: ctrader-demo` with `mode: live`",
  ],
])("a bot with %j written as %j does not start, and what to write is told", async (piece, instead, says) => {
  writeFileSync(join(folder.path, "openbell.yaml"), botsYaml(piece, instead));

  const ended = await attempt({});

  expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(says) });
  expect(ended.stderr).toMatch(/^\S+openbell\.yaml:\d+: bots\[0\]\./);
  expect(ended.stderr).not.toContain("    at ");
  expect(readdirSync(folder.path)).toEqual(["openbell.yaml"]);
});

test.each([[[]], [["--fresh"]]])(
  "a folder with other things in it is refused and kept (%j)",
  async (options) => {
    mkdirSync(home);
    writeFileSync(join(home, "thesis.txt"), "years of work");

    const ended = await attempt({ options });

    expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("OPENBELL_HOME=") });
    expect(ended.stderr.trim().split("\n")).toHaveLength(1);
    expect(readdirSync(home)).toEqual(["thesis.txt"]);
  },
);

const GARBAGE = "not what it was ".repeat(1_000);

test.each([
  ["clock.json", "{"],
  ["clock.json", '{"machine":"yesterday"}'],
  ["store.db", GARBAGE],
  ["vault.db", GARBAGE],
  ["bus.db", GARBAGE],
])("a damaged %s is one line with its name and the way out, and stays (%#)", async (name, text) => {
  mkdirSync(home);
  writeFileSync(join(home, "openbell-home"), "");
  writeFileSync(join(home, "master.key"), Buffer.alloc(32, 7).toString("base64"), { mode: 0o600 });
  writeFileSync(join(home, name), text);

  const ended = await attempt({});

  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr.trim().split("\n")).toEqual([
    expect.stringMatching(new RegExp(`${name} is damaged.*npm start -- --fresh$`)),
  ]);
  expect(readFileSync(join(home, name), "utf8")).toBe(text);
});

test("a damaged lock is one line that says to delete it", async () => {
  mkdirSync(home);
  writeFileSync(join(home, "openbell-home"), "");
  writeFileSync(join(home, "openbell-running"), GARBAGE);

  const ended = await attempt({ options: ["--fresh"] });

  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toMatch(/^.*openbell-running is damaged\. It holds nothing: delete it\.\n$/);
});

test("a simulator's port that is taken is one line, and the process ends", async () => {
  const squatter = createServer();
  const taken = await listenAnywhere(squatter);

  const ended = await attempt({ environment: { PORT: String(taken - 3) } });
  await closeServer(squatter);

  expect(ended.code).toBe(1);
  expect(ended.stdout).toBe("");
  expect(ended.stderr).toMatch(
    /^Port \d+ is taken by another program\. Choose another one: PORT=\d+ npm start\n$/,
  );
});
