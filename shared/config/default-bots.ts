/** The three bots of a file that names none: all on paper. */
import { z } from "zod";
import { accountSchema } from "./account.ts";
import { botSchema } from "./bot.ts";

const ACCOUNT_LIMITS = {
  grossExposurePercent: 300,
  openPositions: 6,
  workingOrders: 12,
  ordersPerMinute: 20,
  dailyNotional: 200_000,
  dailyLossPercent: 5,
  weeklyLossPercent: 10,
  drawdownPercent: 15,
  minimumBalance: 1_000,
  restricted: [],
};

const BOT_LIMITS = {
  openPositions: 1,
  workingOrders: 2,
  tradesPerDay: 50,
  ordersPerMinute: 4,
  dailyLossPercent: 3,
  weeklyLossPercent: 6,
  drawdownPercent: 10,
  riskPerTradePercent: 1,
  rewardToRisk: 1,
  stopRequired: true,
  collarPercent: 1,
  spreadPercent: 0.5,
  slippagePercent: 0.3,
  quoteAge: 60,
  orderTypes: ["market", "limit"],
  duplicateWithin: 30,
  repeats: 20,
  rejectionsInRow: 5,
};

export const DEFAULT_ACCOUNTS = z.array(accountSchema).parse([
  { connection: "ctrader-demo", mode: "paper", limits: ACCOUNT_LIMITS, paper: {} },
  { connection: "etrade-production", mode: "paper", limits: ACCOUNT_LIMITS, paper: {} },
]);

export const DEFAULT_BOTS = z.array(botSchema).parse([
  {
    id: "palm-oil",
    strategy: "rsi-sentiment",
    connection: "ctrader-demo",
    mode: "paper",
    instruments: ["PALMOIL"],
    bars: "M5",
    everyMinutes: 5,
    afterMinutes: 1,
    session: "always",
    size: { riskPercent: 0.5 },
    limits: {
      ...BOT_LIMITS,
      orderQuantity: 20,
      orderNotional: 25_000,
      dailyNotional: 100_000,
      positionQuantity: 20,
    },
  },
  {
    id: "opening-momentum",
    strategy: "premarket-momentum",
    // Far beyond what paper slips: the opening range of a quiet day is not.
    parameters: { leastStopPercent: 1, scan: { gapPercent: 0.5 } },
    connection: "etrade-production",
    mode: "paper",
    instruments: ["AAPL", "AMZN", "MSFT", "NVDA", "TSLA"],
    bars: "M1",
    everyMinutes: 1,
    session: "exchange",
    size: { riskPercent: 0.5 },
    limits: {
      ...BOT_LIMITS,
      openPositions: 3,
      workingOrders: 3,
      orderQuantity: 200,
      orderNotional: 10_000,
      dailyNotional: 50_000,
      positionQuantity: 200,
    },
  },
  {
    id: "gold",
    strategy: "trend-breakout",
    // The range of a quiet quarter of an hour is less than what paper slips.
    parameters: { stopAtr: 10, trailAtr: 10, takeProfitRatio: 2 },
    connection: "ctrader-demo",
    mode: "paper",
    instruments: ["XAUUSD"],
    bars: "M15",
    everyMinutes: 15,
    afterMinutes: 1,
    session: "always",
    size: { riskPercent: 0.5 },
    limits: {
      ...BOT_LIMITS,
      orderQuantity: 10,
      orderNotional: 30_000,
      dailyNotional: 100_000,
      positionQuantity: 10,
    },
  },
]);
