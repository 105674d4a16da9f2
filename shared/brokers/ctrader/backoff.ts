/** How long to wait before the next connection: full jitter under a ceiling that doubles with each failure. Pure. */
import type { Random } from "../../platform/random.ts";

export interface BackoffTimings {
  /** The ceiling of the first pause, in milliseconds. */
  readonly baseMs: number;
  /** No ceiling is higher, in milliseconds. */
  readonly capMs: number;
}

/** A pause is never shorter than this share of its ceiling, so that even bad luck is no tight loop. */
const LEAST_SHARE = 1 / 20;

/** More doublings than this are beyond every cap, and would overflow. */
const MOST_DOUBLINGS = 30;

/** A pause in milliseconds after `failures` failures in a row, the first counting as 0. */
export function backoffMs(failures: number, timings: BackoffTimings, random: Random): number {
  const doublings = Math.min(Math.max(0, failures), MOST_DOUBLINGS);
  const ceiling = Math.min(timings.capMs, timings.baseMs * 2 ** doublings);
  return Math.ceil(ceiling * Math.max(LEAST_SHARE, fraction(random)));
}

/** Evenly spread in [0, 1), in steps of 2^-32. */
export function fraction(random: Random): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
