/** `npm run demo`: a whole trading day in under two minutes, and an honest end when it does not come off. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createNarrator } from "../infra/local/narrator.ts";
import { playMorning } from "../infra/local/played-morning.ts";
import { setFaults } from "./support/sandbox-orders.ts";
import { openTestStack, ROOT, type TestStack } from "./support/stack.ts";

async function runDemo(environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ["infra/local/demo.ts"], { cwd: ROOT, env: { ...environment } });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  await once(child, "close");
  return { code: child.exitCode, ...output };
}

test("the demo plays a whole trading day in under two minutes and tells each step", async () => {
  const begun = performance.now();

  const demo = await runDemo();

  expect([demo.code, demo.stderr]).toEqual([0, ""]);
  expect(performance.now() - begun).toBeLessThan(120_000);
  const steps = [
    /Openbell is up/,
    /The phone rings/,
    /The owner taps.*as in the message/,
    /Renew etrade-production/,
    /the broker took the PIN; token 1 is in the vault/,
    /the worker made a real call with token 1/,
    /Alert → armed in \d+\.\d seconds \(armed-before-open\)/,
    /ctrader-demo: the worker made a real call with token 1/,
    /opening-momentum: today's list is [A-Z]{2,}/,
    /The market opens\./,
    /Leave-safe check before the close: every open position has a resting stop/,
    /The market has closed\./,
    /Leave-safe check before midnight: every open position has a resting stop/,
    /midnight in New York, the token has ended/,
    /opening-momentum: 390 ticks, \d+ trades/,
    /Books and broker agree; audit chain intact\./,
    /a stop was hit/,
  ].map((step) => demo.stdout.search(step));
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
  expect(steps).toEqual(steps.toSorted((one, other) => one - other));
  // Gold is traded around the clock, so what is traded may come before the open.
  expect(demo.stdout).toMatch(/📝 [a-z-]+: (buy|sell|close by) \d+/u);
  expect(demo.stdout).toMatch(/✅ (bought|sold) \d+/u);
  expect(demo.stdout).toMatch(/🛑 the resting stop or target was hit: (bought|sold) \d+/u);
  expect(demo.stdout).toMatch(/💰 [a-z-]+: [A-Z]+ closed, [+−]\d+\.\d\d net/u);
}, 130_000);

test("a demo that cannot begin ends with 1 and one line", async () => {
  const demo = await runDemo({ TMPDIR: "/nonexistent-folder" });

  expect(demo.code).toBe(1);
  expect(demo.stderr.trim().split("\n")).toHaveLength(1);
});

let stack: TestStack;
let told: string[];
beforeEach(async () => {
  stack = await openTestStack({ isFlowing: true });
  told = [];
});
afterEach(() => stack.close());

function play(): Promise<boolean> {
  const narrator = createNarrator((line) => void told.push(line));
  return playMorning({ stack, narrator, patienceMs: 1_500 });
}

test.each([
  ["that refuses every login", { failNext: { where: "oauth", kind: "consumer_key_rejected", times: 1_000 } }],
  ["that takes no PIN", { failNext: { where: "oauth/access_token", kind: "token_rejected", times: 1_000 } }],
  ["whose accounts never answer well", { failNext: { where: "data", kind: "no-access", times: 1_000 } }],
])("with a broker %s the morning fails and nothing is called armed", async (_what, faults) => {
  await setFaults(stack, "etrade", faults);

  await expect(play()).rejects.toThrow(/answered|in vain/);

  expect(told.join("\n")).not.toContain("armed in");
});

test("with a broker that is well the same morning ends armed", async () => {
  expect(await play()).toBe(true);
  expect(told.join("\n")).toContain("armed in");
});
