/**
 * The machine's own passing time: for time limits and pauses of a connection, whatever clock the product runs
 * on. It also runs while a process is stopped, so that one that wakes up late finds out.
 */
export interface Timers {
  /** Milliseconds since some moment; never goes back. */
  now(): number;

  /** Calls `run` once after `ms`, never at once; gives back the way to cancel it. */
  after(ms: number, run: () => void): () => void;
}
