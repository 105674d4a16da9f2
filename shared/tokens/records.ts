import { z } from "zod";
import { connectionIdSchema } from "../config/connection.ts";
import { topic } from "../platform/bus.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection } from "../platform/store.ts";

/** Who did something: the page (by session), the terminal, the owner's chat, or Openbell itself. */
export const actorSchema = z.strictObject({
  kind: z.enum(["page", "terminal", "telegram", "system"]),
  session: z.string().optional(),
});
export type Actor = z.output<typeof actorSchema>;

/** What is known of a connection's newest token. Its payload lies in the vault, as version `version`. */
export const tokenRecordSchema = z.strictObject({
  connection: connectionIdSchema,
  /** Goes up by one with every new token, from 1. */
  generation: z.int().positive(),
  version: z.int().positive(),
  /** The login that brought it. */
  authorization: z.string(),
  issuedAt: instantSchema,
  expiresAt: instantSchema,
  /** The last call that the broker answered with this token. */
  lastUsedAt: instantSchema,
  /** When it was last revived at the broker. */
  lastRenewedAt: instantSchema.optional(),
  /** Set when the broker stopped accepting it. */
  rejected: z.strictObject({ at: instantSchema, code: z.string() }).optional(),
});
export type TokenRecord = z.output<typeof tokenRecordSchema>;

/** One login, from the broker's request token to the day's token. Ids are random. */
export const authorizationSchema = z.strictObject({
  connection: connectionIdSchema,
  /**
   * `opening`: the broker is asked for a request token · `open`: waits for the PIN · `completing`: a PIN is
   * being exchanged · `completed` · `closed`.
   */
  state: z.enum(["opening", "open", "completing", "completed", "closed"]),
  openedAt: instantSchema,
  openedBy: actorSchema,
  expiresAt: instantSchema,
  /** The record may go after this. It outlives the login by days: a PIN that was left half exchanged is finished from it. */
  keptUntil: instantSchema.optional(),
  /** PINs sent to the broker. */
  attempts: z.int().min(0),
  authorizeUrl: z.string().optional(),
  /** SHA-256 of the request token, hex: how a callback finds its login. */
  requestHash: z.string().optional(),
  /** Vault version of the request token and its secret. */
  requestVersion: z.int().positive().optional(),
  /** While completing: vault version of the PIN, who exchanges it, and until when nobody else may. */
  claim: z
    .strictObject({ holder: z.string(), until: instantSchema, verifierVersion: z.int().positive() })
    .optional(),
  generation: z.int().positive().optional(),
  closedBecause: z
    .enum(["replaced", "not-opened", "too-many-wrong-pins", "refused", "denied", "outcome-unknown"])
    .optional(),
});
export type AuthorizationRecord = z.output<typeof authorizationSchema>;

/** Which login of a connection is the newest: the one the page shows and a PIN belongs to. */
export const currentAuthorizationSchema = z.strictObject({ authorization: z.string() });

/**
 * The newest login that a broker's redirect will bring back to one session, or to the terminal: the redirect
 * itself names none.
 */
export const awaitedRedirectSchema = z.strictObject({
  connection: connectionIdSchema,
  authorization: z.string(),
  keptUntil: instantSchema,
});

/** Logins begun on one day of the broker. */
export const loginBudgetSchema = z.strictObject({ used: z.int().min(0), keptUntil: instantSchema });

/** A process's word that it made a real call with one generation. */
export const acknowledgementSchema = z.strictObject({
  connection: connectionIdSchema,
  generation: z.int().positive(),
  version: z.int().positive(),
  by: z.string(),
  at: instantSchema,
  accounts: z.int().min(0),
  latencyMs: z.number().min(0),
  /** The account that trading uses, by the last four characters of its number. */
  account: z.string(),
  /** When the owner was told; missing where the process died before that. */
  announcedAt: instantSchema.optional(),
});
export type Acknowledgement = z.output<typeof acknowledgementSchema>;

/** Why a process could not acknowledge a generation the last time it tried. */
export const acknowledgementTroubleSchema = z.strictObject({
  generation: z.int().positive(),
  code: z.string(),
  at: instantSchema,
});

/** How keeping a connection's token alive has gone. */
export const keepAliveRecordSchema = z.strictObject({
  connection: connectionIdSchema,
  /** The generation that the counters speak of. */
  generation: z.int().positive(),
  failuresInRow: z.int().min(0),
  /** When the first of the failures in a row happened. */
  failingSince: instantSchema.optional(),
  lastAt: instantSchema.optional(),
  /** `ok` or a code of the error table. */
  lastOutcome: z.string().optional(),
  /** After a failure: not before then. */
  retryAt: instantSchema.optional(),
  /** The end of this generation at midnight has been written down. */
  isDeathNoted: z.boolean(),
});
export type KeepAliveRecord = z.output<typeof keepAliveRecordSchema>;

export const tokens = collection("tokens", tokenRecordSchema);
export const authorizations = collection("authorizations", authorizationSchema, { expiresBy: "keptUntil" });
export const currentAuthorizations = collection("currentAuthorizations", currentAuthorizationSchema);
/** By session id, or `terminal`. */
export const awaitedRedirects = collection("awaitedRedirects", awaitedRedirectSchema, {
  expiresBy: "keptUntil",
});
export const loginBudgets = collection("loginBudgets", loginBudgetSchema, { expiresBy: "keptUntil" });
export const acknowledgements = collection("acknowledgements", acknowledgementSchema);
/** By the same ids as the acknowledgements. */
export const acknowledgementTroubles = collection("acknowledgementTroubles", acknowledgementTroubleSchema);
export const keepAlives = collection("keepAlives", keepAliveRecordSchema);

/** "A connection has a new token: look again." */
export const tokenRefreshed = topic(
  "token-refreshed",
  z.strictObject({
    connection: z.string(),
    generation: z.int().positive(),
    version: z.int().positive(),
  }),
);
