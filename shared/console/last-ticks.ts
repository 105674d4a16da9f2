/** The latest tick of each bot, looked for again and again: what was found once bounds the next look. */
import type { Temporal } from "temporal-polyfill";
import type { BotConfig } from "../config/bot.ts";
import type { Store } from "../platform/store.ts";
import type { TickRecord } from "../trading/ticks/records.ts";
import { lastTick } from "../trading/ticks/tick-report.ts";

export interface LastTicks {
  of(bot: BotConfig, now: Temporal.Instant): Promise<TickRecord | undefined>;
}

/** Remembers for as long as the process lives; a tick is written once and stays as it is. */
export function createLastTicks(store: Pick<Store, "get">): LastTicks {
  const known = new Map<string, { readonly tick: TickRecord | undefined; readonly at: Temporal.Instant }>();
  return {
    async of(bot, now) {
      const before = known.get(bot.id);
      // A tick that was late is still found: the look goes back over what a bot may be late.
      const since = before?.at.subtract({ seconds: bot.toleranceSeconds, minutes: 2 });
      const isLater = before !== undefined && before.at.epochMilliseconds <= now.epochMilliseconds;
      const found = await lastTick({ store }, bot, now, isLater ? since : undefined);
      const tick = found ?? (isLater ? before.tick : undefined);
      known.set(bot.id, { tick, at: now });
      return tick;
    },
  };
}
