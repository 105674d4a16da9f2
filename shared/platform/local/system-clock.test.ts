import { Temporal } from "temporal-polyfill";
import { afterEach, expect, test, vi } from "vitest";
import { clockContract } from "../contracts/clock.contract.ts";
import { createSystemClock } from "./system-clock.ts";

clockContract({ name: "system", make: async () => ({ clock: createSystemClock() }) });

afterEach(() => {
  vi.useRealTimers();
});

test("a sleep longer than the machine's timers can count ends when it is due", async () => {
  vi.useFakeTimers({ now: 0 });
  const clock = createSystemClock();
  let wokeAt: string | undefined;
  void clock.sleep(Temporal.Duration.from({ hours: 24 * 30 })).then(() => {
    wokeAt = clock.now().toString();
  });

  await vi.advanceTimersByTimeAsync(24 * 30 * 3_600_000 - 1);
  expect(wokeAt).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);

  expect(wokeAt).toBe("1970-01-31T00:00:00Z");
});

test("a machine that was suspended past the end of a sleep wakes the sleeper within 30 seconds", async () => {
  vi.useFakeTimers({ now: 0 });
  const clock = createSystemClock();
  let isAwake = false;
  void clock.sleep(Temporal.Duration.from({ hours: 8 })).then(() => {
    isAwake = true;
  });

  vi.setSystemTime(9 * 3_600_000);
  await vi.advanceTimersByTimeAsync(30_000);

  expect(isAwake).toBe(true);
});
