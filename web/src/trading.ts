/** Trading on the page: what is watched, and what the owner can do about it. */
import { createTradingControl, type TradingControl, type TradingControlDeps } from "./trading-control.ts";
import type { TradingState } from "./trading-state.ts";
import { createTradingWatch, type TradingWatch, type TradingWatchDeps } from "./trading-watch.ts";

export interface Trading extends TradingControl, Omit<TradingWatch, "follow"> {
  readonly state: TradingState;
}

export function createTrading(deps: TradingWatchDeps & Pick<TradingControlDeps, "newId">): Trading {
  const watch = createTradingWatch(deps);
  return { state: deps.state, ...watch, ...createTradingControl({ ...deps, watch }) };
}
