/**
 * The stored bars of each instrument and period, kept in memory for all bots of the process. The store is the
 * truth: what is here is read from it, and bars that come late are found and take their place.
 *
 * Bars are found by the names of their documents, which hold their opens: no query, whatever store it is.
 */

import { Temporal } from "temporal-polyfill";
import { BAR_MINUTES, type BarPeriod } from "../../config/bar-periods.ts";
import type { ConnectionId } from "../../config/connection.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import type { Bar } from "../../strategies/strategy.ts";
import { type BarRecord, barId, bars } from "../market-recorder.ts";

export interface SeriesKey {
  readonly connection: ConnectionId;
  readonly instrument: string;
  readonly period: BarPeriod;
}

/** Bars in the order of their opens. */
export interface SeriesView {
  readonly bars: readonly Bar[];
  /** Goes up when a bar came that stands before one that was there already: who read on must read anew. */
  readonly edition: number;
}

export interface BarBookDeps {
  readonly store: Pick<Store, "get">;
  readonly clock: Clock;
  readonly timers: Pick<Timers, "now">;
}

export interface BarBook {
  /** At least the latest `count` bars, where the store has so many. Looks into the store at most once a second. */
  read(key: SeriesKey, count: number): Promise<SeriesView>;
}

/** The shortest that a bar of each period lasts. */
const PERIOD_MINUTES: Readonly<Record<BarPeriod, number>> = { ...BAR_MINUTES, MN1: 40_320 };
const HOUR = 60;
const DAY = 1_440;
/** Longer than any market rests, so that the bars before a rest are found. */
const REST_DAYS = 6;
/** Bars are kept for so long. */
const KEPT_DAYS = 400;
const READ_AT_ONCE = 64;
const FRESH_MS = 1_000;
/** So many bars beyond what was asked for stay in memory before the oldest go. */
const SPARE = 200;

export function createBarBook(deps: BarBookDeps): BarBook {
  const series = new Map<string, BarSeries>();
  return {
    read(key, count) {
      const name = `${key.connection}:${key.period}:${key.instrument}`;
      const found = series.get(name) ?? new BarSeries(deps, key);
      series.set(name, found);
      return found.read(count);
    },
  };
}

class BarSeries {
  readonly #deps: BarBookDeps;
  readonly #key: SeriesKey;
  readonly #period: number;
  /** Bars longer than an hour open where their market's day does: any hour may be one. */
  readonly #step: number;
  /** By the minute of the open. */
  readonly #bars = new Map<number, Bar>();
  /** Minutes at which there was no bar: since when that is known, and when to look again. */
  readonly #missing = new Map<number, { readonly since: number; readonly again: number }>();
  #sorted: readonly Bar[] = [];
  #edition = 0;
  /** Minutes from here to `#until`, without it, were looked at. */
  #from = Number.POSITIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;
  #wanted = 0;
  #readAt: { readonly clockMs: number; readonly passedMs: number } | undefined;
  /** Looks come one after the other. */
  #looking: Promise<unknown> = Promise.resolve();

  constructor(deps: BarBookDeps, key: SeriesKey) {
    this.#deps = deps;
    this.#key = key;
    this.#period = PERIOD_MINUTES[key.period];
    this.#step = Math.min(this.#period, HOUR);
  }

  read(count: number): Promise<SeriesView> {
    const view = this.#looking.then(() => this.#look(count)).then(() => this.#view());
    this.#looking = view.catch(() => undefined);
    return view;
  }

  #view(): SeriesView {
    return { bars: this.#sorted, edition: this.#edition };
  }

  async #look(count: number): Promise<void> {
    const at = { clockMs: this.#deps.clock.now().epochMilliseconds, passedMs: this.#deps.timers.now() };
    const isDeeper = count > this.#wanted;
    if (!isDeeper && this.#isFresh(at)) return;
    this.#wanted = Math.max(this.#wanted, count);
    const minute = Math.floor(at.clockMs / 60_000);
    await this.#lookForward(minute);
    if (isDeeper) await this.#lookBack(minute);
    this.#trim(minute);
    this.#readAt = at;
  }

  #isFresh(at: { readonly clockMs: number; readonly passedMs: number }): boolean {
    const last = this.#readAt;
    if (last === undefined || at.clockMs < last.clockMs) return false;
    return at.clockMs - last.clockMs < FRESH_MS && at.passedMs - last.passedMs < FRESH_MS;
  }

  /** What may have closed since the last look, and what was missing then. */
  async #lookForward(minute: number): Promise<void> {
    const newest = this.#newestOpen(minute);
    if (this.#until === Number.NEGATIVE_INFINITY) this.#until = newest + this.#step;
    this.#from = Math.min(this.#from, this.#until);
    const due: number[] = [];
    for (const [open, { again }] of this.#missing) if (again <= minute) due.push(open);
    for (let open = this.#until; open <= newest; open += this.#step) due.push(open);
    this.#until = Math.max(this.#until, newest + this.#step);
    await this.#fetch(due, minute);
  }

  /** Until there are as many bars as are wanted, or as far as it makes sense. */
  async #lookBack(minute: number): Promise<void> {
    const earliest = this.#earliest(minute);
    while (this.#bars.size < this.#wanted && this.#from > earliest) {
      const opens = Array.from({ length: READ_AT_ONCE }, (_, index) => this.#from - (index + 1) * this.#step);
      this.#from = Math.min(...opens);
      await this.#fetch(opens, minute);
    }
  }

  #earliest(minute: number): number {
    return minute - Math.min(KEPT_DAYS * DAY, REST_DAYS * DAY + this.#wanted * this.#period * 4);
  }

  /** The latest open that a bar which is over can have. */
  #newestOpen(minute: number): number {
    return Math.floor((minute - this.#period) / this.#step) * this.#step;
  }

  async #fetch(opens: readonly number[], minute: number): Promise<void> {
    const newestBefore = this.#sorted.at(-1)?.openAt.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
    const found = await Promise.all(opens.map((open) => this.#get(open)));
    let isChanged = false;
    for (const [index, bar] of found.entries()) {
      const open = opens[index];
      if (open === undefined) continue;
      if (bar === undefined) {
        this.#miss(open, minute);
        continue;
      }
      this.#missing.delete(open);
      this.#bars.set(open, bar);
      isChanged = true;
      if (bar.openAt.epochMilliseconds < newestBefore) this.#edition += 1;
    }
    if (isChanged) this.#sort();
  }

  /**
   * A bar that is late is looked for again when it is late by twice as much. While there are too few, older ones
   * may be on their way: then when they have been missed for twice as long.
   */
  #miss(open: number, minute: number): void {
    const since = this.#missing.get(open)?.since ?? minute;
    const late = minute - open - this.#period;
    const isShort = this.#bars.size < this.#wanted;
    const wait = isShort ? Math.min(late, Math.max(1, minute - since)) : late;
    this.#missing.set(open, { since, again: minute + wait });
  }

  async #get(open: number): Promise<Bar | undefined> {
    const { connection, instrument: symbol, period } = this.#key;
    const openAt = Temporal.Instant.fromEpochMilliseconds(open * 60_000);
    const record = await this.#deps.store.get(bars, barId(connection, { symbol, period, openAt }));
    return record && toBar(record);
  }

  #sort(): void {
    const opens = [...this.#bars.keys()].sort((one, other) => one - other);
    this.#sorted = opens.flatMap((open) => this.#bars.get(open) ?? []);
  }

  #trim(minute: number): void {
    const excess = this.#bars.size - this.#wanted;
    const oldest = excess > SPARE ? this.#sorted[excess] : undefined;
    const from = oldest === undefined ? this.#earliest(minute) : oldest.openAt.epochMilliseconds / 60_000;
    for (const open of this.#missing.keys()) if (open < from) this.#missing.delete(open);
    if (oldest === undefined) return;
    for (const open of this.#bars.keys()) if (open < from) this.#bars.delete(open);
    this.#from = Math.max(this.#from, from);
    this.#sort();
  }
}

function toBar({ openAt, open, high, low, close, volume }: BarRecord): Bar {
  return {
    openAt,
    open: open.toNumber(),
    high: high.toNumber(),
    low: low.toNumber(),
    close: close.toNumber(),
    volume,
  };
}
