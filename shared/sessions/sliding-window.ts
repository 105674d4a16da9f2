/** At most `limit` hits in any stretch of `windowMs` milliseconds. */
export interface WindowRule {
  readonly limit: number;
  readonly windowMs: number;
}

/** The moments that count, in epoch milliseconds, the oldest first. */
export type Hits = readonly number[];

export type WindowDecision =
  /** The hit counts, and `hits` is what to remember. */
  | { readonly isAllowed: true; readonly hits: Hits }
  /** A refused hit does not count: who waits so long gets through. */
  | { readonly isAllowed: false; readonly retryAfterMs: number };

/**
 * Decides whether one more hit may happen now. Pure. Every rule must allow it; hits older than the longest
 * window are forgotten. A clock that has gone back counts as standing still.
 */
export function takeHit(hits: Hits, nowMs: number, rules: readonly WindowRule[]): WindowDecision {
  const at = Math.max(nowMs, hits.at(-1) ?? nowMs);
  const waits = rules.map((rule) => waitFor(hits, at, rule));
  const retryAfterMs = Math.max(0, ...waits);
  if (retryAfterMs > 0) return { isAllowed: false, retryAfterMs };
  const longest = Math.max(...rules.map((rule) => rule.windowMs));
  return { isAllowed: true, hits: [...hits.filter((hit) => hit > at - longest), at] };
}

/** Milliseconds until the rule has room again; 0 when it has room now. */
function waitFor(hits: Hits, at: number, rule: WindowRule): number {
  const inWindow = hits.filter((hit) => hit > at - rule.windowMs);
  const blocking = inWindow.at(-rule.limit);
  return inWindow.length < rule.limit || blocking === undefined ? 0 : blocking + rule.windowMs - at;
}
