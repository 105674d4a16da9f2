/**
 * Makes a bot's list of the day before the market opens: once a day, in its window on the exchange's days, with a
 * token that lives. A list on which nothing is may be made again until the window ends; one with something on it
 * stays.
 */
import { Temporal } from "temporal-polyfill";
import type { ScanQuote, ScanQuotes } from "../../brokers/scan-quotes.ts";
import { EXCHANGE_TIME_ZONE, sessionOn } from "../../calendar/sessions.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { ConnectionId } from "../../config/connection.ts";
import type { ErrorCode } from "../../errors.ts";
import type { Log } from "../../platform/log.ts";
import type { Secret } from "../../platform/secret.ts";
import type { Store } from "../../platform/store.ts";
import { type Candidate, rankCandidates, type Scan, type ScanRow } from "../../strategies/premarket-scan.ts";
import { type ScanTerms, scanTermsSchema } from "../../strategies/scan-terms.ts";
import { newYorkDate } from "../new-york-day.ts";
import { type WatchlistRecord, watchlistId, watchlistKeptUntil, watchlists } from "./records.ts";

export interface ScanDeps {
  readonly store: Store;
  readonly log: Log;
  /** The connection's token; undefined while none lives. */
  tokenOf(connection: ConnectionId): Promise<Secret | undefined>;
  /** Undefined for a broker that tells too little before the open. */
  quotesOf(connection: ConnectionId): Promise<ScanQuotes | undefined>;
}

export type ScanOutcome =
  | { readonly did: "built"; readonly watchlist: readonly string[] }
  /** It was there already. */
  | { readonly did: "kept"; readonly watchlist: readonly string[] }
  /** Outside of the window, or the exchange rests today. */
  | { readonly did: "not-now" }
  /** No token lives, or the broker did not answer: the next tick tries again. */
  | { readonly did: "failed"; readonly code: ErrorCode };

/** The part of a bot that matters to its scan. */
export type ScannedBot = Pick<BotConfig, "id" | "connection" | "instruments" | "parameters">;

/** Throws nothing that a broker or a token does; of two scans at once the first one's list stays. */
export async function runScan(deps: ScanDeps, bot: ScannedBot, now: Temporal.Instant): Promise<ScanOutcome> {
  if (!isScanTime(bot, now)) return { did: "not-now" };
  const known = await deps.store.get(watchlists, watchlistId(bot.id, now));
  if (known !== undefined && known.instruments.length > 0) return kept(known);
  const token = await deps.tokenOf(bot.connection);
  if (token === undefined) return { did: "failed", code: "TOKEN_NOT_LIVE" };
  const quotes = await deps.quotesOf(bot.connection);
  if (quotes === undefined) return { did: "failed", code: "QUOTE_MISSING" };
  const read = await quotes(token, bot.instruments);
  if (!read.ok) {
    deps.log.warn("scan-failed", { bot: bot.id, code: read.code, ...read.detail });
    return { did: "failed", code: read.code };
  }
  const candidates = [...read.value]
    .filter(([, { at }]) => isOfToday(at, now))
    .map(([instrument, quote]) => toCandidate(instrument, quote));
  if (candidates.length === 0) return { did: "failed", code: "QUOTE_MISSING" };
  return write(deps, recordOf(bot, rankCandidates(candidates, termsOf(bot)), now), now);
}

/** What the bot's parameters say under `scan`; what is not usable there was refused at the start. */
function termsOf({ parameters }: Pick<BotConfig, "parameters">): ScanTerms {
  const parsed = scanTermsSchema.safeParse(parameters.scan ?? {});
  return parsed.success ? parsed.data : scanTermsSchema.parse({});
}

/** Whether an instant lies in the bot's window: on the exchange's days, and never at or after the open. */
export function isScanTime(bot: Pick<BotConfig, "parameters">, now: Temporal.Instant): boolean {
  const { from, until } = termsOf(bot);
  const local = now.toZonedDateTimeISO(EXCHANGE_TIME_ZONE);
  const session = sessionOn(local.toPlainDate());
  if (!session.ok || session.value === undefined) return false;
  if (Temporal.Instant.compare(now, session.value.open) >= 0) return false;
  const time = local.toPlainTime();
  return (
    Temporal.PlainTime.compare(time, Temporal.PlainTime.from(from)) >= 0 &&
    Temporal.PlainTime.compare(time, Temporal.PlainTime.from(until)) < 0
  );
}

/** A quote of yesterday says nothing about this morning. */
function isOfToday(at: Temporal.Instant, now: Temporal.Instant): boolean {
  return newYorkDate(at) === newYorkDate(now);
}

function toCandidate(instrument: string, quote: ScanQuote): Candidate {
  return {
    instrument,
    last: quote.last.toNumber(),
    previousClose: quote.previousClose.toNumber(),
    volume: quote.volume.toNumber(),
    bid: quote.bid.toNumber(),
    ask: quote.ask.toNumber(),
  };
}

function recordOf(bot: ScannedBot, { watchlist, rows }: Scan, now: Temporal.Instant): WatchlistRecord {
  return {
    bot: bot.id,
    date: newYorkDate(now),
    instruments: [...watchlist],
    rows: rows.map(storable),
    at: now,
    keptUntil: watchlistKeptUntil(now),
  };
}

/** What cannot be computed is left out: a stored number is one. */
function storable({ gapPercent, spreadPercent, ...row }: ScanRow): WatchlistRecord["rows"][number] {
  return {
    ...row,
    ...(Number.isFinite(gapPercent) && { gapPercent }),
    ...(Number.isFinite(spreadPercent) && { spreadPercent }),
  };
}

async function write(
  { store, log }: ScanDeps,
  record: WatchlistRecord,
  now: Temporal.Instant,
): Promise<ScanOutcome> {
  const id = watchlistId(record.bot, now);
  const outcome = await store.transact(async (transaction): Promise<ScanOutcome> => {
    const known = await transaction.get(watchlists, id);
    if (known !== undefined && known.instruments.length > 0) return kept(known);
    transaction.set(watchlists, id, record);
    return { did: "built", watchlist: record.instruments };
  });
  if (outcome.did === "built") log.info("scan-built", { bot: record.bot, listed: outcome.watchlist.length });
  return outcome;
}

function kept({ instruments }: WatchlistRecord): ScanOutcome {
  return { did: "kept", watchlist: instruments };
}
