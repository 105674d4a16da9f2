/** What the controls have found against an order so far. */
import { Decimal } from "decimal.js";
import { isStricter, type TradingState } from "../trading-state.ts";
import type { Denial, Latch, Warning } from "./check-order.ts";
import { type ControlCode, control } from "./controls.ts";

/** A limit that fills up: what it would be with the order, and what it is without it. */
export interface Filling {
  readonly used: Decimal;
  readonly before: Decimal;
  /** Of the limit: nearly every order is below it, and costs no more than this one comparison. */
  readonly half: Decimal;
  /** Whose limit it is; default: the bot's. */
  readonly scope?: Warning["scope"];
}

/** `Filling` of a count. */
export interface Counting {
  readonly used: number;
  readonly before: number;
  readonly limit: number;
  readonly scope?: Warning["scope"];
}

const WARN_AT = [
  { reached: 80, parts: 4, of: 5 },
  { reached: 50, parts: 1, of: 2 },
] as const;

export class Findings {
  readonly denials: Denial[] = [];
  readonly warnings: Warning[] = [];
  readonly #latches: Latch[] = [];

  deny(code: ControlCode, text: string): void {
    this.denials.push({ code, text });
  }

  /** Denies, and halts or lets only close until a person lets it go on. */
  latch(scope: Latch["scope"], code: ControlCode, text: string): void {
    this.deny(code, text);
    const state = control(code).latches;
    if (state !== "none") this.#latches.push({ scope, code, text, state });
  }

  /** Denies what would be over the limit, and warns of an order that comes to a half or four fifths of it. */
  fill(code: ControlCode, { used, before, half, scope = "bot" }: Filling, text: () => string): void {
    if (used.lt(half)) return;
    const limit = half.times(2);
    // Written as what is allowed: what is no number is not.
    if (!used.lte(limit)) {
      this.deny(code, text());
      return;
    }
    for (const { reached, parts, of } of WARN_AT) {
      const mark = limit.times(parts);
      if (used.times(of).lt(mark)) continue;
      if (before.times(of).lt(mark)) this.warnings.push({ code, reached, scope, text: text() });
      return;
    }
  }

  /** `fill` for counts. */
  count(code: ControlCode, { used, before, limit, scope = "bot" }: Counting, text: () => string): void {
    if (!(used <= limit)) {
      this.deny(code, text());
      return;
    }
    // Between none and one there is nothing to come near to.
    if (limit === 1) return;
    for (const { reached, parts, of } of WARN_AT) {
      if (used * of < limit * parts) continue;
      if (before * of < limit * parts) this.warnings.push({ code, reached, scope, text: text() });
      return;
    }
  }

  /** The widest of the latches that have closed and are stricter than the state that holds. */
  latched(state: TradingState): Latch | undefined {
    const closed = this.#latches.filter((one) => isStricter(one.state, state));
    return closed.find(({ scope }) => scope === "account") ?? closed[0];
  }
}

/** A figure as a person reads it: at most eight decimals, none of them for show. */
export function figure(value: Decimal): string {
  return value.toDecimalPlaces(8).toFixed();
}

/** Money: two decimals. */
export function money(value: Decimal, currency: string): string {
  return `${value.toFixed(2)} ${currency}`;
}

/** A share in percent, rounded to hundredths. Percent of nothing is told as it is. */
export function share(part: Decimal, whole: Decimal): string {
  return whole.gt(0) ? `${part.times(100).div(whole).toDecimalPlaces(2).toFixed()} %` : "more than all";
}

export const ZERO = new Decimal(0);
