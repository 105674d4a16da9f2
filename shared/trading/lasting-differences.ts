import type { Timers } from "../platform/timers.ts";
import type { Difference } from "./reconcile-account.ts";

/** Between a fill that is told and the moment in which it is written down, two are rightly apart for a moment. */
const LASTING_MS = 10_000;

/** Remembers since when each difference is there, by the machine's passing time. */
export class LastingDifferences {
  readonly #timers: Timers;
  #since = new Map<string, number>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Takes what is different now; gives back what has been so for ten seconds, whatever it was exactly. */
  see(now: readonly Difference[]): readonly Difference[] {
    const at = this.#timers.now();
    this.#since = new Map(now.map(({ positionId }) => [positionId, this.#since.get(positionId) ?? at]));
    return now.filter(({ positionId }) => at - (this.#since.get(positionId) ?? at) >= LASTING_MS);
  }
}
