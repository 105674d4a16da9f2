import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import type { EtradeModule } from "./errors.ts";

/** Modules whose calls E*TRADE counts; OAuth calls are not among them. */
export type LimitedModule = Exclude<EtradeModule, "oauth">;

/** Calls a second, by module. */
export type CallLimits = Readonly<Record<LimitedModule, number>>;

/** The published numbers; those of the present interface are higher, but known from hearsay only. */
export const DEFAULT_LIMITS: CallLimits = { accounts: 2, market: 4, order: 2 };

const WINDOW = Temporal.Duration.from({ seconds: 1 });

/** Waits until one more call of `module` may start. Calls start in the order in which they asked. */
export type RateLimiter = (module: LimitedModule) => Promise<void>;

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
