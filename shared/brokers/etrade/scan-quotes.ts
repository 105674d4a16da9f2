import { Decimal } from "decimal.js";
import { succeed } from "../../platform/result.ts";
import type { ScanQuote, ScanQuotes } from "../scan-quotes.ts";
import type { EtradeClient } from "./client.ts";
import type { EtradeQuote } from "./quotes.ts";

/** Symbols that one call may ask for without a switch. */
const SYMBOLS_A_CALL = 25;

/** E*TRADE's quotes as a scan before the open reads them. */
export function createEtradeScanQuotes(client: Pick<EtradeClient, "quotes">): ScanQuotes {
  return async (token, symbols) => {
    const found = new Map<string, ScanQuote>();
    for (let from = 0; from < symbols.length; from += SYMBOLS_A_CALL) {
      const read = await client.quotes(token, symbols.slice(from, from + SYMBOLS_A_CALL));
      if (!read.ok) return read;
      for (const [symbol, quote] of read.value) {
        const scanned = quote.ok ? toScanQuote(quote.value) : undefined;
        if (scanned !== undefined) found.set(symbol, scanned);
      }
    }
    return succeed(found);
  };
}

/**
 * Before the open the quote itself stands still at the day before: what happens now is its extended part. Where
 * there is none, nothing was traded yet and the quote's own last price is what it closed at.
 */
function toScanQuote(quote: EtradeQuote): ScanQuote | undefined {
  const { extendedHours, quotedAt: at } = quote;
  const last = extendedHours?.last ?? quote.last;
  // While the session has not begun, `last` is its predecessor's close; `previousClose` is one session older.
  const previousClose = quote.isAfterHours ? quote.last : quote.previousClose;
  if (previousClose === undefined) return undefined;
  const bid = extendedHours?.bid ?? quote.bid;
  const ask = extendedHours?.ask ?? quote.ask;
  return { last, previousClose, volume: extendedHours?.volume ?? new Decimal(0), bid, ask, at };
}
