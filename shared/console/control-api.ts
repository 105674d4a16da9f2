/**
 * What stops trading, lets it only close, closes what is open, and lets it go on: the bodies and answers of
 * `POST /api/trading/…`. A scope is `all` (the default), an account's id, or `bot:ID`.
 */
import { z } from "zod";

const iso = z.iso.datetime();
const scope = z.string().min(1).max(80).optional();
const reason = z.string().max(300).optional();

/** `requestId`: the same for every sending of one wish, so that it is one kill. */
export const killRequestSchema = z.strictObject({
  scope,
  reason,
  requestId: z.string().min(8).max(100),
});

/** What a kill has brought about so far; complete once `isOpen` is false. */
export const killReceiptSchema = z.strictObject({
  id: z.string(),
  scope: z.string(),
  at: iso,
  /** Not every account is confirmed yet. */
  isOpen: z.boolean(),
  /** The same request came before and was carried out, and its scope was resumed since: nothing is halted by this. */
  isLifted: z.literal(true).optional(),
  confirmedAt: iso.optional(),
  /** From the kill to its last confirmation. */
  seconds: z.number().min(0).optional(),
  parts: z.array(
    z.strictObject({
      account: z.string(),
      /** `confirmed`: the broker has no working order of ours but protective ones. */
      state: z.enum(["waiting", "confirmed"]),
      /** Orders that were not over when it came; of these were cancelled and filled: */
      found: z.int().min(0),
      cancelled: z.int().min(0),
      filled: z.int().min(0),
      /** Positions that stay open: a kill closes none. */
      positions: z.int().min(0),
      /** Stops and take profits that were left resting on purpose. */
      protective: z.int().min(0),
      /** Why it is not confirmed yet. */
      trouble: z.string().optional(),
      confirmedAt: iso.optional(),
    }),
  ),
});

export const reduceRequestSchema = z.strictObject({ scope, reason });

/** `phrase`: as the hold of `GET /api/trading` names it. */
export const resumeRequestSchema = z.strictObject({
  scope,
  phrase: z.string().max(100),
  reason: z.string().max(300),
});

export const standingSchema = z.strictObject({
  scope: z.string(),
  state: z.enum(["active", "reducing", "halted"]),
  /** Whether this call has changed it. */
  isChanged: z.boolean(),
  /** After a resume of everything: accounts whose brokers have not confirmed the kill, and which stay halted. */
  stillHalted: z.array(z.strictObject({ account: z.string(), because: z.string() })).optional(),
});

/** `requestId`: the same for every sending of one wish, so that it is one switch. */
export const paperRequestSchema = z.strictObject({
  scope,
  reason,
  requestId: z.string().min(8).max(100),
});

/** What a switch to paper has brought about. */
export const onPaperSchema = z.strictObject({
  scope: z.string(),
  /** The live bots that it has switched. */
  switched: z.array(z.string()),
  /** Those that had been switched before. */
  already: z.array(z.string()),
  /** The same request came before, and these were brought back since: nothing is switched by this. */
  backSince: z.array(z.string()),
  /** What is open at a broker of bots that trade on paper now: nobody decides its exit. */
  left: z.array(z.strictObject({ bot: z.string(), account: z.string(), positions: z.int().positive() })),
});

/** `phrase`: as `switched` of a bot of `GET /api/trading` names it. */
export const liveRequestSchema = resumeRequestSchema;

export const backLiveSchema = z.strictObject({ scope: z.string(), bots: z.array(z.string()) });

/** `includesOthers`: also positions that were opened by hand or by another program. */
export const closeRequestSchema = z.strictObject({ scope, reason, includesOthers: z.boolean().optional() });

export const closingSchema = z.strictObject({
  scope: z.string(),
  accounts: z.array(
    z.strictObject({
      account: z.string(),
      /** Orders that close, those on their way already included. */
      orders: z.int().min(0),
      /** Positions that were left alone: not ours. */
      left: z.int().min(0),
    }),
  ),
});

export type ApiKillRequest = z.output<typeof killRequestSchema>;
export type ApiKillReceipt = z.output<typeof killReceiptSchema>;
export type ApiResumeRequest = z.output<typeof resumeRequestSchema>;
export type ApiStanding = z.output<typeof standingSchema>;
export type ApiPaperRequest = z.output<typeof paperRequestSchema>;
export type ApiOnPaper = z.output<typeof onPaperSchema>;
export type ApiBackLive = z.output<typeof backLiveSchema>;
export type ApiClosing = z.output<typeof closingSchema>;
