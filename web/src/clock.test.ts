import { expect, test } from "vitest";
import { createServerClock } from "./clock.ts";

test("the server's time goes on with the monotonic clock", () => {
  let monotonicMs = 5_000;
  const clock = createServerClock(() => monotonicMs);

  clock.set("2026-03-23T12:31:00.000Z");
  monotonicMs += 1_500;

  expect(new Date(clock.nowMs()).toISOString()).toBe("2026-03-23T12:31:01.500Z");
});

test("a jump of the server's clock is taken over with the next answer", () => {
  let monotonicMs = 0;
  const clock = createServerClock(() => monotonicMs);
  clock.set("2026-03-23T12:31:00.000Z");

  monotonicMs += 1_000;
  clock.set("2026-03-24T04:00:00.000Z");

  expect(new Date(clock.nowMs()).toISOString()).toBe("2026-03-24T04:00:00.000Z");
});

test("asking before any answer is a bug", () => {
  const clock = createServerClock(() => 0);

  expect(() => clock.nowMs()).toThrow("not known yet");
});
