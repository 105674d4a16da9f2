import { Temporal } from "temporal-polyfill";
import {
  lastSession,
  lastTradeAt,
  type MarketSession,
  type Phase,
  phaseAt,
  type SessionOn,
  sessionBefore,
} from "./market-hours.ts";
import { type PriceBook, toCents } from "./prices.ts";
import type { QuotedSymbol } from "./symbols.ts";
import { NEW_YORK } from "./token-life.ts";

/** The market that quotes are made from. */
export interface Market {
  readonly prices: PriceBook;
  readonly sessionOn: SessionOn;
}

/** The figures of one symbol at one moment, in dollars and shares (contracts for an option). */
export interface QuoteFacts {
  readonly symbol: QuotedSymbol;
  readonly phase: Phase;
  /** When the last regular trade was done. */
  readonly tradedAt: Temporal.Instant;
  readonly last: number;
  readonly previousLast: number;
  readonly bid: number;
  readonly ask: number;
  readonly bidSize: number;
  readonly askSize: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly previousClose: number;
  readonly volume: number;
  readonly previousVolume: number;
  readonly averageVolume: number;
  readonly high52: number;
  readonly high52At: Temporal.Instant;
  readonly low52: number;
  readonly low52At: Temporal.Instant;
  /** The price of the extended session that is under way. */
  readonly extended?: { readonly last: number; readonly bid: number; readonly ask: number };
}

const SAMPLE_EVERY = { minutes: 5 };
const YEAR_MS = 365 * 86_400_000;

/** When an option stops trading: 16:00 in New York on its last day. */
export function expiryInstant(option: Extract<QuotedSymbol, { kind: "option" }>): Temporal.Instant {
  const plainTime = Temporal.PlainTime.from("16:00");
  return option.expiry.toZonedDateTime({ timeZone: NEW_YORK, plainTime }).toInstant();
}

/** What exercising the option would bring a share at this price of the underlier, never less than 0. */
export function intrinsicValue(
  option: Extract<QuotedSymbol, { kind: "option" }>,
  underlierPrice: number,
): number {
  const gain = option.right === "CALL" ? underlierPrice - option.strike : option.strike - underlierPrice;
  return Math.max(0, toCents(gain));
}

/** The simulated price. An option costs its intrinsic value and a time value that fades to nothing at expiry. */
export function priceOf(symbol: QuotedSymbol, prices: PriceBook, at: Temporal.Instant): number {
  const underlierPrice = prices.price(symbol.symbol, at);
  if (symbol.kind === "equity") return underlierPrice;
  const yearsLeft = Math.max(0, at.until(expiryInstant(symbol)).total("milliseconds") / YEAR_MS);
  const reach = underlierPrice * prices.listing(symbol.symbol).volatility * Math.sqrt(yearsLeft);
  const distance = reach === 0 ? Number.POSITIVE_INFINITY : (underlierPrice - symbol.strike) / reach;
  const timeValue = 0.4 * reach * Math.exp(-(distance ** 2) / 2);
  return Math.max(0.01, toCents(intrinsicValue(symbol, underlierPrice) + timeValue));
}

function* samples(from: Temporal.Instant, to: Temporal.Instant): Generator<Temporal.Instant> {
  for (let at = from; Temporal.Instant.compare(at, to) < 0; at = at.add(SAMPLE_EVERY)) yield at;
  yield to;
}

function* pastYear(to: Temporal.Instant): Generator<Temporal.Instant> {
  for (let weeks = 0; weeks <= 52; weeks += 1) yield to.subtract({ hours: weeks * 168 });
}

/** What is bid and asked around a price, in dollars. */
export function spread(price: number): { readonly bid: number; readonly ask: number } {
  const half = Math.max(0.01, toCents(price * 0.0001));
  return { bid: Math.max(0, toCents(price - half)), ask: toCents(price + half) };
}

function shareOfDay(session: MarketSession, at: Temporal.Instant): number {
  const whole = session.open.until(session.close).total("seconds");
  return Math.min(1, session.open.until(at).total("seconds") / whole);
}

/** Works out all figures of a symbol at `now`. */
export function quoteFacts(symbol: QuotedSymbol, market: Market, now: Temporal.Instant): QuoteFacts {
  const { prices, sessionOn } = market;
  const phase = phaseAt(sessionOn, now);
  const session = lastSession(sessionOn, now);
  const tradedAt = lastTradeAt(session, now);
  const price = (at: Temporal.Instant) => priceOf(symbol, prices, at);
  const day = [...samples(session.open, tradedAt)].map(price);
  const year = [...pastYear(tradedAt)].map((at) => ({ at, price: price(at) }));
  const highest = year.reduce((best, next) => (next.price > best.price ? next : best));
  const lowest = year.reduce((best, next) => (next.price < best.price ? next : best));
  const [last, high, low] = [price(tradedAt), Math.max(...day), Math.min(...day)];
  const seed = `${symbol.kind}|${Math.floor(now.epochMilliseconds / 10_000)}`;
  const averageVolume = Math.round(
    prices.listing(symbol.symbol).averageVolume / (symbol.kind === "option" ? 20_000 : 1),
  );
  const volumeOf = (at: Temporal.Instant) =>
    Math.round(averageVolume * (0.7 + 0.6 * prices.trait(symbol.symbol, `volume|${at.epochMilliseconds}`)));
  const previous = sessionBefore(sessionOn, session);
  return {
    symbol,
    phase,
    tradedAt,
    last,
    previousLast: price(tradedAt.subtract({ seconds: 10 })),
    ...spread(last),
    bidSize: 100 * (1 + Math.floor(9 * prices.trait(symbol.symbol, `bid|${seed}`))),
    askSize: 100 * (1 + Math.floor(9 * prices.trait(symbol.symbol, `ask|${seed}`))),
    open: price(session.open),
    high,
    low,
    previousClose: price(previous.close),
    volume: Math.round(volumeOf(session.open) * shareOfDay(session, tradedAt)),
    previousVolume: volumeOf(previous.open),
    averageVolume,
    high52: Math.max(highest.price, high),
    high52At: high > highest.price ? tradedAt : highest.at,
    low52: Math.min(lowest.price, low),
    low52At: low < lowest.price ? tradedAt : lowest.at,
    ...(phase === "extended" ? { extended: { last: price(now), ...spread(price(now)) } } : {}),
  };
}
