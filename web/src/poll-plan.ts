import type { Problem } from "./api.ts";

/** What decides when the status is asked for next. */
export interface PollFacts {
  readonly isHidden: boolean;
  /** A PIN was accepted, or may have been, and its outcome is not known yet. */
  readonly isAwaitingOutcome: boolean;
  readonly isLate: boolean;
  /** Calls that failed one after the other. */
  readonly failuresInRow: number;
  readonly problem?: Problem;
}

const CALM_MS = 15_000;
const EAGER_MS = 1_000;
const LATE_MS = 5_000;
const LIMITED_MS = 30_000;

/**
 * Milliseconds until the next look, or `undefined` while nobody looks at the page. At most 60 looks a
 * minute, so that the owner's own clicks stay within the server's limit too.
 */
export function planPoll(facts: PollFacts): number | undefined {
  if (facts.isHidden) return undefined;
  if (facts.problem?.kind === "refused" && facts.problem.status === 429) {
    return Math.max(EAGER_MS, facts.problem.retryAfterMs ?? LIMITED_MS);
  }
  const wanted = eagerness(facts);
  if (facts.failuresInRow === 0) return wanted;
  return Math.min(CALM_MS, EAGER_MS * 2 ** Math.min(facts.failuresInRow, 4));
}

function eagerness(facts: PollFacts): number {
  if (!facts.isAwaitingOutcome) return CALM_MS;
  return facts.isLate ? LATE_MS : EAGER_MS;
}
