import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { InstrumentRules } from "../instrument-rules.ts";
import type { PaperQuote } from "./paper-prices.ts";
import { openSimulatedPrices, simulatedQuote, simulatedRules } from "./simulated-prices.ts";

const START = Temporal.Instant.from("2026-11-23T14:00:00Z");
const options = { seed: "test" };

function aMarket() {
  const timers = createVirtualTimers();
  const clock = {
    now: () => START.add({ milliseconds: Math.floor(timers.now()) }),
    sleep: () => Promise.reject(new Error("nobody sleeps on this clock")),
  };
  const prices = openSimulatedPrices({ clock, timers }, { ...options, instruments: ["EURUSD"] });
  return { timers, clock, prices };
}

test("the price of an instrument at an instant is the same in any market of the seed", () => {
  const at = START.add({ hours: 7 });

  const [one, other] = [simulatedQuote(options, "XAUUSD", at), simulatedQuote(options, "XAUUSD", at)];

  expect(one).toEqual(other);
  expect(simulatedQuote({ seed: "another" }, "XAUUSD", at)).not.toEqual(one);
  expect(simulatedQuote(options, "XAUUSD", at.add({ hours: 1 }))).not.toEqual(one);
});

test("any instrument has a bid above zero and an ask above it, at any time", () => {
  const instant = fc.integer({ min: 0, max: 4_000_000_000 });
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60 }), instant, (instrument, seconds) => {
      const at = Temporal.Instant.fromEpochMilliseconds(seconds * 1_000);

      const { bid, ask } = simulatedQuote(options, instrument, at);

      expect(bid.gt(0) && ask.gt(bid)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("a price goes on where it was: in a second it moves by less than a thousandth, in days by more", () => {
  const at = (seconds: number) => simulatedQuote(options, "EURUSD", START.add({ seconds })).bid;
  const seconds = Array.from({ length: 300 }, (_, second) => second * 997);

  const steps = seconds.map((second) =>
    at(second + 1)
      .div(at(second))
      .minus(1)
      .abs(),
  );
  const days = seconds.map((second) =>
    at(second * 60)
      .div(at(0))
      .minus(1)
      .abs(),
  );

  expect(steps.every((step) => step.lt("0.001"))).toBe(true);
  expect(days.some((step) => step.gt("0.01"))).toBe(true);
});

test("an instrument wanders around its usual price, or around the one that is given", () => {
  const gold = simulatedQuote(options, "XAUUSD", START).bid.toNumber();
  const given = simulatedQuote({ ...options, around: { XAUUSD: 10 } }, "XAUUSD", START).bid.toNumber();

  expect(gold).toBeGreaterThan(2_650 * 0.8);
  expect(gold).toBeLessThan(2_650 * 1.2);
  expect(given).toBeGreaterThan(8);
  expect(given).toBeLessThan(12);
});

test("an instrument's prices are on the steps of its rules", () => {
  for (const instrument of ["EURUSD", "USDJPY", "XAUUSD", "PALMOIL", "ANYTHING"]) {
    const { priceStep, currency } = simulatedRules(options, {
      ...{ instrument, at: START },
      connection: "sim" as InstrumentRules["connection"],
    });
    const { bid, ask } = simulatedQuote(options, instrument, START);

    expect([bid, ask].map((price) => price.mod(priceStep).toNumber())).toEqual([0, 0]);
    expect(currency).toBe(instrument === "USDJPY" ? "JPY" : "USD");
  }
});

test("quotes come every second for what is followed, and for what was asked for since", async () => {
  const { timers, prices, clock } = aMarket();
  const heard: PaperQuote[] = [];
  const end = prices.onQuote((quote) => heard.push(quote));
  await timers.advance(2_000);
  prices.latest("GOLDBUG");
  await timers.advance(1_000);

  expect(heard.map(({ instrument }) => instrument)).toEqual(["EURUSD", "EURUSD", "EURUSD", "GOLDBUG"]);
  expect(heard.at(-1)).toEqual(simulatedQuote(options, "GOLDBUG", clock.now()));
  end();
  expect(timers.pending()).toBe(0);
});
