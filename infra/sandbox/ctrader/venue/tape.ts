/**
 * The price of one symbol as it was: the walk, and what a person did to it. Moving a price shifts the walk from
 * then on, holding one lets it stand; both stay on record, so that bars and ticks made later tell the same.
 */
import type { Walk } from "./walk.ts";

export interface TwoSides {
  readonly bid: number;
  readonly ask: number;
}

/** From `from` on. `low` and `high`: extremes of the bid while the clock stood at `from`. */
export interface TapeMark {
  readonly from: number;
  readonly shift: number;
  readonly held?: TwoSides;
  readonly low: number;
  readonly high: number;
}

export interface Tape {
  readonly walk: Walk;
  at(epochMs: number): TwoSides;
  bid(epochMs: number): number;
  /** The change of the walk that holds at a moment. */
  shiftAt(epochMs: number): number;
  isHeld(epochMs: number): boolean;
  /** Shifts or holds from `from` on. A second mark at the same moment replaces the first, whose extremes stay. */
  mark(from: number, change: { readonly shift: number; readonly held?: TwoSides }): void;
  /** The marks of a stretch of time: `from` inclusive, `until` exclusive. */
  marks(from: number, until: number): readonly TapeMark[];
  all(): readonly TapeMark[];
}

/** A clock that stands makes one mark per moment, so this many moments are remembered. */
const LONGEST_RECORD = 20_000;

export function createTape(walk: Walk, saved: readonly TapeMark[] = []): Tape {
  const marks: TapeMark[] = [...saved];

  function indexAt(epochMs: number): number {
    let [low, high] = [0, marks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((marks[middle]?.from ?? Number.POSITIVE_INFINITY) <= epochMs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  const markAt = (epochMs: number): TapeMark | undefined => marks[indexAt(epochMs)];
  const bidBy = (mark: TapeMark | undefined, epochMs: number) =>
    mark?.held?.bid ?? walk.bid(epochMs) + (mark?.shift ?? 0);

  return {
    walk,
    bid: (epochMs) => bidBy(markAt(epochMs), epochMs),
    at(epochMs) {
      const mark = markAt(epochMs);
      if (mark?.held !== undefined) return mark.held;
      const shift = mark?.shift ?? 0;
      return { bid: walk.bid(epochMs) + shift, ask: walk.ask(epochMs) + shift };
    },
    shiftAt: (epochMs) => markAt(epochMs)?.shift ?? 0,
    isHeld: (epochMs) => markAt(epochMs)?.held !== undefined,
    mark(from, change) {
      const index = indexAt(from);
      const before = marks[index];
      const isSame = before?.from === from;
      const price = change.held?.bid ?? walk.bid(from) + change.shift;
      const seen = isSame ? [before.low, before.high] : [];
      const mark = { from, ...change, low: Math.min(price, ...seen), high: Math.max(price, ...seen) };
      marks.splice(isSame ? index : index + 1, isSame ? 1 : 0, mark);
      if (marks.length > LONGEST_RECORD) marks.splice(0, marks.length - LONGEST_RECORD);
    },
    marks: (from, until) => marks.slice(indexAt(from - 1) + 1, indexAt(until - 1) + 1),
    all: () => marks,
  };
}
