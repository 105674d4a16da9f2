import { type AccountId, accountId, type Mode } from "../config/account.ts";
import type { Connection } from "../config/connection.ts";

/** An account as its worker trades on it. */
export interface TradedAccount {
  /** What its orders, fills and positions are found by. */
  readonly id: AccountId;
  /** `paper`: simulated on the connection's prices, without its token. */
  readonly mode: Mode;
  readonly connection: Connection;
}

/** The account of a connection in a mode. */
export function tradedAccount(connection: Connection, mode: Mode): TradedAccount {
  return { id: accountId(connection.id, mode), mode, connection };
}
