/** The minute's bots, each told that it is due. Safe to repeat: a tick that is told twice is written once. */
import { Temporal } from "temporal-polyfill";
import type { BotConfig } from "../../config/bot.ts";
import type { Bus } from "../../platform/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import { dueBots, latestStart, minuteOf } from "./due-bots.ts";
import { botTick } from "./records.ts";

export interface FanOutDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly bots: readonly BotConfig[];
}

export interface FannedOut {
  /** How many bots were told. */
  readonly told: number;
  /** How many were due at the instant and are left out, because it is longer past than they tolerate. */
  readonly late: number;
}

/** So many messages are under way at once. */
const AT_ONCE = 100;

/**
 * Tells each bot that is due at the minute of `instant`. A message that the bus does not take holds up no other,
 * and fails the call at the end.
 */
export async function fanOut(
  { bus, clock, bots }: FanOutDeps,
  instant: Temporal.Instant,
): Promise<FannedOut> {
  const minute = minuteOf(instant);
  const due = dueBots(bots, minute);
  const now = clock.now();
  const timely = due.filter((bot) => Temporal.Instant.compare(now, latestStart(bot, minute)) <= 0);
  const failures: unknown[] = [];
  for (let from = 0; from < timely.length; from += AT_ONCE) {
    const told = await Promise.allSettled(
      timely.slice(from, from + AT_ONCE).map(({ id }) => bus.publish(botTick, { bot: id, instant: minute })),
    );
    for (const one of told) if (one.status === "rejected") failures.push(one.reason);
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, `${failures.length} of ${timely.length} bots could not be told.`);
  }
  return { told: timely.length, late: due.length - timely.length };
}

/**
 * The instant that a scheduler's call is about: its own word where it is one, else the clock's minute. A word
 * from the future is none.
 */
export function scheduledInstant(word: string | undefined, now: Temporal.Instant): Temporal.Instant {
  const said = readInstant(word);
  const isPast = said !== undefined && Temporal.Instant.compare(said, now.add({ minutes: 1 })) < 0;
  return minuteOf(isPast ? said : now);
}

function readInstant(word: string | undefined): Temporal.Instant | undefined {
  if (word === undefined) return undefined;
  try {
    return Temporal.Instant.from(word);
  } catch {
    return undefined;
  }
}
