/** E*TRADE's market as the product reads it: quotes that are asked for now and then, and bars made of them. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { BarPeriod } from "../../config/bar-periods.ts";
import type { ConnectionId } from "../../config/connection.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Result } from "../../platform/result.ts";
import type { Timers } from "../../platform/timers.ts";
import type { InstrumentRules } from "../instrument-rules.ts";
import type { MarketBar, MarketFeed, MarketQuote } from "../market-feed.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import { createStopwatch, isTradingTime } from "./etrade-pace.ts";
import { isStock, priceStepAt } from "./orders/order-request.ts";
import type { EtradeQuote, EtradeQuotes } from "./quotes.ts";
import { createSampledBars } from "./sampled-bars.ts";

/** A stock and the bars that are made of its prices. */
export interface WatchedStock {
  readonly symbol: string;
  readonly bars: readonly BarPeriod[];
}

export interface EtradeFeedDeps {
  /** Undefined while there is no token. */
  quotes(symbols: readonly string[]): Promise<Result<EtradeQuotes, BrokerCallFailure>> | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface EtradeFeedOptions {
  readonly connection: ConnectionId;
  readonly watch: readonly WatchedStock[];
  readonly isShortAllowed?: boolean;
  /** Between two questions in the session, and outside of it. Default: 5 and 30 seconds. */
  readonly inSessionMs?: number;
  readonly elseMs?: number;
}

export interface EtradeFeed extends MarketFeed {
  start(): void;
  stop(): void;
}

interface Seen {
  readonly quote: EtradeQuote;
  readonly at: Temporal.Instant;
}

/** More symbols a call need a switch that changes how they are counted. */
const SYMBOLS_A_CALL = 25;
/** A broker takes few calls a second. */
const MOST_FOLLOWED = 50;
const TICK_MS = 500;
const IN_SESSION_MS = 5_000;
const ELSE_MS = 30_000;
/** After so many intervals without an answer something may have moved that is in no bar. */
const MISSED_AFTER = 3;

export function openEtradeFeed(deps: EtradeFeedDeps, options: EtradeFeedOptions): EtradeFeed {
  return new Feed(deps, options);
}

class Feed implements EtradeFeed {
  readonly #deps: EtradeFeedDeps;
  readonly #options: EtradeFeedOptions;
  readonly #seen = new Map<string, Seen>();
  /** Beside those that are watched. */
  readonly #followed = new Set<string>();
  readonly #listeners = new Set<(bar: MarketBar) => void>();
  readonly #bars: ReturnType<typeof createSampledBars>;
  #isOn = false as boolean;
  #cancel = () => {};
  /** The last call that was answered: when, and how long it took. */
  #answered: { readonly at: number; readonly tookMs: number } | undefined;
  /** When every price was last answered, by the product's clock. */
  #watchedAt: Temporal.Instant | undefined;
  /** A question since then was not answered, or none was asked. */
  #isInterrupted = true as boolean;

  constructor(deps: EtradeFeedDeps, options: EtradeFeedOptions) {
    this.#deps = deps;
    this.#options = options;
    const periods = new Map(options.watch.map(({ symbol, bars }) => [symbol, bars]));
    const { inSessionMs: seenMs = IN_SESSION_MS, elseMs: graceMs = ELSE_MS } = options;
    this.#bars = createSampledBars((symbol) => periods.get(symbol) ?? [], { graceMs, seenMs });
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    const asked = createStopwatch(this.#deps);
    const tick = () => {
      if (!this.#isOn) return;
      const again = () => {
        if (this.#isOn) this.#cancel = this.#deps.timers.after(TICK_MS, tick);
      };
      if (!asked.hasPassed(this.#intervalMs())) {
        again();
        return;
      }
      asked.restart();
      this.#ask()
        .catch((error: unknown) => this.#noteMissed(error))
        .finally(again);
    };
    this.#cancel = this.#deps.timers.after(0, tick);
  }

  stop(): void {
    this.#isOn = false;
    this.#cancel();
    this.#seen.clear();
    this.#answered = undefined;
    this.#isInterrupted = true;
  }

  quotes(): readonly MarketQuote[] {
    return [...this.#seen].map(([symbol, { quote, at }]) => {
      const { bid, ask } = sidesOf(quote);
      return { symbol, at, ...(bid.gt(0) && { bid }), ...(ask.gt(0) && { ask }) };
    });
  }

  instruments(): readonly InstrumentRules[] {
    const { connection, isShortAllowed = false } = this.#options;
    return [...this.#seen].map(([instrument, { quote, at }]) => ({
      connection,
      instrument,
      minimumQuantity: new Decimal(1),
      quantityStep: new Decimal(1),
      priceStep: priceStepAt(priceOf(quote)),
      currency: "USD",
      canSell: isShortAllowed,
      isTradable: true,
      at,
    }));
  }

  onBar(listener: (bar: MarketBar) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  follow(symbols: readonly string[]): void {
    for (const symbol of symbols) {
      const isWatched = this.#options.watch.some((one) => one.symbol === symbol);
      if (isWatched || !isStock(symbol) || this.#followed.size >= MOST_FOLLOWED) continue;
      this.#followed.add(symbol);
    }
  }

  async observe(): Promise<void> {
    if (this.#isOn) await this.#ask().catch((error: unknown) => this.#noteMissed(error));
  }

  /** A quote's own age says nothing of the way: an instrument that nobody trades has an old one. */
  lagMs(since: number): number | undefined {
    return this.#answered && this.#answered.at >= since ? this.#answered.tookMs : undefined;
  }

  #noteMissed(error: unknown): void {
    this.#deps.log.warn("quotes-not-taken", { error });
  }

  #intervalMs(): number {
    const { inSessionMs = IN_SESSION_MS, elseMs = ELSE_MS } = this.#options;
    return isTradingTime(this.#deps.clock.now()) ? inSessionMs : elseMs;
  }

  async #ask(): Promise<void> {
    const { watch } = this.#options;
    const { timers } = this.#deps;
    const symbols = [...watch.map(({ symbol }) => symbol), ...this.#followed];
    const quotes: EtradeQuotes[] = [];
    let isWhole = true;
    for (let from = 0; from < symbols.length; from += SYMBOLS_A_CALL) {
      const askedAt = timers.now();
      const answer = await this.#deps.quotes(symbols.slice(from, from + SYMBOLS_A_CALL));
      if (!this.#isOn) return;
      // Of what is only followed nobody makes bars.
      isWhole &&= answer?.ok === true || from >= watch.length;
      if (!answer?.ok) continue;
      this.#answered = { at: timers.now(), tookMs: timers.now() - askedAt };
      quotes.push(answer.value);
    }
    this.#noteWatched(isWhole);
    for (const answered of quotes) {
      for (const [symbol, quote] of answered) if (quote.ok) this.#take(symbol, quote.value);
    }
    this.#tell(this.#bars.close(this.#deps.clock.now()));
  }

  /** Bars are told what they miss, at once: theirs may be over before prices come again. */
  #noteWatched(isWhole: boolean): void {
    const now = this.#deps.clock.now();
    const from = this.#watchedAt;
    this.#isInterrupted ||= !isWhole;
    const missedMs = from === undefined ? Number.POSITIVE_INFINITY : now.since(from).total("milliseconds");
    if (this.#isInterrupted && missedMs > MISSED_AFTER * this.#intervalMs()) {
      this.#bars.miss({ from, to: now });
    }
    if (!isWhole) return;
    this.#isInterrupted = false;
    this.#watchedAt = now;
  }

  #take(symbol: string, quote: EtradeQuote): void {
    const at = timeOf(quote);
    this.#seen.set(symbol, { quote, at });
    const dayVolume = quote.extendedHours?.volume ?? quote.volume;
    const price = priceOf(quote);
    if (!price.gt(0)) return;
    this.#tell(this.#bars.take({ symbol, price, at, ...(dayVolume !== undefined && { dayVolume }) }));
  }

  #tell(bars: readonly MarketBar[]): void {
    for (const bar of bars) for (const listener of [...this.#listeners]) listener(bar);
  }
}

/** Outside the regular session the rest of the quote stands still. */
function sidesOf(quote: EtradeQuote): { readonly bid: Decimal; readonly ask: Decimal } {
  const { extendedHours: after } = quote;
  return after === undefined ? quote : { bid: after.bid ?? new Decimal(0), ask: after.ask ?? new Decimal(0) };
}

function priceOf({ extendedHours, last }: EtradeQuote): Decimal {
  return extendedHours?.last ?? last;
}

/** The quote's own time: a price that comes delayed says so by its age. */
function timeOf({ status, quotedAt, lastTradeAt }: EtradeQuote): Temporal.Instant {
  const isLate = status === "DELAYED" && lastTradeAt !== undefined;
  return isLate && Temporal.Instant.compare(lastTradeAt, quotedAt) < 0 ? lastTradeAt : quotedAt;
}
