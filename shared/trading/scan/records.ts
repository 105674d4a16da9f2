/** The lists that the scans before the open have made. */
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { instantSchema } from "../../platform/instant.ts";
import { collection, type Store } from "../../platform/store.ts";
import { newYorkDate } from "../new-york-day.ts";

export const watchlistSchema = z.strictObject({
  bot: z.string(),
  /** New York's. */
  date: z.string(),
  /** Best first. */
  instruments: z.array(z.string()),
  /** Everything that was looked at, the list first. */
  rows: z.array(
    z.strictObject({
      instrument: z.string(),
      gapPercent: z.number().optional(),
      volume: z.number(),
      spreadPercent: z.number().optional(),
      last: z.number(),
      /** Why it is not on the list. */
      left: z.string().optional(),
    }),
  ),
  at: instantSchema,
  keptUntil: instantSchema,
});
export type WatchlistRecord = z.output<typeof watchlistSchema>;

/** By bot and New York's date: `BOT:DATE`. */
export const watchlists = collection("watchlists", watchlistSchema, { expiresBy: "keptUntil" });

const KEPT_FOR = Temporal.Duration.from({ hours: 24 * 400 });

/** Until when a list made now is kept. */
export function watchlistKeptUntil(now: Temporal.Instant): Temporal.Instant {
  return now.add(KEPT_FOR);
}

/** A bot's list of an instant's day. */
export function watchlistId(bot: string, now: Temporal.Instant): string {
  return `${bot}:${newYorkDate(now)}`;
}

/** The instruments of a bot's list of today, best first; undefined where there was no scan. */
export async function readWatchlist(
  { store }: { readonly store: Pick<Store, "get"> },
  bot: string,
  now: Temporal.Instant,
): Promise<readonly string[] | undefined> {
  return (await store.get(watchlists, watchlistId(bot, now)))?.instruments;
}
