import type { Transaction } from "../platform/store.ts";
import { type TradingStateRecord, tradingStates } from "./records.ts";

export type TradingState = TradingStateRecord["state"];

/** The scope that holds for every account. */
export const EVERYTHING = "all";

const STRICTEST_FIRST: readonly TradingState[] = ["halted", "reducing", "active"];

/** The scope of one bot. */
export function botScope(bot: string): string {
  return `bot:${bot}`;
}

/** The strictest of the states that hold for an account and, where one is given, a bot; active where none was ever set. */
export async function readTradingState(
  reader: Pick<Transaction, "get">,
  account: { readonly id: string },
  bot?: string,
): Promise<TradingState> {
  const scopes = [EVERYTHING, account.id, ...(bot === undefined ? [] : [botScope(bot)])];
  const found: (TradingState | undefined)[] = [];
  for (const scope of scopes) found.push((await reader.get(tradingStates, scope))?.state);
  return STRICTEST_FIRST.find((state) => found.includes(state)) ?? "active";
}

/** Why an order may not be sent in a trading state; undefined where it may. */
export function refusalIn(
  state: TradingState,
  ticket: { readonly closes?: string | undefined },
): "TRADING_HALTED" | "TRADING_REDUCING" | undefined {
  if (state === "active") return undefined;
  if (state === "halted") return "TRADING_HALTED";
  return ticket.closes === undefined ? "TRADING_REDUCING" : undefined;
}
