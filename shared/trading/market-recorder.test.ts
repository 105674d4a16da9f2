import { join } from "node:path";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterAll, expect, test } from "vitest";
import type { MarketQuote } from "../brokers/market-feed.ts";
import { connectionSchema } from "../config/connection.ts";
import type { Lease } from "../platform/lease.ts";
import { createSqliteStore } from "../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../platform/local/temporary-folder.ts";
import { createVirtualTimers } from "../platform/local/virtual-timers.ts";
import type { Log } from "../platform/log.ts";
import { createMarketRecorder, markets } from "./market-recorder.ts";

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {}, for: () => SILENT };
const folder = makeTemporaryFolder();
const store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
afterAll(async () => {
  await store.close();
  folder.remove();
});

const NOON = Temporal.Instant.from("2026-03-11T12:00:00Z");
const CONNECTION = connectionSchema.parse({
  ...{ id: "ctrader-demo", broker: "ctrader", environment: "demo", label: "cTrader", needed: "on-demand" },
});

test("prices that stay the same are written again within a minute while they come, and not when they do not", async () => {
  const timers = createVirtualTimers();
  const clock = { now: () => NOON.add({ milliseconds: timers.now() }), sleep: async () => {} };
  const feed: { isConnected: boolean } = { isConnected: true };
  const quote = (): MarketQuote => ({ symbol: "EURUSD", bid: new Decimal("1.1"), at: clock.now() });
  const recorder = createMarketRecorder({
    ...{ store, clock, timers, log: SILENT, connection: CONNECTION },
    leases: { isHeld: async () => true },
    feed: {
      quotes: () => (feed.isConnected ? [quote()] : []),
      instruments: () => [],
      onBar: () => () => {},
      lagMs: () => undefined,
    },
  });
  const ageMs = async () => {
    await recorder.idle();
    return (await store.get(markets, "ctrader-demo"))?.symbols[0]?.at
      .until(clock.now())
      .total("milliseconds");
  };
  recorder.lead({} as Lease);

  const ages: (number | undefined)[] = [];
  for (let passed = 0; passed < 300; passed += 10) {
    await timers.advance(10_000);
    ages.push(await ageMs());
  }
  feed.isConnected = false;
  await timers.advance(300_000);

  expect(Math.max(...ages.map((age) => age ?? Number.POSITIVE_INFINITY))).toBeLessThanOrEqual(60_000);
  expect(new Set(ages).size).toBeGreaterThan(1);
  expect(await ageMs()).toBeGreaterThanOrEqual(300_000);
});
