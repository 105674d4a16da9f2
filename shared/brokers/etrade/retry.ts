import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { Result } from "../../platform/result.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";

/** How often and how far apart a call is tried. */
export interface RetryPolicy {
  /** The first try included. */
  readonly attempts: number;
  /** The longest pause after the first try; it doubles from try to try. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Three tries, with pauses of at most a second and a half together. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 3, baseMs: 500, maxMs: 4000 };

/** Failures after which a read may be sent again: the broker may well answer the next one. */
export const RETRIED_READS: ReadonlySet<BrokerCallFailure> = new Set<BrokerCallFailure>([
  "BROKER_RATE_LIMITED",
  "BROKER_TIMEOUT",
  "BROKER_UNAVAILABLE",
  "BROKER_UNREACHABLE",
]);

/** Failures after which a call that acts may be sent again: it has not been sent at all. */
export const RETRIED_WRITES: ReadonlySet<BrokerCallFailure> = new Set<BrokerCallFailure>([
  "BROKER_UNREACHABLE",
]);

/**
 * Tries `attempt` until it succeeds, fails with a code outside `retried`, or has had all its tries; pauses in
 * between are random from zero to a bound that doubles.
 */
export async function withRetry<T>(
  deps: { readonly clock: Clock; readonly random: Random },
  rule: RetryPolicy & { readonly retried: ReadonlySet<BrokerCallFailure> },
  attempt: () => Promise<Result<T, BrokerCallFailure>>,
): Promise<Result<T, BrokerCallFailure>> {
  for (let tried = 1; ; tried++) {
    const result = await attempt();
    if (result.ok || tried >= rule.attempts || !rule.retried.has(result.code)) return result;
    const boundMs = Math.min(rule.maxMs, rule.baseMs * 2 ** (tried - 1));
    const pauseMs = Math.floor(fraction(deps.random) * boundMs);
    await deps.clock.sleep(Temporal.Duration.from({ milliseconds: pauseMs }));
  }
}

function fraction(random: Random): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
