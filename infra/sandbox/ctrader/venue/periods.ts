/** Where bars begin: up to an hour on the clock, longer ones on the trading day, which begins at 17:00 in New York. */
import type { ProtoOATrendbarPeriod } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { offsetSeconds } from "./schedule.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const ZONE = "America/New_York";
const DAY_BEGINS_MS = 17 * HOUR_MS;

/** Minutes of the periods up to an hour. */
const MINUTES = { M1: 1, M2: 2, M3: 3, M4: 4, M5: 5, M10: 10, M15: 15, M30: 30, H1: 60 } as const;

/** A bar's open and its end, in milliseconds since 1970; the end is the open of the next. */
export interface BarSpan {
  readonly open: number;
  readonly end: number;
}

/** Days since 1970 of the trading day of a moment: it has the date on which it ends. */
function tradingDay(epochMs: number): number {
  const local = epochMs + offsetSeconds(ZONE, epochMs) * 1_000;
  return Math.floor((local + DAY_MS - DAY_BEGINS_MS) / DAY_MS);
}

function dayBegins(day: number): number {
  const local = (day - 1) * DAY_MS + DAY_BEGINS_MS;
  // 17:00 is far from the hour at which New York changes its clocks, so the zone of a nearby moment is right.
  return local - offsetSeconds(ZONE, local + 5 * HOUR_MS) * 1_000;
}

/** The bar of a period that a moment belongs to. */
export function barSpan(period: ProtoOATrendbarPeriod, epochMs: number): BarSpan {
  if (period in MINUTES) {
    const length = MINUTES[period as keyof typeof MINUTES] * MINUTE_MS;
    const open = Math.floor(epochMs / length) * length;
    return { open, end: open + length };
  }
  const day = tradingDay(epochMs);
  if (period === "W1") {
    // Day 4 after 1970-01-01 was a Monday.
    const monday = Math.floor((day - 4) / 7) * 7 + 4;
    return { open: dayBegins(monday), end: dayBegins(monday + 7) };
  }
  if (period === "MN1") return monthSpan(day);
  const [open, end] = [dayBegins(day), dayBegins(day + 1)];
  if (period === "D1") return { open, end };
  const length = (period === "H4" ? 4 : 12) * HOUR_MS;
  const part = open + Math.floor((epochMs - open) / length) * length;
  return { open: part, end: Math.min(part + length, end) };
}

function monthSpan(day: number): BarSpan {
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const first = (of: number) => dayBegins(Date.UTC(year, of, 1) / DAY_MS);
  return { open: first(month), end: first(month + 1) };
}
