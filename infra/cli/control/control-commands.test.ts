import { writeFileSync } from "node:fs";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConnectionId } from "../../../shared/config/connection.ts";
import { kills } from "../../../shared/trading/control/records.ts";
import { newAccountLedger } from "../../../shared/trading/ledger/periods.ts";
import { accountLedgers } from "../../../shared/trading/ledger/records.ts";
import { orders, tradingStates } from "../../../shared/trading/records.ts";
import { aLot } from "../../../tests/support/risk-facts.ts";
import { MASTER_KEY, openTestStack, ROOT, type TestStack } from "../../../tests/support/stack.ts";
import { runGuarded } from "../run-guarded.ts";
import { createFakeTerminal } from "../testing/fake-terminal.ts";
import { findPseudoTerminal } from "../testing/pseudo-terminal.ts";
import { startCommand } from "../testing/running-command.ts";

/** 10:01:30 in New York, on a Monday. */
const START = Temporal.Instant.from("2026-11-23T15:01:30Z");
const PAPER = "paper-ctrader-demo" as ConnectionId;

let stack: TestStack;
let store: TestStack["app"]["platform"]["store"];
let environment: Record<string, string>;
beforeEach(async () => {
  stack = await openTestStack({ startAt: START });
  store = stack.app.platform.store;
  writeFileSync(`${stack.folder}/master.key`, Buffer.from(MASTER_KEY).toString("base64"), { mode: 0o600 });
  // No account: nobody has to confirm what nothing trades on.
  writeFileSync(`${stack.folder}/openbell.yaml`, "accounts: []\nbots: []\n");
  environment = {
    OPENBELL_HOME: stack.folder,
    OPENBELL_CONFIG: `${stack.folder}/openbell.yaml`,
    OPENBELL_KEYCHAIN: "off",
  };
});
afterEach(() => stack.close());

async function run(argv: readonly string[], typed: readonly string[] = []) {
  const terminal = createFakeTerminal(typed, { kind: "ended" });
  const interruption = new AbortController().signal;
  const code = await runGuarded([...argv], { terminal, environment, root: ROOT, interruption });
  return { code, out: terminal.printed(), err: terminal.complained(), questions: terminal.questions };
}
const stateOf = async (scope: string) => (await store.get(tradingStates, scope))?.state;

async function halt(at = START.subtract({ minutes: 6 })): Promise<void> {
  const state = { state: "halted" as const, who: { kind: "telegram" as const }, why: "by /kill", at };
  await store.transact(async (transaction) => transaction.set(tradingStates, "all", state));
}

/** As the workers do. */
async function confirmAll(): Promise<void> {
  const confirmed = { state: "confirmed" as const, confirmedAt: START };
  for (const { id, value: kill } of await store.query(kills)) {
    const parts = kill.parts.map((part) => ({ ...part, ...confirmed }));
    await store.transact(async (transaction) =>
      transaction.set(kills, id, { ...kill, parts, isOpen: false, confirmedAt: START }),
    );
  }
}

async function hold(): Promise<void> {
  const ledger = { ...newAccountLedger(PAPER, START), lots: [aLot()] };
  await store.transact(async (transaction) => transaction.set(accountLedgers, PAPER, ledger));
}

describe("a kill that no worker has confirmed yet", () => {
  // The accounts of the default file have to be confirmed.
  const start = () =>
    startCommand(["kill"], {
      home: stack.folder,
      environment: { ...environment, OPENBELL_CONFIG: `${stack.folder}/none.yaml` },
    });

  test("is waited for, by a process with nothing else to do", async () => {
    const command = start();
    await command.shows(/Waiting for the brokers' word/);
    await confirmAll();
    const { code, out, err } = await command.ended();

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("Halted and confirmed: everything");
  });

  test("is left by Ctrl-C, and the halt holds", async () => {
    const command = start();
    await command.shows(/Waiting for the brokers' word/);
    command.signal("SIGINT");
    const { code, err } = await command.ended();

    expect(code).toBe(130);
    expect(err).toContain("The halt holds.");
    expect(await stateOf("all")).toBe("halted");
  });
});

test("kill asks for nothing, halts, and prints its receipt with the seconds", async () => {
  const { code, out, questions } = await run(["kill", "--reason", "a drill"]);

  expect(code).toBe(0);
  expect(questions).toEqual([]);
  expect(await stateOf("all")).toBe("halted");
  expect(out).toMatch(
    /Halted: everything\. Waiting .*\nHalted and confirmed: everything, in \d+\.\d seconds\./,
  );
  expect(out).toContain("By the terminal");
  expect(out).toContain("a drill");
  expect(out).toMatch(/Seen here after \d+\.\d\d s\./);
});

test("kill as JSON is the receipt of the page", async () => {
  const { code, out } = await run(["kill", "--json"]);

  expect(code).toBe(0);
  const [kill] = await store.query(kills);
  expect(JSON.parse(out)).toMatchObject({ id: kill?.id, scope: "all", isOpen: false, parts: [] });
});

test("a configuration that cannot be used does not keep a kill from halting", async () => {
  writeFileSync(`${stack.folder}/openbell.yaml`, "bots:\n  - strategy: nonsense\n");

  const { code, err } = await run(["kill"]);
  const other = await run(["reduce"]);

  expect([code, await stateOf("all")]).toEqual([0, "halted"]);
  expect(err).toMatch(/openbell\.yaml:\d+: .*\nIt is halted all the same/s);
  expect(other.code).toBe(1);
});

test("a name that nobody knows is told in words, and nothing is halted", async () => {
  const { code, err } = await run(["kill", "glod"]);

  expect(code).toBe(1);
  expect(err).toContain("There is no account and no bot of this name. (SCOPE_UNKNOWN; known: all,");
  expect(await store.query(tradingStates)).toEqual([]);
});

test("reduce lets everything only close, and does not loosen a halt", async () => {
  const first = await run(["reduce"]);
  await halt();
  const second = await run(["reduce"]);

  expect([first.code, first.out]).toEqual([0, "Only closes now: everything."]);
  expect(second.out).toBe("It is halted already, which is stricter: everything.");
  expect(await stateOf("all")).toBe("halted");
});

test("resume asks for the phrase and a reason, and takes no other phrase", async () => {
  await halt();

  const wrong = await run(["resume"], ["RESUME", "settled"]);
  const right = await run(["resume"], ["resume all", "settled"]);
  const again = await run(["resume", "--phrase", "RESUME ALL", "--reason", "x"]);

  expect(wrong.err).toContain("(RESUME_PHRASE_WRONG; phrase: RESUME ALL)");
  expect(right.questions).toEqual(["Type RESUME ALL", "Why is it safe to go on?"]);
  expect([right.code, right.out]).toEqual([
    0,
    "Everything is halted, by the phone: by /kill.\nTrades again: everything.",
  ]);
  expect(again.err).toContain("TRADING_ACTIVE");
});

test("resume asks for nothing where nothing is stopped, and names what is stopped instead", async () => {
  const idle = await run(["resume"], ["resume all", "settled"]);
  const halted = { state: "halted" as const, who: { kind: "page" as const }, why: "a drill", at: START };
  await store.transact(async (transaction) => transaction.set(tradingStates, PAPER, halted));
  const elsewhere = await run(["resume"], ["resume all", "settled"]);

  expect([idle.code, idle.questions, elsewhere.questions]).toEqual([1, [], []]);
  expect(idle.err).toContain("Trading is not stopped here");
  expect(elsewhere.err).toContain("openbell resume paper-ctrader-demo");
});

test("a pipe that ends at a question of resume changes nothing", async () => {
  await halt();

  const silent = await run(["resume"]);

  expect([silent.code, silent.err]).toEqual([1, "Nothing was changed."]);
  expect(await stateOf("all")).toBe("halted");
});

test("resume before the hold time is over says first how long it takes, and asks for nothing", async () => {
  await halt(START);

  const early = await run(["resume", "--phrase", "RESUME ALL", "--reason", "x"]);
  const silent = await run(["resume"]);

  expect([early.code, early.err.split("\n")[0]]).toEqual([
    1,
    expect.stringMatching(
      /^The hold time after the halt is not over\. \(RESUME_TOO_SOON; It can go on in 5 minutes\.\)$/,
    ),
  ]);
  expect(early.questions).toEqual([]);
  expect([silent.code, silent.questions]).toEqual([1, []]);
  expect(await stateOf("all")).toBe("halted");
});

test("close asks first, and closes each position once", async () => {
  await hold();

  const refused = await run(["close"], ["no"]);
  const before = await store.query(orders);
  const done = await run(["close"], ["yes"]);
  const again = await run(["close", "--yes", "--json"]);

  expect([refused.code, refused.err, before]).toEqual([1, "Nothing was closed.", []]);
  expect([done.code, done.out]).toEqual([0, `${PAPER}: 1 closing`]);
  expect(JSON.parse(again.out)).toEqual({ scope: "all", accounts: [{ account: PAPER, orders: 1, left: 0 }] });
  expect(await store.query(orders)).toHaveLength(1);
});

test("a switch to paper asks first; there is nothing to bring back where nothing was switched", async () => {
  const refused = await run(["paper"], ["no"]);
  const done = await run(["paper"], ["yes"]);
  const back = await run(["live", "--phrase", "LIVE ALL", "--reason", "mended"]);

  expect([refused.code, refused.err]).toEqual([1, "Nothing was switched."]);
  expect([done.code, done.out]).toEqual([0, "No bot of everything trades live: there is nothing to switch."]);
  expect([back.code, back.err]).toEqual([1, expect.stringContaining("BOT_NOT_ON_PAPER")]);
});

test.each([
  ["positions", "No position is open.", []],
  ["orders", "No order works.", { working: [], isCut: false, last: [] }],
  ["trades", "Nothing was closed today.", { date: expect.any(String), closed: [], isCut: false }],
  ["pnl", "No account is configured.", { accounts: [], bots: [], totals: [] }],
])("%s tells it in words and as JSON", async (command, words, json) => {
  expect(await run([command])).toMatchObject({ code: 0, out: words });
  expect(JSON.parse((await run([command, "--json"])).out)).toEqual(json);
});

const wrap = findPseudoTerminal();
describe.skipIf(wrap === undefined && process.env.CI !== "true")("in a pseudo-terminal", () => {
  test("an owner resumes by what is typed, and leaves a close with Ctrl-C", async () => {
    if (wrap === undefined) throw new Error("This machine has neither util-linux's script nor python3.");
    await halt();
    await hold();
    const open = (argv: readonly string[]) => startCommand(argv, { home: stack.folder, wrap, environment });

    const resuming = open(["resume"]);
    await resuming.shows(/Type RESUME ALL/);
    resuming.type("RESUME ALL\r");
    await resuming.shows(/Why is it safe/);
    resuming.type("settled\r");
    const resumed = await resuming.ended();
    const closing = open(["close"]);
    await closing.shows(/Type yes/);
    closing.type("\u0003");
    const left = await closing.ended();

    expect([resumed.code, left.code]).toEqual([0, 130]);
    expect(await stateOf("all")).toBe("active");
    expect(await store.query(orders)).toEqual([]);
  });
});
