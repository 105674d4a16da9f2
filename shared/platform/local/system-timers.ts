import type { Timers } from "../timers.ts";

/** The machine's monotonic clock. A pending timer does not keep the process alive. */
export function createSystemTimers(): Timers {
  return {
    // `performance` would load what measures performance, for this alone.
    now() {
      const [seconds, nanoseconds] = process.hrtime();
      return seconds * 1_000 + nanoseconds / 1_000_000;
    },
    after(ms, run) {
      const timer = setTimeout(run, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
