/** What Openbell does for the stop losses of lots at a broker that attaches none to an order. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { connectionIdSchema } from "../../config/connection.ts";
import { instantSchema } from "../../platform/instant.ts";
import { collection } from "../../platform/store.ts";

/** `source` of the orders that protect. */
export const PROTECTION = "protection";

export const protectionSchema = z.strictObject({
  account: connectionIdSchema,
  positionId: z.string(),
  bot: z.string(),
  instrument: z.string(),
  /** Of the orders that were written for this lot, and those of its position before: no id is used twice. */
  serial: z.int().min(0),
  /** The stop that rests, or is on its way; else the last one. */
  stopOrder: z.string().optional(),
  /** The last order that closed the lot at the market because a watched price was reached. */
  closeOrder: z.string().optional(),
  /**
   * `none`: there is nothing to protect · `placing`: a stop is on its way, or something else is that it waits
   * for · `resting` at the broker · `watched`: it could not be placed, and the price is looked at instead.
   */
  state: z.enum(["none", "placing", "resting", "watched"]),
  /** Why it is watched: a code of the error table or the broker's own word, and one sentence. */
  why: z.strictObject({ code: z.string(), text: z.string() }).optional(),
  /** Of the state. */
  since: instantSchema,
  /** For which reason the owner was told last that it is watched; missing once a stop has rested again. */
  told: z.strictObject({ code: z.string(), at: instantSchema }).optional(),
});
export type ProtectionRecord = z.output<typeof protectionSchema>;

/** By account, position and bot, see `protectionId`. */
export const protections = collection("protections", protectionSchema);

/** A lot's name: on an account that nets, bots share a position. */
export interface LotName {
  readonly positionId: string;
  readonly bot: string;
}

/** A lot's document. */
export function protectionId(account: string, { positionId, bot }: LotName): string {
  return `${account}:${positionId}:${bot}`;
}

const ID_LENGTH = 20;

/** The id of a lot's order, the same whoever computes it: 20 letters and digits of a hash. */
export function protectiveOrderId(account: string, name: LotName, serial: number): string {
  const hash = createHash("sha256")
    .update(`${protectionId(account, name)}|${serial}`)
    .digest("hex");
  return BigInt(`0x${hash}`).toString(36).padStart(ID_LENGTH, "0").slice(-ID_LENGTH);
}
