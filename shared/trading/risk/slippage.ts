/** How much worse than their prices an order and its stop are expected to be filled. Pure. */
import { Decimal } from "decimal.js";
import type { AccountConfig } from "../../config/account.ts";
import type { StoredTicket } from "../records.ts";

/** The worst draw of a paper account, in percent of the price; undefined in live. */
export function paperSlippage(
  config: Pick<AccountConfig, "mode" | "paper"> | undefined,
): Decimal | undefined {
  const worst = config?.mode === "paper" ? config.paper?.slippagePercent[1] : undefined;
  return worst === undefined ? undefined : new Decimal(worst);
}

/** What one fill at the market is expected to slip, in percent of the price. `measured`: of live orders. */
export function expectedSlippage(
  config: Pick<AccountConfig, "mode" | "paper"> | undefined,
  measured: Decimal | undefined,
  { bid, ask }: { readonly bid: Decimal; readonly ask: Decimal },
): Decimal {
  // Where nobody has measured it, half the spread is the only hint that there is.
  return paperSlippage(config) ?? measured ?? ask.minus(bid).times(100).div(bid.plus(ask));
}

/** Finer than any slippage is known, and short enough that money times it is exact. */
const DECIMALS = 6;

/**
 * What a trade that ends at its stop loses by slippage, as a share of the price: a limit order enters without any,
 * the stop has its own in any case. `percent`: of one fill; luck, below 0, is not counted on.
 */
export function slippageOfStopOut({ type }: Pick<StoredTicket, "type">, percent: Decimal): Decimal {
  const fills = type === "limit" ? 1 : 2;
  const share = percent.times(fills).div(100).toDecimalPlaces(DECIMALS, Decimal.ROUND_UP);
  return Decimal.max(share, 0);
}
