/** What the worker has written down of the market, as a tick reads it. */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import { type InstrumentRules, instrumentId, instruments } from "../../brokers/instrument-rules.ts";
import type { ConnectionId } from "../../config/connection.ts";
import { type MarketRecord, markets } from "../market-recorder.ts";
import type { RecentReads } from "./recent-reads.ts";

/** Both sides of an instrument's price. */
export interface Quote {
  readonly bid: Decimal;
  readonly ask: Decimal;
  /** When it came. */
  readonly at: Temporal.Instant;
}

/** The prices of one connection at one moment. */
export interface MarketView {
  /** Undefined where there is none, or one side of it is missing. */
  quote(instrument: string): Quote | undefined;
  /** Money of one currency for one of another, by the middle of the pair's price; undefined where no pair says it. */
  rate(from: string, to: string): Decimal | undefined;
}

export interface MarketData {
  view(connection: ConnectionId): Promise<MarketView>;
  rules(connection: ConnectionId, instrument: string): Promise<InstrumentRules | undefined>;
}

/** Reads at most once a second and connection, however many bots ask. */
export function createMarketData(reads: RecentReads): MarketData {
  const views = new WeakMap<MarketRecord, MarketView>();
  return {
    async view(connection) {
      const record = await reads.get(markets, connection);
      if (record === undefined) return EMPTY;
      const view = views.get(record) ?? marketView(record.symbols);
      views.set(record, view);
      return view;
    },
    rules: (connection, instrument) => reads.get(instruments, instrumentId(connection, instrument)),
  };
}

const EMPTY: MarketView = { quote: () => undefined, rate: sameCurrency };

/** Prices as they were told, to be looked up by name and by pair. */
export function marketView(symbols: readonly MarketRecord["symbols"][number][]): MarketView {
  const quotes = new Map<string, Quote>();
  for (const { symbol, bid, ask, at } of symbols) {
    if (bid !== undefined && ask !== undefined) quotes.set(symbol, { bid, ask, at });
  }
  const middle = (pair: string) => {
    const quote = quotes.get(pair);
    return quote?.bid.plus(quote.ask).div(2);
  };
  return {
    quote: (instrument) => quotes.get(instrument),
    rate(from, to) {
      const same = sameCurrency(from, to);
      if (same !== undefined) return same;
      const direct = middle(`${from}${to}`);
      if (direct !== undefined) return direct;
      const inverse = middle(`${to}${from}`);
      return inverse?.gt(0) ? new Decimal(1).div(inverse) : undefined;
    },
  };
}

function sameCurrency(from: string, to: string): Decimal | undefined {
  return from === to ? new Decimal(1) : undefined;
}
