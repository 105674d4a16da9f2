/** A bot as its owner describes it: a strategy, what it trades and when, and how much it may. */
import { z } from "zod";
import { modeSchema } from "./account.ts";
import { BAR_PERIODS, connectionIdSchema } from "./connection.ts";
import { botLimitsSchema, positiveDecimal } from "./limits.ts";
import { timeZoneSchema } from "./time-zone.ts";

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "is a time such as 09:30" });

/** When a bot may trade, beside the market's own hours. */
export const botSessionSchema = z.union([
  /** The exchange's regular hours; half days and holidays included. */
  z.literal("exchange"),
  /** From 04:00 New York to the close, on the exchange's days. */
  z.literal("extended"),
  /** Whenever the broker trades the instrument. */
  z.literal("always"),
  z.strictObject({
    timeZone: timeZoneSchema,
    /** 1 is Monday. */
    days: z.array(z.int().min(1).max(7)).min(1),
    from: clockTime,
    to: clockTime,
  }),
]);
export type BotSession = z.output<typeof botSessionSchema>;

/** How much one signal trades. */
export const sizeSchema = z.union([
  /** Units. */
  z.strictObject({ quantity: positiveDecimal }),
  /** As many units as lose this share of the equity at the stop. */
  z.strictObject({ riskPercent: positiveDecimal }),
]);
export type Size = z.output<typeof sizeSchema>;

export const botSchema = z.strictObject({
  /** Letters, digits and hyphens; it names the bot in every record. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, {
    error: "is a name of 2 to 32 small letters, digits and hyphens such as palm-oil",
  }),
  /** The name of a built-in strategy, or the path of a file that exports one, from the configuration's folder. */
  strategy: z.string().min(1).max(300),
  /** What the strategy's own schema asks for. */
  parameters: z.record(z.string(), z.unknown()).default({}),
  connection: connectionIdSchema,
  mode: modeSchema,
  /** The broker's own names; also the list of what it may trade. */
  instruments: z.array(z.string().min(1).max(60)).min(1).max(50),
  /** The bars that the strategy reads. */
  bars: z.enum(BAR_PERIODS),
  /** Minutes between two ticks, counted from midnight in New York. */
  everyMinutes: z.int().min(1).max(1_440),
  /**
   * So many minutes behind that, fewer than `everyMinutes`; left out, none. A bar is written down seconds after its
   * end: a bot that ticks a minute behind it sees it then, and not at its next tick.
   */
  afterMinutes: z.int().min(0).max(1_439).optional(),
  /** A tick that could not run within so many seconds of its instant is left out. */
  toleranceSeconds: z.int().min(5).max(3_600).default(45),
  session: botSessionSchema,
  size: sizeSchema,
  limits: botLimitsSchema,
});
export type BotConfig = z.output<typeof botSchema>;
