/** Since when Openbell looks whether a bot is due: before that nobody was there to run it, and nothing was missed. */
import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { BotConfig } from "../../config/bot.ts";
import { instantSchema } from "../../platform/instant.ts";
import type { Log } from "../../platform/log.ts";
import { collection, type Store } from "../../platform/store.ts";

/** By the bot's id; written once. */
export const botsSeen = collection("botsSeen", z.strictObject({ since: instantSchema }));

/** Notes each bot with the first minute that is told of it. Never rejects: a tick does not wait for a note. */
export type NoteBots = (bots: readonly Pick<BotConfig, "id">[], minute: Temporal.Instant) => Promise<void>;

/** Looks at each bot once a process. */
export function createNoteBots({ store, log }: { readonly store: Store; readonly log: Log }): NoteBots {
  const known = new Set<string>();
  return async (bots, minute) => {
    for (const { id } of bots.filter((one) => !known.has(one.id))) {
      try {
        await store.transact(async (transaction) => {
          if ((await transaction.get(botsSeen, id)) === undefined) {
            transaction.set(botsSeen, id, { since: minute });
          }
        });
        known.add(id);
      } catch (error) {
        log.error("bot-not-noted", { bot: id, error });
      }
    }
  };
}
