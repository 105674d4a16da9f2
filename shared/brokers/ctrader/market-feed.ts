/** A session's prices and bars as the product reads them: by name, in decimals. */
import { Temporal } from "temporal-polyfill";
import type { BarPeriod } from "../../config/bar-periods.ts";
import type { ConnectionId, CtraderConnection } from "../../config/connection.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Timers } from "../../platform/timers.ts";
import type { MarketBar, MarketFeed, MarketQuote } from "../market-feed.ts";
import { PERIOD_MINUTES } from "./bar-series.ts";
import type { ClosedBar } from "./bars.ts";
import { openFeedRules } from "./feed-rules.ts";
import type { Quote } from "./quotes.ts";
import type { CtraderSession } from "./session.ts";
import { priceOf } from "./units.ts";

export interface FeedParts {
  readonly session: Pick<CtraderSession, "quotes" | "bars" | "symbols" | "state" | "watch" | "streamedAt">;
  readonly id: ConnectionId;
  readonly watch: CtraderConnection["watch"];
  /** How many bars that are over already are wanted of a symbol; 0 where nobody reads them. */
  barsBefore(symbol: string, period: BarPeriod): number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

const RETRY_AFTER_MS = 30_000;

/**
 * Follows the watched symbols from the first time that the session is ready. A symbol that the broker does not
 * have is logged and left out.
 */
export function openMarketFeed(parts: FeedParts): MarketFeed {
  const { session, clock, timers } = parts;
  const followed = new Map<number, string>();
  const watched = new Map(parts.watch.map((one) => [one.symbol, one]));
  const listeners = new Set<(bar: MarketBar) => void>();
  /** Of the last price that had the broker's time. */
  const last = { timestamp: 0, receivedAt: 0 };
  let following: Promise<void> | undefined;
  let isFollowing = false;

  session.quotes.listen(({ timestamp, receivedAt }) => {
    if (timestamp === 0) return;
    last.timestamp = timestamp;
    last.receivedAt = receivedAt;
  });
  session.bars.listen((bar) => {
    const symbol = followed.get(bar.symbolId);
    if (symbol === undefined) return;
    for (const listener of listeners) listener(barOf(symbol, bar));
  });
  session.watch(({ phase }) => {
    if (phase === "ready") followAll();
  });

  /** Once known, a symbol stays subscribed over every later connection. */
  function followAll(): void {
    if (isFollowing || following !== undefined) return;
    const wanted = watched.size;
    following = followEach({ ...parts, watch: [...watched.values()] }, followed).then((isComplete) => {
      following = undefined;
      isFollowing = isComplete && watched.size === wanted;
      if (isComplete && !isFollowing) followAll();
      if (!isComplete && session.state().phase === "ready") timers.after(RETRY_AFTER_MS, followAll);
    });
  }

  return {
    quotes: () =>
      [...followed].flatMap(([symbolId, symbol]) => {
        const quote = session.quotes.get(symbolId);
        return quote === undefined ? [] : [quoteOf(symbol, quote, parts)];
      }),
    instruments: openFeedRules({ ...parts, connection: parts.id }, followed),
    onBar(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    follow(symbols) {
      const news = symbols.filter((symbol) => !watched.has(symbol));
      if (news.length === 0) return;
      for (const symbol of news) watched.set(symbol, { symbol, bars: [] });
      isFollowing = false;
      if (session.state().phase === "ready") followAll();
    },
    lagMs(since) {
      if (last.timestamp === 0 || last.receivedAt < since) return undefined;
      const receivedMs = clock.now().epochMilliseconds - (timers.now() - last.receivedAt);
      return Math.max(0, Math.round(receivedMs - last.timestamp));
    },
  };
}

/** False where the broker did not answer for all of them. */
async function followEach(
  { session, watch, log, clock, barsBefore }: FeedParts,
  followed: Map<number, string>,
): Promise<boolean> {
  const known = new Set(followed.values());
  let isComplete = true;
  for (const { symbol, bars } of watch) {
    if (known.has(symbol)) continue;
    const found = await session.symbols.byName(symbol);
    if (!found.ok) {
      isComplete = false;
      continue;
    }
    if (found.value === undefined) {
      log.warn("symbol-unknown", { symbol });
      continue;
    }
    const { symbolId } = found.value.light;
    followed.set(symbolId, symbol);
    session.quotes.subscribe([symbolId]);
    for (const period of bars) {
      const wanted = barsBefore(symbol, period);
      const from = wanted === 0 ? undefined : firstMinute(wanted, period, clock.now());
      session.bars.subscribe(symbolId, period, from);
    }
  }
  return isComplete;
}

/** Of a week a market may be open a fifth only, and over a weekend not at all. */
function firstMinute(bars: number, period: BarPeriod, now: Temporal.Instant): number {
  const minutes = bars * PERIOD_MINUTES[period] * 5 + 3 * 1_440;
  return Math.floor(now.epochMilliseconds / 60_000) - minutes;
}

/** A price that has not changed is the broker's for as long as frames come on the connection that brings it. */
function quoteOf(symbol: string, quote: Quote, { session, clock, timers }: FeedParts): MarketQuote {
  const { bid, ask, receivedAt, symbolId } = quote;
  const confirmedAt = Math.max(receivedAt, session.streamedAt(symbolId) ?? receivedAt);
  const ageMs = Math.max(0, Math.round(timers.now() - confirmedAt));
  return {
    symbol,
    ...(bid !== 0 && { bid: priceOf(bid) }),
    ...(ask !== 0 && { ask: priceOf(ask) }),
    at: clock.now().subtract({ milliseconds: ageMs }),
  };
}

function barOf(symbol: string, bar: ClosedBar): MarketBar {
  return {
    symbol,
    period: bar.period,
    openAt: Temporal.Instant.fromEpochMilliseconds(bar.openMinute * 60_000),
    open: priceOf(bar.open),
    high: priceOf(bar.high),
    low: priceOf(bar.low),
    close: priceOf(bar.close),
    volume: bar.volume,
  };
}
