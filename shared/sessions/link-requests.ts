import type { Clock } from "../platform/clock.ts";
import type { Store } from "../platform/store.ts";
import { createStoredLimiter, type Limiter } from "./rate-limit.ts";

/** Fresh links that anyone may have sent to the owner's phone, over all who ask. */
const RULES = [
  { limit: 1, windowMs: 60_000 },
  { limit: 5, windowMs: 3_600_000 },
] as const;

export interface LinkRequests {
  /** Whether a fresh link may be sent now. Counts as one when it may. The asker is answered alike either way. */
  allow(): Promise<boolean>;
}

/** Keeps strangers from ringing the owner's phone: at most 1 fresh link a minute and 5 an hour. */
export function createLinkRequests(deps: { readonly store: Store; readonly clock: Clock }): LinkRequests {
  const limiter: Limiter = createStoredLimiter(deps, { name: "link-request", rules: RULES });
  return {
    async allow() {
      return (await limiter.take("owner")).isAllowed;
    },
  };
}
