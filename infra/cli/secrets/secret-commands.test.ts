import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCredential } from "../../../shared/config/credentials.ts";
import { createSystemClock } from "../../../shared/platform/local/system-clock.ts";
import { makeTemporaryFolder } from "../../../shared/platform/local/temporary-folder.ts";
import { ROOT } from "../../../tests/support/stack.ts";
import { openHome } from "../../local/home.ts";
import { openHomeKey } from "../../local/home-key.ts";
import { lockHome } from "../../local/home-lock.ts";
import { openLocalPlatform } from "../../local/local-platform.ts";
import { quietLog } from "../../local/quiet-log.ts";
import { runGuarded } from "../run-guarded.ts";
import type { PinAnswer } from "../terminal.ts";
import { createFakeTerminal } from "../testing/fake-terminal.ts";
import { findPseudoTerminal } from "../testing/pseudo-terminal.ts";
import { startCommand } from "../testing/running-command.ts";

const KEY = "pplx-CANARY0123456789abcdefghij";
const OTHER = "pplx-OTHER00123456789abcdefghij";

let folder: ReturnType<typeof makeTemporaryFolder>;
let environment: NodeJS.ProcessEnv;
let home: string;
beforeEach(() => {
  folder = makeTemporaryFolder();
  home = join(folder.path, "home");
  environment = { OPENBELL_HOME: home, OPENBELL_KEYCHAIN: "off" };
});
afterEach(() => folder.remove());

async function run(argv: readonly string[], keys: readonly string[] = [], afterwards?: PinAnswer) {
  const terminal = createFakeTerminal(keys, afterwards);
  const interruption = new AbortController().signal;
  const code = await runGuarded(argv, { terminal, environment, root: ROOT, interruption });
  return { code, said: terminal.lines() + terminal.questions.join() };
}

/** What a stack on this home would find, and how many versions lie there. */
async function stored() {
  const opened = await openHome(home, { isFresh: false });
  const { key: masterKey } = await openHomeKey(opened, environment);
  const parts = { home: opened, masterKey, clock: createSystemClock(), log: quietLog };
  const running = openLocalPlatform(parts);
  const found = await readCredential(running.platform, "perplexity");
  const versions = await running.platform.vault.versions("perplexity");
  await running.close();
  return { key: found.ok ? found.value.reveal() : found.code, versions: versions.length };
}

const SET = ["secret", "set", "perplexity"];

test("a key that is entered is in force, the one before it is gone, and it is seen nowhere", async () => {
  const first = await run(SET, [OTHER]);
  const { code, said } = await run(SET, [`  ${KEY} `]);

  expect([first.code, code]).toEqual([0, 0]);
  expect(await stored()).toEqual({ key: KEY, versions: 1 });
  const files = readdirSync(home).map((name) => readFileSync(join(home, name), "latin1"));
  expect([said, ...files].join()).not.toContain("CANARY");
});

test("a key that is taken out is destroyed, and once more is no error", async () => {
  await run(SET, [KEY]);

  const codes = [
    await run(["secret", "remove", "perplexity"]),
    await run(["secret", "remove", "perplexity"]),
  ];

  expect(codes.map(({ code }) => code)).toEqual([0, 0]);
  expect(await stored()).toEqual({ key: "CREDENTIAL_MISSING", versions: 0 });
});

test.each(["CANARY", "pplx-short", `Bearer ${KEY}`, `${KEY} ${KEY}`, "sk-CANARY0123456789abcdefghij"])(
  "what is no key of the service is refused by its code, unseen, and changes nothing: %s",
  async (wrong) => {
    await run(SET, [OTHER]);

    const { code, said } = await run(SET, [wrong]);

    expect(code).toBe(1);
    expect(said).toContain("(SECRET_MALFORMED)");
    expect(said).not.toContain("CANARY");
    expect(await stored()).toEqual({ key: OTHER, versions: 1 });
  },
);

test("a key on the command line is not taken and not repeated, nor is one in place of the name", async () => {
  const onLine = await run([...SET, KEY], [OTHER]);
  const unknown = await run(["secret", "set", KEY], [OTHER]);

  expect([onLine.code, unknown.code]).toEqual([2, 2]);
  expect(onLine.said + unknown.said).not.toContain("CANARY");
  expect(await stored()).toEqual({ key: "CREDENTIAL_MISSING", versions: 0 });
});

test("while Openbell runs nothing is asked: its simulator would be sent the key", async () => {
  const release = await lockHome(home);

  const { code, said } = await run(SET, [KEY]);
  release();

  expect(code).toBe(1);
  expect(said).toContain("already runs");
  expect(said).not.toContain("Perplexity's key");
});

test.each<[PinAnswer["kind"] & ("left" | "ended"), number]>([
  ["left", 130],
  ["ended", 1],
])("a question that is %s changes nothing", async (kind, code) => {
  expect((await run(SET, [], { kind })).code).toBe(code);
  expect(await stored()).toEqual({ key: "CREDENTIAL_MISSING", versions: 0 });
});

const wrap = findPseudoTerminal();

test.skipIf(wrap === undefined)("a terminal shows none of the letters that are typed", async () => {
  const command = startCommand(SET, { home, ...(wrap && { wrap }) });
  await command.shows(/Perplexity's key/);
  command.type(`${KEY}\r`);
  const { code, out } = await command.ended();

  expect(code).toBe(0);
  expect(out).not.toContain("CANARY");
  expect(out).toContain("The key is in the vault.");
  expect((await stored()).key).toBe(KEY);
});
