import type { Channel } from "./channel.ts";
import type { SymbolKeeper } from "./symbols.ts";

/** What the directory needs of its session. */
export interface SymbolParts {
  readonly request: Channel["request"];
  accountId(): number | undefined;
}

/** The symbols of one account's broker. */
export function openSymbols(_parts: SymbolParts): SymbolKeeper {
  throw new Error("not written yet");
}
