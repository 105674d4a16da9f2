/** What positions bind and what they are worth now. */
import { ASSET_IDS, LEVERAGES } from "./assets.ts";
import { conversionRate, ratesOf } from "./conversion.ts";
import type { Floor } from "./floor.ts";
import { grossProfit, margin } from "./money.ts";
import { type AccountState, isOpen, livePositions, type PositionRecord } from "./records.ts";
import { symbolOf, type VenueSymbol } from "./symbols.ts";

const BUY_AND_SELL = ["BUY", "SELL"] as const;

/** The ratio that holds for a volume: the account's, or that of the symbol's tier if it is lower. */
export function leverageOf(floor: Floor, account: AccountState, symbol: VenueSymbol, volume: number): number {
  const tiers = LEVERAGES.find((one) => one.leverageId === symbol.rules.leverageId)?.tiers ?? [];
  // Hundredths of a unit times the price of a unit are cents.
  const exposure = volume * conversionRate(floor.market, symbol.baseAssetId, ASSET_IDS.USD);
  const tier = tiers.find((one) => exposure <= one.volume) ?? tiers.at(-1);
  return Math.min(account.terms.leverageInCents, tier?.leverage ?? account.terms.leverageInCents) / 100;
}

/** Margin of a volume that would be opened now, in cents. */
export function openingMargin(
  floor: Floor,
  account: AccountState,
  symbol: VenueSymbol,
  volume: number,
): number {
  const rate = conversionRate(floor.market, symbol.baseAssetId, account.terms.depositAssetId);
  return margin(volume, rate, leverageOf(floor, account, symbol, volume));
}

/** Margin in use in cents, with more of one side of a symbol if asked. */
export function usedMargin(
  account: AccountState,
  more?: { readonly symbolId: number; readonly side: "BUY" | "SELL"; readonly margin: number },
): number {
  const sides = new Map<number, { BUY: number; SELL: number }>();
  const add = (symbolId: number, side: "BUY" | "SELL", amount: number) => {
    const both = sides.get(symbolId) ?? { BUY: 0, SELL: 0 };
    both[side] += amount;
    sides.set(symbolId, both);
  };
  for (const position of livePositions(account)) {
    if (isOpen(position)) add(position.symbolId, position.side, position.usedMargin);
  }
  if (more !== undefined) add(more.symbolId, more.side, more.margin);
  let total = 0;
  for (const both of sides.values()) {
    const [buys, sells] = BUY_AND_SELL.map((side) => both[side]) as [number, number];
    const rule = account.terms.marginCalculation;
    total += rule === "SUM" ? buys + sells : rule === "MAX" ? Math.max(buys, sells) : Math.abs(buys - sells);
  }
  return total;
}

/** Profit of an open position at the current price, in cents; net counts swap and the opening commission. */
export function unrealised(
  floor: Floor,
  account: AccountState,
  position: PositionRecord,
): { readonly gross: number; readonly net: number } {
  const symbol = symbolOf(position.symbolId);
  const { bid, ask } = floor.market.quote(position.symbolId);
  const gross = grossProfit({
    side: position.side,
    entry: position.price,
    exit: (position.side === "BUY" ? bid : ask) / 100_000,
    volume: position.volume,
    quoteToDeposit: ratesOf(floor.market, symbol, account.terms.depositAssetId).quoteToDeposit,
  });
  return { gross, net: gross + position.swap + position.commission };
}

/** Balance and open profit, in cents. */
export function equity(floor: Floor, account: AccountState): number {
  let total = account.balance;
  for (const position of livePositions(account)) {
    if (isOpen(position)) total += unrealised(floor, account, position).net;
  }
  return total;
}
