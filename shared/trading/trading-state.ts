import type { Connection } from "../config/connection.ts";
import type { Transaction } from "../platform/store.ts";
import { type TradingStateRecord, tradingStates } from "./records.ts";

export type TradingState = TradingStateRecord["state"];

/** The scope that holds for every connection. */
export const EVERYTHING = "all";

const STRICTEST_FIRST: readonly TradingState[] = ["halted", "reducing", "active"];

/** The strictest of the states that hold for a connection; active where none was ever set. */
export async function readTradingState(
  reader: Pick<Transaction, "get">,
  connection: Connection,
): Promise<TradingState> {
  const found = [
    await reader.get(tradingStates, EVERYTHING),
    await reader.get(tradingStates, connection.id),
  ].map((record) => record?.state);
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
