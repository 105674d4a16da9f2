import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { quietLog } from "../../../infra/local/quiet-log.ts";
import { connectionIdSchema } from "../../config/connection.ts";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import { fail, succeed } from "../../platform/result.ts";
import type { MarketBar } from "../market-feed.ts";
import { openEtradeFeed } from "./open-etrade-feed.ts";
import type { EtradeQuote } from "./quotes.ts";

/** 10:00 in New York on a Monday. */
const IN_SESSION = Temporal.Instant.from("2026-11-23T15:00:00Z");
const AT_NIGHT = Temporal.Instant.from("2026-11-24T03:00:00Z");

const aQuote = (quotedAt: Temporal.Instant, over: Partial<EtradeQuote> = {}): EtradeQuote => ({
  ...{ quotedAt, status: "REALTIME", isAfterHours: false, last: new Decimal(100) },
  ...{ bid: new Decimal("99.99"), ask: new Decimal("100.01"), volume: new Decimal(1_000) },
  ...over,
});

/** A feed over quotes that `quote` makes at each question. */
function openFeed(
  options: {
    readonly start?: Temporal.Instant;
    readonly symbols?: readonly string[];
    readonly speed?: number;
    /** How long an answer is on its way. */
    readonly tookMs?: number;
  } = {},
  quote: (now: Temporal.Instant) => EtradeQuote = (now) => aQuote(now),
) {
  const { start = IN_SESSION, symbols = ["AAPL"], speed = 1, tookMs = 0 } = options;
  const timers = createVirtualTimers();
  const clock = {
    now: () => start.add({ milliseconds: timers.now() * speed }),
    sleep: async () => undefined,
  };
  const asked: (readonly string[])[] = [];
  const state = { hasToken: true as boolean };
  const feed = openEtradeFeed(
    {
      quotes(some) {
        if (!state.hasToken) return undefined;
        asked.push(some);
        if (some.every((symbol) => symbol === "ZZZZ")) return Promise.resolve(fail("BROKER_REFUSED"));
        const quotes = some.map((symbol) => {
          const isMissing = symbol === "ZZZZ";
          return [symbol, isMissing ? fail("QUOTE_MISSING") : succeed(quote(clock.now()))] as const;
        });
        const answer = succeed(new Map(quotes));
        return tookMs === 0
          ? Promise.resolve(answer)
          : new Promise((resolve) => timers.after(tookMs, () => resolve(answer)));
      },
      ...{ clock, timers, log: quietLog },
    },
    {
      connection: connectionIdSchema.parse("etrade-test"),
      watch: symbols.map((symbol) => ({ symbol, bars: ["M1"] })),
    },
  );
  const bars: MarketBar[] = [];
  feed.onBar((bar) => bars.push(bar));
  feed.start();
  return { feed, timers, asked, bars, state };
}

test("in the session all symbols are asked for together every five seconds, outside every thirty", async () => {
  const day = openFeed({ symbols: ["AAPL", "MSFT"] });
  const night = openFeed({ start: AT_NIGHT });

  await day.timers.advance(60_000);
  await night.timers.advance(60_000);

  expect(day.asked.length).toBeGreaterThanOrEqual(12);
  expect(day.asked.length).toBeLessThanOrEqual(13);
  expect(day.asked[0]).toEqual(["AAPL", "MSFT"]);
  expect(night.asked.length).toBeLessThanOrEqual(3);
});

test("a clock that runs sixty times faster has the market asked for as often by its own time", async () => {
  const { asked, timers } = openFeed({ speed: 60 });

  await timers.advance(10_000);

  expect(asked.length).toBeGreaterThan(15);
  expect(asked.length).toBeLessThanOrEqual(21);
});

test("more than twenty-five symbols take a second call", async () => {
  const { asked, timers } = openFeed({ symbols: Array.from({ length: 30 }, (_, index) => `S${index}`) });

  await timers.advance(100);

  expect(asked.map((some) => some.length)).toEqual([25, 5]);
});

test("quotes become bars of a minute, each told once", async () => {
  const { bars, timers } = openFeed();

  await timers.advance(185_000);

  expect(bars.map(({ openAt }) => openAt.toString())).toEqual([
    "2026-11-23T15:00:00Z",
    "2026-11-23T15:01:00Z",
    "2026-11-23T15:02:00Z",
  ]);
});

test("a bar is told only where the whole of its minute was watched: after a start, and while no answer came", async () => {
  const { bars, timers, state } = openFeed({ start: IN_SESSION.add({ seconds: 20 }) });

  await timers.advance(165_000);
  state.hasToken = false;
  await timers.advance(200_000);
  state.hasToken = true;
  await timers.advance(150_000);

  expect(bars.map(({ openAt }) => openAt.toString())).toEqual([
    "2026-11-23T15:01:00Z",
    "2026-11-23T15:02:00Z",
    "2026-11-23T15:07:00Z",
  ]);
});

test("a delayed quote shows its age: by the time of its last trade", async () => {
  const { feed, timers } = openFeed({}, (now) =>
    aQuote(now, { status: "DELAYED", lastTradeAt: now.subtract({ minutes: 15 }) }),
  );

  await timers.advance(100);

  expect(feed.quotes()[0]?.at.toString()).toBe("2026-11-23T14:45:00Z");
});

test("what is told as delay is how long the last call took, not how old its quotes are", async () => {
  const { feed, timers } = openFeed({ tookMs: 40 }, (now) => aQuote(now.subtract({ hours: 15 })));
  const before = feed.lagMs(0);

  await timers.advance(100);

  expect([before, feed.lagMs(0), feed.lagMs(timers.now())]).toEqual([undefined, 40, undefined]);
});

test("after hours the extended prices count, and a side of zero is none", async () => {
  const { feed, timers } = openFeed({ start: AT_NIGHT }, (now) =>
    aQuote(now, {
      extendedHours: { last: new Decimal("0.5"), bid: new Decimal("0.49"), ask: new Decimal(0) },
    }),
  );

  await timers.advance(100);

  expect(feed.quotes()).toMatchObject([{ symbol: "AAPL", bid: new Decimal("0.49") }]);
  expect(feed.quotes()[0]).not.toHaveProperty("ask");
  expect(feed.instruments()).toMatchObject([
    { priceStep: new Decimal("0.0001"), quantityStep: new Decimal(1) },
  ]);
});

test("a symbol without a quote takes none of the others away, and without a token nothing is asked", async () => {
  const { feed, timers, asked, state } = openFeed({ symbols: ["ZZZZ", "AAPL"] });
  await timers.advance(100);
  const shown = feed.quotes().map(({ symbol }) => symbol);
  state.hasToken = false;
  const before = asked.length;
  await timers.advance(60_000);

  expect(shown).toEqual(["AAPL"]);
  expect(asked).toHaveLength(before);
});

test("a feed that was stopped asks nothing and shows nothing", async () => {
  const { feed, timers, asked } = openFeed();
  await timers.advance(100);

  feed.stop();
  await timers.advance(60_000);

  expect(asked).toHaveLength(1);
  expect(feed.quotes()).toEqual([]);
  expect(timers.pending()).toBe(0);
});

test("a symbol of which the broker tells nothing, in a call of its own, takes no bar from what is watched", async () => {
  const symbols = Array.from({ length: 25 }, (_, index) => `A${String.fromCharCode(65 + index)}`);
  const { feed, timers, bars, asked } = openFeed({ symbols });
  feed.follow?.(["ZZZZ"]);

  await timers.advance(250_000);

  expect(asked.at(-1)).toEqual(["ZZZZ"]);
  expect(bars.filter(({ symbol }) => symbol === "AA").length).toBeGreaterThanOrEqual(2);
});

test("where nothing is watched, what is followed is asked for all the same", async () => {
  const { feed, timers, asked } = openFeed({ symbols: [] });
  await timers.advance(10_000);
  const before = asked.length;

  feed.follow?.(["KO"]);
  await timers.advance(10_000);

  expect(before).toBe(0);
  expect(feed.quotes().map(({ symbol }) => symbol)).toEqual(["KO"]);
});

test("a stock that is followed later is asked for with the others, and makes no bar; an option is not", async () => {
  const { feed, timers, asked, bars } = openFeed();
  await timers.advance(100);

  feed.follow?.(["KO", "AAPL", "AAPL:2026:1:16:CALL:250", "a fund, by name"]);
  await timers.advance(130_000);

  expect(asked.at(-1)).toEqual(["AAPL", "KO"]);
  expect(feed.quotes().map(({ symbol }) => symbol)).toEqual(["AAPL", "KO"]);
  expect(new Set(bars.map(({ symbol }) => symbol))).toEqual(new Set(["AAPL"]));
});
