import type { Timers } from "../../platform/timers.ts";
import type { MarketFeed, MarketQuote } from "../market-feed.ts";
import type { PaperPrices, PaperQuote } from "./paper-prices.ts";

/** What rests on paper is looked at so often, by the machine's passing time. */
const LOOK_EVERY_MS = 200;

export interface FeedPrices extends PaperPrices {
  /** Looks now, without waiting for its time. */
  observe(): void;
  close(): void;
}

/**
 * A connected broker's prices for a paper account: the latest of each symbol, looked at five times a second. A
 * price that came and went between two looks fills nothing.
 */
export function feedPrices(timers: Timers, feed: Pick<MarketFeed, "quotes">): FeedPrices {
  const listeners = new Set<(quote: PaperQuote) => void>();
  let cancel = () => {};

  function look(): void {
    for (const quote of feed.quotes()) {
      const told = whole(quote);
      if (told !== undefined) for (const listener of listeners) listener(told);
    }
    cancel = timers.after(LOOK_EVERY_MS, look);
  }

  return {
    latest(instrument) {
      const quote = feed.quotes().find((one) => one.symbol === instrument);
      return quote && whole(quote);
    },
    onQuote(listener) {
      if (listeners.size === 0) cancel = timers.after(LOOK_EVERY_MS, look);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) cancel();
      };
    },
    observe() {
      if (listeners.size === 0) return;
      cancel();
      look();
    },
    close() {
      listeners.clear();
      cancel();
    },
  };
}

/** Undefined while one side has not been seen. */
function whole({ symbol, bid, ask, at }: MarketQuote): PaperQuote | undefined {
  return bid === undefined || ask === undefined ? undefined : { instrument: symbol, bid, ask, at };
}
