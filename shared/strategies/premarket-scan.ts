/** Ranks what moves before the open. Pure. */
import type { ScanTerms } from "./scan-terms.ts";

/** What the scan knows of one instrument; prices as numbers, for nothing is ordered by them. */
export interface Candidate {
  readonly instrument: string;
  /** The last price, trading before the open included. */
  readonly last: number;
  /** The close of the session before. */
  readonly previousClose: number;
  /** Units traded before the open. */
  readonly volume: number;
  readonly bid: number;
  readonly ask: number;
}

/** One instrument of the scan. */
export interface ScanRow {
  readonly instrument: string;
  /** Distance of the last price from the close before, in percent of that close; below 0: fallen. */
  readonly gapPercent: number;
  readonly volume: number;
  /** Ask less bid, in percent of the middle. */
  readonly spreadPercent: number;
  readonly last: number;
  /** Why it is not on the list; absent where it is. */
  readonly left?: string;
}

export interface Scan {
  /** Best first. */
  readonly watchlist: readonly string[];
  /** The list in its order, then what was left out. */
  readonly rows: readonly ScanRow[];
}

/**
 * The widest gaps first; where two are alike the one with more volume, then by name, so that the order in which
 * they come makes no difference.
 */
export function rankCandidates(candidates: readonly Candidate[], terms: ScanTerms): Scan {
  const judged = candidates.map((one) => judge(one, terms)).sort(byGap);
  const fit = judged.filter(({ left }) => left === undefined);
  const listed = fit.slice(0, terms.most);
  const surplus = fit.slice(terms.most).map((row) => ({ ...row, left: `beyond the best ${terms.most}` }));
  const unfit = judged.filter(({ left }) => left !== undefined);
  return { watchlist: listed.map(({ instrument }) => instrument), rows: [...listed, ...surplus, ...unfit] };
}

/** What is not a number passes no test. */
function judge({ instrument, last, previousClose, volume, bid, ask }: Candidate, terms: ScanTerms): ScanRow {
  const gapPercent = percent(last - previousClose, previousClose);
  const spreadPercent = percent(ask - bid, (ask + bid) / 2);
  const row = { instrument, gapPercent, volume, spreadPercent, last };
  const left = reasonToLeave(row, terms);
  return left === undefined ? row : { ...row, left };
}

function reasonToLeave(row: ScanRow, terms: ScanTerms): string | undefined {
  const { gapPercent, volume, spreadPercent, last } = row;
  const isDirected = terms.gaps === "both" || (terms.gaps === "up" ? gapPercent > 0 : gapPercent < 0);
  if (!(Number.isFinite(gapPercent) && Number.isFinite(spreadPercent) && spreadPercent >= 0)) {
    return "has no usable price";
  }
  if (!(last >= terms.lowestPrice && last <= terms.highestPrice)) return "price out of bounds";
  if (!(isDirected && Math.abs(gapPercent) >= terms.gapPercent)) return "gap too small";
  if (!(volume >= terms.volume)) return "too little volume";
  if (!(spreadPercent <= terms.spreadPercent)) return "spread too wide";
  return undefined;
}

function percent(part: number, whole: number): number {
  return whole > 0 ? (part / whole) * 100 : Number.NaN;
}

function byGap(one: ScanRow, other: ScanRow): number {
  const gap = size(other) - size(one);
  if (gap !== 0) return gap;
  const volume = other.volume - one.volume;
  if (volume !== 0 && !Number.isNaN(volume)) return volume;
  return one.instrument < other.instrument ? -1 : 1;
}

function size({ gapPercent }: ScanRow): number {
  return Number.isFinite(gapPercent) ? Math.abs(gapPercent) : -1;
}
