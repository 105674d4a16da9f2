/** Draws of one case, all by its seed: fast, and the same in the same order for the same seed. */
export interface Draws {
  /** A whole number from 0 to `count` − 1. */
  below(count: number): number;
  /** From `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in so many of 100. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function createDraws(seed: number): Draws {
  let state = seed | 0;
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const below = (count: number) => Math.floor(next() * count);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (percent) => next() * 100 < percent,
    pick(from) {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new RangeError("There is nothing to pick from.");
      return picked;
    },
  };
}
