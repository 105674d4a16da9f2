import fc from "fast-check";
import { expect, test } from "vitest";
import { type PollFacts, planPoll } from "./poll-plan.ts";

const facts = (over: Partial<PollFacts> = {}): PollFacts => ({
  isHidden: false,
  isAwaitingOutcome: false,
  isLate: false,
  failuresInRow: 0,
  ...over,
});
const limited = (retryAfterMs?: number) => ({
  kind: "refused" as const,
  status: 429,
  code: "RATE_LIMITED",
  message: "Too many.",
  next: "Wait.",
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

test("in calm the page looks every 15 seconds, and each second while an outcome is awaited", () => {
  expect(planPoll(facts())).toBe(15_000);
  expect(planPoll(facts({ isAwaitingOutcome: true }))).toBe(1_000);
  expect(planPoll(facts({ isAwaitingOutcome: true, isLate: true }))).toBe(5_000);
});

test("a hidden page does not look", () => {
  expect(planPoll(facts({ isHidden: true, isAwaitingOutcome: true }))).toBeUndefined();
});

test("the server's own pause is kept", () => {
  expect(planPoll(facts({ isAwaitingOutcome: true, problem: limited(42_000), failuresInRow: 1 }))).toBe(
    42_000,
  );
  expect(planPoll(facts({ problem: limited(), failuresInRow: 1 }))).toBe(30_000);
});

test("failures make the pauses longer, up to the calm pace", () => {
  const pauses = [1, 2, 3, 4, 9].map((failuresInRow) => planPoll(facts({ failuresInRow })));

  expect(pauses).toEqual([2_000, 4_000, 8_000, 15_000, 15_000]);
});

test("no state of things makes more than 60 looks a minute", () => {
  const anything = fc.record({
    isHidden: fc.boolean(),
    isAwaitingOutcome: fc.boolean(),
    isLate: fc.boolean(),
    failuresInRow: fc.nat({ max: 2_000 }),
    problem: fc.constantFrom(limited(1), limited(), { kind: "unreachable" as const }),
  });

  fc.assert(
    fc.property(anything, (some) => {
      expect(planPoll(some) ?? 1_000).toBeGreaterThanOrEqual(1_000);
    }),
  );
});
