import { join } from "node:path";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recordedLog } from "../../../tests/support/recorded-log.ts";
import type { ScanQuote, ScanQuotes } from "../../brokers/scan-quotes.ts";
import type { ConnectionId } from "../../config/connection.ts";
import { createSqliteStore } from "../../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../platform/local/temporary-folder.ts";
import { fail, succeed } from "../../platform/result.ts";
import { Secret } from "../../platform/secret.ts";
import type { Store } from "../../platform/store.ts";
import { readWatchlist, watchlists } from "./records.ts";
import { runScan, type ScanDeps, type ScannedBot } from "./run-scan.ts";

const BOT: ScannedBot = {
  id: "opening-momentum",
  connection: "etrade-production" as ConnectionId,
  instruments: ["AAPL", "MSFT", "TSLA"],
  parameters: {},
};
/** A Tuesday, 08:30 in New York. */
const MORNING = Temporal.Instant.from("2026-03-10T12:30:00Z");

let folder: { readonly path: string; remove(): void };
let store: Store;
let last: Record<string, number>;
let calls: number;
let deps: ScanDeps;

beforeEach(() => {
  folder = makeTemporaryFolder();
  store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
  last = { AAPL: 102, MSFT: 100.5, TSLA: 104 };
  calls = 0;
  deps = {
    store,
    log: recordedLog().log,
    tokenOf: async () => Secret.of("token"),
    quotesOf: async () => quotesAt(() => MORNING),
  };
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

function quotesAt(at: () => Temporal.Instant): ScanQuotes {
  return async (_token, symbols) => {
    calls += 1;
    return succeed(new Map(symbols.flatMap((symbol) => toQuote(symbol, at()) ?? [])));
  };
}

function toQuote(symbol: string, at: Temporal.Instant): [[string, ScanQuote]] | undefined {
  const price = last[symbol];
  if (price === undefined) return undefined;
  const d = (value: number) => new Decimal(value);
  const quote = {
    last: d(price),
    previousClose: d(100),
    volume: d(50_000),
    bid: d(price - 0.1),
    ask: d(price + 0.1),
  };
  return [[symbol, { ...quote, at }]];
}

const atNewYork = (text: string) =>
  Temporal.PlainDateTime.from(text).toZonedDateTime("America/New_York").toInstant();

test("makes the list of the day, the widest gap first, and keeps what it saw", async () => {
  expect(await runScan(deps, BOT, MORNING)).toEqual({ did: "built", watchlist: ["TSLA", "AAPL"] });

  expect(await readWatchlist({ store }, BOT.id, MORNING)).toEqual(["TSLA", "AAPL"]);
  expect(await store.get(watchlists, "opening-momentum:2026-03-10")).toMatchObject({
    date: "2026-03-10",
    rows: [
      { instrument: "TSLA", gapPercent: 4 },
      { instrument: "AAPL" },
      { instrument: "MSFT", left: "gap too small" },
    ],
  });
});

describe("once a day:", () => {
  test("a list that is there stays, and nobody is asked again", async () => {
    await runScan(deps, BOT, MORNING);
    last = { AAPL: 110 };

    expect(await runScan(deps, BOT, MORNING.add({ minutes: 30 }))).toEqual({
      did: "kept",
      watchlist: ["TSLA", "AAPL"],
    });
    expect(calls).toBe(1);
  });

  test("of two at once one makes it and both have the same", async () => {
    let turn = 0;
    const changing: ScanDeps = {
      ...deps,
      quotesOf: async () => async (token, symbols) => {
        turn += 1;
        last = turn === 1 ? { AAPL: 105 } : { TSLA: 105 };
        return quotesAt(() => MORNING)(token, symbols);
      },
    };

    const outcomes = await Promise.all([runScan(changing, BOT, MORNING), runScan(changing, BOT, MORNING)]);

    expect(outcomes.map(({ did }) => did).sort()).toEqual(["built", "kept"]);
    const lists = outcomes.map((one) => ("watchlist" in one ? one.watchlist : []));
    expect(lists[0]).toEqual(lists[1]);
    expect(await readWatchlist({ store }, BOT.id, MORNING)).toEqual(lists[0]);
  });

  test("an empty list may be made again until the window ends, for a morning moves late", async () => {
    last = { AAPL: 100 };
    expect(await runScan(deps, BOT, MORNING)).toEqual({ did: "built", watchlist: [] });
    last = { AAPL: 105 };

    expect(await runScan(deps, BOT, MORNING.add({ minutes: 5 }))).toEqual({
      did: "built",
      watchlist: ["AAPL"],
    });
  });

  test("the next day has a list of its own", async () => {
    await runScan(deps, BOT, MORNING);
    const tomorrow = MORNING.add({ hours: 24 });

    expect(await readWatchlist({ store }, BOT.id, tomorrow)).toBeUndefined();
    const moved = { ...deps, quotesOf: async () => quotesAt(() => tomorrow) };
    expect((await runScan(moved, BOT, tomorrow)).did).toBe("built");
  });
});

describe("the window", () => {
  test.each([
    ["2026-03-10T07:59:59", "not-now"],
    ["2026-03-10T08:00", "built"],
    ["2026-03-10T09:24:59", "built"],
    ["2026-03-10T09:25", "not-now"],
    // The clocks went forward two days before; the window follows New York's.
    ["2026-03-06T08:00", "built"],
    ["2026-03-06T07:59", "not-now"],
    // A Saturday, a holiday, and a half day.
    ["2026-03-14T08:30", "not-now"],
    ["2026-07-03T08:30", "not-now"],
    ["2026-11-27T08:30", "built"],
  ])("at %s in New York: %s", async (text, did) => {
    const now = atNewYork(text);
    const moved = { ...deps, quotesOf: async () => quotesAt(() => now) };

    expect((await runScan(moved, BOT, now)).did).toBe(did);
  });

  test("is the bot's own where its parameters say so, but never at or after the open", async () => {
    const bot = { ...BOT, parameters: { scan: { from: "06:00", until: "20:00" } } };
    const ask = async (text: string) => {
      const now = atNewYork(text);
      return (await runScan({ ...deps, quotesOf: async () => quotesAt(() => now) }, bot, now)).did;
    };

    expect(await ask("2026-03-10T09:30")).toBe("not-now");
    expect(await ask("2026-03-10T12:00")).toBe("not-now");
    expect(await ask("2026-03-10T06:00")).toBe("built");
  });
});

describe("where it cannot, nothing is written and the next tick tries again:", () => {
  async function expectFailure(broken: Partial<ScanDeps>, code: string) {
    expect(await runScan({ ...deps, ...broken }, BOT, MORNING)).toEqual({ did: "failed", code });
    expect(await readWatchlist({ store }, BOT.id, MORNING)).toBeUndefined();
    expect((await runScan(deps, BOT, MORNING)).did).toBe("built");
  }

  test("no token lives, so nobody is asked", async () => {
    await expectFailure({ tokenOf: async () => undefined }, "TOKEN_NOT_LIVE");
    expect(calls).toBe(1);
  });

  test("the broker tells too little before the open", async () => {
    await expectFailure({ quotesOf: async () => undefined }, "QUOTE_MISSING");
  });

  test("the broker fails", async () => {
    await expectFailure({ quotesOf: async () => async () => fail("BROKER_TIMEOUT") }, "BROKER_TIMEOUT");
  });

  test("all that it tells is of yesterday", async () => {
    await expectFailure(
      { quotesOf: async () => quotesAt(() => MORNING.subtract({ hours: 12 })) },
      "QUOTE_MISSING",
    );
  });
});
