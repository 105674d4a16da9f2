import fc from "fast-check";
import { expect, test } from "vitest";
import { type Hits, takeHit, type WindowRule } from "./sliding-window.ts";

const rules: readonly WindowRule[] = [
  { limit: 3, windowMs: 1_000 },
  { limit: 5, windowMs: 10_000 },
];

const gaps = fc.array(fc.nat({ max: 1_500 }), { maxLength: 80 });

/** The moments that were let through when somebody tries after each of the gaps. */
function play(waits: readonly number[]): number[] {
  const allowed: number[] = [];
  let hits: Hits = [];
  let now = 0;
  for (const wait of waits) {
    now += wait;
    const decision = takeHit(hits, now, rules);
    if (!decision.isAllowed) continue;
    hits = decision.hits;
    allowed.push(now);
  }
  return allowed;
}

test("in no window of any rule are more hits allowed than its limit", () => {
  fc.assert(
    fc.property(gaps, (waits) => {
      const allowed = play(waits);

      for (const { limit, windowMs } of rules) {
        for (const start of allowed) {
          const within = allowed.filter((at) => at >= start && at < start + windowMs);
          expect(within.length).toBeLessThanOrEqual(limit);
        }
      }
    }),
  );
});

test("who waits as long as told gets through, and who waits a millisecond less does not", () => {
  fc.assert(
    fc.property(gaps, (waits) => {
      let hits: Hits = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        const decision = takeHit(hits, now, rules);
        if (decision.isAllowed) {
          hits = decision.hits;
          continue;
        }
        expect(takeHit(hits, now + decision.retryAfterMs, rules).isAllowed).toBe(true);
        expect(takeHit(hits, now + decision.retryAfterMs - 1, rules).isAllowed).toBe(false);
      }
    }),
  );
});

test("no more hits are remembered than the largest limit", () => {
  fc.assert(
    fc.property(gaps, (waits) => {
      let hits: Hits = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        const decision = takeHit(hits, now, rules);
        if (decision.isAllowed) hits = decision.hits;

        expect(hits.length).toBeLessThanOrEqual(5);
      }
    }),
  );
});

test("a clock that goes back gives no room", () => {
  const hits = [10_000, 10_000, 10_000];

  expect(takeHit(hits, 2_000, rules)).toEqual({ isAllowed: false, retryAfterMs: 1_000 });
});
