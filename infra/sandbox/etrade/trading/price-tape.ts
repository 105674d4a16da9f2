/**
 * The prices as they were: the book's, and what a person did to them. Moving a price multiplies it from then on,
 * holding and freezing let it stand; all stay on record, so that a stretch looked at later tells the same.
 */
import { Temporal } from "temporal-polyfill";
import { type PriceBook, toCents } from "../prices.ts";
import type { Freeze, PriceMark } from "./records.ts";

/** A price book that people can move. */
export interface PriceTape extends PriceBook {
  /** Sets a price in dollars from `at` on; with `hold` it stands there until it is moved again. */
  move(symbol: string, to: { readonly price: number; readonly hold: boolean }, at: Temporal.Instant): void;
  /** Lets all prices stand, or go on with the book's. */
  freeze(isFrozen: boolean, at: Temporal.Instant): void;
  readonly isFrozen: boolean;
}

const MOST_MARKS = 5_000;

/** Makes a tape over `book`; `kept` holds what was done to it and changes in place. */
export function createPriceTape(
  book: PriceBook,
  kept: { readonly marks: Record<string, PriceMark[]>; readonly freezes: Freeze[] },
): PriceTape {
  const openFreeze = () => kept.freezes.find(({ until }) => until === undefined);
  const markAt = (symbol: string, ms: number) =>
    Object.hasOwn(kept.marks, symbol) ? kept.marks[symbol]?.findLast(({ from }) => from <= ms) : undefined;

  function walked(symbol: string, at: Temporal.Instant): number {
    const ms = at.epochMilliseconds;
    const frozen = kept.freezes.findLast(
      ({ from, until = Number.POSITIVE_INFINITY }) => from <= ms && ms < until,
    );
    return book.price(symbol, frozen ? Temporal.Instant.fromEpochMilliseconds(frozen.from) : at);
  }

  return {
    listing: book.listing,
    trait: book.trait,
    price(symbol, at) {
      const mark = markAt(symbol, at.epochMilliseconds);
      if (mark === undefined) return walked(symbol, at);
      if (mark.heldCents !== undefined) return mark.heldCents / 100;
      return Math.max(0.01, toCents(walked(symbol, at) * mark.factor));
    },
    move(symbol, { price, hold }, at) {
      const from = at.epochMilliseconds;
      const factor = price / walked(symbol, at);
      const before = (kept.marks[symbol] ?? []).filter((mark) => mark.from !== from).slice(1 - MOST_MARKS);
      const held = hold ? { heldCents: Math.max(1, Math.round(price * 100)) } : {};
      kept.marks[symbol] = [...before, { from, factor, ...held }];
    },
    freeze(isFrozen, at) {
      const open = openFreeze();
      const from = at.epochMilliseconds;
      if (isFrozen && open === undefined) kept.freezes.push({ from });
      if (!isFrozen && open !== undefined) open.until = from;
      if (kept.freezes.length > MOST_MARKS) kept.freezes.shift();
    },
    get isFrozen() {
      return openFreeze() !== undefined;
    },
  };
}
