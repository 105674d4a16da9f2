/** When each bot ticked last and ticks next, looked for again and again: what was found once bounds the next look. */
import type { Temporal } from "temporal-polyfill";
import type { BotConfig } from "../config/bot.ts";
import type { Store } from "../platform/store.ts";
import type { TickRecord } from "../trading/ticks/records.ts";
import { lastTick, nextDue } from "../trading/ticks/tick-report.ts";

export interface LastTicks {
  /** Undefined where there was none in four days. */
  of(bot: BotConfig, now: Temporal.Instant): Promise<TickRecord | undefined>;
  /** Undefined where it is due in none of the days that follow. */
  next(bot: BotConfig, now: Temporal.Instant): Temporal.Instant | undefined;
}

/** Remembers for as long as the process lives: a tick is written once and stays as it is, and calendars do not change. */
export function createLastTicks(store: Pick<Store, "get">): LastTicks {
  const found = new Map<string, { readonly tick: TickRecord | undefined; readonly at: Temporal.Instant }>();
  const due = new Map<string, { readonly next: Temporal.Instant; readonly at: Temporal.Instant }>();
  return {
    async of(bot, now) {
      const known = found.get(bot.id);
      const before = known !== undefined && isUntil(known.at, now) ? known : undefined;
      // A tick that was late is still found: the look goes back over what a bot may be late.
      const since = before?.at.subtract({ seconds: bot.toleranceSeconds, minutes: 2 });
      const tick = (await lastTick({ store }, bot, now, since)) ?? before?.tick;
      found.set(bot.id, { tick, at: now });
      return tick;
    },
    next(bot, now) {
      const known = due.get(bot.id);
      if (known !== undefined && isUntil(known.at, now) && isUntil(now, known.next)) return known.next;
      const next = nextDue(bot, now);
      if (next !== undefined) due.set(bot.id, { next, at: now });
      return next;
    },
  };
}

function isUntil(one: Temporal.Instant, other: Temporal.Instant): boolean {
  return one.epochMilliseconds <= other.epochMilliseconds;
}
