import { z } from "zod";
import { instantSchema } from "../../../shared/platform/instant.ts";

/** What a user may allow: to look, or to trade as well. */
export const SCOPES = ["accounts", "trading"] as const;
export type Scope = (typeof SCOPES)[number];

const permission = {
  user: z.string(),
  clientId: z.string(),
  scope: z.enum(SCOPES),
  /** `ctidTraderAccountId`s that the user chose. */
  accounts: z.array(z.int()).readonly(),
};

const codeSchema = z.strictObject({
  ...permission,
  /** Byte for byte what the exchange must repeat. */
  redirectUri: z.string(),
  expiresAt: instantSchema,
});

const grantSchema = z.strictObject({
  ...permission,
  accessId: z.string(),
  accessExpiresAt: instantSchema,
  accessEnded: z.boolean(),
  /** Absent once it was ended: nothing can renew the grant then. */
  refreshId: z.string().optional(),
  issuedAt: instantSchema,
});

/** What is kept across a restart. Codes and tokens stand under derived names: none of them is in it. */
export const savedGrantsSchema = z.strictObject({
  version: z.literal(1),
  /** Tells whether the key that is given today is the one this was written with. */
  check: z.string(),
  /** Goes up with every token, so that a restarted generator cannot repeat one. */
  serial: z.int().min(0),
  codes: z.record(z.string(), codeSchema),
  /** Oldest first. */
  grants: z.array(grantSchema),
});

export type SavedGrants = z.output<typeof savedGrantsSchema>;
export type Grant = z.output<typeof grantSchema>;
export type Permission = Pick<Grant, "user" | "clientId" | "scope" | "accounts">;
