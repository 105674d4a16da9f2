/** The server's time, carried on between two answers by a clock that nobody can set. */
export interface ServerClock {
  /** Takes over the instant of an answer that has just arrived. */
  set(instant: string): void;
  /** The server's time now, in epoch milliseconds. Throws before the first `set`. */
  nowMs(): number;
}

/** `monotonicMs`: milliseconds since any fixed moment, unmoved by changes of the local clock. */
export function createServerClock(monotonicMs: () => number): ServerClock {
  let offsetMs: number | undefined;
  return {
    set(instant) {
      offsetMs = Date.parse(instant) - monotonicMs();
    },
    nowMs() {
      if (offsetMs === undefined) throw new Error("The server's time is not known yet.");
      return offsetMs + monotonicMs();
    },
  };
}
