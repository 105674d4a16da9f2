/** The configuration of a case, and what its store holds before anything happens. */
import { Decimal } from "decimal.js";
import { type InstrumentRules, instrumentId, instruments } from "../../../shared/brokers/instrument-rules.ts";
import { accountSchema } from "../../../shared/config/account.ts";
import { type BotConfig, botSchema } from "../../../shared/config/bot.ts";
import { type Config, configSchema } from "../../../shared/config/config.ts";
import type { Connection, ConnectionId } from "../../../shared/config/connection.ts";
import { instantSchema } from "../../../shared/platform/instant.ts";
import type { Store } from "../../../shared/platform/store.ts";
import { beat } from "../../../shared/tokens/heartbeat.ts";
import { acknowledgements, tokens } from "../../../shared/tokens/records.ts";
import { markets } from "../../../shared/trading/market-recorder.ts";
import { type TradedAccount, tradedAccount } from "../../../shared/trading/traded-account.ts";
import { BOTS, INSTRUMENTS, type Narrowness, type Plan } from "./plan.ts";

export const CONNECTION = "ctrader-demo" as ConnectionId;
export const BUILD = "build";
export const SUBSCRIBER = "worker";
/** Of one unit, in the account's currency. */
export const PRICE = 100;
const ASK = 100.1;
/** The account's first money. */
const EQUITY = 10_000;

const defaults = configSchema.parse({});
const connection = defaults.connections.find(({ id }) => id === CONNECTION) as Connection;

export type CaseConfig = Pick<Config, "bots" | "accounts" | "connections" | "safety">;

export interface CaseSetting {
  readonly config: CaseConfig;
  readonly account: TradedAccount;
}

/** Money that so many orders of the usual size are worth, and half of one more. */
export function moneyOf(orders: number, units: number): number {
  return Math.ceil((orders + 0.5) * units * ASK);
}

const known = new Map<string, CaseSetting>();

/** Kept, since parsing takes longer than many a case. */
export function settingOf({ mode, bots, units, narrow }: Plan): CaseSetting {
  const key = JSON.stringify([mode, bots, units, narrow]);
  const before = known.get(key);
  if (before !== undefined) return before;
  const setting: CaseSetting = {
    account: tradedAccount(connection, mode),
    config: {
      connections: [connection],
      safety: { ...defaults.safety, holdMinutes: 0 },
      accounts: [accountOf(mode, narrow, units)],
      bots: BOTS.slice(0, bots).map((id) => botOf(id, mode, narrow, units)),
    },
  };
  if (known.size > 4_000) known.clear();
  known.set(key, setting);
  return setting;
}

function accountOf(mode: "paper" | "live", narrow: Narrowness, units: number) {
  return accountSchema.parse({
    connection: CONNECTION,
    mode,
    limits: {
      grossExposurePercent: (moneyOf(narrow.grossOrders, units) / EQUITY) * 100,
      openPositions: narrow.accountPositions,
      workingOrders: narrow.workingOrders,
      ordersPerMinute: 1_000,
      dailyNotional: moneyOf(narrow.dailyOrders, units),
      ...{ dailyLossPercent: 90, weeklyLossPercent: 90, drawdownPercent: 90, minimumBalance: 1 },
      restricted: [],
    },
  });
}

function botOf(id: string, mode: "paper" | "live", narrow: Narrowness, units: number): BotConfig {
  return botSchema.parse({
    ...{ id, strategy: "case", connection: CONNECTION, mode, instruments: [...INSTRUMENTS] },
    ...{ bars: "M1", everyMinutes: 1, toleranceSeconds: 3_600, session: "always" },
    size: { quantity: units },
    limits: {
      ...{ orderQuantity: units, orderNotional: 100_000, dailyNotional: 100_000, positionQuantity: units },
      openPositions: narrow.botPositions,
      workingOrders: narrow.workingOrders,
      tradesPerDay: narrow.tradesPerDay,
      ...{ ordersPerMinute: 1_000, dailyLossPercent: 90, weeklyLossPercent: 90, drawdownPercent: 90 },
      ...{ riskPerTradePercent: 100, rewardToRisk: 0, stopRequired: false, collarPercent: 50 },
      ...{ spreadPercent: 5, slippagePercent: 5, quoteAge: 3_600, orderTypes: ["market", "limit"] },
      ...{ duplicateWithin: 0, repeats: 1_000, rejectionsInRow: 1_000 },
    },
  });
}

const START = instantSchema.parse("2026-11-23T15:00:00.000Z");

export const RULES: readonly InstrumentRules[] = INSTRUMENTS.map((instrument) => ({
  ...{ connection: CONNECTION, instrument, currency: "USD", canSell: true, isTradable: true, at: START },
  ...{ minimumQuantity: new Decimal(1), quantityStep: new Decimal(1), priceStep: new Decimal("0.01") },
}));

/** Rules, prices and a token that the worker has proved. */
export async function furnish(store: Store): Promise<void> {
  // Whether the worker beats is not what the cases are about: it has, ahead of all that they take.
  const clock = { now: () => START.add({ minutes: 30 }), sleep: async () => undefined };
  await beat({ store, clock }, SUBSCRIBER, BUILD);
  await store.transact(async (transaction) => {
    for (const rules of RULES)
      transaction.set(instruments, instrumentId(CONNECTION, rules.instrument), rules);
    transaction.set(markets, CONNECTION, marketAt(PRICE));
    transaction.set(tokens, CONNECTION, tokenOf(1));
    transaction.set(acknowledgements, `${CONNECTION}:${SUBSCRIBER}`, proofOf(1));
  });
}

/** A token that lives longer than any case. */
export function tokenOf(generation: number) {
  return {
    ...{ connection: CONNECTION, generation, version: generation, authorization: "a" },
    ...{ issuedAt: START, lastUsedAt: START, expiresAt: START.add({ hours: 24 * 20 }) },
  };
}

/** The worker's word that it has made a real call with a token. */
export function proofOf(generation: number) {
  return {
    ...{ connection: CONNECTION, generation, version: generation, by: SUBSCRIBER, at: START },
    ...{ accounts: 1, latencyMs: 1, account: "1234" },
  };
}

/** Both instruments at one price. */
export function marketAt(bid: number) {
  const symbols = INSTRUMENTS.map((symbol) => ({
    ...{ symbol, bid: new Decimal(bid), ask: new Decimal(bid).plus("0.1"), at: START },
  }));
  return { connection: CONNECTION, symbols, at: START };
}
