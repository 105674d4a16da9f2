/**
 * The bars of one symbol and period as they close. Live bars come as "the bar so far": a later one ends it. What
 * was missed while nobody listened is asked of history. Pure: it says what it wants and is told what came.
 *
 * 1. A bar is told once, and bars are told in the order of their opens.
 * 2. A bar of which a part was missed is told as history has it.
 */
import { BAR_MINUTES } from "../../config/bar-periods.ts";
import type { ClosedBar } from "./bars.ts";
import type { ProtoOATrendbar, ProtoOATrendbarPeriod } from "./protocol/open-api.generated.ts";

/** The longest that a bar of each period lasts, in minutes. */
export const PERIOD_MINUTES: Readonly<Record<ProtoOATrendbarPeriod, number>> = {
  ...BAR_MINUTES,
  MN1: 44_640,
};

/** A stretch of history: bars that open at `fromMinute` or later and before `beforeMinute`. */
export interface BarGap {
  readonly fromMinute: number;
  readonly beforeMinute: number;
  /** Whether it ends where live bars begin. If not, its newest bar may still be running. */
  readonly isLive: boolean;
}

/** `lagging`: a bar that must be there is missing. `partial`: told, and a live bar will say what else is missing. */
export type CaughtUp = "done" | "lagging" | "partial";

type RunningBar = { -readonly [K in keyof ClosedBar]: ClosedBar[K] };

export class BarSeries {
  readonly symbolId: number;
  readonly period: ProtoOATrendbarPeriod;
  readonly #tell: (bar: ClosedBar) => void;
  /** Bars that open here or later have not been told; undefined until the first live bar. */
  #untoldFrom: number | undefined;
  #running: RunningBar | undefined;
  /** Live bars that closed while history was still to come. */
  readonly #held: ClosedBar[] = [];
  #isCaughtUp = true as boolean;
  /** The bar that was running when listening stopped: it had ticks, so history has it once it is over. */
  #brokenOff: number | undefined;

  /** `fromMinute`: bars that opened since then are asked of history; without it only what closes from now on is told. */
  constructor(
    symbolId: number,
    period: ProtoOATrendbarPeriod,
    tell: (bar: ClosedBar) => void,
    fromMinute?: number,
  ) {
    this.symbolId = symbolId;
    this.period = period;
    this.#tell = tell;
    this.#untoldFrom = fromMinute;
    this.#isCaughtUp = fromMinute === undefined;
  }

  /** A live bar; `bid` is the price with it, `bidBefore` the one before it. */
  live(bar: ProtoOATrendbar, bid: number, bidBefore: number): void {
    const openMinute = bar.utcTimestampInMinutes;
    if (openMinute === undefined) return;
    this.#untoldFrom ??= openMinute;
    const running = this.#running;
    if (openMinute < (running?.openMinute ?? this.#untoldFrom)) return;
    if (running !== undefined && openMinute > running.openMinute) {
      running.close = within(bidBefore || running.close, running);
      this.#closed(running);
    }
    this.#running = this.#shape(bar, openMinute, bid);
  }

  /** Nobody listened for a while, or nobody knows. */
  interrupted(): void {
    this.#held.length = 0;
    if (this.#running !== undefined) this.#brokenOff = this.#running.openMinute;
    this.#running = undefined;
    this.#isCaughtUp = this.#untoldFrom === undefined;
  }

  /** What to ask history for; undefined where nothing is missing. `nowMinute`: the present, in minutes since 1970. */
  gap(nowMinute: number): BarGap | undefined {
    if (this.#isCaughtUp || this.#untoldFrom === undefined) return undefined;
    const first = this.#held[0] ?? this.#running;
    const beforeMinute = first?.openMinute ?? nowMinute + 1;
    return { fromMinute: this.#untoldFrom, beforeMinute, isLive: first !== undefined };
  }

  /** Takes the answer for `gap`, and tells what is over, unless a bar is missing and `mayLag`. */
  history(
    bars: readonly ProtoOATrendbar[],
    gap: BarGap,
    { nowMinute, mayLag }: { readonly nowMinute: number; readonly mayLag: boolean },
  ): CaughtUp {
    const over = bars
      .flatMap((bar) => (bar.utcTimestampInMinutes === undefined ? [] : [this.#past(bar)]))
      .filter(({ openMinute }) => openMinute >= gap.fromMinute && openMinute < gap.beforeMinute)
      .filter(({ openMinute }) => gap.isLive || this.#isOver(openMinute, nowMinute))
      .toSorted((a, b) => a.openMinute - b.openMinute);
    if (mayLag && this.#lacks(over, gap, nowMinute)) return "lagging";
    // What history has not shown by now it never had.
    if (!mayLag) this.#brokenOff = undefined;
    for (const bar of over) this.#say(bar);
    if (!gap.isLive) return "partial";
    this.#catchUp();
    return "done";
  }

  /** When the bar that was broken off is over, if it has not been told: with no tick after it, no live bar ends it. */
  brokenOffEndsAt(): number | undefined {
    const broken = this.#brokenOff;
    if (broken === undefined || this.#untoldFrom === undefined || broken < this.#untoldFrom) return undefined;
    return broken + PERIOD_MINUTES[this.period];
  }

  #catchUp(): void {
    for (const bar of this.#held.splice(0)) this.#say(bar);
    this.#isCaughtUp = true;
    this.#brokenOff = undefined;
  }

  #isOver(openMinute: number, nowMinute: number): boolean {
    return openMinute + PERIOD_MINUTES[this.period] <= nowMinute;
  }

  /** History shows a bar up to a second after it closed, and later still after a reconnect. */
  #lacks(over: readonly ClosedBar[], gap: BarGap, nowMinute: number): boolean {
    const isMissing = (openMinute: number) =>
      openMinute >= gap.fromMinute &&
      openMinute < gap.beforeMinute &&
      !over.some((bar) => bar.openMinute === openMinute);
    const broken = this.#brokenOff;
    if (broken !== undefined && isMissing(broken) && (gap.isLive || this.#isOver(broken, nowMinute)))
      return true;
    return gap.isLive && isMissing(gap.beforeMinute - PERIOD_MINUTES[this.period]);
  }

  #closed(bar: ClosedBar): void {
    if (this.#isCaughtUp) this.#say(bar);
    else this.#held.push(bar);
  }

  #say(bar: ClosedBar): void {
    if (this.#untoldFrom !== undefined && bar.openMinute < this.#untoldFrom) return;
    this.#untoldFrom = bar.openMinute + 1;
    this.#tell({ ...bar });
  }

  /** Live bars carry no close that can be trusted: it is the bid. */
  #shape(bar: ProtoOATrendbar, openMinute: number, bid: number): RunningBar {
    const past = this.#past({ ...bar, utcTimestampInMinutes: openMinute });
    return { ...past, close: bid === 0 ? past.close : within(bid, past) };
  }

  #past({
    low = 0,
    deltaOpen = 0,
    deltaHigh = 0,
    deltaClose = 0,
    volume,
    utcTimestampInMinutes: openMinute = 0,
  }: ProtoOATrendbar): ClosedBar {
    const { symbolId, period } = this;
    const [open, high, close] = [low + deltaOpen, low + deltaHigh, low + deltaClose];
    return { symbolId, period, openMinute, open, high, low, close, volume };
  }
}

function within(price: number, { low, high }: Pick<ClosedBar, "low" | "high">): number {
  return Math.min(high, Math.max(low, price));
}
