import { z } from "zod";
import type { Brand } from "../platform/brand.ts";

/** A connection's name: broker and environment, e.g. `etrade-production`. */
export type ConnectionId = Brand<string, "connection-id">;

export const connectionIdSchema = z.codec(
  z.string().regex(/^[a-z][a-z0-9-]{1,48}[a-z0-9]$/),
  z.custom<ConnectionId>((value) => typeof value === "string"),
  { decode: (text) => text as ConnectionId, encode: (id) => id as string },
);

/** A broker account's way in: broker, environment and credentials. It has exactly one token. */
export const connectionSchema = z.strictObject({
  id: connectionIdSchema,
  broker: z.literal("etrade"),
  /** The broker's own word. `production` moves real money outside the sandbox profile. */
  environment: z.enum(["production", "sandbox"]),
  /** What a person reads. */
  label: z.string().min(1).max(40),
  /** Whether the owner is rung for it each trading morning, or renews it when they like. */
  needed: z.enum(["every-morning", "on-demand"]),
  /** The account to trade on, by the last four characters of its number. Default: the broker's first that can trade. */
  account: z
    .string()
    .regex(/^[A-Za-z0-9]{4}$/, { error: "is the last four characters of an account's number" })
    .optional(),
});

export type Connection = z.output<typeof connectionSchema>;
