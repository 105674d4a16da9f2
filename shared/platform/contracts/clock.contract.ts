import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Clock } from "../clock.ts";
import { declareCases, type Gaps } from "./gaps.ts";

/** An adapter of the clock as its contract sees it. */
export interface ClockUnderTest {
  readonly name: string;
  make(): Promise<{
    readonly clock: Clock;
    /** Lets `duration` pass on this clock. Absent where time passes by itself. */
    pass?(duration: Temporal.Duration): Promise<void>;
    close?(): Promise<void>;
  }>;
  readonly gaps?: Gaps;
}

const ms = (milliseconds: number): Temporal.Duration => Temporal.Duration.from({ milliseconds });

/** What every clock promises. */
export function clockContract(adapter: ClockUnderTest): void {
  describe(`clock contract: ${adapter.name}`, () => {
    let made: Awaited<ReturnType<ClockUnderTest["make"]>>;
    let clock: Clock;

    beforeEach(async () => {
      made = await adapter.make();
      clock = made.clock;
    });

    afterEach(async () => {
      await made.close?.();
    });

    const pass = async (duration: Temporal.Duration): Promise<void> => made.pass?.(duration);

    declareCases(adapter.gaps ?? {}, (test) => {
      test("now never goes back", async () => {
        const before = clock.now();
        await pass(ms(3));
        const after = clock.now();

        expect(Temporal.Instant.compare(before, after)).toBeLessThanOrEqual(0);
      });

      test("a sleeper wakes when its duration has passed, and not before", async () => {
        const due = clock.now().add(ms(20));
        let wokeAt: Temporal.Instant | undefined;
        const sleeper = clock.sleep(ms(20)).then(() => {
          wokeAt = clock.now();
        });

        await pass(ms(20));
        await sleeper;

        expect(wokeAt && Temporal.Instant.compare(wokeAt, due)).toBeGreaterThanOrEqual(0);
      });

      test("sleepers wake in the order of time", async () => {
        const order: string[] = [];
        const sleepers = [
          clock.sleep(ms(40)).then(() => order.push("late")),
          clock.sleep(ms(5)).then(() => order.push("early")),
        ];

        await pass(ms(40));
        await Promise.all(sleepers);

        expect(order).toEqual(["early", "late"]);
      });

      test("an abort wakes a sleeper at once, without an error", async () => {
        const controller = new AbortController();
        const sleeper = clock.sleep(Temporal.Duration.from({ hours: 1_000 }), controller.signal);

        controller.abort(new Error("enough"));

        await expect(sleeper).resolves.toBeUndefined();
      });

      test("a signal that is aborted already does not let it sleep", async () => {
        const sleeper = clock.sleep(Temporal.Duration.from({ hours: 1_000 }), AbortSignal.abort());

        await expect(sleeper).resolves.toBeUndefined();
      });

      test("a duration of nothing or less does not let it sleep", async () => {
        await expect(clock.sleep(ms(0))).resolves.toBeUndefined();
        await expect(clock.sleep(ms(-5))).resolves.toBeUndefined();
      });
    });
  });
}
