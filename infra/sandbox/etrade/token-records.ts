import { z } from "zod";
import { instantSchema } from "../../../shared/platform/instant.ts";
import { ENVIRONMENTS } from "./vocabulary.ts";

const requestTokenSchema = z.strictObject({
  environment: z.enum(ENVIRONMENTS),
  /** `oob`, or the registered address that the client named. */
  callback: z.string(),
  issuedAt: instantSchema,
  expiresAt: instantSchema,
  /** The user who pressed Accept. */
  acceptedBy: z.string().optional(),
});

const accessTokenSchema = z.strictObject({
  environment: z.enum(ENVIRONMENTS),
  username: z.string(),
  issuedAt: instantSchema,
  lastUsedAt: instantSchema,
  /** Midnight in New York. */
  expiresAt: instantSchema,
  /** An early death that was drawn at birth. */
  diesAt: instantSchema.optional(),
  ended: z.enum(["revoked", "replaced"]).optional(),
});

/** What the simulator keeps across a restart. Tokens stand under derived names: no token, secret or PIN is in it. */
export const savedBookSchema = z.strictObject({
  version: z.literal(1),
  /** Tells whether the key that is given today is the one this was written with. */
  check: z.string(),
  /** Goes up with every token, so that a restarted generator cannot repeat one. */
  serial: z.int().min(0),
  requestTokens: z.record(z.string(), requestTokenSchema),
  accessTokens: z.record(z.string(), accessTokenSchema),
  wrongPasswords: z.record(z.string(), z.int()),
  lockedUsers: z.array(z.string()),
});

/** A request token as it is kept. */
export type RequestToken = z.output<typeof requestTokenSchema>;
/** An access token as it is kept. */
export type AccessToken = z.output<typeof accessTokenSchema>;
/** All that is kept. */
export type SavedBook = z.output<typeof savedBookSchema>;
