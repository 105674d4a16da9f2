/**
 * Chance on paper. What is drawn depends on the seed, the account, the order and the subject alone: whoever
 * draws it, and however often, draws the same.
 */
import { createHash } from "node:crypto";
import { Decimal } from "decimal.js";

/** So many equally likely outcomes; each has fifteen decimals at most. */
const OUTCOMES = 2 ** 48;

/** From 0 up to, and without, 1. */
export type Draw = (order: string, subject: string) => number;

export function createDraw(seed: string, account: string): Draw {
  return (order, subject) => {
    const text = JSON.stringify([seed, account, order, subject]);
    return createHash("sha256").update(text).digest().readUIntBE(0, 6) / OUTCOMES;
  };
}

/** Whether one of `percent` of 100 is drawn. */
export function isDrawn(drawn: number, percent: number): boolean {
  return drawn * 100 < percent;
}

/** A decimal between two numbers. */
export function drawnBetween(drawn: number, [least, most]: readonly [number, number]): Decimal {
  return new Decimal(most).minus(least).times(drawn).plus(least);
}
