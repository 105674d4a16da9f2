import type { Temporal } from "temporal-polyfill";
import type { Plain } from "./markup.ts";
import { type PriceBook, toCents } from "./prices.ts";
import { expiryInstant, intrinsicValue, type QuoteFacts } from "./quote-facts.ts";
import { osiKey } from "./symbols.ts";
import { NEW_YORK } from "./token-life.ts";

type Fields = { readonly [name: string]: Plain };

/** The values of `detailFlag` that the simulator answers, each with the object it brings. */
export const DETAIL_VIEWS = {
  ALL: "All",
  FUNDAMENTAL: "Fundamental",
  INTRADAY: "Intraday",
  OPTIONS: "Option",
  WEEK_52: "Week52",
} as const;
/** A value of `detailFlag` that is answered. */
export type DetailFlag = keyof typeof DETAIL_VIEWS;

/** A moment in the quote's own form, e.g. `10:15:30 EST 01-02-2026`. */
export function quoteTime(instant: Temporal.Instant): string {
  const at = instant.toZonedDateTimeISO(NEW_YORK);
  const two = (value: number) => String(value).padStart(2, "0");
  const zone = at.offset === "-04:00" ? "EDT" : "EST";
  const time = at.toPlainTime().toString({ smallestUnit: "second" });
  return `${time} ${zone} ${two(at.month)}-${two(at.day)}-${at.year}`;
}

/** Whole seconds since 1970. */
export function toSeconds(instant: Temporal.Instant): number {
  return Math.floor(instant.epochMilliseconds / 1_000);
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : toCents((100 * part) / whole);
}

function nameOf(facts: QuoteFacts, prices: PriceBook): string {
  const { symbol } = facts;
  if (symbol.kind === "equity") return prices.listing(symbol.symbol).name;
  const month = symbol.expiry.toLocaleString("en-US", { month: "short", calendar: "iso8601" });
  const year = String(symbol.expiry.year).slice(2);
  const right = symbol.right === "CALL" ? "Call" : "Put";
  return `${symbol.symbol} ${month} ${symbol.expiry.day} '${year} $${symbol.strike} ${right}`;
}

function optionFields(facts: QuoteFacts, prices: PriceBook): Fields {
  const { symbol, tradedAt, last } = facts;
  if (symbol.kind === "equity") {
    return {
      daysToExpiration: 0,
      openInterest: 0,
      intrinsicValue: 0,
      timePremium: 0,
      optionMultiplier: 0,
      contractSize: 0,
      expirationDate: 0,
    };
  }
  const expiry = expiryInstant(symbol);
  const intrinsic = Math.min(last, intrinsicValue(symbol, prices.price(symbol.symbol, tradedAt)));
  return {
    daysToExpiration: Math.max(0, Math.ceil(tradedAt.until(expiry).total("hours") / 24)),
    openInterest: Math.round(20_000 * prices.trait(symbol.symbol, `interest|${osiKey(symbol)}`)),
    intrinsicValue: intrinsic,
    timePremium: toCents(last - intrinsic),
    optionMultiplier: 100,
    contractSize: 100,
    expirationDate: toSeconds(expiry),
    osiKey: osiKey(symbol),
  };
}

function common(facts: QuoteFacts, prices: PriceBook): Fields {
  const change = toCents(facts.last - facts.previousClose);
  return {
    ask: facts.ask,
    bid: facts.bid,
    changeClose: change,
    changeClosePercentage: percent(change, facts.previousClose),
    companyName: nameOf(facts, prices),
    high: facts.high,
    lastTrade: facts.last,
    low: facts.low,
    totalVolume: facts.volume,
  };
}

function fundamentals(facts: QuoteFacts, prices: PriceBook): Fields {
  const { symbol } = facts.symbol;
  const base = prices.listing(symbol).base;
  const eps = toCents(base / (12 + 30 * prices.trait(symbol, "pe")));
  return {
    eps,
    estEarnings: toCents(eps * 1.08),
    high52: facts.high52,
    low52: facts.low52,
    symbolDescription: nameOf(facts, prices),
  };
}

function extendedHours(facts: QuoteFacts, now: Temporal.Instant): Fields {
  if (facts.extended === undefined) return {};
  const change = toCents(facts.extended.last - facts.last);
  return {
    ExtendedHourQuoteDetail: {
      lastPrice: facts.extended.last,
      change,
      percentChange: percent(change, facts.last),
      bid: facts.extended.bid,
      bidSize: facts.bidSize,
      ask: facts.extended.ask,
      askSize: facts.askSize,
      volume: Math.round(facts.volume / 200),
      timeOfLastTrade: toSeconds(now),
      timeZone: quoteTime(now).split(" ")[1] ?? "",
      quoteStatus: "EH_REALTIME",
    },
  };
}

function all(facts: QuoteFacts, ask: ViewAsk): Fields {
  const { prices } = ask;
  const { symbol } = facts.symbol;
  const shares = Math.round(2e8 + 1.5e10 * prices.trait(symbol, "shares"));
  const { eps, ...rest } = fundamentals(facts, prices);
  const dividend = toCents(facts.last * 0.0025 * prices.trait(symbol, "dividend"));
  return {
    adjustedFlag: false,
    ...common(facts, prices),
    ...rest,
    ...optionFields(facts, prices),
    askSize: facts.askSize,
    askTime: quoteTime(facts.tradedAt),
    bidExchange: " ",
    bidSize: facts.bidSize,
    bidTime: quoteTime(facts.tradedAt),
    dirLast: facts.last >= facts.previousLast ? "1" : "2",
    dividend,
    declaredDividend: dividend,
    yield: percent(4 * dividend, facts.last),
    eps: eps ?? 0,
    pe: toCents(facts.last / Number(eps)),
    beta: toCents(0.5 + 1.2 * prices.trait(symbol, "beta")),
    open: facts.open,
    optionStyle: facts.symbol.kind === "option" ? "American" : "",
    optionUnderlier: facts.symbol.kind === "option" ? symbol : "",
    previousClose: facts.previousClose,
    previousDayVolume: facts.previousVolume,
    averageVolume: facts.averageVolume,
    primaryExchange: prices.listing(symbol).exchange,
    upc: 0,
    cashDeliverable: 0,
    marketCap: Math.round(shares * prices.price(symbol, facts.tradedAt)),
    sharesOutstanding: shares,
    nextEarningDate: ask.hasEarningsDate ? nextEarnings(facts) : "",
    week52LowDate: toSeconds(facts.low52At),
    week52HiDate: toSeconds(facts.high52At),
    timeOfLastTrade: toSeconds(facts.tradedAt),
    ...extendedHours(facts, ask.now),
  };
}

function nextEarnings(facts: QuoteFacts): string {
  const today = facts.tradedAt.toZonedDateTimeISO(NEW_YORK).toPlainDate();
  const quarter = today.with({ day: 20 }).add({ months: 1 + ((12 - today.month) % 3) });
  return `${String(quarter.month).padStart(2, "0")}/${quarter.day}/${quarter.year}`;
}

function week52(facts: QuoteFacts, prices: PriceBook): Fields {
  const yearAgo = facts.tradedAt.subtract({ hours: 52 * 168 });
  const before = prices.price(facts.symbol.symbol, yearAgo);
  return {
    companyName: nameOf(facts, prices),
    high52: facts.high52,
    lastTrade: facts.last,
    low52: facts.low52,
    perf12Months: percent(prices.price(facts.symbol.symbol, facts.tradedAt) - before, before),
    previousClose: facts.previousClose,
    symbolDescription: nameOf(facts, prices),
    totalVolume: facts.volume,
  };
}

/** What a view depends on besides the figures. */
export interface ViewAsk {
  readonly prices: PriceBook;
  readonly now: Temporal.Instant;
  readonly hasEarningsDate: boolean;
}

/** The object that a `detailFlag` brings, under its name. */
export function viewOf(flag: DetailFlag, facts: QuoteFacts, ask: ViewAsk): Fields {
  const { prices } = ask;
  switch (flag) {
    case "ALL":
      return { All: all(facts, ask) };
    case "FUNDAMENTAL":
      return {
        Fundamental: {
          companyName: nameOf(facts, prices),
          lastTrade: facts.last,
          ...fundamentals(facts, prices),
        },
      };
    case "INTRADAY":
      return { Intraday: common(facts, prices) };
    case "OPTIONS":
      return {
        Option: {
          ...common(facts, prices),
          ...optionFields(facts, prices),
          bidSize: facts.bidSize,
          askSize: facts.askSize,
          symbolDescription: nameOf(facts, prices),
        },
      };
    case "WEEK_52":
      return { Week52: week52(facts, prices) };
    default:
      return flag satisfies never;
  }
}
