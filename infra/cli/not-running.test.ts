import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beat } from "../../shared/tokens/heartbeat.ts";
import { MASTER_KEY, openTestStack, ROOT, type TestStack } from "../../tests/support/stack.ts";
import { lockHome } from "../local/home-lock.ts";
import { runGuarded } from "./run-guarded.ts";
import { createFakeTerminal } from "./testing/fake-terminal.ts";

let stack: TestStack;
let letGo: () => void;

beforeEach(async () => {
  stack = await openTestStack();
  letGo = await lockHome(stack.folder);
  writeFileSync(`${stack.folder}/master.key`, Buffer.from(MASTER_KEY).toString("base64"), { mode: 0o600 });
  const { store, clock } = stack.app.platform;
  await beat({ store, clock }, "worker", "1");
});
afterEach(() => stack.close());

async function run(...argv: readonly string[]) {
  const terminal = createFakeTerminal();
  const environment = {
    OPENBELL_HOME: stack.folder,
    OPENBELL_CONFIG: `${stack.folder}/none.yaml`,
    OPENBELL_KEYCHAIN: "off",
  };
  const interruption = new AbortController().signal;
  const code = await runGuarded([...argv], { terminal, environment, root: ROOT, interruption });
  return { code, out: terminal.printed() };
}

test("a stack that was killed a moment ago is told as not running, whatever its worker said last", async () => {
  const before = await run("health");
  letGo();

  const health = await run("health");
  const asJson = await run("health", "--json");
  const status = await run("status");

  expect(before).toMatchObject({ code: 0, out: expect.stringContaining("worker: is at work") });
  expect([health.code, asJson.code]).toEqual([1, 1]);
  expect(health.out).toContain("Openbell is not running. Start it again: npm start");
  expect(health.out).not.toContain("is at work");
  expect(JSON.parse(asJson.out)).toMatchObject({ status: "degraded", checks: { worker: false } });
  expect(status.out).toContain("Needs you:\n• Openbell is not running.");
});
