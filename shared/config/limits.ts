/**
 * What a bot and an account may do. Every limit is written out: one that is missing is a fault of the file, and
 * where it is missing all the same, no order goes. Percentages are of the account's equity unless said otherwise;
 * money is in the account's currency. A day is New York's, midnight to midnight; a week begins on its Monday.
 */
import { z } from "zod";
import { decimalSchema } from "../platform/decimal.ts";

/** A decimal above 0; plain numbers of the file are taken by their shortest text. */
export const positiveDecimal = z.codec(z.union([z.number(), z.string()]), decimalSchema.out, {
  decode: (value, context) => {
    const parsed = decimalSchema.safeParse(typeof value === "number" ? String(value) : value);
    if (parsed.success && parsed.data.gt(0)) return parsed.data;
    context.issues.push({ code: "custom", message: "is a number above 0", input: value });
    return z.NEVER;
  },
  encode: (decimal) => decimal.toFixed(),
});

/** Above 0, at most 100. */
const percent = positiveDecimal.refine((value) => value.lte(100), { error: "is a percentage, at most 100" });
const count = z.int().min(1);

/** The order types of a ticket. */
export const ORDER_TYPES = ["market", "limit", "stop"] as const;

export const botLimitsSchema = z.strictObject({
  /** Units of one order. */
  orderQuantity: positiveDecimal,
  /** Money of one order: quantity × price. */
  orderNotional: positiveDecimal,
  /** Money of all orders of a day that open. */
  dailyNotional: positiveDecimal,
  /** Units in one instrument, working orders included. */
  positionQuantity: positiveDecimal,
  openPositions: count,
  workingOrders: count,
  tradesPerDay: count.max(1_000),
  ordersPerMinute: count,
  /** Of the equity that the bot's account had when the day began, unrealised included. Reaching it lets the bot only close. */
  dailyLossPercent: percent,
  /** The same of the week. */
  weeklyLossPercent: percent,
  /** Of the highest equity so far. */
  drawdownPercent: percent,
  /** Quantity × the distance to the stop, and what entry and stop are expected to slip. */
  riskPerTradePercent: percent,
  /** Distance to the take profit ÷ distance to the stop; 0 where no take profit is asked for. */
  rewardToRisk: z.number().min(0).max(100),
  /** Whether every order that opens must have a stop loss. */
  stopRequired: z.boolean(),
  /** How far an order's price may lie from the fresh price, as a percentage of it. */
  collarPercent: percent,
  /** Ask less bid, as a percentage of the middle. */
  spreadPercent: percent,
  /** Of the price, as it is expected of a market order. */
  slippagePercent: percent,
  /** Seconds. */
  quoteAge: z.int().min(1).max(3_600),
  orderTypes: z.array(z.enum(ORDER_TYPES)).min(1),
  /** Whether an order may add to a position that the bot has already; left out, it may not. */
  addsToPosition: z.boolean().optional(),
  /** Seconds in which an order like the one before is a duplicate. */
  duplicateWithin: z.int().min(0).max(86_400),
  /** So many orders alike in a day halt the bot, with the next one, until a person lets it go on. */
  repeats: count,
  /** So many refusals in a row by the broker halt the bot until a person lets it go on. */
  rejectionsInRow: count,
});
export type BotLimits = z.output<typeof botLimitsSchema>;

export const accountLimitsSchema = z.strictObject({
  /** The sum of all positions' and working orders' money, as a percentage of the equity; above 100 with leverage. */
  grossExposurePercent: positiveDecimal,
  openPositions: count,
  workingOrders: count,
  ordersPerMinute: count,
  dailyNotional: positiveDecimal,
  /** Reaching it lets the account only close. */
  dailyLossPercent: percent,
  weeklyLossPercent: percent,
  drawdownPercent: percent,
  /** Money that has to be in the account for an order that opens. */
  minimumBalance: positiveDecimal,
  /** Instruments that nobody may open anything in. */
  restricted: z.array(z.string().min(1).max(60)),
});
export type AccountLimits = z.output<typeof accountLimitsSchema>;
