/** A broker's rules for one instrument, as they lie in the store for whoever sizes and checks an order. */
import { z } from "zod";
import { connectionIdSchema } from "../config/connection.ts";
import { decimalSchema } from "../platform/decimal.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection } from "../platform/store.ts";

export const instrumentRulesSchema = z.strictObject({
  connection: connectionIdSchema,
  instrument: z.string().min(1).max(60),
  /** Units. */
  minimumQuantity: decimalSchema,
  maximumQuantity: decimalSchema.optional(),
  quantityStep: decimalSchema,
  priceStep: decimalSchema,
  /** In which prices, profits and losses are. */
  currency: z.string(),
  /** How far at least a stop loss or take profit lies from the price, in the price's units. */
  minimumLevelDistance: decimalSchema.optional(),
  canSell: z.boolean(),
  /** What the broker says of it now. */
  isTradable: z.boolean(),
  at: instantSchema,
});
export type InstrumentRules = z.output<typeof instrumentRulesSchema>;

/** By connection and instrument, see `instrumentId`. */
export const instruments = collection("instruments", instrumentRulesSchema);

/** An instrument's document. What a document's name cannot hold is written as its hexadecimal code. */
export function instrumentId(connection: string, instrument: string): string {
  const safe = instrument.replace(/[^A-Za-z0-9.-]/gu, (sign) => `_${sign.codePointAt(0)?.toString(16)}`);
  return `${connection}:${safe}`;
}
