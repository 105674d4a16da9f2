import { Temporal } from "temporal-polyfill";
import type { Clock } from "../clock.ts";

/** Bounds how late a sleeper notices that the machine itself was asleep or that its clock was set. */
const LONGEST_WAIT_MS = 30_000;

/** The machine's clock. Sleepers go by it too, also when it is set or the machine was suspended. */
export function createSystemClock(): Clock {
  return {
    now: () => Temporal.Now.instant(),
    async sleep(duration, signal) {
      const due = Temporal.Now.instant().add(duration);
      for (;;) {
        const leftMs = Temporal.Now.instant().until(due).total("milliseconds");
        if (leftMs <= 0 || signal?.aborted) return;
        await waitAtMost(Math.min(Math.ceil(leftMs), LONGEST_WAIT_MS), signal);
      }
    },
  };
}

function waitAtMost(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
    signal?.addEventListener("abort", end);
  });
}
