import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { fail, type Result, succeed } from "../../platform/result.ts";
import { Secret } from "../../platform/secret.ts";
import type { EtradeQuote } from "./quotes.ts";
import { createEtradeScanQuotes } from "./scan-quotes.ts";

const TOKEN = Secret.of("token");
const AT = Temporal.Instant.from("2026-03-10T12:30:00Z");
const d = (value: number) => new Decimal(value);

/** Before the open: the quote stands where the session before ended. */
function aQuote(over: Partial<EtradeQuote> = {}): EtradeQuote {
  return {
    quotedAt: AT,
    status: "EH_REALTIME",
    isAfterHours: true,
    ...{ bid: d(99), ask: d(101), last: d(100), previousClose: d(95), volume: d(9_000_000) },
    extendedHours: { last: d(103), bid: d(102.9), ask: d(103.1), volume: d(20_000) },
    ...over,
  };
}

function reading(quotes: Readonly<Record<string, Result<EtradeQuote, "QUOTE_MISSING">>>) {
  const calls: (readonly string[])[] = [];
  const read = createEtradeScanQuotes({
    quotes: async (_token, symbols) => {
      calls.push(symbols);
      return succeed(new Map(symbols.map((symbol) => [symbol, quotes[symbol] ?? fail("QUOTE_MISSING")])));
    },
  });
  return { calls, read };
}

test("before the open the price is the early one, and the close before is where the quote stands still", async () => {
  const { read } = reading({ AAPL: succeed(aQuote()) });

  expect(await read(TOKEN, ["AAPL"])).toEqual(
    succeed(
      new Map([
        [
          "AAPL",
          { last: d(103), previousClose: d(100), volume: d(20_000), bid: d(102.9), ask: d(103.1), at: AT },
        ],
      ]),
    ),
  );
});

test("what nobody traded yet has no gap and no volume", async () => {
  const { extendedHours: _, ...quote } = aQuote();
  const { read } = reading({ AAPL: succeed(quote) });

  const found = await read(TOKEN, ["AAPL"]);

  expect(found.ok && found.value.get("AAPL")).toMatchObject({
    last: d(100),
    previousClose: d(100),
    volume: d(0),
  });
});

test("a symbol without a quote is left out, the others stay", async () => {
  const { read } = reading({ AAPL: succeed(aQuote()) });

  const found = await read(TOKEN, ["AAPL", "NONE"]);

  expect(found.ok && [...found.value.keys()]).toEqual(["AAPL"]);
});

test("fifty symbols take two calls, and none takes none", async () => {
  const symbols = Array.from({ length: 50 }, (_, index) => `S${index}`);
  const { read, calls } = reading({});

  await read(TOKEN, symbols);

  expect(calls.map((one) => one.length)).toEqual([25, 25]);
  expect(await read(TOKEN, [])).toEqual(succeed(new Map()));
  expect(calls).toHaveLength(2);
});

test("a broker that fails fails the whole reading", async () => {
  const read = createEtradeScanQuotes({ quotes: async () => fail("BROKER_TIMEOUT") });

  expect(await read(TOKEN, ["AAPL"])).toEqual(fail("BROKER_TIMEOUT"));
});
