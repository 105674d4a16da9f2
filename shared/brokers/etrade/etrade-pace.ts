import { Temporal } from "temporal-polyfill";
import { marketPhase } from "../../calendar/sessions.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Timers } from "../../platform/timers.ts";
import type { SessionTimings } from "./etrade-session.ts";

/** However fast the product's clock runs, nothing is asked more often than this. */
const LEAST_MS = 500;

/**
 * How long something is ago, in milliseconds, by whichever clock has gone further: the machine's, or the
 * product's, which a rehearsal may run faster.
 */
export interface Stopwatch {
  restart(): void;
  hasPassed(ms: number): boolean;
  /** When to look at it again, for it to have passed `ms`. */
  waitMs(ms: number): number;
}

/** A watch by which everything has passed until it is started. */
export function createStopwatch({
  clock,
  timers,
}: {
  readonly clock: Clock;
  readonly timers: Timers;
}): Stopwatch {
  let machine = Number.NEGATIVE_INFINITY;
  let product = Number.NEGATIVE_INFINITY;
  const machineMs = () => timers.now() - machine;
  const passedMs = () => Math.max(machineMs(), clock.now().epochMilliseconds - product);

  return {
    restart() {
      machine = timers.now();
      product = clock.now().epochMilliseconds;
    },
    hasPassed: (ms) => passedMs() >= ms && machineMs() >= Math.min(ms, LEAST_MS),
    waitMs: (ms) => Math.max(1, Math.min(LEAST_MS, ms - machineMs())),
  };
}

/** Whether the exchange's regular session is under way, or ended less than a quarter of an hour ago. */
export function isTradingTime(now: Temporal.Instant): boolean {
  return [now, now.subtract(SHORTLY)].some((at) => {
    const phase = marketPhase(at);
    return phase.ok && phase.value === "open";
  });
}

const SHORTLY = Temporal.Duration.from({ minutes: 15 });

/** How often to look at an account's orders, in milliseconds. */
export function lookEveryMs(
  pace: "busy" | "working" | "quiet",
  now: Temporal.Instant,
  { busyMs, workingMs, quietMs }: Pick<SessionTimings, "busyMs" | "workingMs" | "quietMs">,
): number {
  if (pace === "quiet") return quietMs;
  // What rests outside the session stays as it is.
  if (!isTradingTime(now)) return pace === "busy" ? workingMs : quietMs;
  return pace === "busy" ? busyMs : workingMs;
}
