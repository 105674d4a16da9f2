/** A question to the risk engine that passes, with facts that are all known; a test changes what it is about. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { InstrumentRules } from "../../shared/brokers/instrument-rules.ts";
import { accountId, accountSchema } from "../../shared/config/account.ts";
import type { BotConfig } from "../../shared/config/bot.ts";
import { DEFAULT_ACCOUNTS, DEFAULT_BOTS } from "../../shared/config/default-bots.ts";
import type { AccountRecord } from "../../shared/trading/account-record.ts";
import type { AccountLedger, BotLedger, Lot, Period } from "../../shared/trading/ledger/records.ts";
import { type OrderRecord, orderSchema, type StoredTicket } from "../../shared/trading/records.ts";
import type { RiskFacts, RiskQuestion } from "../../shared/trading/risk/check-order.ts";
import { emptyAccountRisk, emptyBotRisk, type Reservation } from "../../shared/trading/risk/records.ts";

export const d = (value: number | string): Decimal => new Decimal(value);
export const NOW = Temporal.Instant.from("2026-03-04T15:00:00Z");
export const TODAY = "2026-03-04";
export const MONDAY = "2026-03-02";

/** The default bot on gold: buys 10 at most, 30,000 USD an order. */
export const GOLD: BotConfig = z
  .custom<BotConfig>((bot) => bot !== undefined)
  .parse({ ...DEFAULT_BOTS.find(({ id }) => id === "gold"), afterMinutes: 0 });
export const ACCOUNT = accountId(GOLD.connection, "paper");

/** The bot with other limits, checked by its schema's own types. */
export function goldWith(limits: Partial<BotConfig["limits"]>, over: Partial<BotConfig> = {}): BotConfig {
  return { ...GOLD, ...over, limits: { ...GOLD.limits, ...limits } };
}

/** Buys 1 unit of gold at 2,000.10 with a stop 10 below and a target 20 above. */
export const TICKET: StoredTicket = {
  instrument: "XAUUSD",
  side: "buy",
  type: "market",
  quantity: d(1),
  stopLoss: { distance: d(10) },
  takeProfit: { distance: d(20) },
  timeInForce: "ioc",
};

export const RULES: InstrumentRules = {
  connection: GOLD.connection,
  instrument: "XAUUSD",
  minimumQuantity: d(1),
  maximumQuantity: d(1_000),
  quantityStep: d(1),
  priceStep: d("0.01"),
  currency: "USD",
  minimumLevelDistance: d("0.5"),
  canSell: true,
  isTradable: true,
  at: NOW,
};

/** An account with 10,000 USD, and nothing open. */
export const RECORD: AccountRecord = {
  account: ACCOUNT,
  mode: "paper",
  environment: "simulated",
  currency: "USD",
  balance: d(10_000),
  unrealised: d(0),
  equity: d(10_000),
  peakEquity: d(10_000),
  dayEquity: d(10_000),
  day: TODAY,
  weekEquity: d(10_000),
  week: MONDAY,
  working: [],
  isReconciled: true,
  epoch: 1,
  build: "b1",
  at: NOW,
};

/** A period in which nothing happened. */
export function aPeriod(date: string, over: Partial<Period> = {}): Period {
  const none = { realised: d(0), fees: d(0), swap: d(0), trades: 0, wins: 0, unrealisedBefore: d(0) };
  return { date, ...none, ...over };
}

export const LEDGER: AccountLedger = {
  account: ACCOUNT,
  day: aPeriod(TODAY),
  week: aPeriod(MONDAY),
  total: aPeriod(MONDAY),
  edition: 0,
  lots: [],
};

export const BOT_LEDGER: BotLedger = {
  account: ACCOUNT,
  bot: GOLD.id,
  day: aPeriod(TODAY),
  week: aPeriod(MONDAY),
  total: aPeriod(MONDAY),
  edition: 0,
};

/** Two units of gold, bought by the bot at 2,000. */
export function aLot(over: Partial<Lot> = {}): Lot {
  return {
    positionId: "p1",
    instrument: "XAUUSD",
    side: "buy",
    quantity: d(2),
    price: d(2_000),
    openedAt: NOW.subtract({ hours: 1 }),
    fees: d(0),
    bot: GOLD.id,
    clientOrderId: "o1",
    ...over,
  };
}

/** Two units on their way, weighed by 2,000.10 each. */
export function aReservation(over: Partial<Reservation> = {}): Reservation {
  return {
    clientOrderId: "r1",
    bot: GOLD.id,
    instrument: "XAUUSD",
    side: "buy",
    quantity: d(2),
    unitValue: d("2000.1"),
    opens: true,
    at: NOW.subtract({ minutes: 5 }),
    ...over,
  };
}

/** An order of the bot that the broker has taken. */
export function anOrder(over: Partial<OrderRecord> = {}): OrderRecord {
  const order: OrderRecord = {
    connection: ACCOUNT,
    clientOrderId: "r1",
    source: GOLD.id,
    bot: GOLD.id,
    ticket: { ...TICKET, quantity: d(2) },
    state: "accepted",
    isDue: false,
    createdAt: NOW.subtract({ minutes: 5 }),
    sendBy: NOW,
    changedAt: NOW.subtract({ minutes: 5 }),
    filledQuantity: d(0),
    ...over,
  };
  return orderSchema.parse(z.encode(orderSchema, order));
}

/** What the bot asks. */
export function aQuestion(
  over: Partial<RiskQuestion> = {},
  ticket: Partial<StoredTicket> = {},
): RiskQuestion {
  return {
    now: NOW,
    account: ACCOUNT,
    bot: GOLD,
    clientOrderId: "n1",
    ticket: { ...TICKET, ...ticket },
    ...over,
  };
}

/** Everything known, nothing against it. */
export function someFacts(over: Partial<RiskFacts> = {}): RiskFacts {
  const config = DEFAULT_ACCOUNTS.find(({ connection }) => connection === GOLD.connection);
  return {
    config: accountSchema.parse({
      ...z.encode(accountSchema, config as NonNullable<typeof config>),
      // So that a distance is a loss; what slips is told where it is the subject.
      paper: { slippagePercent: [0, 0] },
    }),
    record: RECORD,
    rules: RULES,
    quote: { bid: d(2_000), ask: d("2000.1"), at: NOW.subtract({ seconds: 2 }) },
    conversion: d(1),
    marks: new Map(),
    ledger: LEDGER,
    botLedger: BOT_LEDGER,
    risk: emptyAccountRisk(ACCOUNT),
    botRisk: emptyBotRisk(ACCOUNT, GOLD.id),
    reserved: new Map(),
    rejectionsInRow: 0,
    tradingState: "active",
    closedBecause: undefined,
    token: { isAcknowledged: true, expiresAt: NOW.add({ hours: 8 }) },
    clockDriftMs: 20,
    builds: { here: "b1", worker: "b1" },
    mayTradeLive: true,
    ...over,
  };
}
