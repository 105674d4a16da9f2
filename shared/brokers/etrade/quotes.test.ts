import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { canonicalSymbol, productSymbol } from "./quote-symbol.ts";
import { ACCESS_SECRET, aToken, isSigned, scripted } from "./testing/client.ts";
import { json } from "./testing/fakes.ts";

const aRow = (symbol: string, over: object = {}, all: object = {}) => ({
  dateTime: "10:15:30 EST 01-02-2026",
  dateTimeUTC: 1767366930,
  quoteStatus: "REALTIME",
  ahFlag: "false",
  hasMiniOptions: false,
  All: {
    ask: 250.1,
    askSize: 300,
    bid: 250.05,
    bidSize: 200,
    bidExchange: " ",
    dirLast: "1",
    high: 251,
    lastTrade: 250.07,
    low: 248,
    open: 249,
    previousClose: 248.87,
    totalVolume: 9000000,
    timeOfLastTrade: 1767366929,
    ...all,
  },
  Product: { symbol, securityType: "EQ" },
  ...over,
});
const answer = (QuoteData: unknown, Messages?: unknown) => json({ QuoteResponse: { QuoteData, Messages } });
const message = (code: number, description: string) => ({ code, type: "WARNING", description });

test("a quote has exact prices and instants made of seconds", async () => {
  const { client, seen } = scripted([answer([aRow("AAPL")])]);

  const read = await client.quotes(aToken(), ["AAPL"]);

  expect(read.ok && read.value.get("AAPL")).toEqual({
    ok: true,
    value: {
      quotedAt: Temporal.Instant.from("2026-01-02T15:15:30Z"),
      status: "REALTIME",
      isAfterHours: false,
      bid: new Decimal("250.05"),
      ask: new Decimal("250.1"),
      last: new Decimal("250.07"),
      lastTradeAt: Temporal.Instant.from("2026-01-02T15:15:29Z"),
      bidSize: new Decimal("200"),
      askSize: new Decimal("300"),
      open: new Decimal("249"),
      high: new Decimal("251"),
      low: new Decimal("248"),
      previousClose: new Decimal("248.87"),
      volume: new Decimal("9000000"),
    },
  });
  expect(seen[0]?.url).toBe("https://data.test/v1/market/quote/AAPL.json?detailFlag=ALL");
  expect(isSigned(seen[0], ACCESS_SECRET)).toBe(true);
});

test("options and lists keep their colons and commas, and each answer finds its symbol", async () => {
  const option = "AAPL:2026:1:16:CALL:250";
  const Product = {
    symbol: "AAPL",
    securityType: "OPTN",
    callPut: "CALL",
    expiryYear: 2026,
    expiryMonth: 1,
    expiryDay: 16,
    strikePrice: 250.0,
  };
  const rows = [
    aRow("MSFT", {}, { bid: 2 }),
    aRow("", { Product }, { bid: 3 }),
    aRow("AAPL", {}, { bid: 1 }),
  ];
  const { client, seen } = scripted([answer(rows)]);

  const read = await client.quotes(aToken(), ["aapl", option, "MSFT", "aapl"]);

  expect(seen[0]?.url).toBe(`https://data.test/v1/market/quote/AAPL,${option},MSFT.json?detailFlag=ALL`);
  const bids = read.ok
    ? [...read.value].map(([symbol, quote]) => [symbol, quote.ok && quote.value.bid.toFixed()])
    : [];
  expect(bids).toEqual([
    ["aapl", "1"],
    [option, "3"],
    ["MSFT", "2"],
  ]);
});

test("after hours the extended prices stand beside those of the regular session", async () => {
  const ExtendedHourQuoteDetail = {
    lastPrice: 251.5,
    change: 1.43,
    bid: 251.4,
    bidSize: 100,
    ask: 251.6,
    askSize: 200,
    volume: 5000,
    timeOfLastTrade: 1767391200,
    timeZone: "EST",
    quoteStatus: "EH_REALTIME",
  };
  const row = aRow("AAPL", { ahFlag: "true", quoteStatus: "EH_REALTIME" }, { ExtendedHourQuoteDetail });
  const { client } = scripted([answer([row])]);

  const read = await client.quotes(aToken(), ["AAPL"]);

  expect(read.ok && read.value.get("AAPL")).toMatchObject({
    ok: true,
    value: {
      isAfterHours: true,
      last: new Decimal("250.07"),
      extendedHours: {
        last: new Decimal("251.5"),
        bid: new Decimal("251.4"),
        lastTradeAt: Temporal.Instant.from("2026-01-02T22:00:00Z"),
        status: "EH_REALTIME",
      },
    },
  });
});

test.each([
  ["true", true],
  [true, true],
  ["TRUE", true],
  ["false", false],
  [false, false],
])("ahFlag %o means after hours: %s", async (ahFlag, is) => {
  const { client } = scripted([answer([aRow("AAPL", { ahFlag })])]);

  const read = await client.quotes(aToken(), ["AAPL"]);

  expect(read.ok && read.value.get("AAPL")).toMatchObject({ ok: true, value: { isAfterHours: is } });
});

test("a symbol that the broker does not know fails alone, with the broker's code", async () => {
  const Message = [message(1002, "Something about OTHER."), message(1019, "The symbol NOPE is invalid.")];
  const { client } = scripted([answer([aRow("AAPL")], { Message })]);

  const read = await client.quotes(aToken(), ["AAPL", "NOPE"]);

  expect(read.ok && read.value.get("AAPL")?.ok).toBe(true);
  expect(read.ok && read.value.get("NOPE")).toEqual({
    ok: false,
    code: "QUOTE_MISSING",
    detail: { module: "market", brokerCode: 1019 },
  });
});

test.each([
  ["no rows, one message", json({ QuoteResponse: { Messages: { Message: [message(1019, "?")] } } }), 1019],
  ["no rows, empty messages", json({ QuoteResponse: { Messages: {} } }), undefined],
  ["no rows, odd messages", json({ QuoteResponse: { Messages: "none" } }), undefined],
  ["no content", new Response(null, { status: 204 }), undefined],
  ["another symbol than was asked for", answer([aRow("GOOG")]), undefined],
  ["a price that is missing", answer([aRow("AAPL", {}, { bid: null })]), undefined],
  ["a price that is text", answer([aRow("AAPL", {}, { ask: "N/A" })]), undefined],
  ["a time in milliseconds", answer([aRow("AAPL", { dateTimeUTC: 1767366930000 })]), undefined],
  ["a time of zero", answer([aRow("AAPL", { dateTimeUTC: 0 })]), undefined],
])("with %s there is no quote rather than a wrong one", async (_name, response, brokerCode) => {
  const { client } = scripted([response]);

  const read = await client.quotes(aToken(), ["AAPL"]);

  expect(read.ok && read.value.get("AAPL")).toEqual({
    ok: false,
    code: "QUOTE_MISSING",
    detail: { module: "market", ...(brokerCode !== undefined && { brokerCode }) },
  });
});

const symbols = (count: number) => Array.from({ length: count }, (_, index) => `S${index}`);

test.each([
  [25, false],
  [26, true],
  [50, true],
])("for %i symbols the larger count is asked for: %s", async (count, isOverride) => {
  const { client, seen } = scripted([answer([])]);

  const read = await client.quotes(aToken(), symbols(count));

  expect(seen[0]?.url.endsWith("&overrideSymbolCount=true")).toBe(isOverride);
  expect(read.ok && read.value.size).toBe(count);
});

test.each([[[]], [symbols(51)], [["AAPL,MSFT"]], [[""]], [["A B"]]])(
  "%j is a bug of the caller",
  async (asked) => {
    const { client, seen } = scripted([]);

    await expect(client.quotes(aToken(), asked)).rejects.toThrow(RangeError);

    expect(seen.length).toBe(0);
  },
);

test("a service that is not available right now is asked again", async () => {
  const { client, seen } = scripted([
    json({ Error: { code: 163, message: "The service is unavailable" } }, 400),
    answer([aRow("AAPL")]),
  ]);

  const read = await client.quotes(aToken(), ["AAPL"]);

  expect([read.ok, seen.length]).toEqual([true, 2]);
});

test("an option's answer has the symbol that was asked for, however its numbers are written", () => {
  const part = fc.record({
    underlier: fc.stringMatching(/^[A-Z]{1,5}$/),
    date: fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
    callPut: fc.constantFrom("CALL", "PUT"),
    strikeCents: fc.integer({ min: 1, max: 1_000_000 }),
    tail: fc.constantFrom("", "0", "00"),
  });

  fc.assert(
    fc.property(part, ({ underlier, date, callPut, strikeCents, tail }) => {
      const strike = new Decimal(strikeCents).div(100);
      const [year, month, day] = date.toISOString().slice(0, 10).split("-");
      const asked = `${underlier}:${year}:${month}:${day}:${callPut}:${strike.toFixed(2)}${tail}`;

      const answered = productSymbol({
        symbol: underlier,
        callPut,
        expiryYear: new Decimal(year!),
        expiryMonth: new Decimal(month!),
        expiryDay: new Decimal(day!),
        strikePrice: strike,
      });

      expect(canonicalSymbol(asked)).toBe(answered);
    }),
  );
});

test("a share's answer may carry empty option fields", () => {
  const zero = new Decimal(0);
  const product = {
    symbol: "AAPL",
    callPut: "",
    expiryYear: zero,
    expiryMonth: zero,
    expiryDay: zero,
    strikePrice: zero,
  };

  expect(productSymbol(product)).toBe("AAPL");
});
