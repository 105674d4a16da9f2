import { Cron } from "croner";
import { Temporal } from "temporal-polyfill";

/** A job's calling times, as Cloud Scheduler takes them. */
export interface Schedule {
  /** Five fields: minute, hour, day of month, month, day of week (0-7, 0 and 7 are Sunday; or SUN-SAT). */
  readonly cron: string;
  /** IANA name; the fields are read on this zone's wall clock. */
  readonly timeZone: string;
}

export interface OccurrenceRange extends Schedule {
  /** Not included. */
  readonly from: Temporal.Instant;
  /** Included. */
  readonly to: Temporal.Instant;
}

/** What Cloud Scheduler's fields may hold; croner alone would also take `L`, `W`, `#`, `?`, `+` and `@daily`. */
const ATOM = "(?:[*]|[0-9]{1,2}|[A-Z]{3})";
const FIELD = `${ATOM}(?:-${ATOM})?(?:/[0-9]{1,2})?`;
const FIELDS = `${FIELD}(?:,${FIELD})*`;
const FIVE_FIELDS = new RegExp(`^${FIELDS}(?: +${FIELDS}){4}$`, "i");

/** A schedule such as `0 0 29 2 *` may rest for eight years (around 2100); nothing rests longer. */
const LONGEST_REST = { years: 9 } as const;

/**
 * The instants after `from` and up to `to` at which the schedule calls, ascending.
 *
 * A minute calls when the wall clock of the zone shows a matching time: a time that the clocks skip in spring
 * does not call that day, and one that they show twice in autumn calls twice. That is what Cloud Scheduler's
 * "runs on wall clock time" comes to; Google promises no more, so a daily job keeps clear of those hours.
 * When both day fields are restricted, a day that fits either of them counts.
 *
 * Throws a RangeError for a text or zone that Cloud Scheduler would not take.
 */
export function occurrences(range: OccurrenceRange): readonly Temporal.Instant[] {
  return [...walk(range)];
}

/** The first call after `after`. Throws a RangeError for a schedule that never calls, e.g. on 30 February. */
export function nextOccurrence(schedule: Schedule, after: Temporal.Instant): Temporal.Instant {
  for (const next of upcoming(schedule, after)) return next;
  throw new RangeError(`The schedule "${schedule.cron}" never calls.`);
}

/** The calls after `after` one by one, for as many years as a schedule may rest. */
export function upcoming(schedule: Schedule, after: Temporal.Instant): Iterable<Temporal.Instant> {
  const to = after.toZonedDateTimeISO(schedule.timeZone).add(LONGEST_REST).toInstant();
  return walk({ ...schedule, from: after, to });
}

/**
 * Between two changes of the zone's offset its wall clock runs like UTC, so croner is asked in UTC about one
 * such stretch after the other. Asked in the zone itself, croner 10.0.1 repeats times around the spring change
 * and loses an hour in autumn.
 */
function* walk({ cron, timeZone, from, to }: OccurrenceRange): Generator<Temporal.Instant> {
  const job = parse(cron);
  let begin = from.add({ nanoseconds: 1 });
  while (Temporal.Instant.compare(begin, to) <= 0) {
    const zoned = begin.toZonedDateTimeISO(timeZone);
    const change = zoned.getTimeZoneTransition("next")?.toInstant();
    const last = change === undefined ? to : earlier(change.subtract({ nanoseconds: 1 }), to);
    yield* withinStretch(job, { begin, last, offsetNanoseconds: zoned.offsetNanoseconds });
    begin = last.add({ nanoseconds: 1 });
  }
}

/** Both ends included; the offset is the same all the way. */
interface Stretch {
  readonly begin: Temporal.Instant;
  readonly last: Temporal.Instant;
  readonly offsetNanoseconds: number;
}

/** Croner counts in seconds and leaves the moment that it is given out. */
function* withinStretch(job: Cron, stretch: Stretch): Generator<Temporal.Instant> {
  const offset = { nanoseconds: stretch.offsetNanoseconds };
  const lastWall = stretch.last.add(offset);
  const before = stretch.begin.add(offset).subtract({ nanoseconds: 1 });
  let next = job.nextRun(before.toString({ smallestUnit: "second" }));
  while (next !== null) {
    const wall = Temporal.Instant.fromEpochMilliseconds(next.getTime());
    if (Temporal.Instant.compare(wall, lastWall) > 0) return;
    yield wall.subtract(offset);
    next = job.nextRun(next);
  }
}

function parse(cron: string): Cron {
  if (!FIVE_FIELDS.test(cron)) throw new RangeError(`"${cron}" is not a schedule of five fields.`);
  try {
    return new Cron(cron, { mode: "5-part", utcOffset: 0 });
  } catch (cause) {
    throw new RangeError(`"${cron}" is not a schedule.`, { cause });
  }
}

function earlier(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) < 0 ? one : other;
}
