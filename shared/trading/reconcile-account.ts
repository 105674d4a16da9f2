/**
 * Compares what our fills have made of an account with what the broker says is there. Pure.
 *
 * 1. The broker's word wins for what is not ours: opened by hand or by another program, it is taken over as it
 *    stands, and never touched.
 * 2. Where one of ours disagrees, nothing is corrected: it is a break, and a person looks.
 * 3. A difference counts only once it has lasted: a fill is told, and written down a moment later.
 */
import type { Decimal } from "decimal.js";
import type { OpenPosition } from "../brokers/trading-broker.ts";
import type { Lot } from "./ledger/records.ts";

export const BREAK_CODES = ["POSITION_UNEXPLAINED", "POSITION_MISSING", "POSITION_DIFFERS"] as const;

export interface Difference {
  readonly positionId: string;
  /** One of ours is concerned. */
  readonly isOurs: boolean;
  readonly code: (typeof BREAK_CODES)[number];
  /** One sentence for the owner. */
  readonly text: string;
}

/** Whether a position at the broker was opened by an order of ours that has no fill yet. */
type IsOurs = (position: OpenPosition) => boolean;

/** Every position on which the two disagree, in the order of their ids. */
export function differences(
  lots: readonly Lot[],
  open: readonly OpenPosition[],
  isOurs: IsOurs,
): readonly Difference[] {
  const byId = new Map(open.map((one) => [one.id, one]));
  const known = new Set(lots.map((one) => one.positionId));
  const found: Difference[] = [];
  for (const lot of lots) {
    const position = byId.get(lot.positionId);
    const isBots = lot.bot !== undefined;
    if (position === undefined) {
      found.push(difference(lot.positionId, isBots, "POSITION_MISSING", missingText(lot)));
    } else if (!isSame(lot, position)) {
      found.push(difference(lot.positionId, isBots, "POSITION_DIFFERS", differsText(lot, position)));
    }
  }
  for (const position of open) {
    if (known.has(position.id)) continue;
    found.push(difference(position.id, isOurs(position), "POSITION_UNEXPLAINED", unexplainedText(position)));
  }
  return found.toSorted((one, other) => (one.positionId < other.positionId ? -1 : 1));
}

/** The lots with what is not ours put right by the broker's word, for the differences named. */
export function takeOverOthers(
  lots: readonly Lot[],
  open: readonly OpenPosition[],
  lasting: readonly Difference[],
): readonly Lot[] {
  const others = new Set(lasting.filter((one) => !one.isOurs).map((one) => one.positionId));
  const kept = lots.filter((lot) => !others.has(lot.positionId));
  const taken = open.filter((one) => others.has(one.id)).map(lotOf);
  return [...kept, ...taken];
}

/** A position as a lot of nobody's. */
export function lotOf({ id, instrument, side, quantity, price, openedAt, commission }: OpenPosition): Lot {
  return { positionId: id, instrument, side, quantity, price, openedAt, fees: commission };
}

function isSame(lot: Lot, position: OpenPosition): boolean {
  return lot.side === position.side && lot.quantity.eq(position.quantity);
}

function difference(positionId: string, isOurs: boolean, code: Difference["code"], text: string): Difference {
  return { positionId, isOurs, code, text };
}

function missingText({ instrument, positionId, ...lot }: Lot): string {
  return `By our fills ${said(lot)} ${instrument} are open (position ${positionId}); the broker has no such position.`;
}

function differsText({ instrument, positionId, ...lot }: Lot, position: OpenPosition): string {
  return `Position ${positionId} in ${instrument} is ${said(lot)} by our fills and ${said(position)} at the broker.`;
}

function unexplainedText({ instrument, id, ...position }: OpenPosition): string {
  return `The broker has position ${id}, ${said(position)} ${instrument}, of which no fill is known.`;
}

function said({ side, quantity }: { readonly side: "buy" | "sell"; readonly quantity: Decimal }): string {
  return `${side === "buy" ? "long" : "short"} ${quantity.toFixed()}`;
}
