/** An instrument's market as a paper account meets it: its prices, its rules, its hours and its money. */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { PaperTerms } from "../../config/account.ts";
import type { Clock } from "../../platform/clock.ts";
import type { InstrumentRules } from "../instrument-rules.ts";
import { type Market, marketOf } from "./match.ts";
import type { PaperPrices, PaperQuote } from "./paper-prices.ts";
import type { PaperAccount } from "./records.ts";
import { profitOf } from "./settle.ts";

export interface PaperMarketFacts {
  readonly prices: PaperPrices;
  /** Undefined where the broker has no such instrument. */
  rulesOf(instrument: string): InstrumentRules | undefined;
  /** Money of the account for one of `currency`; undefined where that is not known now. Never asked for the account's own. */
  conversion(currency: string): Decimal | undefined;
  /** Whether the instrument is traded at `now`. */
  isOpen(instrument: string, now: Temporal.Instant): boolean;
  /** A quote older than that is none. Default: 120,000. */
  readonly staleAfterMs?: number;
}

export interface PaperMarket {
  /** The market of an instrument now; `quote`: by default the latest. */
  of(instrument: string, account: PaperAccount, quote?: PaperQuote): Market;
  /** What closing all open positions now would bring, before costs; undefined where one of them has no price. */
  unrealised(account: PaperAccount): Decimal | undefined;
}

const STALE_AFTER_MS = 120_000;
const ONE = new Decimal(1);

/** The markets of an account that began with the currency of `terms`, or had another one before them. */
export function createPaperMarket(clock: Clock, terms: PaperTerms, facts: PaperMarketFacts): PaperMarket {
  const { prices, staleAfterMs = STALE_AFTER_MS } = facts;

  /** An account keeps the currency that it began with; the rates are to that of the terms. */
  function rateOf(rules: InstrumentRules | undefined, account: PaperAccount): Decimal | undefined {
    if (rules === undefined || account.currency !== terms.currency) return undefined;
    return rules.currency === account.currency ? ONE : facts.conversion(rules.currency);
  }

  function of(instrument: string, account: PaperAccount, given?: PaperQuote): Market {
    const now = clock.now();
    const rules = facts.rulesOf(instrument);
    const quote = given ?? prices.latest(instrument);
    const isOpen = facts.isOpen(instrument, now);
    return marketOf({ now, rules, quote, rate: rateOf(rules, account), staleAfterMs, isOpen });
  }

  return {
    of,
    unrealised(account) {
      let sum = new Decimal(0);
      for (const position of account.positions) {
        const { quote, rate } = of(position.instrument, account);
        if (quote === undefined || rate === undefined) return undefined;
        const price = position.side === "buy" ? quote.bid : quote.ask;
        sum = sum.plus(profitOf(position, position.quantity, price, rate));
      }
      return sum;
    },
  };
}
