/**
 * The time machine: what will happen in the days to come, worked out from the calendar and the jobs alone.
 *
 * Invariants:
 * 1. An alert stands at the call of the morning job that makes it, not at the bare minute of its rung.
 * 2. On days without a session nothing rings, and no token is assumed.
 * 3. On a trading day the owner is assumed to renew at the first alert, and nothing but the pings to use the
 *    token after that. Any other use moves the pings that follow it.
 * 4. Every day and midnight is one of the exchange's zone, whatever its length.
 */
import { Temporal } from "temporal-polyfill";
import { type Result, succeed } from "../platform/result.ts";
import { occurrences, type Schedule } from "./cron.ts";
import { EXCHANGE_TIME_ZONE, type Session, type TradingDay, tradingDay } from "./sessions.ts";
import { clockTimes, dateIn, midnightAfter, startOfDay } from "./zoned.ts";

/** Kinds of one instant are listed in this order. */
const KINDS = ["token-death", "tick", "alert", "ping", "open", "close"] as const;

/**
 * `alert`: the phone rings · `ping`: the token is used to keep it awake · `tick`: a job's calls of one day, at the
 * first of them · `token-death`: midnight ends the token · `open`, `close`: the session.
 */
export type PlanKind = (typeof KINDS)[number];

export interface PlanEntry {
  readonly at: Temporal.Instant;
  readonly kind: PlanKind;
  /** The rung, the job or the session's date. */
  readonly name: string;
  readonly note?: string;
}

export interface PlannedJob extends Schedule {
  readonly name: string;
}

export interface PlanInputs {
  /** Not included: what happens at this instant is no longer to come. */
  readonly from: Temporal.Instant;
  /** How many days of the exchange's zone; the end is at the same time of day as `from`, and is included. */
  readonly days: number;
  readonly jobs: readonly PlannedJob[];
  /** `job`: whose calls ring; `minutesBeforeOpen`: the rungs, in any order. */
  readonly morning: { readonly job: string; readonly minutesBeforeOpen: readonly number[] };
  /** `job`: whose calls ping, once the token has been unused for `afterMinutes`. */
  readonly keepAlive: { readonly job: string; readonly afterMinutes: number };
}

/** One day of the exchange with every job's calls in it. */
interface Day {
  readonly trading: TradingDay;
  readonly start: Temporal.Instant;
  readonly midnight: Temporal.Instant;
  readonly calls: ReadonlyMap<string, readonly Temporal.Instant[]>;
}

/**
 * Lists what is to come, ascending. Fails when a day lies outside the calendar's years; throws a RangeError for
 * days that are not a positive whole number, a schedule that is none, or a job that is not among `jobs`.
 */
export function planDays(inputs: PlanInputs): Result<readonly PlanEntry[], "CALENDAR_OUT_OF_RANGE"> {
  const { from, days } = inputs;
  if (!Number.isSafeInteger(days) || days < 1)
    throw new RangeError(`A plan has 1 or more days, not ${days}.`);
  const until = from.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).add({ days }).toInstant();
  const isToCome = (at: Temporal.Instant) => isBefore(from, at) && !isBefore(until, at);

  const entries: PlanEntry[] = [];
  for (let start = startOfDay(from, EXCHANGE_TIME_ZONE); !isBefore(until, start); ) {
    const trading = tradingDay(dateIn(start, EXCHANGE_TIME_ZONE));
    if (!trading.ok) return trading;
    const midnight = midnightAfter(start, EXCHANGE_TIME_ZONE);
    const day: Day = {
      trading: trading.value,
      start,
      midnight,
      calls: callsOf(inputs.jobs, start, midnight),
    };
    entries.push(...happenings(day, inputs).filter((entry) => isToCome(entry.at)));
    entries.push(...ticks(day, inputs, isToCome));
    start = midnight;
  }
  return succeed(entries.sort(byTimeThenKind));
}

function callsOf(
  jobs: readonly PlannedJob[],
  start: Temporal.Instant,
  midnight: Temporal.Instant,
): Day["calls"] {
  const range = { from: start.subtract({ nanoseconds: 1 }), to: midnight.subtract({ nanoseconds: 1 }) };
  return new Map(jobs.map(({ name, cron, timeZone }) => [name, occurrences({ cron, timeZone, ...range })]));
}

function happenings(day: Day, inputs: PlanInputs): readonly PlanEntry[] {
  const session = day.trading;
  if (session.kind === "closed") return [];
  const rings = ringsOf(session, callsOfJob(day, inputs.morning.job), inputs.morning.minutesBeforeOpen);
  const renewedAt = rings[0]?.at;
  return [
    ...rings.map((ring, index) => alert(ring, { session, isFirst: index === 0 })),
    ...(renewedAt === undefined ? [] : tokenLife(day, renewedAt, inputs.keepAlive)),
    ...sessionEdges(session, rings, inputs.morning),
  ];
}

interface Ring {
  readonly at: Temporal.Instant;
  /** Minutes before the open. */
  readonly rung: number;
}

/** Each call before the open rings the newest rung that is due, once. */
function ringsOf(
  session: Session,
  calls: readonly Temporal.Instant[],
  rungs: readonly number[],
): readonly Ring[] {
  const rings: Ring[] = [];
  for (const at of calls.filter((call) => isBefore(call, session.open))) {
    const due = rungs.filter((minutes) => !isBefore(at, session.open.subtract({ minutes })));
    const rung = Math.min(...due);
    if (due.length > 0 && rings.at(-1)?.rung !== rung) rings.push({ at, rung });
  }
  return rings;
}

function alert(ring: Ring, facts: { session: Session; isFirst: boolean }): PlanEntry {
  const notes = [facts.isFirst ? undefined : "only while not armed", halfDayNote(facts.session)];
  return entry(ring.at, { kind: "alert", name: `${ring.rung} min before the open`, notes });
}

function tokenLife(
  day: Day,
  renewedAt: Temporal.Instant,
  keepAlive: PlanInputs["keepAlive"],
): readonly PlanEntry[] {
  const entries: PlanEntry[] = [];
  let lastUsedAt = renewedAt;
  for (const at of callsOfJob(day, keepAlive.job)) {
    if (isBefore(at, lastUsedAt.add({ minutes: keepAlive.afterMinutes }))) continue;
    const [lastUse] = clockTimes(lastUsedAt, [EXCHANGE_TIME_ZONE]);
    entries.push(entry(at, { kind: "ping", name: keepAlive.job, notes: [`if unused since ${lastUse}`] }));
    lastUsedAt = at;
  }
  entries.push(entry(day.midnight, { kind: "token-death", name: "midnight ET", notes: [] }));
  return entries;
}

function sessionEdges(
  session: Session,
  rings: readonly Ring[],
  morning: PlanInputs["morning"],
): readonly PlanEntry[] {
  const rung = new Set(rings.map((ring) => ring.rung));
  const silent = morning.minutesBeforeOpen.filter((minutes) => !rung.has(minutes));
  const silentNote =
    silent.length === 0 ? undefined : `no call of ${morning.job} for the alert at ${silent.join(", ")} min`;
  const name = session.date.toString();
  return [
    entry(session.open, { kind: "open", name, notes: [halfDayNote(session), silentNote] }),
    entry(session.close, { kind: "close", name, notes: [halfDayNote(session)] }),
  ];
}

/** Jobs call by the hundred, so a job's day is one line. */
function ticks(
  day: Day,
  inputs: PlanInputs,
  isToCome: (at: Temporal.Instant) => boolean,
): readonly PlanEntry[] {
  return inputs.jobs.flatMap(({ name }) => {
    const calls = callsOfJob(day, name).filter(isToCome);
    const [first, last] = [calls[0], calls.at(-1)];
    if (first === undefined || last === undefined) return [];
    const [lastClock] = clockTimes(last, [EXCHANGE_TIME_ZONE]);
    const countNote = calls.length === 1 ? undefined : `${calls.length} calls, the last at ${lastClock}`;
    const isSilent = name === inputs.morning.job && day.trading.kind === "closed";
    const silentNote = isSilent ? `silent: ${day.trading.reason}` : undefined;
    return [entry(first, { kind: "tick", name, notes: [countNote, silentNote] })];
  });
}

function halfDayNote(session: Session): string | undefined {
  return session.kind === "half"
    ? `half day, closes ${session.localClose.toString({ smallestUnit: "minute" })} ET: ${session.reason}`
    : undefined;
}

function callsOfJob(day: Day, name: string): readonly Temporal.Instant[] {
  const calls = day.calls.get(name);
  if (calls === undefined) throw new RangeError(`There is no job "${name}".`);
  return calls;
}

function entry(
  at: Temporal.Instant,
  what: { kind: PlanKind; name: string; notes: readonly (string | undefined)[] },
): PlanEntry {
  const { kind, name } = what;
  const note = what.notes.filter((part) => part !== undefined).join("; ");
  return note === "" ? { at, kind, name } : { at, kind, name, note };
}

function byTimeThenKind(one: PlanEntry, other: PlanEntry): number {
  return Temporal.Instant.compare(one.at, other.at) || KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind);
}

function isBefore(one: Temporal.Instant, other: Temporal.Instant): boolean {
  return Temporal.Instant.compare(one, other) < 0;
}
