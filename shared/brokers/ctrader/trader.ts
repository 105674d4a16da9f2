import type { Log } from "../../platform/log.ts";
import type { SocketBroker } from "../socket-broker.ts";
import type { AccountBook } from "./book.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { SymbolDirectory } from "./symbols.ts";

/** What trading needs of a session. */
export interface TraderParts {
  isReady(): boolean;
  readonly orders: OrderDesk;
  readonly book: AccountBook;
  readonly symbols: SymbolDirectory;
  readonly log: Log;
}

/** A cTrader session as the product trades through it. */
export function openTrader(_parts: TraderParts): SocketBroker {
  throw new Error("not written yet");
}
