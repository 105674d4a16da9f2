/** What a scan before the open asks of a broker. */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { Result } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { BrokerCallFailure } from "./token-issuer.ts";

/** One symbol before the open. */
export interface ScanQuote {
  /** The last price, late and early trading included. */
  readonly last: Decimal;
  /** The close of the session before. */
  readonly previousClose: Decimal;
  /** Units traded outside the regular session since it ended; 0 where none were, or nobody says. */
  readonly volume: Decimal;
  readonly bid: Decimal;
  readonly ask: Decimal;
  readonly at: Temporal.Instant;
}

/** Reads the quotes of any number of symbols; one without a quote is left out. */
export type ScanQuotes = (
  token: Secret,
  symbols: readonly string[],
) => Promise<Result<ReadonlyMap<string, ScanQuote>, BrokerCallFailure>>;
