/** When a symbol is traded. */
import { Temporal } from "temporal-polyfill";
import type { ProtoOAHoliday } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VenueSymbol } from "./symbols.ts";

export type TradingState = "open" | "closed" | "holiday";

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;
const MINUTE_MS = 60_000;
/** No symbol is closed for longer. */
const LONGEST_CLOSURE_MINUTES = 30 * 1_440;

/** Seconds that a zone is ahead of UTC, by zone and hour: asking the calendar for each price would be slow. */
const offsets = new Map<string, Map<number, number>>();

/** Seconds that a zone is ahead of UTC in the hour of `epochMs`. */
export function offsetSeconds(zone: string, epochMs: number): number {
  const hour = Math.floor(epochMs / HOUR_MS);
  const known = offsets.get(zone) ?? new Map<number, number>();
  const found = known.get(hour);
  if (found !== undefined) return found;
  const at = Temporal.Instant.fromEpochMilliseconds(hour * HOUR_MS);
  const offset = at.toZonedDateTimeISO(zone).offsetNanoseconds / 1e9;
  if (known.size > 100_000) known.clear();
  offsets.set(zone, known.set(hour, offset));
  return offset;
}

function isHoliday(holiday: ProtoOAHoliday, epochMs: number): boolean {
  const local = Math.floor(epochMs / 1_000) + offsetSeconds(holiday.scheduleTimeZone, epochMs);
  const day = Math.floor(local / DAY_SECONDS);
  const second = local - day * DAY_SECONDS;
  if (second < (holiday.startSecond ?? 0) || second >= (holiday.endSecond ?? DAY_SECONDS)) return false;
  if (!holiday.isRecurring) return day === holiday.holidayDate;
  const [today, marked] = [new Date(day * DAY_SECONDS * 1_000), new Date(holiday.holidayDate * 86_400_000)];
  return today.getUTCMonth() === marked.getUTCMonth() && today.getUTCDate() === marked.getUTCDate();
}

/** Tells whether a symbol is traded at a moment, in milliseconds since 1970. */
export function tradingStateAt(symbol: VenueSymbol, epochMs: number): TradingState {
  const { schedule, scheduleTimeZone, holiday } = symbol.rules;
  const local = Math.floor(epochMs / 1_000) + offsetSeconds(scheduleTimeZone, epochMs);
  const day = Math.floor(local / DAY_SECONDS);
  // 1970 began on a Thursday, the fifth day of a week that begins on Sunday.
  const second = ((((day + 4) % 7) + 7) % 7) * DAY_SECONDS + (local - day * DAY_SECONDS);
  const isScheduled = schedule.some((part) => second >= part.startSecond && second < part.endSecond);
  if (!isScheduled) return "closed";
  return holiday.some((one) => isHoliday(one, epochMs)) ? "holiday" : "open";
}

/** The last moment at which a symbol was traded: `epochMs` itself, or the last millisecond before its closure. */
export function lastTradedAt(symbol: VenueSymbol, epochMs: number): number {
  if (tradingStateAt(symbol, epochMs) === "open") return epochMs;
  let minute = Math.floor(epochMs / MINUTE_MS);
  for (let back = 0; back < LONGEST_CLOSURE_MINUTES; back += 1) {
    minute -= 1;
    if (tradingStateAt(symbol, minute * MINUTE_MS) === "open") return (minute + 1) * MINUTE_MS - 1;
  }
  throw new RangeError(`${symbol.name} was not traded for 30 days.`);
}
