/** What a bot has closed on the day under way. */
import type { Temporal } from "temporal-polyfill";
import { accountId } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { Store } from "../../platform/store.ts";
import type { PastTrade } from "../../strategies/strategy.ts";
import { readTrades } from "../ledger/performance.ts";
import { botLedgerId, botLedgers, type Trade } from "../ledger/records.ts";
import { newYorkDate } from "../new-york-day.ts";
import type { RecentReads } from "./recent-reads.ts";

/** The bot's trades of the New York day in the account that it trades in, the oldest first. */
export async function todaysTrades(
  { store, reads }: { readonly store: Pick<Store, "query">; readonly reads: RecentReads },
  { id: bot, connection, mode }: Pick<BotConfig, "id" | "connection" | "mode">,
  now: Temporal.Instant,
): Promise<readonly Trade[]> {
  const account = accountId(connection, mode);
  const ledger = await reads.get(botLedgers, botLedgerId(account, bot));
  const today = newYorkDate(now);
  // It knows how many there are: on most looks none, and then none are asked for.
  if (ledger === undefined || ledger.day.date !== today || ledger.day.trades === 0) return [];
  const found = await readTrades(store, { account, bot, most: ledger.day.trades });
  return found.filter(({ closedAt }) => newYorkDate(closedAt) === today);
}

/** Those of one instrument, as a strategy sees them. Pure. */
export function pastTrades(trades: readonly Trade[], instrument: string): PastTrade[] {
  return trades
    .filter((trade) => trade.instrument === instrument)
    .map(({ positionId, side, openedAt, closedAt, net }) => ({
      ...{ positionId, side, closedAt, net: net.toNumber() },
      ...(openedAt !== undefined && { openedAt }),
    }));
}
