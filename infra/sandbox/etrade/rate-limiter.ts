import type { Temporal } from "temporal-polyfill";

/** How many calls a second and a clock hour; 0 is no limit. */
export interface RateLimit {
  readonly perSecond: number;
  readonly perHour: number;
}

/** Counts calls by name: over any second that slides, and over the hour of the clock. A refused call does not count. */
export class RateLimiter {
  readonly #second = new Map<string, number[]>();
  readonly #hour = new Map<string, { hour: number; calls: number }>();

  /** Takes one call of `name`, or refuses it. */
  take(name: string, limit: RateLimit, now: Temporal.Instant): boolean {
    const nowMs = now.epochMilliseconds;
    const recent = (this.#second.get(name) ?? []).filter((at) => nowMs - at < 1_000);
    const hour = Math.floor(nowMs / 3_600_000);
    const counted = this.#hour.get(name);
    const calls = counted?.hour === hour ? counted.calls : 0;
    const isOver =
      (limit.perSecond > 0 && recent.length >= limit.perSecond) ||
      (limit.perHour > 0 && calls >= limit.perHour);
    if (isOver) return false;
    this.#second.set(name, [...recent, nowMs]);
    this.#hour.set(name, { hour, calls: calls + 1 });
    return true;
  }
}
