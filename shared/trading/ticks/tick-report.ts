/** Why a bot did what it did: its ticks of a day, found by the names of their records, without any query. */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../../calendar/sessions.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { Store } from "../../platform/store.ts";
import { sessionAt } from "./bot-session.ts";
import { dueInstants, latestStart, minuteOf } from "./due-bots.ts";
import { botsSeen } from "./first-seen.ts";
import { type TickRecord, tickId, ticks } from "./records.ts";

export interface ReasonCount {
  /** A code of the table, or one of another release. */
  readonly reason: string;
  readonly count: number;
}

export interface TickReport {
  readonly bot: string;
  /** New York's. */
  readonly date: string;
  /** How often it was due until now, since it was first looked at. */
  readonly due: number;
  /** How often it was due and nothing was written: nobody ran it. */
  readonly missed: number;
  /** Most frequent first. */
  readonly reasons: readonly ReasonCount[];
  /** The latest first. */
  readonly latest: readonly TickRecord[];
  /** Why it was due at no time of the day; missing where it was. */
  readonly closed?: string;
}

export interface ReportQuestion {
  /** New York's. */
  readonly date: Temporal.PlainDate;
  readonly now: Temporal.Instant;
  /** How many of the latest ticks are wanted; default 5. */
  readonly latest?: number;
}

interface Reader {
  readonly store: Pick<Store, "get">;
}

const READ_AT_ONCE = 100;
const FIRST_LOOK = 4;
const LATEST = 5;
const LONGEST_LOOK_BACK = Temporal.Duration.from({ hours: 24 * 4 });

/** The day's ticks until now. */
export async function reportTicks(
  deps: Reader,
  bot: BotConfig,
  { date, now, latest = LATEST }: ReportQuestion,
): Promise<TickReport> {
  const from = date.toZonedDateTime(EXCHANGE_TIME_ZONE).toInstant();
  const midnight = date.add({ days: 1 }).toZonedDateTime(EXCHANGE_TIME_ZONE).toInstant();
  const instants = dueInstants(bot, { from, until: midnight });
  const past = instants.filter((instant) => Temporal.Instant.compare(instant, now) <= 0);
  const found = await readAll(deps, bot, past);
  const written = new Set(found.map(({ instant }) => instant.epochMilliseconds));
  const seen = (await deps.store.get(botsSeen, bot.id))?.since;
  const since = earliest([seen ?? now, ...found.slice(0, 1).map(({ instant }) => instant)]);
  const due = past.filter((instant) => Temporal.Instant.compare(instant, since) >= 0);
  const counts = new Map<string, number>();
  for (const { reason } of found) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  // One that may still start is not missed yet.
  const over = due.filter((instant) => Temporal.Instant.compare(latestStart(bot, instant), now) < 0);
  const isBefore = seen !== undefined && Temporal.Instant.compare(midnight, since) <= 0;
  return {
    bot: bot.id,
    date: date.toString(),
    due: due.length,
    missed: over.filter(({ epochMilliseconds }) => !written.has(epochMilliseconds)).length,
    reasons: [...counts]
      .map(([reason, count]) => ({ reason, count }))
      .sort((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1)),
    latest: found.slice(-latest).reverse(),
    ...(instants.length === 0 && { closed: closedText(bot, date) }),
    ...(instants.length > 0 && isBefore && { closed: "That was before Openbell first looked at this bot." }),
  };
}

/** The latest tick of a bot, since an instant or within four days; undefined where there was none. */
export async function lastTick(
  deps: Reader,
  bot: BotConfig,
  now: Temporal.Instant,
  since: Temporal.Instant = now.subtract(LONGEST_LOOK_BACK),
): Promise<TickRecord | undefined> {
  const until = minuteOf(now).add({ minutes: 1 });
  const instants = [...dueInstants(bot, { from: since, until })].reverse();
  // Nearly always one of the first few is there.
  let atOnce = FIRST_LOOK;
  for (let from = 0; from < instants.length; ) {
    const found = await readAll(deps, bot, instants.slice(from, from + atOnce));
    if (found[0] !== undefined) return found[0];
    from += atOnce;
    atOnce = Math.min(atOnce * 4, READ_AT_ONCE);
  }
  return undefined;
}

/** When the bot is due next, within the days that follow; undefined where it never is. */
export function nextDue(bot: BotConfig, now: Temporal.Instant): Temporal.Instant | undefined {
  for (let day = 0; day < 5; day += 1) {
    const from = now.add({ hours: day * 24 });
    const [next] = dueInstants(bot, { from, until: from.add({ hours: 24 }) });
    if (next !== undefined) return next;
  }
  return undefined;
}

function earliest(instants: readonly [Temporal.Instant, ...Temporal.Instant[]]): Temporal.Instant {
  return instants.reduce((one, other) => (Temporal.Instant.compare(one, other) <= 0 ? one : other));
}

async function readAll(
  { store }: Reader,
  bot: BotConfig,
  instants: readonly Temporal.Instant[],
): Promise<readonly TickRecord[]> {
  const found: TickRecord[] = [];
  for (let from = 0; from < instants.length; from += READ_AT_ONCE) {
    const some = instants.slice(from, from + READ_AT_ONCE);
    const records = await Promise.all(some.map((instant) => store.get(ticks, tickId(bot.id, instant))));
    found.push(...records.filter((record) => record !== undefined));
  }
  return found;
}

function closedText(bot: BotConfig, date: Temporal.PlainDate): string {
  const noon = date.toZonedDateTime({ timeZone: EXCHANGE_TIME_ZONE, plainTime: "12:00" }).toInstant();
  const session = sessionAt(bot.session, noon);
  return session.kind === "closed"
    ? session.text
    : `No minute of its session is ${bot.afterMinutes ?? 0} behind a multiple of ${bot.everyMinutes} minutes from New York's midnight.`;
}
