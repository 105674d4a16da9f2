/**
 * The fills of one position, from which its lots and trades are derived. It is kept so that a fill that comes
 * late, or whose owner is recognised late, is folded in where it belongs.
 */
import { z } from "zod";
import { connectionIdSchema } from "../../config/connection.ts";
import { decimalSchema } from "../../platform/decimal.ts";
import { instantSchema } from "../../platform/instant.ts";
import { collection } from "../../platform/store.ts";

const sideSchema = z.enum(["buy", "sell"]);

/** One fill, as far as lots and money care. */
export const legSchema = z.strictObject({
  fill: z.string(),
  at: instantSchema,
  side: sideSchema,
  quantity: decimalSchema,
  price: decimalSchema,
  commission: decimalSchema,
  /** Units that close by the broker's or the order's word; missing: as many as stand against it. */
  closing: decimalSchema.optional(),
  /** The broker's own figures of what closed. */
  closed: z
    .strictObject({
      grossProfit: decimalSchema,
      swap: decimalSchema,
      /** Of the way in and out. */
      commission: decimalSchema,
      entryPrice: decimalSchema.optional(),
    })
    .optional(),
  bot: z.string().optional(),
  clientOrderId: z.string().optional(),
  stopLoss: decimalSchema.optional(),
});
export type Leg = z.output<typeof legSchema>;

/** What one owner has of an open position. */
export const holdingSchema = z.strictObject({
  /** Missing: nobody of ours. */
  bot: z.string().optional(),
  side: sideSchema,
  quantity: decimalSchema,
  /** Quantity times price of what is left, exactly. */
  cost: decimalSchema,
  fees: decimalSchema,
  openedAt: instantSchema,
  clientOrderId: z.string().optional(),
  stopLoss: decimalSchema.optional(),
});
export type Holding = z.output<typeof holdingSchema>;

export const positionBookSchema = z.strictObject({
  account: connectionIdSchema,
  positionId: z.string(),
  instrument: z.string(),
  /** What the fills before `legs` had left. */
  carried: z.array(holdingSchema),
  /** In the order in which they happened. */
  legs: z.array(legSchema),
  /** Set while nothing of it is open. */
  keptUntil: instantSchema.optional(),
});
export type PositionBook = z.output<typeof positionBookSchema>;

/** By account and position, see `positionBookId`. */
export const positionBooks = collection("positionBooks", positionBookSchema, { expiresBy: "keptUntil" });

/** A position's document. What a document's name cannot hold is written as its hexadecimal code. */
export function positionBookId(account: string, positionId: string): string {
  const safe = positionId.replace(/[^A-Za-z0-9.-]/gu, (sign) => `_${sign.codePointAt(0)?.toString(16)}`);
  return `${account}:${safe}`;
}
