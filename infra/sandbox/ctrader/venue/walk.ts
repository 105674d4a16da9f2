/**
 * The price of a symbol as a function of the seed and the time: the same question has the same answer, in any
 * order and after a restart, and a clock that jumps meets the price that it would have met on the way.
 *
 * 1. A price changes at whole steps only; within a step it stands.
 * 2. Between two nodes the bid goes one way only, so the nodes and the ends of a stretch are its extremes.
 * 3. Bid and ask are integers of 1/100,000 with the decimals of the symbol, and the ask is above the bid.
 */
import type { VenueSymbol } from "./symbols.ts";

/** Milliseconds from one price to the next. */
export const STEP_MS = 500;
/** Milliseconds between the points that the path goes through. */
export const NODE_MS = 10_000;

export interface Walk {
  /** The least change of the price. */
  readonly point: number;
  bid(epochMs: number): number;
  ask(epochMs: number): number;
  /** A fixed number from 0 up to 1 for a subject and an index. */
  noise(subject: number, index: number): number;
}

/** Periods of the waves that a price is made of, in seconds, and how far each moves it, as a fraction. */
const WAVES: readonly (readonly [periodSeconds: number, reach: number])[] = [
  [40 * 86_400, 0.02],
  [6 * 86_400, 0.006],
  [20 * 3_600, 0.002],
  [3_600, 0.0007],
  [420, 0.0002],
];
const NODES_KEPT = 64;
const JITTER = 0.00004;
const SUBJECT_SIDES = 101;
const SUBJECT_SPREAD = 102;
const SUBJECT_JITTER = 103;

function hashText(text: string): number {
  let state = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 16_777_619);
  }
  return state;
}

function hashNumbers(seed: number, subject: number, index: number): number {
  let state = seed ^ Math.imul(subject + 1, 0x9e3779b1) ^ Math.imul(index | 0, 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 16), 2_246_822_507);
  state = Math.imul(state ^ (state >>> 13), 3_266_489_909);
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
}

/** `oneSidedShare`: how many of the price changes, of 1, move one side alone. */
export function createWalk(seed: string, symbol: VenueSymbol, oneSidedShare: number): Walk {
  const root = hashText(`${seed}|${symbol.name}`);
  const noise = (subject: number, index: number) => hashNumbers(root, subject, index);
  const point = 10 ** (5 - symbol.rules.digits);
  const scale = symbol.basePrice * 100_000;

  function wave(subject: number, period: number, seconds: number): number {
    const step = Math.floor(seconds / period);
    const part = seconds / period - step;
    const smooth = part * part * (3 - 2 * part);
    const from = noise(subject, step);
    return 2 * (from + (noise(subject, step + 1) - from) * smooth) - 1;
  }

  const known = { at: new Float64Array(NODES_KEPT).fill(-1), value: new Float64Array(NODES_KEPT) };

  /** Whoever draws a bar asks for the same few nodes again and again. */
  function node(index: number): number {
    const slot = index % NODES_KEPT;
    if (known.at[slot] !== index) {
      known.at[slot] = index;
      known.value[slot] = makeNode(index);
    }
    return known.value[slot] ?? 0;
  }

  function makeNode(index: number): number {
    const seconds = (index * NODE_MS) / 1_000;
    let drift = JITTER * (2 * noise(SUBJECT_JITTER, index) - 1);
    for (let at = 0; at < WAVES.length; at += 1) {
      const [period, reach] = WAVES[at] ?? [1, 0];
      drift += reach * wave(at, period, seconds);
    }
    return scale * Math.exp(drift * symbol.restlessness);
  }

  function path(step: number): number {
    const epochMs = step * STEP_MS;
    const index = Math.floor(epochMs / NODE_MS);
    const part = (epochMs - index * NODE_MS) / NODE_MS;
    const from = node(index);
    const exact = part === 0 ? from : from + (node(index + 1) - from) * part;
    return Math.max(point, Math.round(exact / point) * point);
  }

  /** The last step, not before the last node, at which this side moved. */
  function movedAt(step: number, side: "bid" | "ask"): number {
    const first = Math.floor((step * STEP_MS) / NODE_MS) * (NODE_MS / STEP_MS);
    let at = step;
    while (at > first) {
      const draw = noise(SUBJECT_SIDES, at);
      const moves = draw >= oneSidedShare ? "both" : draw < oneSidedShare / 2 ? "bid" : "ask";
      if (moves === "both" || moves === side) return at;
      at -= 1;
    }
    return first;
  }

  const bid = (epochMs: number) => path(movedAt(Math.floor(epochMs / STEP_MS), "bid"));
  const spread = (step: number) =>
    Math.max(1, symbol.spreadPoints + Math.round((noise(SUBJECT_SPREAD, step) - 0.5) * 2)) * point;
  return {
    point,
    noise,
    bid,
    ask(epochMs) {
      const step = movedAt(Math.floor(epochMs / STEP_MS), "ask");
      return Math.max(path(step) + spread(step), bid(epochMs) + point);
    },
  };
}
