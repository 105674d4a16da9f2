/** Which bots are due at a minute: by their cadence from New York's midnight, and by their session. Pure. */
import type { Temporal } from "temporal-polyfill";
import type { BotConfig } from "../../config/bot.ts";
import { newYorkMidnight } from "../new-york-day.ts";
import { type SessionAt, sessionAt } from "./bot-session.ts";

const MINUTE_MS = 60_000;

/** The whole minute that an instant is in. */
export function minuteOf(instant: Temporal.Instant): Temporal.Instant {
  return instant.round({ smallestUnit: "minute", roundingMode: "floor" });
}

/**
 * Whether a minute is one of the bot's: counted in minutes that pass from New York's midnight on, so between two
 * ticks of a day lies always the same time, also on the days on which the clocks change.
 */
export function isOnCadence(
  { everyMinutes, afterMinutes = 0 }: BotConfig,
  instant: Temporal.Instant,
): boolean {
  const passed = instant.epochMilliseconds - newYorkMidnight(instant).epochMilliseconds;
  return Math.floor(passed / MINUTE_MS) % everyMinutes === afterMinutes % everyMinutes;
}

/** The bots that are due at the minute of `instant`, in their order. */
export function dueBots(bots: readonly BotConfig[], instant: Temporal.Instant): readonly BotConfig[] {
  const minute = minuteOf(instant);
  const sessions = new Map<string, SessionAt>();
  return bots.filter((bot) => isOnCadence(bot, minute) && sessionOf(sessions, bot, minute).kind === "open");
}

/** Many bots have few sessions, and looking one up in a time zone is slow. */
function sessionOf(
  known: Map<string, SessionAt>,
  { session }: BotConfig,
  instant: Temporal.Instant,
): SessionAt {
  const key = typeof session === "string" ? session : JSON.stringify(session);
  const found = known.get(key) ?? sessionAt(session, instant);
  known.set(key, found);
  return found;
}

/** Until when a tick of an instant may run. */
export function latestStart(
  { toleranceSeconds }: Pick<BotConfig, "toleranceSeconds">,
  instant: Temporal.Instant,
): Temporal.Instant {
  return instant.add({ seconds: toleranceSeconds });
}

/** The instants of a stretch at which the bot is due, `from` included and `until` not, ascending. */
export function dueInstants(
  bot: BotConfig,
  { from, until }: { readonly from: Temporal.Instant; readonly until: Temporal.Instant },
): readonly Temporal.Instant[] {
  const found: Temporal.Instant[] = [];
  const first = minuteOf(from);
  const isWhole = first.epochMilliseconds === from.epochMilliseconds;
  let at = isWhole ? first : first.add({ minutes: 1 });
  for (; at.epochMilliseconds < until.epochMilliseconds; at = at.add({ minutes: 1 })) {
    if (isOnCadence(bot, at) && sessionAt(bot.session, at).kind === "open") found.push(at);
  }
  return found;
}
