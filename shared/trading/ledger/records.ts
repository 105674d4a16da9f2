/**
 * What became of the money, account by account and bot by bot, folded from fills. A fill is folded in the same
 * transaction that writes it down and moves its order on, so orders, lots and money never disagree.
 */
import { z } from "zod";
import { connectionIdSchema } from "../../config/connection.ts";
import { decimalSchema } from "../../platform/decimal.ts";
import { instantSchema } from "../../platform/instant.ts";
import { collection } from "../../platform/store.ts";

const sideSchema = z.enum(["buy", "sell"]);
const daySchema = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** An open position as our fills have made it: the average price of what is left of it. */
export const lotSchema = z.strictObject({
  positionId: z.string(),
  instrument: z.string(),
  side: sideSchema,
  quantity: decimalSchema,
  price: decimalSchema,
  openedAt: instantSchema,
  /** Fees of what is left, in the account's currency; negative where they cost. */
  fees: decimalSchema,
  /** Missing where it is not one of ours: opened by hand, or by another program. */
  bot: z.string().optional(),
  /** The order that opened it, where it is one of ours. */
  clientOrderId: z.string().optional(),
  /** Where the order that opened it wanted its stop; the broker's own record says whether it rests there. */
  stopLoss: decimalSchema.optional(),
});
export type Lot = z.output<typeof lotSchema>;

/** Sums of one period; money in the account's currency. Losses and costs are negative. */
export const periodSchema = z.strictObject({
  /** New York's date of its first day. */
  date: daySchema,
  /** Gross, of what was closed. */
  realised: decimalSchema,
  fees: decimalSchema,
  swap: decimalSchema,
  trades: z.int().min(0),
  wins: z.int().min(0),
  /** Unrealised when the period began: what it has brought or cost since is the difference. */
  unrealisedBefore: decimalSchema,
  /** A fill has begun it while a lot had no price: `unrealisedBefore` is still to be found. */
  isUnpriced: z.literal(true).optional(),
});
export type Period = z.output<typeof periodSchema>;

const bookSchema = {
  account: connectionIdSchema,
  day: periodSchema,
  week: periodSchema,
  total: periodSchema,
  /** Goes up with every fill that was folded. */
  edition: z.int().min(0),
};

/** Everything of one account: lots of bots and of others. */
export const accountLedgerSchema = z.strictObject({ ...bookSchema, lots: z.array(lotSchema) });
export type AccountLedger = z.output<typeof accountLedgerSchema>;

/** The share of one bot in one account. Its lots are those of the account that carry its name. */
export const botLedgerSchema = z.strictObject({ ...bookSchema, bot: z.string() });
export type BotLedger = z.output<typeof botLedgerSchema>;

/** A position from its opening to its end, or the part of it that one fill closed. */
export const tradeSchema = z.strictObject({
  account: connectionIdSchema,
  bot: z.string().optional(),
  positionId: z.string(),
  instrument: z.string(),
  /** Of the position: `buy` is long. */
  side: sideSchema,
  quantity: decimalSchema,
  /** Missing, like `openedAt`, where nobody told of the opening. */
  entryPrice: decimalSchema.optional(),
  exitPrice: decimalSchema,
  openedAt: instantSchema.optional(),
  closedAt: instantSchema,
  /** Gross, then what was paid on the way in and out; net is their sum. */
  profit: decimalSchema,
  fees: decimalSchema,
  swap: decimalSchema,
  net: decimalSchema,
  /** The fill that closed it, and that fill's order where it is one of ours. */
  brokerFillId: z.string(),
  clientOrderId: z.string().optional(),
});
export type Trade = z.output<typeof tradeSchema>;

/** One moment of an account's money. */
export const equityPointSchema = z.strictObject({
  account: connectionIdSchema,
  at: instantSchema,
  balance: decimalSchema,
  unrealised: decimalSchema,
  equity: decimalSchema,
});
export type EquityPoint = z.output<typeof equityPointSchema>;

/** By account. */
export const accountLedgers = collection("accountLedgers", accountLedgerSchema);
/** By account and bot: `ACCOUNT:BOT`. */
export const botLedgers = collection("botLedgers", botLedgerSchema);
/** By account and the fill that closed it: `ACCOUNT:FILL`; of a fill that closed several, the others end with `:1`, `:2` and so on. */
export const trades = collection("trades", tradeSchema, {
  indexes: [
    { where: ["account"], orderBy: ["closedAt", "desc"] },
    { where: ["account", "bot"], orderBy: ["closedAt", "desc"] },
    { where: ["account"], orderBy: ["closedAt", "asc"] },
  ],
});
/** By account and the minute: `ACCOUNT:MINUTES-SINCE-1970`. */
export const equityPoints = collection("equity", equityPointSchema, {
  indexes: [{ where: ["account"], orderBy: ["at", "desc"] }],
});

/** A bot's ledger in an account. */
export function botLedgerId(account: string, bot: string): string {
  return `${account}:${bot}`;
}
