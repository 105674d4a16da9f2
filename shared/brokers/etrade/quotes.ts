import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type Failure, fail, type Result, succeed } from "../../platform/result.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type { Calls } from "./calls.ts";
import { decimalSchema, epochSecondsSchema, given, optionalDecimalSchema, textSchema } from "./json.ts";
import { canonicalSymbol, productSymbol } from "./quote-symbol.ts";
import type { TokenPair } from "./token.ts";
import { encodePathSegment } from "./url.ts";

/** Symbols that one call may ask for; above the first number a switch has to be set. */
const SYMBOLS_PLAIN = 25;
const SYMBOLS_MOST = 50;

/** Prices before the open and after the close, where the rest of the quote stands still. */
export interface ExtendedHoursQuote {
  readonly last: Decimal;
  readonly bid?: Decimal;
  readonly ask?: Decimal;
  readonly bidSize?: Decimal;
  readonly askSize?: Decimal;
  readonly volume?: Decimal;
  readonly lastTradeAt?: Temporal.Instant;
  readonly status?: string;
}

/** One symbol's quote in US dollars; sizes and volume in units. */
export interface EtradeQuote {
  readonly quotedAt: Temporal.Instant;
  /**
   * `REALTIME`, `DELAYED`, `CLOSING`, `EH_REALTIME`, `EH_BEFORE_OPEN` or `EH_CLOSED`. `DELAYED` is what a user
   * gets who has not signed the broker's market data agreement.
   */
  readonly status: string;
  readonly isAfterHours: boolean;
  readonly bid: Decimal;
  readonly ask: Decimal;
  /** Of the regular session, also after hours. */
  readonly last: Decimal;
  readonly lastTradeAt?: Temporal.Instant;
  readonly bidSize?: Decimal;
  readonly askSize?: Decimal;
  readonly open?: Decimal;
  readonly high?: Decimal;
  readonly low?: Decimal;
  readonly previousClose?: Decimal;
  readonly volume?: Decimal;
  readonly extendedHours?: ExtendedHoursQuote;
}

/** Quotes by the symbols as they were asked for; each has its own outcome. */
export type EtradeQuotes = ReadonlyMap<string, Result<EtradeQuote, "QUOTE_MISSING">>;

/** Reads the quotes of 1 to 50 symbols in one call; options as `underlier:year:month:day:CALL|PUT:strike`. */
export type QuoteReader = (
  token: TokenPair,
  symbols: readonly string[],
) => Promise<Result<EtradeQuotes, BrokerCallFailure>>;

const moment = epochSecondsSchema.nullish().transform((value) => value ?? undefined);
const flag = z.union([z.string(), z.boolean()]).transform((value) => String(value).toLowerCase() === "true");

const extendedHoursSchema = z
  .object({
    lastPrice: decimalSchema,
    bid: optionalDecimalSchema,
    ask: optionalDecimalSchema,
    bidSize: optionalDecimalSchema,
    askSize: optionalDecimalSchema,
    volume: optionalDecimalSchema,
    timeOfLastTrade: moment,
    quoteStatus: z.string().optional(),
  })
  .transform(({ lastPrice, timeOfLastTrade, quoteStatus, ...rest }) => ({
    last: lastPrice,
    lastTradeAt: timeOfLastTrade,
    status: quoteStatus,
    ...rest,
  }));

const productSchema = z.object({
  symbol: z.string().min(1),
  callPut: z.string().nullish(),
  expiryYear: decimalSchema.nullish(),
  expiryMonth: decimalSchema.nullish(),
  expiryDay: decimalSchema.nullish(),
  strikePrice: decimalSchema.nullish(),
});

const rowSchema = z.object({
  dateTimeUTC: epochSecondsSchema.pipe(z.custom<Temporal.Instant>((instant) => instant !== undefined)),
  quoteStatus: z.string().min(1),
  ahFlag: flag.default(false),
  Product: productSchema,
  All: z.object({
    bid: decimalSchema,
    ask: decimalSchema,
    lastTrade: decimalSchema,
    bidSize: optionalDecimalSchema,
    askSize: optionalDecimalSchema,
    open: optionalDecimalSchema,
    high: optionalDecimalSchema,
    low: optionalDecimalSchema,
    previousClose: optionalDecimalSchema,
    totalVolume: optionalDecimalSchema,
    timeOfLastTrade: moment,
    ExtendedHourQuoteDetail: extendedHoursSchema.nullish(),
  }),
});

const messageSchema = z.object({ code: textSchema.nullish(), description: z.string().nullish() });
type Message = z.output<typeof messageSchema>;

const quotesSchema = z.object({
  QuoteResponse: z.object({
    // Row by row, so that one odd row does not take the other symbols' quotes away.
    QuoteData: z.array(z.unknown()).nullish(),
    Messages: z
      .object({ Message: z.array(messageSchema).nullish() })
      .nullish()
      .catch(undefined),
  }),
});

/** Makes the reader of quotes. Throws a RangeError for more than 50 symbols, for none, and for an empty one. */
export function createQuoteReader(calls: Calls): QuoteReader {
  return async (token, symbols) => {
    const asked = [...new Set(symbols)];
    checkSymbols(asked);
    const list = asked.map((symbol) => symbol.toUpperCase()).join(",");
    const read = await calls.read({
      module: "market",
      path: `/v1/market/quote/${encodePathSegment(list)}.json`,
      query: {
        detailFlag: "ALL",
        ...(asked.length > SYMBOLS_PLAIN ? { overrideSymbolCount: "true" } : {}),
      },
      token,
      schema: quotesSchema,
    });
    if (!read.ok) return read;
    const { QuoteData, Messages } = read.value.value?.QuoteResponse ?? {};
    const rows = readRows(QuoteData ?? []);
    return succeed(
      new Map(
        asked.map((symbol) => {
          const quote = rows.get(canonicalSymbol(symbol));
          return [symbol, quote ? succeed(quote) : missing(symbol, Messages?.Message ?? [])] as const;
        }),
      ),
    );
  };
}

function checkSymbols(symbols: readonly string[]): void {
  if (symbols.length === 0 || symbols.length > SYMBOLS_MOST) {
    throw new RangeError(`A call quotes 1 to ${SYMBOLS_MOST} symbols, was asked for ${symbols.length}.`);
  }
  if (symbols.some((symbol) => !/^[^\s,]+$/.test(symbol))) {
    throw new RangeError("A symbol has no blank, no comma and at least one character.");
  }
}

function readRows(rows: readonly unknown[]): ReadonlyMap<string, EtradeQuote> {
  const quotes = new Map<string, EtradeQuote>();
  for (const row of rows) {
    const parsed = rowSchema.safeParse(row);
    if (parsed.success) quotes.set(productSymbol(parsed.data.Product), toQuote(parsed.data));
  }
  return quotes;
}

function toQuote(row: z.output<typeof rowSchema>): EtradeQuote {
  const { lastTrade, totalVolume, timeOfLastTrade, ExtendedHourQuoteDetail: extended, ...prices } = row.All;
  return {
    quotedAt: row.dateTimeUTC,
    status: row.quoteStatus,
    isAfterHours: row.ahFlag,
    ...given({ ...prices, last: lastTrade, volume: totalVolume, lastTradeAt: timeOfLastTrade }),
    ...(extended ? { extendedHours: given(extended) } : {}),
  };
}

/** Fails with the broker's code where a message names the symbol, or where there is one message for all. */
function missing(symbol: string, messages: readonly Message[]): Failure<"QUOTE_MISSING"> {
  const named = messages.find((message) => words(message.description ?? "").includes(symbol.toUpperCase()));
  const code = (named ?? (messages.length === 1 ? messages[0] : undefined))?.code;
  const isCode = code != null && /^\d{1,6}$/.test(code);
  return fail("QUOTE_MISSING", { module: "market", ...(isCode ? { brokerCode: Number(code) } : {}) });
}

function words(text: string): readonly string[] {
  return text
    .toUpperCase()
    .split(/[^A-Z0-9.:$/-]+/)
    .map((word) => word.replace(/[.:]+$/, ""));
}
