/**
 * The prices of one session. The broker often tells one side alone, so the last bid and the last ask are kept
 * apart; both are forgotten when the connection ends.
 */
import type { Timers } from "../../platform/timers.ts";
import type { SpotReading } from "./channel.ts";
import type { ConflatedQuotes, Quote, QuoteBoard } from "./quotes.ts";

/** The side that the session holds. */
export interface QuoteKeeper extends QuoteBoard {
  take(reading: SpotReading): void;
  /** What has been told is no longer true: the connection or the account's session is over. */
  forget(): void;
  /** Every symbol that was ever subscribed. */
  wanted(): ReadonlySet<number>;
  bid(symbolId: number): number;
  /** The bid before the last reading of this symbol; 0 where there was none. */
  bidBefore(symbolId: number): number;
}

interface Entry {
  symbolId: number;
  bid: number;
  ask: number;
  receivedAt: number;
  timestamp: number;
  bidBefore: number;
}

interface SlowReader {
  readonly changed: Set<Entry>;
  wakeUp: (() => void) | undefined;
}

/** The prices of one session; `subscribed` is called when a symbol is asked for that was not before. */
export function openQuotes(deps: { readonly timers: Timers; subscribed(): void }): QuoteKeeper {
  const { timers } = deps;
  const wanted = new Set<number>();
  const entries = new Map<number, Entry>();
  // Arrays that are replaced, not changed: reading them costs nothing, and a listener may leave while it is called.
  let listeners: readonly ((quote: Quote) => void)[] = [];
  let readers: readonly SlowReader[] = [];

  function entryOf(symbolId: number): Entry {
    const entry = { symbolId, bid: 0, ask: 0, receivedAt: 0, timestamp: 0, bidBefore: 0 };
    entries.set(symbolId, entry);
    return entry;
  }

  function tell(entry: Entry): void {
    for (const listener of listeners) listener(entry);
    for (const reader of readers) {
      reader.changed.add(entry);
      reader.wakeUp?.();
    }
  }

  return {
    take(reading) {
      const entry = entries.get(reading.symbolId) ?? entryOf(reading.symbolId);
      const { bid, ask } = reading;
      entry.bidBefore = entry.bid;
      if (bid === 0 && ask === 0) return;
      if (bid !== 0) entry.bid = bid;
      if (ask !== 0) entry.ask = ask;
      entry.timestamp = reading.timestamp;
      entry.receivedAt = timers.now();
      tell(entry);
    },
    forget() {
      entries.clear();
      for (const reader of readers) reader.changed.clear();
    },
    wanted: () => wanted,
    bid: (symbolId) => entries.get(symbolId)?.bid ?? 0,
    bidBefore: (symbolId) => entries.get(symbolId)?.bidBefore ?? 0,
    get(symbolId) {
      const entry = entries.get(symbolId);
      return entry === undefined || isEmpty(entry) ? undefined : copyOf(entry);
    },
    subscribe(symbolIds) {
      const before = wanted.size;
      for (const symbolId of symbolIds) wanted.add(symbolId);
      if (wanted.size > before) deps.subscribed();
    },
    listen(listener) {
      const own = (quote: Quote) => listener(quote);
      listeners = [...listeners, own];
      return () => {
        listeners = listeners.filter((one) => one !== own);
      };
    },
    conflated() {
      const reader: SlowReader = { changed: new Set(), wakeUp: undefined };
      readers = [...readers, reader];
      return conflate(reader, () => {
        readers = readers.filter((one) => one !== reader);
      });
    },
  };
}

function conflate(reader: SlowReader, leave: () => void): ConflatedQuotes {
  let isClosed = false;
  const waits = new Set<() => void>();
  reader.wakeUp = () => {
    if (waits.size === 0) return;
    const woken = [...waits];
    waits.clear();
    for (const wake of woken) wake();
  };
  return {
    async take() {
      while (reader.changed.size === 0 && !isClosed) {
        await new Promise<void>((resolve) => waits.add(resolve));
      }
      const taken = [...reader.changed].map(copyOf);
      reader.changed.clear();
      return taken;
    },
    close() {
      isClosed = true;
      leave();
      reader.changed.clear();
      reader.wakeUp?.();
    },
  };
}

function isEmpty({ bid, ask }: Entry): boolean {
  return bid === 0 && ask === 0;
}

function copyOf({ symbolId, bid, ask, receivedAt, timestamp }: Entry): Quote {
  return { symbolId, bid, ask, receivedAt, timestamp };
}
