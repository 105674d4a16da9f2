import { z } from "zod";
import { instantSchema, plainDateSchema } from "../platform/instant.ts";
import { collection } from "../platform/store.ts";

/** What an alert says, before it is put into words. */
export const alertContentSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("morning"),
    date: plainDateSchema,
    open: instantSchema,
    /** Labels of the connections that need their owner. */
    waiting: z.array(z.string()),
    /** Labels whose token is stored but not yet acknowledged. */
    unacknowledged: z.array(z.string()),
    isHalfDay: z.boolean(),
    isLastRung: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("renewed"),
    label: z.string(),
    generation: z.int(),
    accounts: z.int(),
    expiresAt: instantSchema,
  }),
  z.strictObject({ kind: z.literal("login-failed"), label: z.string(), code: z.string() }),
  z.strictObject({
    kind: z.literal("rejected"),
    label: z.string(),
    code: z.string(),
    /** Missing in alerts of earlier builds. */
    generation: z.int().optional(),
  }),
  z.strictObject({
    kind: z.literal("keep-alive-failing"),
    label: z.string(),
    /** Missing in alerts of earlier builds. */
    generation: z.int().optional(),
    failuresInRow: z.int(),
    code: z.string(),
    /** From when it sleeps, or when it ends, if nothing changes. */
    idleAt: instantSchema.optional(),
    endsAt: instantSchema.optional(),
  }),
  /** What trading has to say, in words already: a halt, a kill's receipt, a limit that is near. */
  z.strictObject({
    kind: z.literal("notice"),
    sign: z.enum(["stop", "warning", "done"]),
    title: z.string(),
    lines: z.array(z.string()),
  }),
  /** The answer to a command of the owner's that the messenger did not take at once. */
  z.strictObject({ kind: z.literal("answer"), text: z.string() }),
  /** A fresh link, asked for on the page or by /start. */
  z.strictObject({ kind: z.literal("link") }),
]);
export type AlertContent = z.output<typeof alertContentSchema>;

/** One alert on its way to the owner. Its id says what it is about, so that it exists once. */
export const alertSchema = z.strictObject({
  content: alertContentSchema,
  createdAt: instantSchema,
  /** After this nobody needs it any more. */
  usefulUntil: instantSchema,
  state: z.enum(["waiting", "sending", "sent", "refused", "too-late"]),
  attempts: z.int().min(0),
  /** While waiting or sending: not before then. */
  notBefore: instantSchema,
  sentAt: instantSchema.optional(),
  /** The last failure, a code of the error table. */
  failure: z.string().optional(),
});
export type AlertRecord = z.output<typeof alertSchema>;

export const alerts = collection("alerts", alertSchema);

/** How one trading morning went. */
export const morningSchema = z.strictObject({
  date: plainDateSchema,
  open: instantSchema,
  alertedAt: instantSchema.optional(),
  armedAt: instantSchema.optional(),
});
export type MorningRecord = z.output<typeof morningSchema>;

/** By the exchange's date. */
export const mornings = collection("mornings", morningSchema);
