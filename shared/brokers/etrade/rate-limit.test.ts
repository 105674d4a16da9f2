import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import { createPacedLimiter, createRateLimiter, DEFAULT_LIMITS, type LimitedModule } from "./rate-limit.ts";
import { createJumpingClock } from "./testing/fakes.ts";

const ms = (milliseconds: number) => Temporal.Duration.from({ milliseconds });

test("the default is the published limit: two calls a second for accounts and orders, four for quotes", () => {
  expect(DEFAULT_LIMITS).toEqual({ accounts: 2, market: 4, order: 2 });
});

test("calls up to the limit start at once, and the next ones a second after the ones before", async () => {
  const clock = createJumpingClock();
  const begin = clock.now();
  const limit = createRateLimiter({ clock }, DEFAULT_LIMITS);
  const starts: number[] = [];

  await Promise.all(
    Array.from({ length: 5 }, () =>
      limit("accounts").then(() => starts.push(begin.until(clock.now()).total("milliseconds"))),
    ),
  );

  expect(starts).toEqual([0, 0, 1000, 1000, 2000]);
});

test("modules do not wait for each other", async () => {
  const clock = createJumpingClock();
  const limit = createRateLimiter({ clock }, { accounts: 1, market: 1, order: 1 });

  await Promise.all([limit("accounts"), limit("market"), limit("order")]);

  expect(clock.sleepsMs).toEqual([]);
});

test("no second ever holds more starts than the limit, and callers start in their order", async () => {
  const plan = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    gapsMs: fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 30 }),
  });

  await fc.assert(
    fc.asyncProperty(plan, async ({ limit: perSecond, gapsMs }) => {
      const clock = createJumpingClock();
      const begin = clock.now();
      const limit = createRateLimiter({ clock }, { accounts: perSecond, market: 4, order: 2 });
      const started: { caller: number; atMs: number }[] = [];
      const module: LimitedModule = "accounts";

      const calls: Promise<unknown>[] = [];
      for (const [caller, gapMs] of gapsMs.entries()) {
        if (gapMs > 0) await clock.sleep(ms(gapMs));
        const note = () => started.push({ caller, atMs: begin.until(clock.now()).total("milliseconds") });
        calls.push(limit(module).then(note));
      }
      await Promise.all(calls);

      expect(started.map(({ caller }) => caller)).toEqual(gapsMs.map((_gap, caller) => caller));
      for (const [index, { atMs }] of started.entries()) {
        const within = started.slice(index).filter((other) => other.atMs < atMs + 1000);
        expect(within.length).toBeLessThanOrEqual(perSecond);
      }
    }),
    { numRuns: 60 },
  );
});

test("by the machine's time, calls that act go before those that read, and never too many in a second", async () => {
  const timers = createVirtualTimers();
  const limit = createPacedLimiter({ timers }, { accounts: 2, market: 4, order: 2 });
  const started: { readonly name: string; readonly at: number }[] = [];
  const start = (name: string, kind: "read" | "write") =>
    void limit("order", kind).then(() => started.push({ name, at: timers.now() }));
  for (const name of ["r1", "r2", "r3", "r4"]) start(name, "read");
  await timers.advance(100);
  start("w1", "write");
  start("w2", "write");

  await timers.advance(10_000);

  expect(started.map(({ name }) => name)).toEqual(["r1", "r2", "w1", "w2", "r3", "r4"]);
  for (const [index, { at }] of started.entries()) {
    const third = started[index + 2];
    if (third !== undefined) expect(third.at - at).toBeGreaterThan(1_000);
  }
});
