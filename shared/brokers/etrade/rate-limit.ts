import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import type { Timers } from "../../platform/timers.ts";
import type { EtradeModule } from "./errors.ts";

/** Modules whose calls E*TRADE counts; OAuth calls are not among them. */
export type LimitedModule = Exclude<EtradeModule, "oauth">;

/** Calls a second, by module. */
export type CallLimits = Readonly<Record<LimitedModule, number>>;

/** The published numbers; those of the present interface are higher, but known from hearsay only. */
export const DEFAULT_LIMITS: CallLimits = { accounts: 2, market: 4, order: 2 };

const WINDOW = Temporal.Duration.from({ seconds: 1 });

/** What a call does; one that acts goes before those that only read, where the limiter knows the difference. */
export type CallKind = "read" | "write";

/** Waits until one more call of `module` may start. Calls of a kind start in the order in which they asked. */
export type RateLimiter = (module: LimitedModule, kind?: CallKind) => Promise<void>;

/**
 * A limiter that never lets more calls start within any one second than `limits` says. It knows only this
 * process: other processes with the same consumer key count for themselves.
 */
export function createRateLimiter(deps: { readonly clock: Clock }, limits: CallLimits): RateLimiter {
  const starts: Record<LimitedModule, Temporal.Instant[]> = { accounts: [], market: [], order: [] };

  return async (module) => {
    const now = deps.clock.now();
    const taken = starts[module];
    // The start is reserved before the first wait, so that two callers never get the same one.
    const start = nextStart(now, taken, limits[module]);
    taken.push(start);
    if (taken.length > limits[module]) taken.shift();
    if (Temporal.Instant.compare(start, now) > 0) await deps.clock.sleep(now.until(start));
  };
}

function nextStart(
  now: Temporal.Instant,
  taken: readonly Temporal.Instant[],
  limit: number,
): Temporal.Instant {
  const oldest = taken.length < limit ? undefined : taken[0];
  if (oldest === undefined) return now;
  const free = oldest.add(WINDOW);
  return Temporal.Instant.compare(free, now) > 0 ? free : now;
}

/** A second, and room for calls that arrive closer together than they left. */
const PACED_WINDOW_MS = 1_050;

/** One module's calls in order of their turn. */
interface Lane {
  readonly starts: number[];
  readonly writes: (() => void)[];
  readonly reads: (() => void)[];
  isWaiting: boolean;
}

/**
 * A limiter by the machine's own time, whatever clock the product runs on, in which calls that act go before
 * those that read: an order never waits behind a row of polls.
 */
export function createPacedLimiter(deps: { readonly timers: Timers }, limits: CallLimits): RateLimiter {
  const lanes: Record<LimitedModule, Lane> = { accounts: lane(), market: lane(), order: lane() };

  function serve(module: LimitedModule): void {
    const { starts, writes, reads } = lanes[module];
    while (writes.length + reads.length > 0) {
      const now = deps.timers.now();
      const oldest = starts.length < limits[module] ? undefined : starts[0];
      const waitMs = oldest === undefined ? 0 : oldest + PACED_WINDOW_MS - now;
      if (waitMs > 0) {
        waitFor(module, waitMs);
        return;
      }
      starts.push(now);
      if (starts.length > limits[module]) starts.shift();
      const next = writes.shift() ?? reads.shift();
      next?.();
    }
  }

  function waitFor(module: LimitedModule, ms: number): void {
    const one = lanes[module];
    if (one.isWaiting) return;
    one.isWaiting = true;
    deps.timers.after(ms, () => {
      one.isWaiting = false;
      serve(module);
    });
  }

  return (module, kind = "read") =>
    new Promise((resolve) => {
      lanes[module][kind === "write" ? "writes" : "reads"].push(resolve);
      serve(module);
    });
}

function lane(): Lane {
  return { starts: [], writes: [], reads: [], isWaiting: false };
}
