/** The rules of the symbols that a feed follows, by the hour that it is. */
import type { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../../config/connection.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Timers } from "../../platform/timers.ts";
import type { InstrumentRules } from "../instrument-rules.ts";
import { rulesOfSymbol } from "./rules-of-symbol.ts";
import type { CtraderSession } from "./session.ts";
import { priceOf } from "./units.ts";

export interface FeedRulesParts {
  readonly session: Pick<CtraderSession, "quotes" | "symbols" | "state">;
  readonly connection: ConnectionId;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Gives the rules of the symbols in `followed`, by id, as far as they are known; made anew at most once a second. */
export function openFeedRules(
  { session, connection, clock, timers }: FeedRulesParts,
  followed: ReadonlyMap<number, string>,
): () => readonly InstrumentRules[] {
  let made: { readonly rules: readonly InstrumentRules[]; readonly when: string } | undefined;

  function make(now: Temporal.Instant): readonly InstrumentRules[] {
    return [...followed].flatMap(([symbolId, instrument]) => {
      // What is known costs nothing; what has changed, perhaps while there was no connection, is read again.
      if (session.state().phase === "ready") void session.symbols.byName(instrument);
      const symbol = session.symbols.byId(symbolId);
      const quote = session.quotes.get(symbolId);
      const price = quote === undefined ? undefined : priceOf(quote.bid || quote.ask);
      const rules = symbol && rulesOfSymbol(symbol, { connection, instrument, price, now });
      return rules === undefined ? [] : [rules];
    });
  }

  return () => {
    const now = clock.now();
    // The two clocks may run apart: the market's may stand while processes go on, and jump.
    const when = `${followed.size} ${Math.floor(now.epochMilliseconds / 1_000)} ${Math.floor(timers.now() / 1_000)}`;
    if (made?.when !== when) made = { rules: make(now), when };
    return made.rules;
  };
}
