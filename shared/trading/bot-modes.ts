/**
 * Bots that a person has switched from live to paper, without a restart. The configuration says what a bot may be at
 * most: nothing in here makes a bot live that the configuration lets trade on paper.
 */
import { z } from "zod";
import { type Mode, modeSchema } from "../config/account.ts";
import type { BotConfig } from "../config/bot.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection, type Transaction } from "../platform/store.ts";
import { actorSchema } from "../tokens/records.ts";

const botModeSchema = z.strictObject({
  /** `live`: it was switched, and has gone back since. */
  mode: modeSchema,
  who: actorSchema,
  why: z.string(),
  at: instantSchema,
});
export type BotModeRecord = z.output<typeof botModeSchema>;

/** By the bot's id; a bot without one trades as it is configured. */
export const botModes = collection("botModes", botModeSchema);

/** A request to switch to paper that was carried out, and the bots that it has switched: its next delivery does nothing. */
export const modeRequests = collection(
  "modeRequests",
  z.strictObject({
    scope: z.string(),
    bots: z.array(z.string()),
    at: instantSchema,
    keptUntil: instantSchema,
  }),
  { expiresBy: "keptUntil" },
);

type Reader = Pick<Transaction, "get">;

/** The switch that keeps a bot on paper; undefined where it trades as it is configured. */
export async function switchOf(
  reader: Reader,
  bot: Pick<BotConfig, "id" | "mode">,
): Promise<BotModeRecord | undefined> {
  if (bot.mode === "paper") return undefined;
  const found = await reader.get(botModes, bot.id);
  return found?.mode === "paper" ? found : undefined;
}

/** How a bot trades now: on paper where it is configured so, or was switched to it. */
export async function modeOf(reader: Reader, bot: Pick<BotConfig, "id" | "mode">): Promise<Mode> {
  return bot.mode === "paper" || (await switchOf(reader, bot)) !== undefined ? "paper" : "live";
}

/** Bots of the configuration, each with the mode that it trades in now. */
export function asTheyTrade<T extends Pick<BotConfig, "id" | "mode">>(
  reader: Reader,
  bots: readonly T[],
): Promise<readonly T[]> {
  return Promise.all(bots.map(async (bot) => ({ ...bot, mode: await modeOf(reader, bot) })));
}
