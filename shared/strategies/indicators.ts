/**
 * Indicators that take one bar at a time. They compute with numbers: they say when to want something, and orders
 * are counted in decimals elsewhere. A value is undefined until enough bars were seen.
 */
import { ATR, EMA, RSI } from "trading-signals";
import type { Bar } from "./strategy.ts";

export interface Indicator {
  /** Every bar that closed, in order, each once. */
  add(bar: Bar): void;
  value(): number | undefined;
}

/**
 * Periods of Wilder's smoothing after which less than 1 % of it comes from where it began, so that a run that
 * was started anew agrees with one that has run for weeks.
 */
const WILDER_PERIODS = 5;
/** The same for an exponential average. */
const EMA_PERIODS = 2.5;

/** Bars after which an average over `period` bars by Wilder's smoothing no longer depends on where it began. */
export function wilderWarmup(period: number): number {
  return WILDER_PERIODS * period;
}

/** Bars after which an exponential average over `period` bars no longer depends on where it began. */
export function emaWarmup(period: number): number {
  return Math.ceil(EMA_PERIODS * period);
}

/**
 * Relative strength of closes by Wilder, 0 to 100. A price that has not moved for a whole period is neither
 * strong nor weak, whatever its last move was: 50.
 */
export function createRsi(period: number): Indicator {
  const rsi = new RSI(period);
  let before: number | undefined;
  let still = 0;
  return {
    add({ close }) {
      still = close === before ? still + 1 : 0;
      before = close;
      rsi.add(close);
    },
    value() {
      const value = rsi.getResult();
      if (value === null) return undefined;
      return still >= period ? 50 : value;
    },
  };
}

/** Exponential average of closes. */
export function createEma(period: number): Indicator {
  const ema = new EMA(period);
  return { add: ({ close }) => void ema.add(close), value: () => ema.getResult() ?? undefined };
}

/** Average true range by Wilder, in the price's units. */
export function createAtr(period: number): Indicator {
  const atr = new ATR(period);
  return {
    add: ({ high, low, close }) => void atr.add({ high, low, close }),
    value: () => atr.getResult() ?? undefined,
  };
}

/** Highest high and lowest low of the last so many bars. */
export interface Channel {
  readonly high: number;
  readonly low: number;
}

/** The channel of the last `length` bars, the latest included; undefined until so many were seen. */
export function createChannel(length: number): { add(bar: Bar): void; value(): Channel | undefined } {
  const highs: number[] = [];
  const lows: number[] = [];
  return {
    add({ high, low }) {
      highs.push(high);
      lows.push(low);
      if (highs.length > length) {
        highs.shift();
        lows.shift();
      }
    },
    value: () => (highs.length < length ? undefined : { high: Math.max(...highs), low: Math.min(...lows) }),
  };
}
