/** The accounts that bots trade on: a paper account beside a connection, or the broker's own. */
import { z } from "zod";
import { type ConnectionId, connectionIdSchema } from "./connection.ts";
import { accountLimitsSchema, positiveDecimal } from "./limits.ts";

/** `paper`: simulated fills on the connection's prices. `live`: orders go to the broker. */
export const modeSchema = z.enum(["paper", "live"]);
export type Mode = z.output<typeof modeSchema>;

const share = z.number().min(0).max(100);

export const paperTermsSchema = z
  .strictObject({
    /** Money at the beginning, in `currency`. */
    balance: positiveDecimal.prefault(10_000),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, { error: "is a currency such as USD" })
      .default("USD"),
    /** How much worse than the quote an order is filled, drawn between the two, in percent of the price. */
    slippagePercent: z.tuple([share, share]).default([0.1, 0.2]),
    /** Of 100 orders, so many are rejected. */
    rejectedPercent: share.default(3),
    /** Of 100 fills, so many come in two parts. */
    partialPercent: share.default(10),
    /** Fee of each fill, in percent of its money. */
    feePercent: share.default(0.01),
    /** What the draws begin with; the same seed and the same market give the same fills. */
    seed: z.string().min(1).max(60).default("openbell"),
  })
  .refine(({ slippagePercent: [least, most] }) => least <= most, {
    error: "has the smaller slippage first",
    path: ["slippagePercent"],
  });
export type PaperTerms = z.output<typeof paperTermsSchema>;

export const accountSchema = z.strictObject({
  /** The connection whose prices it has and, in live, whose broker. */
  connection: connectionIdSchema,
  mode: modeSchema,
  limits: accountLimitsSchema,
  /** Only of a paper account. */
  paper: paperTermsSchema.optional(),
});
export type AccountConfig = z.output<typeof accountSchema>;

/**
 * What an account is called in every record: `paper-` and the connection, or the connection. Paper and live
 * never share one.
 */
export type AccountId = ConnectionId;

/** The account of a connection in a mode. */
export function accountId(connection: ConnectionId, mode: Mode): AccountId {
  return (mode === "paper" ? `paper-${connection}` : connection) as AccountId;
}
