/** Prices by symbol. `open-quotes.ts` makes it. */
export interface Quote {
  readonly symbolId: number;
  /** Integers of 1/100,000; 0 while that side has not been seen on this connection. */
  readonly bid: number;
  readonly ask: number;
  /** By `timers.now()`: when the last change came. */
  readonly receivedAt: number;
  /** The broker's own time in milliseconds since 1970; 0 where it gave none. */
  readonly timestamp: number;
}

export interface QuoteBoard {
  /** The last quote of this connection; undefined before the first, and after the connection ended. */
  get(symbolId: number): Quote | undefined;
  /** Subscribes on this and every later connection, with the broker's timestamps. */
  subscribe(symbolIds: readonly number[]): void;
  /**
   * Every change, in wire order, called in the turn in which it was read. The object is used again: copy what
   * you keep.
   */
  listen(listener: (quote: Quote) => void): () => void;
  /**
   * The latest quote of each symbol that changed, for a reader that may be slow: what it has not taken is
   * overwritten by newer prices, symbol by symbol.
   */
  conflated(): ConflatedQuotes;
}

export interface ConflatedQuotes {
  /** Waits until something has changed, then takes the latest of every changed symbol; empty after `close`. */
  take(): Promise<readonly Quote[]>;
  close(): void;
}
