import type { Temporal } from "temporal-polyfill";

/**
 * Where time comes from. The system clock in the cloud, a virtual clock in the local stack and in tests.
 * Network time-outs are not its business: they belong to the transport.
 */
export interface Clock {
  now(): Temporal.Instant;

  /** Resolves once `duration` has passed on this clock, or at once when `signal` is aborted; never rejects. */
  sleep(duration: Temporal.Duration, signal?: AbortSignal): Promise<void>;
}
