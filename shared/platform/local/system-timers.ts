import type { Timers } from "../timers.ts";

/** The machine's monotonic clock. A pending timer does not keep the process alive. */
export function createSystemTimers(): Timers {
  return {
    now: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
