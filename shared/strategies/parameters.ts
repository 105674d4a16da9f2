/** What parameters of several strategies are made of, and how far off a stop and a take profit lie. */
import { z } from "zod";
import type { Price } from "./strategy.ts";

/** Bars that an indicator looks at. */
export const bars = z.int().min(2).max(500);
/** Above 0, at most 100. */
export const percent = z.number().gt(0).max(100);
/** So many times a distance. */
export const multiple = z.number().gt(0).max(100);
/** What a strategy may open. */
export const sides = z.enum(["both", "buy", "sell"]);
export type Sides = z.output<typeof sides>;

export function isAllowed(allowed: Sides, side: "buy" | "sell"): boolean {
  return allowed === "both" || allowed === side;
}

/** The price at which an order of this side would be filled now. */
export function entryPrice(price: Price, side: "buy" | "sell"): number {
  return side === "buy" ? price.ask : price.bid;
}

/** Whether a price can be computed with: both sides above 0, the ask not under the bid. */
export function isUsable({ bid, ask }: Price): boolean {
  return Number.isFinite(bid) && Number.isFinite(ask) && bid > 0 && ask >= bid;
}
