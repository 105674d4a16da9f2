/** Ticks: one evaluation of one bot for one scheduled instant, each ended by one reason. */
import { z } from "zod";
import { topic } from "../../platform/bus.ts";
import { instantSchema } from "../../platform/instant.ts";
import { collection } from "../../platform/store.ts";

/** Written once, with whatever order it brought, in one transaction. */
export const tickSchema = z.strictObject({
  bot: z.string(),
  /** The scheduled instant. */
  instant: instantSchema,
  /** A code of the table in `reasons.ts`. */
  reason: z.string(),
  /** One sentence: what the strategy or a control said. */
  text: z.string(),
  /** Orders that it brought. */
  orders: z.array(z.string()),
  /** Of each instrument that was looked at, where there is more than one. */
  instruments: z
    .array(z.strictObject({ instrument: z.string(), reason: z.string(), text: z.string() }))
    .optional(),
  at: instantSchema,
  /** How long it took, in milliseconds. */
  tookMs: z.number().min(0),
  keptUntil: instantSchema,
});
export type TickRecord = z.output<typeof tickSchema>;

/** By bot and instant: `BOT:MINUTES-SINCE-1970`. */
export const ticks = collection("ticks", tickSchema, { expiresBy: "keptUntil" });

/** "A bot is due: look." The instant is the scheduled one, to the minute. */
export const botTick = topic("bot-tick", z.strictObject({ bot: z.string(), instant: instantSchema }));

export function tickId(bot: string, instant: { readonly epochMilliseconds: number }): string {
  return `${bot}:${Math.floor(instant.epochMilliseconds / 60_000)}`;
}
