import { Temporal } from "temporal-polyfill";

/** A day on which the exchange differs from other weekdays, by rule. */
export interface RuledDay {
  readonly date: Temporal.PlainDate;
  readonly kind: "closed" | "half";
  /** What a person reads, e.g. `Good Friday` or `Independence Day (observed)`. */
  readonly reason: string;
}

const MONDAY = 1;
const THURSDAY = 4;
const SATURDAY = 6;
const SUNDAY = 7;

/** The year of the exchange's first Juneteenth. */
const JUNETEENTH_SINCE = 2022;

/**
 * The New York Stock Exchange's holidays of one year by its Rule 7.2, ascending; all are weekdays. Source:
 * https://www.nyse.com/trade/hours-calendars. One-off closures are not here but in `special-days.ts`.
 */
export function holidaysIn(year: number): readonly RuledDay[] {
  const juneteenth = year >= JUNETEENTH_SINCE ? [fixed(year, "06-19", "Juneteenth")] : [];
  return [
    ...newYear(year),
    closed(nthWeekday(year, 1, MONDAY, 3), "Martin Luther King Jr. Day"),
    closed(nthWeekday(year, 2, MONDAY, 3), "Washington's Birthday"),
    closed(easterSunday(year).subtract({ days: 2 }), "Good Friday"),
    closed(lastMonday(year, 5), "Memorial Day"),
    ...juneteenth,
    fixed(year, "07-04", "Independence Day"),
    closed(nthWeekday(year, 9, MONDAY, 1), "Labor Day"),
    closed(thanksgiving(year), "Thanksgiving Day"),
    fixed(year, "12-25", "Christmas Day"),
  ];
}

/**
 * The days of one year on which the exchange closes at 13:00 by custom, ascending. The eve of Independence Day
 * and of Christmas counts only from Monday to Thursday: on a Friday it is the observed holiday itself, and on
 * a weekend no other day takes its place.
 */
export function halfDaysIn(year: number): readonly RuledDay[] {
  return [
    ...eve(year, "07-03", "Day before Independence Day"),
    { date: thanksgiving(year).add({ days: 1 }), kind: "half", reason: "Day after Thanksgiving" },
    ...eve(year, "12-24", "Christmas Eve"),
  ];
}

/** Easter Sunday of the western churches, Gregorian calendar (the computus of Meeus, Jones and Butcher). */
export function easterSunday(year: number): Temporal.PlainDate {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const lunarCorrection = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - lunarCorrection + 15) % 30;
  const toSunday =
    (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const daysAfterMarchBegins = epact + toSunday - 7 * late + 21;
  return new Temporal.PlainDate(year, 3, 1).add({ days: daysAfterMarchBegins });
}

/** A Saturday's New Year is lost: the Friday before is the last day of the year's books and stays open. */
function newYear(year: number): readonly RuledDay[] {
  const first = dateOf(year, "01-01");
  return first.dayOfWeek === SATURDAY ? [] : [fixed(year, "01-01", "New Year's Day")];
}

/** A holiday with a date of its own; Saturday moves to Friday, Sunday to Monday. */
function fixed(year: number, monthAndDay: string, name: string): RuledDay {
  const date = dateOf(year, monthAndDay);
  if (date.dayOfWeek === SATURDAY) return closed(date.subtract({ days: 1 }), `${name} (observed)`);
  if (date.dayOfWeek === SUNDAY) return closed(date.add({ days: 1 }), `${name} (observed)`);
  return closed(date, name);
}

function eve(year: number, monthAndDay: string, reason: string): readonly RuledDay[] {
  const date = dateOf(year, monthAndDay);
  return date.dayOfWeek <= THURSDAY ? [{ date, kind: "half", reason }] : [];
}

function thanksgiving(year: number): Temporal.PlainDate {
  return nthWeekday(year, 11, THURSDAY, 4);
}

function nthWeekday(year: number, month: number, dayOfWeek: number, nth: number): Temporal.PlainDate {
  const first = new Temporal.PlainDate(year, month, 1);
  return first.add({ days: ((dayOfWeek - first.dayOfWeek + 7) % 7) + 7 * (nth - 1) });
}

function lastMonday(year: number, month: number): Temporal.PlainDate {
  const first = new Temporal.PlainDate(year, month, 1);
  const last = first.with({ day: first.daysInMonth });
  return last.subtract({ days: last.dayOfWeek - MONDAY });
}

function dateOf(year: number, monthAndDay: string): Temporal.PlainDate {
  return Temporal.PlainDate.from(`${year}-${monthAndDay}`);
}

function closed(date: Temporal.PlainDate, reason: string): RuledDay {
  return { date, kind: "closed", reason };
}
