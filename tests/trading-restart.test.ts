/** The whole local stack killed in the middle of a trading day, with positions open and orders resting: nothing is lost, nothing doubled. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Decimal } from "decimal.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { createScriptedOwner, type ScriptedOwner } from "../infra/sandbox/owner/scripted-owner.ts";
import { createSqliteStore } from "../shared/platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import type { Store } from "../shared/platform/store.ts";
import { tokens } from "../shared/tokens/records.ts";
import { aClockBot, anAccount, type Books, booksOf } from "./support/bot-stack.ts";
import { DEMO } from "./support/ctrader-stack.ts";
import { configurationOf, type RunningOpenbell, startOpenbell } from "./support/running-openbell.ts";

const PAPER = `paper-${DEMO}`;
const DEMO_ACCOUNT = 30_100_001;

const savedAccount = z.object({
  ctidTraderAccountId: z.number(),
  positions: z.array(z.object({ status: z.string() })),
  /** How often each of our ids came. */
  received: z.array(z.tuple([z.string(), z.number()])),
});
const savedVenue = z.object({ venue: z.object({ accounts: z.array(savedAccount) }) });

/** On each account two bots that buy and one whose order rests; those on paper come ten minutes later. */
const CONFIGURATION = {
  accounts: [anAccount(DEMO, "live"), anAccount(DEMO, "paper")],
  bots: [...botsOf("live", "00:00"), ...botsOf("paper", "08:40")],
};

function botsOf(mode: "live" | "paper", enterAt: string) {
  const bot = (instrument: string, quantity: number, parameters = {}) =>
    aClockBot(`${mode}-${instrument.toLowerCase()}`, {
      ...{ mode, instruments: [instrument], everyMinutes: 1, size: { quantity } },
      parameters: { enterAt, exitAt: "24:00", stopShare: 0.1, ...parameters },
    });
  return [bot("EURUSD", 1_000), bot("XAUUSD", 1), bot("USDJPY", 1_000, { limitPrice: 100 })];
}

let folder: { readonly path: string; remove(): void };
let home: string;
let running: RunningOpenbell;
let store: Store;
let owner: ScriptedOwner;

beforeEach(async () => {
  folder = makeTemporaryFolder();
  home = join(folder.path, "home");
  writeFileSync(configurationOf(home), JSON.stringify(CONFIGURATION));
  await start();
});
afterEach(async () => {
  await store.close();
  await running.end("SIGKILL");
  folder.remove();
});

async function start(): Promise<void> {
  running = await startOpenbell({ home });
  store = createSqliteStore({ path: join(home, "store.db"), durability: "process-death" });
  owner = createScriptedOwner(running.sandbox);
}

async function killAndRestart(): Promise<void> {
  await store.close();
  await running.end("SIGKILL");
  await start();
}

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(`${running.sandbox}${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

const books = (account: string) => booksOf({ app: { platform: { store } } as never }, account);

/** Waits until an account has two positions and one order at rest, and agrees with its broker, by whoever leads it now. */
function full(account: string, epoch = 1): Promise<Books> {
  return vi.waitFor(
    async () => {
      const all = await books(account);
      expect(all.lots.map(({ instrument }) => instrument).sort()).toEqual(["EURUSD", "XAUUSD"]);
      expect(all.orders.filter(({ state }) => state === "accepted")).toHaveLength(1);
      expect(all.record).toMatchObject({ isReconciled: true });
      expect(all.record?.epoch).toBeGreaterThanOrEqual(epoch);
      return all;
    },
    // Shorter than the lease of the process that was killed: the next one need not wait for it.
    { timeout: 25_000, interval: 250 },
  );
}

/** Opens the demo's connection as the owner does, at the morning's alert. */
async function login(): Promise<void> {
  await post("/clock", { advance: "PT31S" });
  await owner.openLink(await owner.waitForMessage((one) => one.buttons.length > 0, 10_000));
  const landing = await owner.comeBack(await owner.logIn(await owner.begin(DEMO)));
  await owner.waitForGreen(DEMO, Number(landing.generation), 15_000);
}

/** Before that no order may open anything on the demo account. */
function comparedClocks(): Promise<void> {
  const driftMs = async () => (await books(DEMO)).record?.driftMs;
  return vi.waitFor(async () => expect(await driftMs()).toBeDefined(), { timeout: 25_000, interval: 50 });
}

/** What the simulated broker has written down of its demo account. */
function venue() {
  const saved = savedVenue.parse(JSON.parse(readFileSync(join(home, "sandbox-ctrader-venue.json"), "utf8")));
  const account = saved.venue.accounts.find((one) => one.ctidTraderAccountId === DEMO_ACCOUNT);
  if (account === undefined) throw new Error("The simulated broker has an account.");
  return account;
}

const advance = (duration: string) => post("/clock", { advance: duration });

/** Every order that was ever written on an account, with what became of it. */
async function ordersOf(account: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await books(account)).orders.map((one) => [one.clientOrderId, one.state]));
}

const sum = (all: readonly { readonly quantity: Decimal }[]) =>
  all.reduce((total, { quantity }) => total.plus(quantity), new Decimal(0)).toFixed();

function expectWhole({ lots, fills, orders, record }: Books): void {
  expect(sum(fills)).toBe(sum(lots));
  expect(new Set(lots.map(({ bot }) => bot)).size).toBe(2);
  expect(orders.filter(({ state }) => state === "unknown" || state === "sending")).toEqual([]);
  const protective = record?.working.filter(({ protects }) => protects !== undefined) ?? [];
  expect(new Set(protective.map(({ protects }) => protects))).toEqual(
    new Set(lots.map(({ positionId }) => positionId)),
  );
  expect(record?.working.length).toBe(protective.length + 1);
}

test("killed while bots tick and orders are on their way, with others at rest: after the restart all is there, and each once", async () => {
  await login();
  await comparedClocks();
  await advance("PT2M");
  await full(DEMO);
  const [before, generation] = [await ordersOf(DEMO), (await store.get(tokens, DEMO))?.generation];
  await advance("PT7M30S");

  // Into the ticks, the sends and the fills of those on paper.
  const moving = advance("PT1M").catch(() => undefined);
  await wait(80);
  await killAndRestart();
  await moving;
  await advance("PT2M");
  const [live, paper] = [await full(DEMO, 2), await full(PAPER, 2)];

  expect(await ordersOf(DEMO)).toEqual(before);
  expect((await store.get(tokens, DEMO))?.generation).toBe(generation);
  expectWhole(live);
  expectWhole(paper);
  const { received, positions } = venue();
  expect(received.map(([, times]) => times)).toEqual([1, 1, 1]);
  expect(positions.filter(({ status }) => status === "POSITION_STATUS_OPEN")).toHaveLength(2);
}, 120_000);
