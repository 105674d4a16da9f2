/** What was thought of each instrument last, and what asking has cost each day. */
import { z } from "zod";
import { decimalSchema } from "../platform/decimal.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection } from "../platform/store.ts";

export const opinionSchema = z.strictObject({
  instrument: z.string(),
  /** When it was last asked; counted whether or not an answer came. */
  askedAt: instantSchema,
  /** The last answer. */
  score: z.number().min(-1).max(1).optional(),
  scoredAt: instantSchema.optional(),
  /** Why there was none to the last question. */
  failed: z.string().optional(),
  keptUntil: instantSchema,
});
export type OpinionRecord = z.output<typeof opinionSchema>;

/** By instrument, see `opinionId`. */
export const opinions = collection("opinions", opinionSchema, { expiresBy: "keptUntil" });

export const spendingSchema = z.strictObject({
  /** New York's. */
  date: z.string(),
  /** US dollars, counted before the question is asked. */
  spent: decimalSchema,
  questions: z.int().min(0),
  keptUntil: instantSchema,
});

/** By New York's date. */
export const spendings = collection("sentimentCosts", spendingSchema, { expiresBy: "keptUntil" });

/** What a document's name cannot hold is written as its hexadecimal code. */
export function opinionId(instrument: string): string {
  return instrument.replace(/[^A-Za-z0-9.-]/gu, (sign) => `_${sign.codePointAt(0)?.toString(16)}`);
}
