/** What the worker that leads an account knows of it: written by that worker alone, under its lease. */
import { z } from "zod";
import { modeSchema } from "../config/account.ts";
import { connectionIdSchema } from "../config/connection.ts";
import { decimalSchema } from "../platform/decimal.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection } from "../platform/store.ts";

export const accountRecordSchema = z.strictObject({
  account: connectionIdSchema,
  mode: modeSchema,
  /** The broker's own word, and `simulated` on paper. */
  environment: z.string(),
  currency: z.string(),
  /** Money without open positions. */
  balance: decimalSchema,
  /** Of all open positions, at the prices of `at`. */
  unrealised: decimalSchema,
  equity: decimalSchema,
  /** Highest equity so far, or since a person last let the account go on. */
  peakEquity: decimalSchema,
  /** When that was. */
  peakSince: instantSchema.optional(),
  /** Equity when New York's day and week began; where nobody saw that, see `rollAccount`. */
  dayEquity: decimalSchema,
  day: z.string(),
  weekEquity: decimalSchema,
  week: z.string(),
  /** The broker's orders that may still trade. */
  working: z.array(
    z.strictObject({
      brokerOrderId: z.string(),
      clientOrderId: z.string().optional(),
      instrument: z.string(),
      side: z.enum(["buy", "sell"]),
      quantity: decimalSchema,
      limitPrice: decimalSchema.optional(),
      stopPrice: decimalSchema.optional(),
      protects: z.string().optional(),
    }),
  ),
  /** Our orders, the broker's orders and the broker's positions agree; without it nothing opens. */
  isReconciled: z.boolean(),
  /** Why not. */
  break: z.strictObject({ code: z.string(), text: z.string(), since: instantSchema }).optional(),
  /** How far the worker's clock is ahead of the broker's, in milliseconds; missing while nobody has measured it. */
  driftMs: z.number().optional(),
  epoch: z.int().positive(),
  build: z.string(),
  at: instantSchema,
});
export type AccountRecord = z.output<typeof accountRecordSchema>;

/** By account. */
export const accounts = collection("accounts", accountRecordSchema);
