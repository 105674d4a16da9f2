/** What the tests of the trading rows of the list of features have in common. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { expect } from "vitest";
import { runGuarded } from "../../infra/cli/run-guarded.ts";
import { createFakeTerminal } from "../../infra/cli/testing/fake-terminal.ts";
import { alerts } from "../../shared/alerts/records.ts";
import { riskEvents } from "../../shared/trading/control/records.ts";
import { tradingStates } from "../../shared/trading/records.ts";
import {
  anAccount,
  type BotStackOptions,
  openBotStack,
  playUntil,
  ticksOf,
  waitForAccount,
  waitForBooks,
} from "./bot-stack.ts";
import { connect, DEMO } from "./ctrader-stack.ts";
import { freshSession } from "./fresh-session.ts";
import { type Caller, createCaller } from "./http-caller.ts";
import { moveClock } from "./sandbox-orders.ts";
import { MASTER_KEY, ROOT, signIn, type TestStack } from "./stack.ts";

export const PAPER = `paper-${DEMO}`;
export const at = (time: string) => Temporal.Instant.from(`2026-11-23T${time}Z`);
export const START = at("13:29:30");
/** In from 09:00 in New York on, and not out before the evening. */
export const STAYING = { enterAt: "09:00", exitAt: "23:00" };

/** The stack of the test under way. */
export const here = {} as { stack: TestStack };

/** What the terminal reads as `openbell.yaml`. */
let written: object = {};

/** A stack with the owner signed in, cTrader's demo connected, and its account compared. */
export async function openTrading(
  bots: BotStackOptions["bots"],
  {
    mode = "paper",
    limits = {},
    balance = 10_000,
    hasPaperBeside = false,
    ...over
  }: {
    mode?: "paper" | "live";
    limits?: object;
    /** Of the paper account. */
    balance?: number;
    /** There is a paper account beside the live one. */
    hasPaperBeside?: boolean;
    config?: object;
    folder?: string;
    workerMemoryMb?: () => number;
  } = {},
): Promise<string> {
  const paper = mode === "paper" && { paper: { rejectedPercent: 0, partialPercent: 0, balance } };
  const beside = hasPaperBeside ? [anAccount(DEMO, "paper")] : [];
  const accounts = [anAccount(DEMO, mode, limits, paper || {}), ...beside];
  written = { accounts, bots };
  here.stack = await openBotStack({ ...over, startAt: START, accounts, bots });
  await signIn(here.stack);
  await connect(here.stack);
  const account = mode === "paper" ? PAPER : DEMO;
  await waitForAccount(here.stack, account);
  return account;
}

/** Past the tick of 09:00 in New York. */
export const toNine = () => playUntil(here.stack, at("14:00:30"));
export const opened = (account: string, count = 1) =>
  waitForBooks(here.stack, account, ({ lots }) => expect(lots).toHaveLength(count));
export const state = async (scope: string) =>
  (await here.stack.app.platform.store.get(tradingStates, scope))?.state;
export const lastReason = async (bot: string) => (await ticksOf(here.stack, bot)).at(-1)?.reason;

/** Calls as the page of a signed-in owner. */
export async function page(): Promise<Caller> {
  const { origin } = new URL(here.stack.addresses.console);
  return createCaller(origin, { cookie: await freshSession(here.stack), origin });
}

export async function events(kind: string): Promise<readonly string[]> {
  const found = await here.stack.app.platform.store.query(riskEvents);
  return found.flatMap(({ value }) =>
    value.kind === kind ? [`${value.bot ?? value.account} ${value.code}`] : [],
  );
}

export async function told(text: string): Promise<readonly string[]> {
  const found = await here.stack.app.platform.store.query(alerts);
  return found.map(({ value }) => JSON.stringify(value)).filter((one) => one.includes(text));
}

/** Signs in at whatever time of the day. */
export async function signInByFreshLink(): Promise<void> {
  await createCaller(new URL(here.stack.addresses.console).origin)("POST", "/api/session/link", { body: {} });
  await here.stack.owner.openLink(
    await here.stack.owner.waitForMessage((one) => one.text.includes("fresh link"), 5_000),
  );
}

/** `openbell` on the stack's own home, with all that it opens for itself; what it printed, and how it ended. */
export async function terminal(...argv: readonly string[]) {
  writeFileSync(`${here.stack.folder}.yaml`, JSON.stringify(written));
  // Notes the clock, by which a process beside the stack goes.
  await moveClock(here.stack, { advance: "PT1S" });
  writeFileSync(
    join(here.stack.folder, "master.key"),
    `${Buffer.from(MASTER_KEY).toString("base64")}
`,
    { mode: 0o600 },
  );
  const shown = createFakeTerminal();
  const home = here.stack.folder;
  const environment = { OPENBELL_HOME: home, OPENBELL_CONFIG: `${home}.yaml`, OPENBELL_KEYCHAIN: "off" };
  const interruption = new AbortController().signal;
  const code = await runGuarded(argv, { terminal: shown, environment, root: ROOT, interruption });
  rmSync(`${home}.yaml`);
  return { code, text: shown.printed() + shown.complained() };
}

/** Presses the newest button whose data begin so. */
export function tapOn(begin: string): string {
  const { phone } = here.stack.simulators.telegram;
  for (const { id, buttons } of phone.messages().toReversed()) {
    for (const button of buttons.flat()) {
      if ("callbackData" in button && button.callbackData?.startsWith(begin))
        return phone.tap(id, button.callbackData);
    }
  }
  return "none";
}
