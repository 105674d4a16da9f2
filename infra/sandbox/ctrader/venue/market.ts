/** The simulated market: prices by the product's clock, told at the pace of the machine's. */
import type { Clock } from "../../../../shared/platform/clock.ts";
import type { Timers } from "../../../../shared/platform/timers.ts";
import { lastTradedAt, type TradingState, tradingStateAt } from "./schedule.ts";
import { SYMBOLS, symbolOf } from "./symbols.ts";
import { createTape, type Tape, type TapeMark, type TwoSides } from "./tape.ts";
import { createWalk } from "./walk.ts";

export interface MarketOptions {
  readonly seed: string;
  /** Milliseconds of the machine's time between two looks at the prices. */
  readonly tickMs: number;
  /** How many price changes, of 1, move one side alone. */
  readonly oneSidedShare: number;
  readonly saved?: Readonly<Record<string, readonly TapeMark[]>>;
}

export interface Market {
  /** Milliseconds since 1970 by the product's clock. */
  now(): number;
  state(symbolId: number): TradingState;
  /** The last prices, in integers of 1/100,000, also while the market is closed. */
  quote(symbolId: number): TwoSides;
  tape(symbolId: number): Tape;
  /** Called for every symbol at every look, after its price was taken; the price need not have changed. */
  listen(listener: (symbolId: number, quote: TwoSides) => void): () => void;
  /** Puts the bid of a symbol at a price, from which it walks on; whoever listens hears of it at once. */
  moveTo(symbolId: number, bid: number): void;
  /** Lets all prices stand, or go on from where they stand. */
  freeze(isFrozen: boolean): void;
  snapshot(): Readonly<Record<string, readonly TapeMark[]>>;
  close(): void;
}

/** How far a price wanders, in points, while the clock stands. */
const STANDING_POINTS = 6;
const SUBJECT_STANDING = 201;

export function createMarket(
  deps: { readonly clock: Clock; readonly timers: Timers },
  options: MarketOptions,
): Market {
  return new TickingMarket(deps, options);
}

class TickingMarket implements Market {
  readonly #deps: { readonly clock: Clock; readonly timers: Timers };
  readonly #options: MarketOptions;
  readonly #tapes = new Map<number, Tape>();
  readonly #listeners = new Set<(symbolId: number, quote: TwoSides) => void>();
  /** Since when the clock stands, for how many looks, and where the shifts were when it came to stand. */
  #standing = { at: Number.NaN, looks: 0, shifts: new Map<number, number>() };
  #cancel: () => void;

  constructor(deps: { readonly clock: Clock; readonly timers: Timers }, options: MarketOptions) {
    this.#deps = deps;
    this.#options = options;
    for (const [id, symbol] of SYMBOLS) {
      const walk = createWalk(options.seed, symbol, options.oneSidedShare);
      this.#tapes.set(id, createTape(walk, options.saved?.[id]));
    }
    this.#cancel = deps.timers.after(options.tickMs, () => this.#look());
  }

  now(): number {
    return this.#deps.clock.now().epochMilliseconds;
  }

  state(symbolId: number): TradingState {
    return tradingStateAt(symbolOf(symbolId), this.now());
  }

  quote(symbolId: number): TwoSides {
    return this.tape(symbolId).at(this.#tradedAt(symbolId));
  }

  tape(symbolId: number): Tape {
    const found = this.#tapes.get(symbolId);
    if (found === undefined) throw new RangeError(`The simulated market has no symbol ${symbolId}.`);
    return found;
  }

  listen(listener: (symbolId: number, quote: TwoSides) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  moveTo(symbolId: number, bid: number): void {
    const tape = this.tape(symbolId);
    const at = this.#tradedAt(symbolId);
    const before = tape.at(at);
    const target = Math.round((bid * 100_000) / tape.walk.point) * tape.walk.point;
    const held = { bid: target, ask: target + before.ask - before.bid };
    const shift = target - tape.walk.bid(at);
    this.#standing.shifts.set(symbolId, shift);
    tape.mark(at, tape.isHeld(at) ? { shift, held } : { shift });
    this.#tell(symbolId);
  }

  freeze(isFrozen: boolean): void {
    for (const [symbolId, tape] of this.#tapes) {
      const at = this.#tradedAt(symbolId);
      if (tape.isHeld(at) === isFrozen) continue;
      const held = tape.at(at);
      const shift = held.bid - tape.walk.bid(at);
      this.#standing.shifts.set(symbolId, shift);
      tape.mark(at, isFrozen ? { shift, held } : { shift });
    }
  }

  snapshot(): Readonly<Record<string, readonly TapeMark[]>> {
    return Object.fromEntries([...this.#tapes].map(([id, tape]) => [id, [...tape.all()]]));
  }

  close(): void {
    this.#cancel();
    this.#listeners.clear();
  }

  #tradedAt(symbolId: number): number {
    return lastTradedAt(symbolOf(symbolId), this.now());
  }

  #tell(symbolId: number): void {
    const quote = this.quote(symbolId);
    for (const listener of [...this.#listeners]) listener(symbolId, quote);
  }

  #look(): void {
    this.#cancel = this.#deps.timers.after(this.#options.tickMs, () => this.#look());
    const at = this.now();
    if (at === this.#standing.at) this.#standing.looks += 1;
    else this.#standing = { at, looks: 0, shifts: new Map() };
    for (const symbolId of this.#tapes.keys()) {
      if (this.#standing.looks > 0) this.#wander(symbolId, at);
      this.#tell(symbolId);
    }
  }

  /** Prices go on a little while the clock stands, or nothing would ever be quoted on a standing one. */
  #wander(symbolId: number, at: number): void {
    const tape = this.tape(symbolId);
    if (tape.isHeld(at) || tradingStateAt(symbolOf(symbolId), at) !== "open") return;
    const { shifts, looks } = this.#standing;
    const base = shifts.get(symbolId) ?? tape.shiftAt(at);
    shifts.set(symbolId, base);
    const points = Math.round((tape.walk.noise(SUBJECT_STANDING, looks) * 2 - 1) * STANDING_POINTS);
    tape.mark(at, { shift: base + points * tape.walk.point });
  }
}
