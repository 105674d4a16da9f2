import type { ProtoOADepthQuote } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VenueSymbol } from "./symbols.ts";
import type { TwoSides } from "./tape.ts";

const LEVELS = [0, 1, 2, 3, 4] as const;

/**
 * Five levels of each side around a quote. A level's id follows from its side and price, so one that stays at
 * its price keeps its id.
 */
export function bookOf(symbol: VenueSymbol, quote: TwoSides): readonly ProtoOADepthQuote[] {
  const step = 10 ** (5 - symbol.rules.digits) * 2;
  const size = (level: number) => symbol.rules.stepVolume * 25 * (level + 1) ** 2;
  const bids = LEVELS.map((level) => {
    const bid = quote.bid - level * step;
    return { id: idOf(bid, 0, level), size: size(level), bid };
  });
  const asks = LEVELS.map((level) => {
    const ask = quote.ask + level * step;
    return { id: idOf(ask, 1, level), size: size(level), ask };
  });
  return [...bids, ...asks];
}

/** A quote does not change its size: at another depth it is another one. */
const idOf = (price: number, side: 0 | 1, level: number) => (price * 2 + side) * LEVELS.length + level;
