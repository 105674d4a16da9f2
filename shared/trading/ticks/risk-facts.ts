/** The books of a tick, as the risk engine asks for them. Pure. */
import type { StoredTicket } from "../records.ts";
import type { Mark, RiskFacts } from "../risk/check-order.ts";
import type { TickBooks } from "./tick-books.ts";
import type { TickTerms } from "./tick-terms.ts";

/** What nobody knows stays undefined: the engine denies by it. */
export function riskFactsOf(
  terms: TickTerms,
  books: TickBooks,
  { instrument, type }: StoredTicket,
): RiskFacts {
  const { view, config, mayTradeLive, build, hours } = terms;
  const { record, ledger, botLedger, risk, botRisk, reserved, rejectionsInRow, tradingState, token } = books;
  const rules = books.rules.get(instrument);
  const conversion =
    rules === undefined || record === undefined ? undefined : view.rate(rules.currency, record.currency);
  return {
    config,
    record,
    rules,
    quote: view.quote(instrument),
    conversion,
    marks: marksOf(terms, books),
    ...{ ledger, botLedger, risk, botRisk, reserved, rejectionsInRow, tradingState, token },
    closedBecause: type === "limit" ? hours.closed : hours.closedToMarket,
    clockDriftMs: record?.driftMs,
    builds: { here: build, worker: record?.build },
    mayTradeLive,
    slippagePercent: books.slippagePercent,
  };
}

function marksOf({ view }: TickTerms, { record, rules }: TickBooks): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>();
  if (record === undefined) return marks;
  for (const [instrument, { currency }] of rules) {
    const quote = view.quote(instrument);
    const conversion = view.rate(currency, record.currency);
    if (quote !== undefined && conversion !== undefined) {
      marks.set(instrument, { bid: quote.bid, ask: quote.ask, conversion });
    }
  }
  return marks;
}
