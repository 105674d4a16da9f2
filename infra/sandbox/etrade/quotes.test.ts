import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { initialFaults } from "./faults.ts";
import { phaseAt, weekdaySession } from "./market-hours.ts";
import { createPriceBook } from "./prices.ts";
import { answerQuotes, type QuoteAnswer } from "./quotes.ts";
import { osiKey, readSymbol } from "./symbols.ts";

const at = (text: string) => Temporal.Instant.from(text);
const OPEN = "2026-01-05T15:15:30Z";
const market = { prices: createPriceBook("seed"), sessionOn: weekdaySession };

function ask(symbols: string, now = OPEN, query: Readonly<Record<string, string>> = {}): QuoteAnswer {
  return answerQuotes({ symbols, query, now: at(now) }, market, initialFaults());
}

/** The answer as a client without types reads it. */
function bodyOf(answer: QuoteAnswer) {
  if (!answer.ok) throw new Error(`refused with ${answer.refusal.code}`);
  return JSON.parse(JSON.stringify(answer.document)).QuoteResponse;
}

const first = (answer: QuoteAnswer) => bodyOf(answer).QuoteData[0];

test("a quote is the same when asked again, another for another moment, symbol or seed", () => {
  const again = answerQuotes(
    { symbols: "AAPL", query: {}, now: at(OPEN) },
    { prices: createPriceBook("seed"), sessionOn: weekdaySession },
    initialFaults(),
  );
  const other = createPriceBook("other");

  expect(again).toEqual(ask("AAPL"));
  expect(first(ask("AAPL", "2026-01-05T15:45:30Z")).All.lastTrade).not.toBe(first(again).All.lastTrade);
  expect(other.price("AAPL", at(OPEN))).not.toBe(market.prices.price("AAPL", at(OPEN)));
  expect(first(ask("MSFT")).All.lastTrade).not.toBe(first(again).All.lastTrade);
});

test("at any moment low, last and high are in order, the bid is under the ask, and all lie in the year's range", () => {
  const start = at("2026-01-01T00:00:00Z").epochMilliseconds;
  const symbols = fc.constantFrom(
    "AAPL",
    "KO",
    "ABCD",
    "BRK.B",
    "AAPL:2027:1:15:CALL:250",
    "KO:2026:12:18:PUT:65",
  );
  fc.assert(
    fc.property(symbols, fc.integer({ min: 0, max: 300 * 86_400 }), (symbol, seconds) => {
      const now = Temporal.Instant.fromEpochMilliseconds(start + seconds * 1_000);

      const { All } = first(ask(symbol, now.toString()));

      expect(All.low).toBeLessThanOrEqual(All.lastTrade);
      expect(All.lastTrade).toBeLessThanOrEqual(All.high);
      expect(All.bid).toBeLessThan(All.ask);
      expect(All.low52).toBeLessThanOrEqual(All.low);
      expect(All.high52).toBeGreaterThanOrEqual(All.high);
      expect(All.lastTrade).toBeGreaterThan(0);
      expect(Math.round(All.lastTrade * 100) / 100).toBe(All.lastTrade);
      expect(All.changeClose).toBeCloseTo(All.lastTrade - All.previousClose, 5);
      expect(All.timePremium).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["2026-01-05T08:59:59Z", "CLOSING", "false", "16:00:00 EST 01-02-2026"],
  ["2026-01-05T09:00:00Z", "EH_BEFORE_OPEN", "true", "16:00:00 EST 01-02-2026"],
  ["2026-01-05T13:40:00Z", "EH_REALTIME", "true", "08:40:00 EST 01-05-2026"],
  ["2026-01-05T14:30:00Z", "REALTIME", "false", "09:30:00 EST 01-05-2026"],
  ["2026-01-05T20:59:59Z", "REALTIME", "false", "15:59:59 EST 01-05-2026"],
  ["2026-01-05T21:00:00Z", "EH_REALTIME", "true", "16:00:00 EST 01-05-2026"],
  ["2026-01-06T01:00:00Z", "EH_CLOSED", "true", "16:00:00 EST 01-05-2026"],
  ["2026-01-10T17:00:00Z", "CLOSING", "false", "16:00:00 EST 01-09-2026"],
  ["2026-07-01T14:00:00Z", "REALTIME", "false", "10:00:00 EDT 07-01-2026"],
])("at %s a quote says %s, ahFlag %s and %s", (now, status, flag, time) => {
  const quote = first(ask("AAPL", now));

  expect([quote.quoteStatus, quote.ahFlag, quote.dateTime]).toEqual([status, flag, time]);
});

test("a day that the caller's calendar closes has no session", () => {
  const closed = (date: Temporal.PlainDate) =>
    date.toString() === "2026-01-05" ? undefined : weekdaySession(date);

  expect(phaseAt(closed, at(OPEN))).toBe("closed");
  expect(phaseAt(weekdaySession, at(OPEN))).toBe("open");
});

test("in extended hours the last trade stays at the close and the extended price moves", () => {
  const early = first(ask("AAPL", "2026-01-05T22:00:00Z"));
  const late = first(ask("AAPL", "2026-01-05T23:30:00Z"));

  expect(late.All.lastTrade).toBe(early.All.lastTrade);
  expect(late.All.ExtendedHourQuoteDetail.lastPrice).not.toBe(early.All.ExtendedHourQuoteDetail.lastPrice);
  expect(late.All.ExtendedHourQuoteDetail).toMatchObject({ timeZone: "EST", quoteStatus: "EH_REALTIME" });
  expect(first(ask("AAPL")).All.ExtendedHourQuoteDetail).toBeUndefined();
});

test("the close of one day is the previous close of the next", () => {
  const friday = first(ask("AAPL", "2026-01-09T21:30:00Z"));
  const monday = first(ask("AAPL", "2026-01-12T15:00:00Z"));

  expect(monday.All.previousClose).toBe(friday.All.lastTrade);
});

test("times in a quote are whole seconds", () => {
  const quote = first(ask("AAPL"));

  expect(quote.dateTimeUTC).toBe(at(OPEN).epochMilliseconds / 1_000);
  expect(quote.All.timeOfLastTrade).toBe(quote.dateTimeUTC);
});

test.each([
  ["FUNDAMENTAL", "Fundamental"],
  ["INTRADAY", "Intraday"],
  ["OPTIONS", "Option"],
  ["WEEK_52", "Week52"],
  ["ALL", "All"],
])("detailFlag %s brings the object %s and no other", (detailFlag, name) => {
  const quote = first(ask("AAPL", OPEN, { detailFlag }));

  const objects = Object.keys(quote).filter((key) => typeof quote[key] === "object");
  expect(new Set(objects)).toEqual(new Set([name, "Product"]));
  expect(quote[name].lastTrade).toBe(first(ask("AAPL")).All.lastTrade);
});

test.each([
  [{ detailFlag: "MF_DETAIL" }, "AAPL", 1024],
  [{ detailFlag: "constructor" }, "AAPL", 1020],
  [{}, Array(26).fill("A").join(","), 1023],
  [{ overrideSymbolCount: "true" }, Array(51).fill("A").join(","), 1025],
])("%j with such symbols is refused with its code", (query, symbols, code) => {
  const answer = ask(symbols, OPEN, query);

  expect(answer).toMatchObject({ ok: false, refusal: { status: 400, code } });
});

test("25 symbols are quoted, and 50 with overrideSymbolCount", () => {
  expect(bodyOf(ask(Array(25).fill("A").join(","))).QuoteData).toHaveLength(25);
  const many = ask(Array(50).fill("A").join(","), OPEN, { overrideSymbolCount: "true" });
  expect(bodyOf(many).QuoteData).toHaveLength(50);
});

test.each([
  ["an unknown symbol", "ZZZZ"],
  ["an encoded colon", "AAPL%3A2027%3A1%3A15%3ACALL%3A250"],
  ["an encoded comma", "AAPL%2CMSFT"],
  ["a date that does not exist", "AAPL:2027:2:30:CALL:250"],
  ["an expired option", "AAPL:2026:1:2:CALL:250"],
  ["nothing", ""],
])("%s brings a message and no quote, beside the quotes of the others", (_, symbol) => {
  const alone = bodyOf(ask(symbol));
  const beside = bodyOf(ask(`KO,${symbol}`));

  expect(alone.QuoteData).toBeUndefined();
  expect(alone.Messages.Message).toHaveLength(1);
  expect(alone.Messages.Message[0]).toMatchObject({ code: 1019, type: "WARNING" });
  expect(beside.QuoteData).toHaveLength(1);
  expect(beside.Messages.Message).toHaveLength(1);
});

test("an option is quoted with its contract, key and days to run", () => {
  const quote = first(ask("AAPL:2026:1:16:CALL:247.5"));

  expect(quote.Product).toEqual({
    symbol: "AAPL",
    securityType: "OPTN",
    callPut: "CALL",
    expiryYear: 2026,
    expiryMonth: 1,
    expiryDay: 16,
    strikePrice: 247.5,
  });
  expect(quote.All).toMatchObject({
    osiKey: "AAPL--260116C00247500",
    optionMultiplier: 100,
    daysToExpiration: 12,
    symbolDescription: "AAPL Jan 16 '26 $247.5 Call",
    optionUnderlier: "AAPL",
  });
});

test("an option is never worth less than exercising it, and loses its time value by expiry", () => {
  const underlier = first(ask("AAPL", "2026-01-16T20:59:00Z")).All.lastTrade;
  const option = `AAPL:2026:1:16:CALL:${Math.floor(underlier) - 20}`;

  const early = first(ask(option)).All;
  const last = first(ask(option, "2026-01-16T20:59:00Z")).All;

  expect(early.timePremium).toBeGreaterThanOrEqual(0);
  expect(last.lastTrade).toBeCloseTo(underlier - Math.floor(underlier) + 20, 1);
});

test("the next earnings date is given only to who asks for it", () => {
  expect(first(ask("AAPL")).All.nextEarningDate).toBe("");
  expect(first(ask("AAPL", OPEN, { requireEarningsDate: "true" })).All.nextEarningDate).toBe("04/20/2026");
});

test("symbols are read in small letters too, and nothing else is one", () => {
  expect(readSymbol("brk.b")).toEqual({ kind: "equity", symbol: "BRK.B" });
  expect(readSymbol("TOOLONG")).toBeUndefined();
  expect(readSymbol("AAPL:2027:1:15:STRADDLE:250")).toBeUndefined();
});

test("the OSI key pads root and strike", () => {
  const option = readSymbol("F:2027:1:15:put:12.5");
  if (option === undefined || option.kind !== "option") throw new Error("not read as an option");

  expect(osiKey(option)).toBe("F-----270115P00012500");
});
