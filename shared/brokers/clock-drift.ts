/**
 * How far this machine's clock is from a broker's, out of what the broker dates. One dated message says little:
 * it was on its way, and may be dated to the second. Those of a minute together say it well enough.
 */
import type { Timers } from "../platform/timers.ts";

/** Between what this clock may be ahead of the broker's, in milliseconds; below 0 it is behind. */
export interface DriftBounds {
  /** Missing where the message tells nothing of how far it may be behind. */
  readonly least?: number;
  readonly most: number;
}

export interface DriftMeter {
  take(bounds: DriftBounds): void;
  /** By the messages of the last minute, or the last ones of a quarter of an hour; undefined without any. */
  driftMs(): number | undefined;
}

/** Of two halves one is being filled, so that between half a minute and a whole one counts. */
const HALF_MS = 30_000;
const KEPT_MS = 15 * 60_000;

interface Half {
  readonly from: number;
  readonly least: number;
  readonly most: number;
}

/** A meter that has heard nothing yet. */
export function createDriftMeter({ now }: Pick<Timers, "now">): DriftMeter {
  let current: Half | undefined;
  let previous: Half | undefined;

  return {
    take({ least = Number.NEGATIVE_INFINITY, most }) {
      const at = now();
      if (current === undefined || at - current.from >= HALF_MS) {
        previous = current !== undefined && at - current.from < 2 * HALF_MS ? current : undefined;
        current = { from: at, least, most };
      } else {
        current = { ...current, least: Math.max(current.least, least), most: Math.min(current.most, most) };
      }
      // A clock was set in between: what was heard before it is of another clock.
      if (current.least > current.most) current = { ...current, least, most };
      if (previous !== undefined && (previous.least > current.most || current.least > previous.most)) {
        previous = undefined;
      }
    },
    driftMs() {
      if (current === undefined || now() - current.from > KEPT_MS) return undefined;
      const least = Math.max(current.least, previous?.least ?? current.least);
      const most = Math.min(current.most, previous?.most ?? current.most);
      return Math.round(likeliest(least, most));
    },
  };
}

/** Bounds that hold 0 say nothing against the clock. Of a way that was measured in one direction alone all may be drift. */
function likeliest(least: number, most: number): number {
  if (least === Number.NEGATIVE_INFINITY) return most;
  if (least > 0) return least;
  return most < 0 ? most : 0;
}

/** By a message that the broker has dated to the millisecond, and that was heard at `heardMs`. */
export function boundsOfMessage(datedMs: number, heardMs: number): DriftBounds {
  return { most: heardMs - datedMs };
}

const DATED_TO_MS = 1_000;

/** By an answer with the header `Date`, which names a whole second; undefined where it names none. */
export function boundsOfAnswer(
  date: string | undefined,
  { sentMs, heardMs }: { readonly sentMs: number; readonly heardMs: number },
): DriftBounds | undefined {
  const datedMs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(datedMs)) return undefined;
  return { least: sentMs - (datedMs + DATED_TO_MS), most: heardMs - datedMs };
}
