import { Temporal } from "temporal-polyfill";

/**
 * How people name zones in which the exchange's day is told. The names cover both halves of the year, so none
 * says "standard" or "daylight"; zones that are not here are named by their city.
 */
const SPOKEN_ZONES: ReadonlyMap<string, string> = new Map([
  ["America/New_York", "ET"],
  ["America/Chicago", "CT"],
  ["America/Denver", "MT"],
  ["America/Los_Angeles", "PT"],
  ["UTC", "UTC"],
  ["Etc/UTC", "UTC"],
]);

/** The first instant of the zone's next calendar day: always after `instant`, also when `instant` is midnight. */
export function midnightAfter(instant: Temporal.Instant, timeZone: string): Temporal.Instant {
  return dateIn(instant, timeZone).add({ days: 1 }).toZonedDateTime(timeZone).toInstant();
}

/** The first instant of the zone's calendar day that holds `instant`; usually but not always 00:00. */
export function startOfDay(instant: Temporal.Instant, timeZone: string): Temporal.Instant {
  return dateIn(instant, timeZone).toZonedDateTime(timeZone).toInstant();
}

/** The calendar date that the zone's clocks show at `instant`. Throws a RangeError for an unknown zone. */
export function dateIn(instant: Temporal.Instant, timeZone: string): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(timeZone).toPlainDate();
}

/**
 * The wall clocks of several zones at one instant, e.g. `["08:30 ET", "05:30 PT", "13:30 London"]`. A zone named
 * twice is told once. Where the date differs from the first zone's, the day stands before the time, e.g.
 * `Tue 00:30 Sydney`.
 */
export function clockTimes(instant: Temporal.Instant, timeZones: readonly string[]): readonly string[] {
  const [home] = timeZones;
  if (home === undefined) return [];
  const homeDate = dateIn(instant, home);
  const texts = timeZones.map((timeZone) => {
    const local = instant.toZonedDateTimeISO(timeZone);
    const day = local.toPlainDate().equals(homeDate) ? "" : `${weekday(local.toPlainDate())} `;
    return `${day}${clockText(local)} ${zoneLabel(timeZone)}`;
  });
  return [...new Set(texts)];
}

/** One zone's wall clock in full, e.g. `Mon 2026-11-23 08:30`. */
export function dateTimeText(instant: Temporal.Instant, timeZone: string): string {
  const local = instant.toZonedDateTimeISO(timeZone);
  const date = local.toPlainDate();
  return `${weekday(date)} ${date.toString()} ${clockText(local)}`;
}

/** {@link clockTimes}, with the first zone's date before them where `instant` is more than 25 hours, the longest day, after `seenFrom`. */
export function datedClockTimes(
  instant: Temporal.Instant,
  timeZones: readonly string[],
  seenFrom: Temporal.Instant,
): string {
  const [home] = timeZones;
  const texts = clockTimes(instant, timeZones).join(" · ");
  const isFar = Temporal.Instant.compare(instant, seenFrom.add({ hours: 25 })) > 0;
  if (home === undefined || !isFar) return texts;
  const date = dateIn(instant, home);
  return `${weekday(date)} ${date.toString()} ${texts}`;
}

/** What a person calls the zone: `ET`, `PT`, `UTC`, else the city: `London`, `Ho Chi Minh`; offsets stay as they are. */
export function zoneLabel(timeZone: string): string {
  const spoken = SPOKEN_ZONES.get(timeZone);
  if (spoken !== undefined) return spoken;
  const city = timeZone.split("/").at(-1) ?? timeZone;
  return city.replaceAll("_", " ");
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** The English three-letter name of the date's day of the week, e.g. `Mon`. */
export function weekday(date: Temporal.PlainDate): string {
  // Not by `Intl`: it would load a language's patterns and names, which stay with the process.
  return WEEKDAYS[date.dayOfWeek - 1] ?? "";
}

function clockText(local: Temporal.ZonedDateTime): string {
  return local.toPlainTime().toString({ smallestUnit: "minute" });
}
