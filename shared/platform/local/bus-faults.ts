import type { Random } from "../random.ts";

/** What a bus may do to its messages by contract, made to happen: for tests and the sandbox. */
export interface BusFaults {
  /** Every subscriber gets every message twice, under one delivery id. */
  readonly deliverTwice?: boolean;
  /** How much of the messages is lost, 0 to 1. */
  readonly dropFraction?: number;
  /** Each copy is held back by up to so many milliseconds on the bus's clock, which also reorders them. */
  readonly delayMs?: number;
}

const RANGE = 2 ** 32;

/** A number from 0 up to, and without, 1. */
function fraction(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32BE() / RANGE;
}

/** How long each copy of one message for one subscriber is held back, in milliseconds; empty when it is lost. */
export function decideCopies(faults: BusFaults, random: Random): readonly number[] {
  const { deliverTwice = false, dropFraction = 0, delayMs = 0 } = faults;
  if (dropFraction > 0 && fraction(random) < dropFraction) return [];
  const copies = deliverTwice ? [0, 0] : [0];
  return delayMs > 0 ? copies.map(() => Math.floor(fraction(random) * (delayMs + 1))) : copies;
}
