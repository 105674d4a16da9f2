/**
 * What an order must be weighed against besides the ledger: what was reserved and counted when earlier orders
 * were written down. Read and written in the transaction that writes an order, so two orders at once cannot
 * both pass.
 */
import { Decimal } from "decimal.js";
import { z } from "zod";
import { connectionIdSchema } from "../../config/connection.ts";
import { decimalSchema } from "../../platform/decimal.ts";
import { instantSchema } from "../../platform/instant.ts";
import { collection } from "../../platform/store.ts";

/** An order that may still trade. It stays until its record says that it is over; its fills are in the ledger. */
export const reservationSchema = z.strictObject({
  clientOrderId: z.string(),
  bot: z.string(),
  instrument: z.string(),
  side: z.enum(["buy", "sell"]),
  /** Units; what was filled of them meanwhile is the order's own record's to say. */
  quantity: decimalSchema,
  /** Money a unit, in the account's currency, by which it is weighed. */
  unitValue: decimalSchema,
  /** Whether it opens or adds; what closes reserves nothing and is kept for its count alone. */
  opens: z.boolean(),
  at: instantSchema,
  /** The order that takes its place, where one was written down. */
  replacedBy: z.string().optional(),
});
export type Reservation = z.output<typeof reservationSchema>;

const countsSchema = z.strictObject({
  /** New York's date that the counts are of. */
  day: z.string(),
  /** Money of the day's orders that open. */
  notional: decimalSchema,
  /** Orders that open. */
  trades: z.int().min(0),
  /** When the last orders were written down, at most those of one minute. */
  recent: z.array(instantSchema),
});

/** By account: `ACCOUNT`. */
export const accountRiskSchema = z.strictObject({
  account: connectionIdSchema,
  reservations: z.array(reservationSchema),
  counts: countsSchema,
});
export type AccountRisk = z.output<typeof accountRiskSchema>;

/** By account and bot: `ACCOUNT:BOT`. */
export const botRiskSchema = z.strictObject({
  account: connectionIdSchema,
  bot: z.string(),
  counts: countsSchema,
  /** The last order: what a duplicate is measured by. `likeness` is instrument, side, quantity and type as one text. */
  last: z.strictObject({ likeness: z.string(), at: instantSchema }).optional(),
  /** Orders alike, one after the other, of the day; refused ones are counted too. */
  repeats: z.int().min(0),
  /** The likeness that `repeats` counts. */
  alike: z.string().optional(),
  /** Highest profit so far, open positions included, as it was seen when orders were weighed; 0 where it is missing. */
  peakProfit: decimalSchema.optional(),
  /** The ids of the bot's latest orders, the newest first: what a row of refusals is counted by. */
  latest: z.array(z.string()).optional(),
});
export type BotRisk = z.output<typeof botRiskSchema>;

/** By account. */
export const accountRisks = collection("accountRisks", accountRiskSchema);
/** By account and bot, see `botRiskId`. */
export const botRisks = collection("botRisks", botRiskSchema);

/** A bot's document of its account. */
export function botRiskId(account: string, bot: string): string {
  return `${account}:${bot}`;
}

const NO_COUNTS = { day: "", notional: new Decimal(0), trades: 0, recent: [] };

/** The book of an account that no order was weighed for yet. */
export function emptyAccountRisk(account: AccountRisk["account"]): AccountRisk {
  return { account, reservations: [], counts: NO_COUNTS };
}

/** The book of a bot that no order was weighed for yet. */
export function emptyBotRisk(account: BotRisk["account"], bot: string): BotRisk {
  return { account, bot, counts: NO_COUNTS, repeats: 0 };
}
