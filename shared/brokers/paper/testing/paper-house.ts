/** A paper account on a store of its own, prices that are set by hand, and processes that lead it in turn. */
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { type AccountId, type PaperTerms, paperTermsSchema } from "../../../config/account.ts";
import type { Clock } from "../../../platform/clock.ts";
import { createSqliteStore } from "../../../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../../platform/local/temporary-folder.ts";
import { createVirtualTimers } from "../../../platform/local/virtual-timers.ts";
import type { Log } from "../../../platform/log.ts";
import type { Store } from "../../../platform/store.ts";
import type { Timers } from "../../../platform/timers.ts";
import type { InstrumentRules } from "../../instrument-rules.ts";
import { openPaperBroker, type PaperBroker } from "../open-paper-broker.ts";
import type { PaperPrices, PaperQuote } from "../paper-prices.ts";

export const PAPER = "paper-test" as AccountId;
export const START = Temporal.Instant.from("2026-11-23T14:00:00Z");
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {}, for: () => SILENT };

/** Terms without chance, unless said otherwise. */
export function someTerms(over: Partial<PaperTerms> = {}): PaperTerms {
  return { ...paperTermsSchema.parse({}), rejectedPercent: 0, partialPercent: 0, ...over };
}

/** An instrument of steps of 100 units and of 0.00001 in price, in dollars. */
export function someRules(over: Partial<InstrumentRules> = {}): InstrumentRules {
  return {
    connection: "test" as InstrumentRules["connection"],
    instrument: "EURUSD",
    minimumQuantity: new Decimal(100),
    maximumQuantity: new Decimal(1_000_000),
    quantityStep: new Decimal(100),
    priceStep: new Decimal("0.00001"),
    currency: "USD",
    canSell: true,
    isTradable: true,
    at: START,
    ...over,
  };
}

/** Prices that are set by hand. */
export function createSetPrices(clock: Clock) {
  const latest = new Map<string, PaperQuote>();
  const listeners = new Set<(quote: PaperQuote) => void>();
  const prices: PaperPrices = {
    latest: (instrument) => latest.get(instrument),
    onQuote(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    prices,
    set(bid: Decimal.Value, ask: Decimal.Value, instrument = "EURUSD"): void {
      const quote = { instrument, bid: new Decimal(bid), ask: new Decimal(ask), at: clock.now() };
      latest.set(instrument, quote);
      for (const listener of [...listeners]) listener(quote);
    },
    /** The same prices again. */
    repeat(): void {
      for (const { instrument, bid, ask } of [...latest.values()]) this.set(bid, ask, instrument);
    },
    forget: (instrument = "EURUSD") => latest.delete(instrument),
    listeners: () => listeners.size,
  };
}

export interface PaperHouseOptions {
  readonly terms?: Partial<PaperTerms>;
  readonly rules?: readonly InstrumentRules[];
  readonly account?: AccountId;
}

export type PaperHouse = ReturnType<typeof openPaperHouse>;

export function openPaperHouse(options: PaperHouseOptions = {}) {
  const folder = makeTemporaryFolder();
  const store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
  const timers = createVirtualTimers();
  const clock: Clock = {
    now: () => START.add({ milliseconds: Math.floor(timers.now()) }),
    sleep: () => Promise.reject(new Error("nobody sleeps on this clock")),
  };
  const market = createSetPrices(clock);
  const rules = new Map((options.rules ?? [someRules()]).map((one) => [one.instrument, one]));
  const hours = { isOpen: true };
  const rates = new Map<string, Decimal>();
  const brokers: PaperBroker[] = [];
  let { terms = {} } = options;
  let fence = 0;

  /** A client, not started. `over`: the store or the timers of a process that dies. */
  function make(over: { readonly store?: Store; readonly timers?: Timers } = {}): PaperBroker {
    const broker = openPaperBroker(
      { store, clock, timers, log: SILENT, ...over },
      {
        account: options.account ?? PAPER,
        terms: someTerms(terms),
        prices: market.prices,
        rulesOf: (instrument) => rules.get(instrument),
        conversion: (currency) => rates.get(currency),
        isOpen: () => hours.isOpen,
      },
    );
    brokers.push(broker);
    return broker;
  }

  async function pass(ms: number, stepMs = 500): Promise<void> {
    await settle();
    for (let passed = 0; passed < ms; passed += stepMs) {
      await timers.advance(Math.min(stepMs, ms - passed));
      market.repeat();
      await settle();
    }
  }

  return {
    ...{ store, timers, clock, market, hours, rates, make, pass },
    rules,
    setTerms(next: Partial<PaperTerms>) {
      terms = { ...terms, ...next };
    },
    nextFence: () => ++fence,
    /** A client that leads the account; what led it before is left as it is. */
    async start(): Promise<PaperBroker> {
      const broker = make();
      const isReady = await broker.start(++fence);
      if (!isReady) throw new Error("the paper account is led by somebody else");
      return broker;
    },
    async close() {
      // A client whose store is dead never comes to its end.
      await Promise.race([Promise.all(brokers.map((broker) => broker.stop())), settle(20)]);
      await store.close();
      folder.remove();
    },
  };
}

/** The store answers in turns of the promise queue and of the loop. */
export async function settle(turns = 4): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
