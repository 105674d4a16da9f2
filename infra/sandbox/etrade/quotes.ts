import { Temporal } from "temporal-polyfill";
import type { Refusal } from "./dress.ts";
import type { Faults } from "./faults.ts";
import type { Texts } from "./http-words.ts";
import type { Phase } from "./market-hours.ts";
import type { Plain } from "./markup.ts";
import { expiryInstant, type Market, type QuoteFacts, quoteFacts } from "./quote-facts.ts";
import { DETAIL_VIEWS, type DetailFlag, quoteTime, toSeconds, viewOf } from "./quote-views.ts";
import { type QuotedSymbol, readSymbol } from "./symbols.ts";

type Fields = { readonly [name: string]: Plain };
type QuoteSwitches = Pick<Faults, "delayedQuotes" | "unknownSymbols" | "tooManySymbols">;

/** What a quote call asks for. */
export interface QuoteAsk {
  /** The last piece of the path as it was sent, without `.json`. */
  readonly symbols: string;
  /** The first value of each query parameter. */
  readonly query: Texts;
  readonly now: Temporal.Instant;
}

/** The body of a quote call, or the refusal of all of it. */
export type QuoteAnswer =
  | { readonly ok: true; readonly document: { readonly [root: string]: Plain } }
  | { readonly ok: false; readonly refusal: Refusal };

const FEW = 25;
const MANY = 50;
const DELAY = { minutes: 15 };
const STATUS: Readonly<Record<Phase, string>> = {
  closed: "CLOSING",
  "before-extended": "EH_BEFORE_OPEN",
  extended: "EH_REALTIME",
  open: "REALTIME",
  "after-extended": "EH_CLOSED",
};

function refused(code: number, message: string): QuoteAnswer {
  return { ok: false, refusal: { status: 400, code, message } };
}

/** Answers `/v1/market/quote/{symbols}`: quotes for what is known, messages for what is not. */
export function answerQuotes(ask: QuoteAsk, market: Market, switches: QuoteSwitches): QuoteAnswer {
  const flag = ask.query.detailFlag ?? "ALL";
  if (flag === "MF_DETAIL") return refused(1024, "The detail flag is for mutual funds only.");
  if (!Object.hasOwn(DETAIL_VIEWS, flag)) return refused(1020, "The detail flag is not valid.");

  const texts = ask.symbols.split(",");
  const isMany = ask.query.overrideSymbolCount === "true";
  if (texts.length > MANY) return refused(1025, `At most ${MANY} symbols can be quoted in one call.`);
  const isOver = !isMany && texts.length > FEW;
  if (isOver && switches.tooManySymbols === "refuse") {
    return refused(1023, `At most ${FEW} symbols can be quoted without overrideSymbolCount.`);
  }

  const asked = isOver ? texts.slice(0, FEW) : texts;
  const now = switches.delayedQuotes ? ask.now.subtract(DELAY) : ask.now;
  const read = asked.map((text) => ({ text, symbol: known(text, switches, now) }));
  const messages = read
    .filter(({ symbol }) => symbol === undefined)
    .map(({ text }) => message(1019, `The symbol ${text} is not valid.`));
  if (isOver) messages.push(message(1023, `Only the first ${FEW} symbols are quoted.`));
  const quotes = read.flatMap(({ symbol }) =>
    symbol === undefined
      ? []
      : [quote(symbol, { ask: { ...ask, now }, flag: flag as DetailFlag, market, switches })],
  );
  return {
    ok: true,
    document: {
      QuoteResponse: {
        ...(quotes.length > 0 ? { QuoteData: quotes } : {}),
        ...(messages.length > 0 ? { Messages: { Message: messages } } : {}),
      },
    },
  };
}

function message(code: number, description: string): Fields {
  return { code, type: "WARNING", description };
}

function known(text: string, switches: QuoteSwitches, now: Temporal.Instant): QuotedSymbol | undefined {
  const symbol = readSymbol(text);
  if (symbol === undefined || switches.unknownSymbols.includes(symbol.symbol)) return undefined;
  const isOver = symbol.kind === "option" && Temporal.Instant.compare(now, expiryInstant(symbol)) >= 0;
  return isOver ? undefined : symbol;
}

function quote(
  symbol: QuotedSymbol,
  within: {
    readonly ask: QuoteAsk;
    readonly flag: DetailFlag;
    readonly market: Market;
    readonly switches: QuoteSwitches;
  },
): Fields {
  const { ask, market } = within;
  const facts = quoteFacts(symbol, market, ask.now);
  const shownAt = facts.phase === "extended" ? ask.now : facts.tradedAt;
  const status = STATUS[facts.phase];
  const isMoving = facts.phase === "open" || facts.phase === "extended";
  return {
    dateTime: quoteTime(shownAt),
    dateTimeUTC: toSeconds(shownAt),
    quoteStatus: isMoving && within.switches.delayedQuotes ? "DELAYED" : status,
    ahFlag: status.startsWith("EH_") ? "true" : "false",
    hasMiniOptions: false,
    ...viewOf(within.flag, facts, {
      prices: market.prices,
      now: ask.now,
      hasEarningsDate: ask.query.requireEarningsDate === "true",
    }),
    Product: product(facts),
  };
}

function product(facts: QuoteFacts): Fields {
  const { symbol } = facts;
  if (symbol.kind === "equity") return { symbol: symbol.symbol, securityType: "EQ" };
  return {
    symbol: symbol.symbol,
    securityType: "OPTN",
    callPut: symbol.right,
    expiryYear: symbol.expiry.year,
    expiryMonth: symbol.expiry.month,
    expiryDay: symbol.expiry.day,
    strikePrice: symbol.strike,
  };
}
