/**
 * Bars made of prices that were asked for now and then. Pure but for what it holds.
 *
 * A bar begins with the first price in its span and ends with the first one after it, or when its span is over;
 * a span without a price has no bar. What moved between two questions is not in it. A bar of whose span a part
 * was not watched is not told: nobody may take it for a whole one.
 */

import type { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE, tradingDaysBetween } from "../../calendar/sessions.ts";
import { BAR_MINUTES, type BarPeriod } from "../../config/bar-periods.ts";
import type { MarketBar } from "../market-feed.ts";

/** A price at the moment that the quote names, with the day's volume so far. */
export interface Sample {
  readonly symbol: string;
  readonly price: Decimal;
  readonly at: Temporal.Instant;
  readonly dayVolume?: Decimal;
}

export interface SampledBars {
  /** Takes a price in, and gives the bars that it ends. One that is not newer than the last is left out. */
  take(sample: Sample): readonly MarketBar[];
  /** Nobody asked for prices in this stretch, or no answer came; without `from`, ever before. */
  miss(stretch: Missed): void;
  /** The bars whose span was over at `now`. */
  close(now: Temporal.Instant): readonly MarketBar[];
}

export interface Missed {
  readonly from: Temporal.Instant | undefined;
  readonly to: Temporal.Instant;
}

interface OpenBar {
  readonly symbol: string;
  readonly period: BarPeriod;
  readonly openAt: Temporal.Instant;
  readonly endsAt: Temporal.Instant;
  readonly open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volume: number;
  isPartial: boolean;
}

/** The bars of each symbol in its periods. `graceMs`: how late a price may come to its bar. `seenMs`: of what is missed no more matters. */
export function createSampledBars(
  periodsOf: (symbol: string) => readonly BarPeriod[],
  options: { readonly graceMs: number; readonly seenMs: number },
): SampledBars {
  const open = new Map<string, OpenBar>();
  const last = new Map<string, Sample>();
  let missed: Missed | undefined;

  return {
    miss(stretch) {
      missed = stretch;
      for (const bar of open.values()) bar.isPartial ||= isMissed(bar, stretch, options.seenMs);
    },
    take(sample) {
      const before = last.get(sample.symbol);
      if (before !== undefined && Temporal.Instant.compare(sample.at, before.at) <= 0) return [];
      last.set(sample.symbol, sample);
      const traded = tradedBetween(before, sample);
      return periodsOf(sample.symbol).flatMap((period) => {
        const key = `${sample.symbol} ${period}`;
        const bar = open.get(key);
        if (bar !== undefined && Temporal.Instant.compare(sample.at, bar.endsAt) < 0) {
          add(bar, sample.price, traded);
          return [];
        }
        const begun = begin(sample, period, traded);
        begun.isPartial = missed !== undefined && isMissed(begun, missed, options.seenMs);
        open.set(key, begun);
        return bar === undefined ? [] : told(bar);
      });
    },
    close(now) {
      const latest = now.subtract({ milliseconds: options.graceMs });
      const over = [...open].filter(([, { endsAt }]) => Temporal.Instant.compare(endsAt, latest) <= 0);
      for (const [key] of over) open.delete(key);
      return over.flatMap(([, bar]) => told(bar));
    },
  };
}

/** The shares that changed hands between two prices; the day's count begins anew each day. */
function tradedBetween(before: Sample | undefined, now: Sample): number {
  if (before?.dayVolume === undefined || now.dayVolume === undefined) return 0;
  const more = now.dayVolume.minus(before.dayVolume);
  return (more.lt(0) ? now.dayVolume : more).round().toNumber();
}

function begin({ symbol, price, at }: Sample, period: BarPeriod, volume: number): OpenBar {
  const [openAt, endsAt] = spanOf(period, at);
  const prices = { open: price, high: price, low: price, close: price };
  return { symbol, period, openAt, endsAt, ...prices, volume, isPartial: false };
}

/**
 * Whether more than `seenMs` of what counts of a bar's span lies in a stretch: of its regular sessions where it
 * has a part in any, or a day's bar would be whole only with a token before its morning's login.
 */
function isMissed({ openAt, endsAt }: OpenBar, { from, to }: Missed, seenMs: number): boolean {
  if (Temporal.Instant.compare(to, openAt) <= 0) return false;
  const missedMs = (part: { readonly open: Temporal.Instant; readonly close: Temporal.Instant }) => {
    const begins = Math.max(part.open.epochMilliseconds, from?.epochMilliseconds ?? Number.NEGATIVE_INFINITY);
    return Math.min(part.close.epochMilliseconds, to.epochMilliseconds) - begins;
  };
  const days = tradingDaysBetween(dateOf(openAt), dateOf(endsAt.subtract({ milliseconds: 1 })));
  const within = (days.ok ? days.value : [])
    .map(({ open, close }) => ({ open: later(open, openAt), close: earlier(close, endsAt) }))
    .filter(({ open, close }) => Temporal.Instant.compare(open, close) < 0);
  const counting = within.length > 0 ? within : [{ open: openAt, close: endsAt }];
  return counting.some((part) => missedMs(part) > seenMs);
}

function dateOf(instant: Temporal.Instant): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate();
}

function later(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) < 0 ? other : one;
}

function earlier(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) < 0 ? one : other;
}

function add(bar: OpenBar, price: Decimal, traded: number): void {
  if (price.gt(bar.high)) bar.high = price;
  if (price.lt(bar.low)) bar.low = price;
  bar.close = price;
  bar.volume += traded;
}

function told({ endsAt: _end, isPartial, ...bar }: OpenBar): readonly MarketBar[] {
  return isPartial ? [] : [{ ...bar }];
}

/** Minutes and hours by the world's clock; days, weeks (from Monday) and months by the exchange's. */
function spanOf(period: BarPeriod, at: Temporal.Instant): readonly [Temporal.Instant, Temporal.Instant] {
  if (period !== "D1" && period !== "W1" && period !== "MN1") {
    const ms = BAR_MINUTES[period] * 60_000;
    const openMs = Math.floor(at.epochMilliseconds / ms) * ms;
    const openAt = Temporal.Instant.fromEpochMilliseconds(openMs);
    return [openAt, openAt.add({ milliseconds: ms })];
  }
  const day = at.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).startOfDay();
  const monday = day.subtract({ days: day.dayOfWeek - 1 });
  const first = day.with({ day: 1 });
  const spans: Record<string, readonly [Temporal.ZonedDateTime, Temporal.ZonedDateTime]> = {
    D1: [day, day.add({ days: 1 })],
    W1: [monday, monday.add({ weeks: 1 })],
    MN1: [first, first.add({ months: 1 })],
  };
  const [from, to] = spans[period] ?? [day, day.add({ days: 1 })];
  return [from.toInstant(), to.toInstant()];
}
