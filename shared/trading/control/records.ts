/** Kills and what they brought about, account by account. */
import { z } from "zod";
import { connectionIdSchema } from "../../config/connection.ts";
import { instantSchema } from "../../platform/instant.ts";
import { collection } from "../../platform/store.ts";
import { actorSchema } from "../../tokens/records.ts";

/** One account's part of a kill, written by the worker that leads the account. */
export const killPartSchema = z.strictObject({
  account: connectionIdSchema,
  /** `waiting`: nobody leads the account yet, or its broker was not asked · `confirmed`: the broker has no working order of ours. */
  state: z.enum(["waiting", "confirmed"]),
  /** Orders that were not over when the account's worker first saw the kill. */
  found: z.array(z.string()),
  /** How many of them ended without being filled to the end, and how many were filled. */
  cancelled: z.int().min(0),
  filled: z.int().min(0),
  /** Positions that stay open; a kill closes none. */
  positions: z.int().min(0),
  /** Protective orders that were left resting on purpose. */
  protective: z.int().min(0),
  /** Why it is not confirmed yet. */
  trouble: z.string().optional(),
  confirmedAt: instantSchema.optional(),
});
export type KillPart = z.output<typeof killPartSchema>;

export const killSchema = z.strictObject({
  id: z.string(),
  /** `all`, an account, or `bot:ID`. */
  scope: z.string(),
  actor: actorSchema,
  why: z.string(),
  at: instantSchema,
  parts: z.array(killPartSchema),
  /** Not every part is confirmed. */
  isOpen: z.boolean(),
  /** When the last part was confirmed. */
  confirmedAt: instantSchema.optional(),
  /** The accounts without which everything went on, not being confirmed by then; those stay halted. */
  resumedWithout: z.array(connectionIdSchema).optional(),
});
export type KillRecord = z.output<typeof killSchema>;

/** By id: random, or that of the request which brought it. */
export const kills = collection("kills", killSchema);

/** A request to kill that came while an earlier kill was open, and is that kill: its next delivery is no new one. */
export const killRequests = collection(
  "killRequests",
  z.strictObject({ kill: z.string(), keptUntil: instantSchema }),
  { expiresBy: "keptUntil" },
);

/** Something that the risk engine or a breaker did, for the owner to read. */
export const riskEventSchema = z.strictObject({
  at: instantSchema,
  account: connectionIdSchema.optional(),
  bot: z.string().optional(),
  /** `denied`, `warned`, `tripped`, `break`, `resumed`. */
  kind: z.enum(["denied", "warned", "tripped", "break", "resumed"]),
  /** A control's or a break's code. */
  code: z.string(),
  text: z.string(),
  /** The mark of the message that told the owner of a warning: those of one look are told in one. */
  toldIn: z.string().optional(),
  keptUntil: instantSchema,
});
export type RiskEvent = z.output<typeof riskEventSchema>;

/** By instant and a random end. */
export const riskEvents = collection("riskEvents", riskEventSchema, { expiresBy: "keptUntil" });
