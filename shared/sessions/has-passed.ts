import { Temporal } from "temporal-polyfill";
import type { Clock } from "../platform/clock.ts";

/** Whether `instant` is now or before now: what ends at an instant is over at that instant. */
export function hasPassed(instant: Temporal.Instant, clock: Clock): boolean {
  return Temporal.Instant.compare(instant, clock.now()) <= 0;
}
