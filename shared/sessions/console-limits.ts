import type { Clock } from "../platform/clock.ts";
import type { Store } from "../platform/store.ts";
import { createLinkRequests, type LinkRequests } from "./link-requests.ts";
import { createMemoryLimiter, createStoredLimiter, type Limiter } from "./rate-limit.ts";

const MINUTE_MS = 60_000;

/** Everything that bounds how often the page's interface may be called. Keys are client addresses. */
export interface ConsoleLimits {
  /** Any request: 100 a minute an address, 1,000 a minute over all; in memory, one process. */
  readonly requests: Limiter;
  /** Attempts to sign in: 10 a minute an address; in the store. */
  readonly signIns: Limiter;
  /** Attempts with a PIN or callback code: 10 a minute an address; in the store. */
  readonly pins: Limiter;
  readonly linkRequests: LinkRequests;
}

/** Create it once a process: the general limit lives in it. */
export function createConsoleLimits(deps: { readonly store: Store; readonly clock: Clock }): ConsoleLimits {
  const tenAMinute = [{ limit: 10, windowMs: MINUTE_MS }];
  return {
    requests: createMemoryLimiter(deps, {
      each: { limit: 100, windowMs: MINUTE_MS },
      overall: { limit: 1_000, windowMs: MINUTE_MS },
    }),
    signIns: createStoredLimiter(deps, { name: "sign-in", rules: tenAMinute }),
    pins: createStoredLimiter(deps, { name: "pin", rules: tenAMinute }),
    linkRequests: createLinkRequests(deps),
  };
}
