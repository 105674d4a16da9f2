import type { Random } from "../../../shared/platform/random.ts";

/** Draws of one generator: the same seed and the same course of draws give the same results. */
export interface Chance {
  /** True for about this share of calls. Draws nothing for 0 and 1, so that a switch that is off changes nothing. */
  of(share: number): boolean;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  bytes(count: number): Uint8Array;
}

export function createChance(random: Random): Chance {
  const fraction = () => Buffer.from(random.bytes(4)).readUInt32BE(0) / 2 ** 32;
  return {
    of: (share) => share >= 1 || (share > 0 && fraction() < share),
    whole: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
    bytes: (count) => random.bytes(count),
  };
}
