/** Whether a bot is ever due, by a week of winter and one of summer without holidays. Pure. */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../../calendar/sessions.ts";
import type { BotConfig } from "../../config/bot.ts";
import { sessionAt } from "./bot-session.ts";

/** Clocks have changed between them in every zone in which they change. */
const MONDAYS = ["2026-01-12", "2026-07-13"] as const;
const DAYS = 7;
const MINUTES_A_DAY = 1_440;

type Cadence = Pick<BotConfig, "everyMinutes" | "afterMinutes" | "session">;

/**
 * Undefined for a bot that is due within its session at some minute; else the `afterMinutes` that would have it
 * tick when its session begins, or `null` where the session itself never begins.
 */
export function dueOnlyAfter({
  everyMinutes,
  afterMinutes = 0,
  session,
}: Cadence): number | null | undefined {
  const isOpen = (at: Temporal.Instant) => sessionAt(session, at).kind === "open";
  for (const midnight of midnights()) {
    for (let minutes = afterMinutes % everyMinutes; minutes < MINUTES_A_DAY; minutes += everyMinutes) {
      if (isOpen(midnight.add({ minutes }))) return undefined;
    }
  }
  for (const midnight of midnights()) {
    for (let minutes = 0; minutes < MINUTES_A_DAY; minutes += 1) {
      if (isOpen(midnight.add({ minutes }))) return minutes % everyMinutes;
    }
  }
  return null;
}

function midnights(): readonly Temporal.Instant[] {
  return MONDAYS.flatMap((monday) =>
    Array.from({ length: DAYS }, (_, day) =>
      Temporal.PlainDate.from(monday).add({ days: day }).toZonedDateTime(EXCHANGE_TIME_ZONE).toInstant(),
    ),
  );
}
