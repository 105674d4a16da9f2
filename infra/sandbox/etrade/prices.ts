import type { Temporal } from "temporal-polyfill";

/** What is known of a company, real name or made up, with made-up figures. */
export interface Listing {
  readonly name: string;
  readonly exchange: string;
  /** The price around which the simulated one wanders, in dollars. */
  readonly base: number;
  /** Shares a day. */
  readonly averageVolume: number;
  /** A yearly volatility as a fraction. */
  readonly volatility: number;
}

/** Prices as a function of symbol and time: the same question has the same answer, in any order and after a restart. */
export interface PriceBook {
  listing(symbol: string): Listing;
  /** In dollars, on whole cents. */
  price(symbol: string, at: Temporal.Instant): number;
  /** A fixed number from 0 up to 1 for a symbol and a subject. */
  trait(symbol: string, subject: string): number;
}

const KNOWN: Readonly<Record<string, readonly [name: string, exchange: string, base: number]>> = {
  AAPL: ["APPLE INC COM", "NSDQ", 250],
  AMZN: ["AMAZON COM INC COM", "NSDQ", 225],
  GOOG: ["ALPHABET INC CAP STK CL C", "NSDQ", 190],
  IBM: ["INTERNATIONAL BUSINESS MACHS COM", "NYSE", 240],
  KO: ["COCA COLA CO COM", "NYSE", 66],
  MSFT: ["MICROSOFT CORP COM", "NSDQ", 430],
  NVDA: ["NVIDIA CORP COM", "NSDQ", 150],
  QQQ: ["INVESCO QQQ TR UNIT SER 1", "NSDQ", 510],
  SPY: ["SPDR S&P 500 ETF TR", "PSE", 590],
  TSLA: ["TESLA INC COM", "NSDQ", 330],
  VTI: ["VANGUARD TOTAL STK MKT ETF", "PSE", 290],
};

/** Periods of the waves that a price is made of, in seconds, and how far each moves it, as a fraction. */
const WAVES: readonly (readonly [periodSeconds: number, reach: number])[] = [
  [60 * 86_400, 0.12],
  [7 * 86_400, 0.03],
  [86_400, 0.012],
  [3_600, 0.004],
  [300, 0.0012],
  [10, 0.0004],
];

function hash(text: string): number {
  let state = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 16_777_619);
  }
  state = Math.imul(state ^ (state >>> 16), 2_246_822_507);
  state = Math.imul(state ^ (state >>> 13), 3_266_489_909);
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
}

/** Rounds dollars to whole cents. */
export function toCents(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}

/** A price book; two with one seed are the same. */
export function createPriceBook(seed: string): PriceBook {
  const trait = (symbol: string, subject: string) => hash(`${seed}|${symbol}|${subject}`);
  const listing = (symbol: string): Listing => {
    const known = Object.hasOwn(KNOWN, symbol) ? KNOWN[symbol] : undefined;
    return {
      name: known?.[0] ?? `SIMULATED ${symbol} CORP COM`,
      exchange: known?.[1] ?? "NYSE",
      base: known?.[2] ?? toCents(8 + 392 * trait(symbol, "base") ** 2),
      averageVolume: Math.round(500_000 + 40_000_000 * trait(symbol, "volume") ** 2),
      volatility: 0.18 + 0.4 * trait(symbol, "volatility"),
    };
  };
  const wave = (symbol: string, period: number, seconds: number) => {
    const step = Math.floor(seconds / period);
    const part = seconds / period - step;
    const smooth = part * part * (3 - 2 * part);
    const [from, to] = [trait(symbol, `${period}|${step}`), trait(symbol, `${period}|${step + 1}`)];
    return 2 * (from + (to - from) * smooth) - 1;
  };
  const price = (symbol: string, at: Temporal.Instant) => {
    const seconds = at.epochMilliseconds / 1_000;
    const drift = WAVES.reduce((sum, [period, reach]) => sum + reach * wave(symbol, period, seconds), 0);
    return Math.max(0.01, toCents(listing(symbol).base * Math.exp(drift)));
  };
  return { listing, price, trait };
}
