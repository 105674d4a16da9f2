/** When the broker trades a symbol, by the hours and holidays that it gives. Pure. */
import { Temporal } from "temporal-polyfill";
import type { ProtoOAHoliday, ProtoOASymbol } from "./protocol/open-api.generated.ts";

const DAY_SECONDS = 86_400;
const EPOCH_DAY = Temporal.PlainDate.from("1970-01-01");

/**
 * Whether an instant lies in a symbol's hours and on none of its holidays. Hours are seconds of a week that
 * begins on Sunday, by the wall clock of the symbol's own zone, their end left out. A symbol for which the
 * broker gives no hours is left to the broker's own word; one whose zone nobody knows counts as closed.
 */
export function isTradedAt(
  { schedule, scheduleTimeZone, holiday }: Pick<ProtoOASymbol, "schedule" | "scheduleTimeZone" | "holiday">,
  at: Temporal.Instant,
): boolean {
  const local = localTime(at, scheduleTimeZone);
  if (local === undefined) return false;
  const second = (local.dayOfWeek % 7) * DAY_SECONDS + secondOfDay(local);
  const isScheduled =
    schedule.length === 0 || schedule.some((part) => second >= part.startSecond && second < part.endSecond);
  return isScheduled && !holiday.some((one) => isOn(one, at));
}

/** A holiday without hours lasts the whole day; one without a zone that is known counts, whatever its hours. */
function isOn(holiday: ProtoOAHoliday, at: Temporal.Instant): boolean {
  const local = localTime(at, holiday.scheduleTimeZone);
  if (local === undefined) return true;
  const second = secondOfDay(local);
  // Both at zero is how a server writes hours that it does not set.
  const endSecond = holiday.endSecond || DAY_SECONDS;
  if (second < (holiday.startSecond ?? 0) || second >= endSecond) return false;
  const day = EPOCH_DAY.add({ days: holiday.holidayDate });
  if (holiday.isRecurring) return local.month === day.month && local.day === day.day;
  return local.toPlainDate().equals(day);
}

function localTime(at: Temporal.Instant, zone: string | undefined): Temporal.PlainDateTime | undefined {
  try {
    return at.toZonedDateTimeISO(zone || "UTC").toPlainDateTime();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function secondOfDay({ hour, minute, second }: Temporal.PlainDateTime): number {
  return hour * 3_600 + minute * 60 + second;
}
