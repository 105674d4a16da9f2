import { writeFileSync } from "node:fs";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tickId, ticks } from "../../../shared/trading/ticks/records.ts";
import { MASTER_KEY, openTestStack, ROOT, type TestStack } from "../../../tests/support/stack.ts";
import { runGuarded } from "../run-guarded.ts";
import { createFakeTerminal } from "../testing/fake-terminal.ts";

/** 10:01:30 in New York, on a Monday. */
const START = Temporal.Instant.from("2026-11-23T15:01:30Z");
let stack: TestStack;
beforeEach(async () => {
  stack = await openTestStack({ startAt: START });
  writeFileSync(`${stack.folder}/master.key`, Buffer.from(MASTER_KEY).toString("base64"), { mode: 0o600 });
});
afterEach(() => stack.close());

async function run(commandLine: string) {
  const terminal = createFakeTerminal();
  const environment = {
    OPENBELL_HOME: stack.folder,
    OPENBELL_CONFIG: `${stack.folder}/none.yaml`,
    OPENBELL_KEYCHAIN: "off",
  };
  const interruption = new AbortController().signal;
  const code = await runGuarded(commandLine.split(" "), { terminal, environment, root: ROOT, interruption });
  return { code, out: terminal.printed(), err: terminal.complained() };
}

async function wrote(time: string, reason: string, text: string): Promise<void> {
  const instant = Temporal.Instant.from(`2026-11-23T${time}:00Z`);
  await stack.app.platform.store.transact(async (transaction) =>
    transaction.set(ticks, tickId("opening-momentum", instant), {
      ...{ bot: "opening-momentum", instant, reason, text, orders: [], at: instant, tookMs: 2 },
      keptUntil: instant.add({ hours: 24 }),
    }),
  );
}

test("why tells how often which reason, what it means, what nobody ran, and the last ticks in words", async () => {
  await wrote("14:30", "NO_QUOTE", "There is no price of AAPL.");
  await wrote("14:59", "NO_SIGNAL", "nothing broke out");
  await wrote("15:00", "NO_SIGNAL", "nothing moves");
  await wrote("15:01", "OF_ANOTHER_RELEASE", "who knows");

  const { code, out } = await run("why --bot opening-momentum --day 2026-11-23");

  expect(code).toBe(0);
  const [head, ...lines] = out.split("\n");
  expect(head).toMatch(/^opening-momentum, 2026-11-23: due 32 times, of which 28 nobody ran$/);
  expect(lines[0]).toBe("     2  NO_SIGNAL           The strategy looked and wants nothing.");
  expect(out).toContain("     1  OF_ANOTHER_RELEASE  A reason of another release.");
  expect(lines.slice(-4)).toEqual([
    "Mon 2026-11-23 10:01 ET  OF_ANOTHER_RELEASE: who knows",
    "Mon 2026-11-23 10:00 ET  NO_SIGNAL: nothing moves",
    "Mon 2026-11-23 09:59 ET  NO_SIGNAL: nothing broke out",
    "Mon 2026-11-23 09:30 ET  NO_QUOTE: There is no price of AAPL.",
  ]);
});

test("why tells of a day without ticks why there are none", async () => {
  const { out } = await run("why --bot opening-momentum --day 2026-11-22");

  expect(out).toBe("opening-momentum, 2026-11-22: not due yet\nThe exchange is closed: Sunday.");
});

test("why as JSON has every bot, and the same figures", async () => {
  await wrote("15:00", "NO_SIGNAL", "nothing moves");

  const days = JSON.parse((await run("why --json")).out);

  expect(days.map((day: { bot: string }) => day.bot)).toEqual(["palm-oil", "opening-momentum", "gold"]);
  expect(days[1]).toMatchObject({
    date: "2026-11-23",
    reasons: [{ reason: "NO_SIGNAL", count: 1 }],
    latest: [{ instant: "2026-11-23T15:00:00.000Z", reason: "NO_SIGNAL", text: "nothing moves" }],
  });
});

test("why does not know a bot that is not configured", async () => {
  const { code, err } = await run("why --bot silver");

  expect([code, err]).toEqual([2, "There is no bot silver; there are palm-oil, opening-momentum, gold."]);
});

test("bots tells where each trades, whether it may, and its last and next tick", async () => {
  await wrote("15:00", "NO_SIGNAL", "nothing moves");

  const { code, out } = await run("bots");
  const [, , momentum] = JSON.parse((await run("bots --json")).out).length === 3 ? out.split("\n") : [];

  expect(code).toBe(0);
  expect(momentum).toContain("opening-momentum  paper-etrade-production  premarket-momentum");
  expect(momentum).toContain("active");
  expect(momentum).toContain("Mon 2026-11-23 10:00 ET NO_SIGNAL  Mon 2026-11-23 10:02 ET");
});
