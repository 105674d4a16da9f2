import { getEventListeners } from "node:events";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterEach, expect, test, vi } from "vitest";
import { clockContract } from "../contracts/clock.contract.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

const start = Temporal.Instant.from("2026-03-08T06:59:30Z");
const seconds = (count: number): Temporal.Duration => Temporal.Duration.from({ seconds: count });
const after = (count: number): Temporal.Instant => start.add(seconds(count));

clockContract({
  name: "virtual, standing",
  make: async () => {
    const clock = createVirtualClock({ start });
    return { clock, pass: (duration) => clock.advanceBy(duration) };
  },
});

clockContract({
  name: "virtual, flowing",
  make: async () => {
    const clock = createVirtualClock({ start, flowing: true });
    return { clock, close: async () => clock.close() };
  },
});

afterEach(() => {
  vi.useRealTimers();
});

test("a standing clock stands", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 0 });
  const clock = createVirtualClock({ start });

  vi.setSystemTime(60_000);

  expect(clock.now().equals(start)).toBe(true);
});

test("every timer fires at its own instant, in the order of time and then of registration", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 12 }), async (delays) => {
      const clock = createVirtualClock({ start });
      const fired: { readonly delay: number; readonly index: number }[] = [];
      for (const [index, delay] of delays.entries()) {
        clock.at(after(delay), () => {
          expect(clock.now().equals(after(delay))).toBe(true);
          fired.push({ delay, index });
        });
      }

      await clock.advanceBy(seconds(10));
      const early = fired.length;
      await clock.advanceTo(after(20));

      const expected = delays
        .map((delay, index) => ({ delay, index }))
        .sort((a, b) => a.delay - b.delay || a.index - b.index);
      expect(fired).toEqual(expected);
      expect(early).toBe(delays.filter((delay) => delay <= 10).length);
      expect(clock.now().equals(after(20))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("a callback that is not done holds the clock at its instant", async () => {
  const clock = createVirtualClock({ start });
  const { promise: work, resolve: finish } = Promise.withResolvers<void>();
  const order: string[] = [];
  clock.at(after(1), async () => {
    await work;
    order.push(`first done at ${clock.now()}`);
  });
  clock.at(after(2), () => {
    order.push(`second at ${clock.now()}`);
  });

  const advance = clock.advanceBy(seconds(5));
  await vi.waitFor(() => expect(clock.now().equals(after(1))).toBe(true));
  expect(order).toEqual([]);
  finish();
  await advance;

  expect(order).toEqual([`first done at ${after(1)}`, `second at ${after(2)}`]);
});

test("what the owner waits for has settled before each step and at the end", async () => {
  let isBusy = true;
  const settled: string[] = [];
  const clock: VirtualClock = createVirtualClock({
    start,
    settle: async () => {
      await Promise.resolve();
      isBusy = false;
      settled.push(clock.now().toString());
    },
  });
  for (const delay of [1, 2]) {
    clock.at(after(delay), () => {
      expect(isBusy).toBe(false);
      isBusy = true;
    });
  }

  await clock.advanceBy(seconds(3));

  expect(isBusy).toBe(false);
  expect(settled).toEqual([start, after(1), after(2)].map(String));
});

test("timers that a step sets fire on the same way", async () => {
  const clock = createVirtualClock({ start });
  const woke: string[] = [];
  const loop = (async () => {
    for (let round = 0; round < 5; round += 1) {
      await clock.sleep(seconds(10));
      woke.push(clock.now().toString());
    }
  })();

  await clock.advanceBy(seconds(35));
  expect(woke).toEqual([10, 20, 30].map((count) => after(count).toString()));
  await clock.advanceBy(seconds(15));
  await loop;

  expect(woke.length).toBe(5);
});

test("a timer for the past fires at the next step, without turning the clock back", async () => {
  const clock = createVirtualClock({ start });
  const seen: string[] = [];
  clock.at(after(-60), () => {
    seen.push(clock.now().toString());
  });

  expect(seen).toEqual([]);
  await clock.advanceBy(seconds(0));

  expect(seen).toEqual([start.toString()]);
});

test("a cancelled timer does not fire", async () => {
  const clock = createVirtualClock({ start });
  const fired: string[] = [];
  const cancel = clock.at(after(1), () => {
    fired.push("cancelled");
  });
  clock.at(after(1), () => {
    fired.push("kept");
  });

  cancel();
  cancel();
  await clock.advanceBy(seconds(2));

  expect(fired).toEqual(["kept"]);
});

test("an aborted sleeper wakes at once and leaves nothing behind", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date", "setTimeout", "clearTimeout"] });
  const clock = createVirtualClock({ start, flowing: true });
  const controller = new AbortController();
  const sleeper = clock.sleep(seconds(5), controller.signal);
  expect(vi.getTimerCount()).toBe(1);

  controller.abort();
  await sleeper;

  expect(clock.now().equals(start)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  clock.close();
});

test("a sleeper that woke by the clock has let go of its signal", async () => {
  const clock = createVirtualClock({ start });
  const controller = new AbortController();
  const sleeper = clock.sleep(seconds(5), controller.signal);
  expect(getEventListeners(controller.signal, "abort").length).toBe(1);

  await clock.advanceBy(seconds(5));
  await sleeper;

  expect(getEventListeners(controller.signal, "abort").length).toBe(0);
});

test("a clock does not go back", async () => {
  const clock = createVirtualClock({ start });

  await expect(clock.advanceTo(after(-1))).rejects.toThrow(RangeError);
  await expect(clock.advanceBy(seconds(-1))).rejects.toThrow(RangeError);

  expect(clock.now().equals(start)).toBe(true);
});

test("advances made at the same time run one after the other", async () => {
  const clock = createVirtualClock({ start });
  const order: string[] = [];
  clock.at(after(1), async () => {
    await Promise.resolve();
    order.push("timer");
  });

  const advances = [
    clock.advanceBy(seconds(2)).then(() => order.push(`first at ${clock.now()}`)),
    clock.advanceBy(seconds(2)).then(() => order.push(`second at ${clock.now()}`)),
    expect(clock.advanceTo(after(3))).rejects.toThrow(RangeError),
    clock.advanceTo(after(5)).then(() => order.push(`third at ${clock.now()}`)),
  ];
  await Promise.all(advances);

  expect(order).toEqual(["timer", `first at ${after(2)}`, `second at ${after(4)}`, `third at ${after(5)}`]);
});

test("a callback that fails does not keep the clock from arriving, and the advance says so", async () => {
  const clock = createVirtualClock({ start });
  const error = new Error("job failed");
  let isSecondFired = false;
  clock.at(after(1), () => Promise.reject(error));
  clock.at(after(2), () => {
    isSecondFired = true;
  });

  const failure = await clock.advanceBy(seconds(3)).catch((reason: unknown) => reason);

  expect(failure).toBeInstanceOf(AggregateError);
  expect((failure as AggregateError).errors).toEqual([error]);
  expect(isSecondFired).toBe(true);
  expect(clock.now().equals(after(3))).toBe(true);
  await expect(clock.advanceBy(seconds(1))).resolves.toBeUndefined();
});

test("instants are exact to the nanosecond", async () => {
  const clock = createVirtualClock({ start });

  await clock.advanceBy(Temporal.Duration.from({ nanoseconds: 1 }));

  expect(clock.now().epochNanoseconds).toBe(start.epochNanoseconds + 1n);
});

test("a flowing clock follows the machine's clock and fires by its timers", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date", "setTimeout", "clearTimeout"] });
  const clock = createVirtualClock({ start, flowing: true });
  const fired: string[] = [];
  clock.at(after(90), () => {
    fired.push(clock.now().toString());
  });
  const cancel = clock.at(after(1), () => {
    fired.push("cancelled");
  });
  cancel();

  await vi.advanceTimersByTimeAsync(89_999);
  expect(clock.now().toString()).toBe(start.add({ milliseconds: 89_999 }).toString());
  expect(fired).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);

  expect(fired).toEqual([after(90).toString()]);
  clock.close();
});

test("a flowing clock stands during an advance and flows on from where it arrived", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date", "setTimeout", "clearTimeout"] });
  const clock = createVirtualClock({ start, flowing: true });
  const fired: string[] = [];
  clock.at(after(3_600), () => {
    vi.setSystemTime(5_000);
    fired.push(clock.now().toString());
  });
  clock.at(after(7_201), () => {
    fired.push(clock.now().toString());
  });

  await clock.advanceTo(after(7_200));
  expect(clock.now().equals(after(7_200))).toBe(true);
  expect(fired).toEqual([after(3_600).toString()]);
  await vi.advanceTimersByTimeAsync(1_000);

  expect(clock.now().equals(after(7_201))).toBe(true);
  expect(fired).toEqual([after(3_600), after(7_201)].map(String));
  clock.close();
});

test("a closed flowing clock stands and fires nothing", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date", "setTimeout", "clearTimeout"] });
  const clock = createVirtualClock({ start, flowing: true });
  let hasFired = false;
  clock.at(after(1), () => {
    hasFired = true;
  });

  clock.close();
  await vi.advanceTimersByTimeAsync(5_000);

  expect(hasFired).toBe(false);
  expect(clock.now().equals(start)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
