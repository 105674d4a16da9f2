/** What one asset is worth in another, by the market's own symbols. */
import { ASSET_IDS } from "./assets.ts";
import type { Market } from "./market.ts";
import { SYMBOLS, type VenueSymbol } from "./symbols.ts";

/**
 * The shortest chain of symbols that leads from one asset to another, in the order of walking; empty for an
 * asset and itself, undefined where there is none.
 */
export function conversionChain(
  firstAssetId: number,
  lastAssetId: number,
): readonly VenueSymbol[] | undefined {
  const reached = new Map<number, readonly VenueSymbol[]>([[firstAssetId, []]]);
  const queue = [firstAssetId];
  for (let assetId = queue.shift(); assetId !== undefined; assetId = queue.shift()) {
    const chain = reached.get(assetId) ?? [];
    if (assetId === lastAssetId) return chain;
    for (const symbol of SYMBOLS.values()) {
      const next = otherSide(symbol, assetId);
      if (next === undefined || reached.has(next)) continue;
      reached.set(next, [...chain, symbol]);
      queue.push(next);
    }
  }
  return undefined;
}

function otherSide(symbol: VenueSymbol, assetId: number): number | undefined {
  if (symbol.baseAssetId === assetId) return symbol.quoteAssetId;
  return symbol.quoteAssetId === assetId ? symbol.baseAssetId : undefined;
}

/** What one unit of the first asset brings in the second: sold at the bid, bought at the ask. Throws where no chain leads there. */
export function conversionRate(market: Market, firstAssetId: number, lastAssetId: number): number {
  const chain = conversionChain(firstAssetId, lastAssetId);
  if (chain === undefined)
    throw new RangeError(`No chain leads from asset ${firstAssetId} to ${lastAssetId}.`);
  let rate = 1;
  let assetId = firstAssetId;
  for (const symbol of chain) {
    const { bid, ask } = market.quote(symbol.id);
    const isSold = symbol.baseAssetId === assetId;
    rate = isSold ? (rate * bid) / 100_000 : (rate * 100_000) / ask;
    assetId = isSold ? symbol.quoteAssetId : symbol.baseAssetId;
  }
  return Number(rate.toPrecision(15));
}

/** The rates that a deal is settled by. */
export interface Rates {
  readonly baseToDeposit: number;
  readonly quoteToDeposit: number;
  readonly baseToUsd: number;
  readonly usdToDeposit: number;
}

/** All rates of a symbol for an account's currency, now. */
export function ratesOf(market: Market, symbol: VenueSymbol, depositAssetId: number): Rates {
  return {
    baseToDeposit: conversionRate(market, symbol.baseAssetId, depositAssetId),
    quoteToDeposit: conversionRate(market, symbol.quoteAssetId, depositAssetId),
    baseToUsd: conversionRate(market, symbol.baseAssetId, ASSET_IDS.USD),
    usdToDeposit: conversionRate(market, ASSET_IDS.USD, depositAssetId),
  };
}
