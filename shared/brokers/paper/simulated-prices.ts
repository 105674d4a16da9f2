/**
 * A market without a broker and without a key: the price of any instrument at any instant, made up, and the
 * same whoever asks, however often and after a restart.
 */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import type { Timers } from "../../platform/timers.ts";
import type { InstrumentRules } from "../instrument-rules.ts";
import { createDraw, type Draw } from "./draws.ts";
import type { PaperPrices, PaperQuote } from "./paper-prices.ts";

export interface SimulatedPricesOptions {
  /** The same seed makes the same market. */
  readonly seed: string;
  /** Told about from the beginning; any other from the moment in which its price was first asked for. */
  readonly instruments?: readonly string[];
  /** Around which price an instrument wanders. Default: a known one's usual price, else one that its name draws. */
  readonly around?: Readonly<Record<string, number>>;
  /** Ask less bid, in percent of the price. Default: 0.02. */
  readonly spreadPercent?: number;
  /** Milliseconds between two quotes. Default: 1,000. */
  readonly everyMs?: number;
}

/** Periods of the waves that a price is made of, in seconds, and how far each moves it, as a share of it. */
const WAVES: readonly (readonly [periodSeconds: number, reach: number])[] = [
  [45 * 86_400, 0.1],
  [5 * 86_400, 0.025],
  [86_400, 0.012],
  [7_200, 0.005],
  [900, 0.0015],
  [60, 0.0006],
  [5, 0.0002],
];

const USUAL: Readonly<Record<string, number>> = {
  AAPL: 250,
  EURUSD: 1.12,
  GBPUSD: 1.3,
  MSFT: 430,
  NVDA: 150,
  PALMOIL: 4_300,
  SPY: 590,
  TSLA: 330,
  US500: 5_900,
  USDJPY: 150,
  XAUUSD: 2_650,
};

/** A price is a multiple of its power of ten with so many digits in all: 2650.1, 1.1201. */
const DIGITS = 5;
/** What the draws are for, where an account stands otherwise. */
const MARKET = "simulated prices";
const SPREAD_PERCENT = 0.02;
const EVERY_MS = 1_000;

/** The quote of an instrument at an instant; a pure function of both and of the options. */
export function simulatedQuote(
  options: SimulatedPricesOptions,
  instrument: string,
  at: Temporal.Instant,
): PaperQuote {
  const { seed, spreadPercent = SPREAD_PERCENT } = options;
  const draw = createDraw(seed, MARKET);
  const base = baseOf(options, instrument);
  const middle = base * Math.exp(driftOf(draw, instrument, at.epochMilliseconds / 1_000));
  const step = simulatedPriceStep(base);
  const half = new Decimal(middle).times(spreadPercent).div(200);
  // At least one step above nothing, and at least one step between the two.
  const bid = Decimal.max(new Decimal(middle).minus(half).toNearest(step, Decimal.ROUND_DOWN), step);
  const ask = Decimal.max(new Decimal(middle).plus(half).toNearest(step, Decimal.ROUND_UP), bid.plus(step));
  return { instrument, bid, ask, at };
}

/** The step of the prices of an instrument that wanders around `base`. */
function simulatedPriceStep(base: number): Decimal {
  return new Decimal(10).pow(Math.floor(Math.log10(base)) + 1 - DIGITS);
}

/** The rules of an instrument of the simulated market, which is traded in whole units by anybody. */
export function simulatedRules(
  options: SimulatedPricesOptions,
  { connection, instrument, at }: Pick<InstrumentRules, "connection" | "instrument" | "at">,
): InstrumentRules {
  const one = new Decimal(1);
  return {
    ...{ connection, instrument, at, minimumQuantity: one, quantityStep: one },
    priceStep: simulatedPriceStep(baseOf(options, instrument)),
    currency: /^[A-Z]{3}JPY$/.test(instrument) ? "JPY" : "USD",
    canSell: true,
    isTradable: true,
  };
}

/** A simulated market that goes on by itself while somebody listens. */
export function openSimulatedPrices(
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  options: SimulatedPricesOptions,
): PaperPrices {
  const { everyMs = EVERY_MS, instruments = [] } = options;
  const followed = new Set(instruments);
  const listeners = new Set<(quote: PaperQuote) => void>();
  let cancel: (() => void) | undefined;

  function beat(): void {
    cancel = timers.after(everyMs, beat);
    for (const instrument of [...followed]) {
      const quote = simulatedQuote(options, instrument, clock.now());
      for (const listener of [...listeners]) listener(quote);
    }
  }

  return {
    latest(instrument) {
      followed.add(instrument);
      return simulatedQuote(options, instrument, clock.now());
    },
    onQuote(listener) {
      listeners.add(listener);
      cancel ??= timers.after(everyMs, beat);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        cancel?.();
        cancel = undefined;
      };
    },
  };
}

/** Smooth waves through drawn points, the slow ones high and the quick ones low. */
function driftOf(draw: Draw, instrument: string, seconds: number): number {
  let drift = 0;
  for (const [period, reach] of WAVES) {
    const step = Math.floor(seconds / period);
    const part = seconds / period - step;
    const [from, to] = [draw(instrument, `${period} ${step}`), draw(instrument, `${period} ${step + 1}`)];
    const point = from + (to - from) * part * part * (3 - 2 * part);
    drift += reach * (2 * point - 1);
  }
  return drift;
}

function baseOf({ seed, around = {} }: SimulatedPricesOptions, instrument: string): number {
  return ownNumber(around, instrument) ?? ownNumber(USUAL, instrument) ?? drawnBase(seed, instrument);
}

/** Mostly tens to hundreds. */
function drawnBase(seed: string, instrument: string): number {
  return 5 + 395 * createDraw(seed, MARKET)(instrument, "base") ** 2;
}

function ownNumber(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
