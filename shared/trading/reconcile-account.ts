/**
 * Compares what our fills have made of an account with what the broker says is there. Pure.
 *
 * 1. The broker's word wins for what is not ours: opened by hand or by another program, it is taken over as it
 *    stands, and never touched. On a netted account that is what is left beside the bots' share.
 * 2. Where one of ours disagrees, nothing is corrected: it is a break, and a person looks.
 * 3. A difference counts only once it has lasted: a fill is told, and written down a moment later.
 */
import type { Decimal } from "decimal.js";
import type { OpenPosition } from "../brokers/trading-broker.ts";
import { ZERO } from "./ledger/exact.ts";
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
  const ids = new Set([...lots.map((one) => one.positionId), ...byId.keys()]);
  return [...ids].toSorted().flatMap((id): Difference[] => {
    const own = lots.filter((one) => one.positionId === id);
    const position = byId.get(id);
    if (signed(own).eq(position === undefined ? 0 : signed([position]))) return [];
    const code = codeOf(own, position);
    const bots = own.filter((one) => one.bot !== undefined);
    const isTheirs =
      fits(bots, position) && !(position !== undefined && bots.length === 0 && isOurs(position));
    return [{ positionId: id, isOurs: !isTheirs, code, text: textOf(own, position) }];
  });
}

/** The lots with what is not ours put right by the broker's word, for the differences named. */
export function takeOverOthers(
  lots: readonly Lot[],
  open: readonly OpenPosition[],
  lasting: readonly Difference[],
): readonly Lot[] {
  const others = new Set(lasting.filter((one) => !one.isOurs).map((one) => one.positionId));
  const kept = lots.filter((lot) => !others.has(lot.positionId) || lot.bot !== undefined);
  const taken = open.filter((one) => others.has(one.id)).flatMap((one) => restOf(one, kept));
  return [...kept, ...taken];
}

/** What is left of a position when the bots have their share of it. */
function restOf(position: OpenPosition, lots: readonly Lot[]): readonly Lot[] {
  const quantity = position.quantity.minus(
    signed(lots.filter((one) => one.positionId === position.id)).abs(),
  );
  return quantity.gt(0) ? [{ ...lotOf(position), quantity }] : [];
}

/** Whether what the bots have is, or is a part of, what the broker says. */
function fits(bots: readonly Lot[], position: OpenPosition | undefined): boolean {
  const share = signed(bots);
  if (share.isZero()) return true;
  const whole = position === undefined ? share.minus(share) : signed([position]);
  return share.isNegative() === whole.isNegative() && share.abs().lte(whole.abs());
}

function codeOf(own: readonly Lot[], position: OpenPosition | undefined): Difference["code"] {
  if (own.length === 0) return "POSITION_UNEXPLAINED";
  return position === undefined ? "POSITION_MISSING" : "POSITION_DIFFERS";
}

type Signed = Pick<Lot, "side" | "quantity">;

/** Long is above 0. */
function signed(all: readonly Signed[]): Decimal {
  return all.reduce(
    (sum, { side, quantity }) => (side === "buy" ? sum.plus(quantity) : sum.minus(quantity)),
    ZERO,
  );
}

/** A position as a lot of nobody's. */
export function lotOf({ id, instrument, side, quantity, price, openedAt, commission }: OpenPosition): Lot {
  return { positionId: id, instrument, side, quantity, price, openedAt, fees: commission };
}

/** One sentence for the owner. */
function textOf(own: readonly Lot[], position: OpenPosition | undefined): string {
  const [first] = own;
  const id = position?.id ?? first?.positionId;
  const instrument = position?.instrument ?? first?.instrument;
  const theirs = position === undefined ? "not there" : said(signed([position]));
  return `Position ${id} in ${instrument} is ${said(signed(own))} by our fills and ${theirs} at the broker.`;
}

function said(net: Decimal): string {
  if (net.isZero()) return "not there";
  return `${net.isNegative() ? "short" : "long"} ${net.abs().toFixed()}`;
}
