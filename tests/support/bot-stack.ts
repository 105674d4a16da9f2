/** A local stack whose bots trade by the clock, with everything that they may written out. */
import { join } from "node:path";
import type { Temporal } from "temporal-polyfill";
import { expect, vi } from "vitest";
import type { AccountId, Mode } from "../../shared/config/account.ts";
import { type AccountRecord, accounts } from "../../shared/trading/account-record.ts";
import { accountLedgers, type Lot, type Trade, trades } from "../../shared/trading/ledger/records.ts";
import { control, type FillRecord, fills, type OrderRecord, orders } from "../../shared/trading/records.ts";
import { type TickRecord, ticks } from "../../shared/trading/ticks/records.ts";
import { DEMO } from "./ctrader-stack.ts";
import { openTestStack, ROOT, type TestStack, type TestStackOptions } from "./stack.ts";

export const BY_THE_CLOCK = join(ROOT, "tests/support/bots/by-the-clock.ts");

/** Wide enough for every bot of these tests. */
export const ACCOUNT_LIMITS = {
  ...{ grossExposurePercent: 300, openPositions: 20, workingOrders: 60, ordersPerMinute: 100 },
  ...{ dailyNotional: 10_000_000, dailyLossPercent: 50, weeklyLossPercent: 60, drawdownPercent: 70 },
  ...{ minimumBalance: 1, restricted: [] },
};
export const BOT_LIMITS = {
  ...{
    orderQuantity: 100_000,
    orderNotional: 1_000_000,
    dailyNotional: 5_000_000,
    positionQuantity: 100_000,
  },
  ...{ openPositions: 5, workingOrders: 10, tradesPerDay: 100, ordersPerMinute: 10 },
  ...{ dailyLossPercent: 40, weeklyLossPercent: 50, drawdownPercent: 60, riskPerTradePercent: 50 },
  ...{ rewardToRisk: 1, stopRequired: true, collarPercent: 60, spreadPercent: 5, slippagePercent: 5 },
  ...{
    quoteAge: 3_600,
    orderTypes: ["market", "limit"],
    duplicateWithin: 0,
    repeats: 100,
    rejectionsInRow: 50,
  },
};

export const anAccount = (connection: string, mode: Mode, limits: object = {}, over: object = {}) => ({
  ...{ connection, mode, limits: { ...ACCOUNT_LIMITS, ...limits } },
  // Draws of luck have no part in these tests.
  ...(mode === "paper" && { paper: { rejectedPercent: 0, partialPercent: 0 } }),
  ...over,
});

/** Every five minutes, with market orders, on the demo's paper account unless said otherwise. */
export const aClockBot = (id: string, over: Record<string, unknown> = {}) => ({
  ...{ id, strategy: BY_THE_CLOCK, connection: DEMO, mode: "paper", instruments: ["EURUSD"], bars: "M1" },
  ...{ everyMinutes: 5, toleranceSeconds: 60, session: "always", size: { quantity: 1_000 } },
  ...over,
  limits: { ...BOT_LIMITS, ...(over.limits as object | undefined) },
});

export interface BotStackOptions extends Omit<TestStackOptions, "config"> {
  readonly accounts: readonly object[];
  readonly bots: readonly object[];
  readonly config?: object;
}

/** A hurried stack, in which no time passes but what a test lets pass. */
export function openBotStack({ accounts, bots, config, ...options }: BotStackOptions): Promise<TestStack> {
  return openTestStack({ isHurried: true, ...options, config: { ...config, accounts, bots } });
}

const STEP_MINUTES = 5;

/** Lets time pass in steps of five minutes, so that bots tick and markets are seen in between. */
export async function playUntil(stack: TestStack, until: Temporal.Instant): Promise<void> {
  for (;;) {
    const next = stack.clock.now().add({ minutes: STEP_MINUTES });
    const isLast = next.epochMilliseconds >= until.epochMilliseconds;
    await stack.clock.advanceTo(isLast ? until : next);
    if (isLast) return;
  }
}

/** Everything of one account that lies in the store. */
export interface Books {
  readonly orders: readonly OrderRecord[];
  readonly fills: readonly FillRecord[];
  readonly trades: readonly Trade[];
  readonly lots: readonly Lot[];
  readonly record: AccountRecord | undefined;
}

export async function booksOf({ app }: Pick<TestStack, "app">, account: string): Promise<Books> {
  const { store } = app.platform;
  const connection = account as AccountId;
  const found = await store.query(orders, { where: { connection }, orderBy: ["createdAt", "asc"] });
  const filled = await store.query(fills, { where: { connection } });
  const closed = await store.query(trades, { where: { account: connection } });
  return {
    orders: found.map(({ value }) => value),
    fills: filled.map(({ value }) => value),
    trades: closed.map(({ value }) => value),
    lots: (await store.get(accountLedgers, account))?.lots ?? [],
    record: await store.get(accounts, account),
  };
}

export async function ticksOf({ app }: Pick<TestStack, "app">, bot: string): Promise<readonly TickRecord[]> {
  const found = await app.platform.store.query(ticks, { where: { bot } });
  return found.map(({ value }) => value);
}

/** Waits in real time until it is so of an account's books. */
export function waitForBooks(
  stack: Pick<TestStack, "app">,
  account: string,
  isSo: (books: Books) => void,
  timeout = 15_000,
): Promise<Books> {
  return vi.waitFor(
    async () => {
      const books = await booksOf(stack, account);
      isSo(books);
      return books;
    },
    { timeout, interval: 50 },
  );
}

/** Waits until an account's worker has compared everything and, for a live account, the clocks too. */
export function waitForAccount(stack: Pick<TestStack, "app">, account: string): Promise<Books> {
  return vi.waitFor(
    async () => {
      // Its next look would come within seconds by itself.
      await stack.app.platform.bus.publish(control, { scope: account });
      const books = await booksOf(stack, account);
      expect(books.record).toMatchObject({ isReconciled: true });
      expect(books.record?.mode === "paper" || books.record?.driftMs !== undefined).toBe(true);
      return books;
    },
    { timeout: 15_000, interval: 200 },
  );
}
