/** Days of trading are New York's dates, from midnight to midnight there; weeks begin on Monday. Pure. */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../calendar/sessions.ts";

interface Day {
  readonly date: string;
  readonly week: string;
  readonly from: number;
  readonly until: number;
}

/** The day that was asked for last: nearly every question is about the same one, and time zones are slow. */
let latest: Day | undefined;

/** New York's date at an instant, as `YYYY-MM-DD`. */
export function newYorkDate(instant: Temporal.Instant): string {
  return dayOf(instant).date;
}

/** The date of the Monday that New York's week of an instant begins with, as `YYYY-MM-DD`. */
export function newYorkWeek(instant: Temporal.Instant): string {
  return dayOf(instant).week;
}

/** The first instant of New York's date at an instant. */
export function newYorkMidnight(instant: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(dayOf(instant).from);
}

function dayOf(instant: Temporal.Instant): Day {
  const at = instant.epochMilliseconds;
  if (latest === undefined || at < latest.from || at >= latest.until) latest = lookUp(instant);
  return latest;
}

function lookUp(instant: Temporal.Instant): Day {
  const start = instant.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).startOfDay();
  const date = start.toPlainDate();
  return {
    date: date.toString(),
    week: date.subtract({ days: date.dayOfWeek - 1 }).toString(),
    from: start.epochMilliseconds,
    until: start.add({ days: 1 }).startOfDay().epochMilliseconds,
  };
}
