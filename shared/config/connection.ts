import { z } from "zod";
import type { Brand } from "../platform/brand.ts";

/** A connection's name: broker and environment, e.g. `etrade-production`. */
export type ConnectionId = Brand<string, "connection-id">;

export const connectionIdSchema = z.codec(
  z.string().regex(/^[a-z][a-z0-9-]{1,48}[a-z0-9]$/, {
    error: "is a name of small letters, digits and hyphens such as etrade-production",
  }),
  z.custom<ConnectionId>((value) => typeof value === "string"),
  { decode: (text) => text as ConnectionId, encode: (id) => id as string },
);

const common = {
  id: connectionIdSchema,
  /** What a person reads. */
  label: z.string().min(1).max(40),
  /** Whether the owner is rung for it each trading morning, or renews it when they like. */
  needed: z.enum(["every-morning", "on-demand"]),
  /** The account to trade on, by the last four characters of its number. Default: the broker's first that can trade. */
  account: z
    .string()
    .regex(/^[A-Za-z0-9]{4}$/, { error: "is the last four characters of an account's number" })
    .optional(),
};

const etradeConnectionSchema = z.strictObject({
  ...common,
  broker: z.literal("etrade"),
  /** The broker's own word. `production` moves real money outside the sandbox profile. */
  environment: z.enum(["production", "sandbox"]),
});

/** Lengths of a bar: minutes, hours, a day, a week, a month. */
export const BAR_PERIODS = [
  "M1",
  "M2",
  "M3",
  "M4",
  "M5",
  "M10",
  "M15",
  "M30",
  "H1",
  "H4",
  "H12",
  "D1",
  "W1",
  "MN1",
] as const;

const watchedSymbolSchema = z.strictObject({
  /** The broker's own name, e.g. `EURUSD`. */
  symbol: z.string().min(1).max(60),
  /** The bars whose closes are written down. */
  bars: z.array(z.enum(BAR_PERIODS)).max(BAR_PERIODS.length).default(["M1"]),
});

const ctraderConnectionSchema = z.strictObject({
  ...common,
  broker: z.literal("ctrader"),
  /** The broker's own word: its two worlds have hosts, accounts and sessions apart. `live` moves real money outside the sandbox profile. */
  environment: z.enum(["demo", "live"]),
  /** Whose prices and bars the worker follows as long as it is connected. */
  watch: z
    .array(watchedSymbolSchema)
    .max(20)
    .refine((all) => new Set(all.map((one) => one.symbol)).size === all.length, {
      error: "has one symbol twice",
    })
    .prefault([{ symbol: "EURUSD" }]),
});

/** A broker account's way in: broker, environment and credentials. It has exactly one token. */
export const connectionSchema = z.discriminatedUnion("broker", [
  etradeConnectionSchema,
  ctraderConnectionSchema,
]);

export type Connection = z.output<typeof connectionSchema>;
export type EtradeConnection = z.output<typeof etradeConnectionSchema>;
export type CtraderConnection = z.output<typeof ctraderConnectionSchema>;
