import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chooseKeychain, createOsKeychain } from "./os-keychain.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

let folder: ReturnType<typeof makeTemporaryFolder>;

beforeEach(() => {
  folder = makeTemporaryFolder();
});

afterEach(() => folder.remove());

/** Writes a program that stands in for the one that asks the keychain. */
function standIn(source: string): string {
  const program = join(folder.path, "keychain.mjs");
  writeFileSync(program, source);
  return program;
}

const READ_REQUEST = `
  import { text } from "node:stream/consumers";
  const request = JSON.parse(await text(process.stdin));
  process.stdout.write("ready\\n");`;

test("what the keychain holds is read, and the request names service and account", async () => {
  const program = standIn(`${READ_REQUEST}
    process.stdout.write(JSON.stringify({ text: [request.act, request.service, request.account].join() }));`);

  const answer = await createOsKeychain({ program }).read("vault-1");

  expect(answer).toEqual({ isAvailable: true, value: "read,openbell,vault-1" });
});

test("nothing in the keychain is undefined", async () => {
  const program = standIn(`${READ_REQUEST} process.stdout.write('{"text":null}');`);

  expect(await createOsKeychain({ program }).read("vault-1")).toEqual({
    isAvailable: true,
    value: undefined,
  });
});

test("a write hands the text over", async () => {
  const program = standIn(`${READ_REQUEST}
    process.exitCode = request.act === "write" && request.text === "the key" ? 0 : 1;
    process.stdout.write('{"text":null}');`);

  expect(await createOsKeychain({ program }).write("vault-1", "the key")).toEqual({
    isAvailable: true,
    value: undefined,
  });
  expect(await createOsKeychain({ program }).write("vault-1", "other")).toMatchObject({ isAvailable: false });
});

test("a keychain that hangs is given up and its process ended", async () => {
  const noted = join(folder.path, "pid");
  const program = standIn(`import { writeFileSync } from "node:fs";
    writeFileSync(${JSON.stringify(noted)}, String(process.pid));
    ${READ_REQUEST} setInterval(() => undefined, 1_000);`);

  const answer = await createOsKeychain({ program, answerTimeoutMs: 50 }).read("vault-1");

  expect(answer).toEqual({ isAvailable: false, trouble: "timeout" });
  const pid = Number(readFileSync(noted, "utf8"));
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), { timeout: 5_000 });
});

test("a process that does not come up is given up", async () => {
  const program = standIn("setInterval(() => undefined, 1_000);");

  const answer = await createOsKeychain({ program, startTimeoutMs: 50 }).read("vault-1");

  expect(answer).toEqual({ isAvailable: false, trouble: "timeout" });
});

test.each([
  ["ends with an error", `${READ_REQUEST} throw new Error("no keychain here");`],
  ["dies before it reads", "process.exit(3);"],
  ["answers nonsense", `${READ_REQUEST} process.stdout.write("what?");`],
  ["answers nothing", READ_REQUEST],
])("a keychain that %s is unavailable", async (_title, source) => {
  const answer = await createOsKeychain({ program: standIn(source) }).read("vault-1");

  expect(answer).toEqual({ isAvailable: false, trouble: "unavailable" });
});

test("this machine's keychain answers, or it is told that it cannot be used", async () => {
  const answer = await createOsKeychain().read("openbell-test-that-nobody-writes");

  if (answer.isAvailable) expect(answer.value).toBeUndefined();
  else expect(["unavailable", "timeout"]).toContain(answer.trouble);
});

test("the setting switches the keychain off, and takes no other words", async () => {
  expect(await chooseKeychain("off").read("vault-1")).toEqual({ isAvailable: false, trouble: "off" });
  expect(await chooseKeychain("off").write("vault-1", "x")).toEqual({ isAvailable: false, trouble: "off" });
  expect(() => chooseKeychain("no")).toThrow(RangeError);
  expect(chooseKeychain(undefined)).toBeDefined();
});
