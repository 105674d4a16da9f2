import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createVirtualClock } from "../../../../shared/platform/local/virtual-clock.ts";
import { createVirtualTimers } from "../../../../shared/platform/local/virtual-timers.ts";
import { ASSET_IDS } from "./assets.ts";
import { createBarMaker } from "./bars.ts";
import { conversionRate } from "./conversion.ts";
import { createMarket } from "./market.ts";
import { barSpan } from "./periods.ts";
import { SYMBOLS, symbolOf } from "./symbols.ts";
import { createTape } from "./tape.ts";
import { WEDNESDAY } from "./testing/venue-rig.ts";
import { createWalk, STEP_MS } from "./walk.ts";

const START = Temporal.Instant.from(WEDNESDAY);

function openMarket(over: { seed?: string; start?: Temporal.Instant } = {}) {
  const clock = createVirtualClock({ start: over.start ?? START });
  const timers = createVirtualTimers();
  const market = createMarket({ clock, timers }, { seed: over.seed ?? "s", tickMs: 250, oneSidedShare: 0.6 });
  return { clock, timers, market };
}
const minutes = (count: number) => Temporal.Duration.from({ minutes: count });

test("a clock that jumps meets the price that one finds who was there all along", async () => {
  const [walker, jumper] = [openMarket(), openMarket()];

  for (let minute = 0; minute < 30; minute += 1) {
    await walker.clock.advanceBy(minutes(1));
    await walker.timers.advance(250);
  }
  await jumper.clock.advanceBy(minutes(30));

  for (const id of SYMBOLS.keys()) expect(jumper.market.quote(id)).toEqual(walker.market.quote(id));
  expect(openMarket({ seed: "other" }).market.quote(1)).not.toEqual(openMarket().market.quote(1));
});

test("every price has the decimals of its symbol, an ask above the bid, and goes no further than real ones do", () => {
  for (const symbol of SYMBOLS.values()) {
    const walk = createWalk("s", symbol, 0.6);
    let before = walk.bid(0);
    for (let step = 0; step < 4_000; step += 1) {
      const at = START.epochMilliseconds + step * STEP_MS;
      const [bid, ask] = [walk.bid(at), walk.ask(at)];
      expect(bid % walk.point).toBe(0);
      expect(ask % walk.point).toBe(0);
      expect(ask).toBeGreaterThan(bid);
      if (step > 0) expect(Math.abs(bid - before) / bid).toBeLessThan(0.001);
      before = bid;
    }
  }
});

test.each([
  [1, (seen: Record<string, number>) => Math.min(seen.bid!, seen.ask!) > 200 && seen.both! < seen.bid! / 4],
  [0, (seen: Record<string, number>) => seen.both! > 2 * seen.bid!],
])("of the price changes, a share of %s moves one side alone, either of them", (share, holds) => {
  const walk = createWalk("s", symbolOf(41), share);
  const seen = { bid: 0, ask: 0, both: 0 };
  for (let step = 0; step < 5_000; step += 1) {
    const at = START.epochMilliseconds + step * STEP_MS;
    const [bid, ask] = [walk.bid(at - 1) !== walk.bid(at), walk.ask(at - 1) !== walk.ask(at)];
    if (bid && ask) seen.both += 1;
    else if (bid) seen.bid += 1;
    else if (ask) seen.ask += 1;
  }

  expect(seen).toSatisfy(holds);
});

test("prices go on a little on a clock that stands, and stay where they are on a market that is closed", async () => {
  const open = openMarket();
  const closed = openMarket({ start: Temporal.Instant.from("2026-03-14T12:00:00Z") });
  const seen = new Set<number>();
  const shut = new Set<number>();
  open.market.listen((id, quote) => id === 1 && seen.add(quote.bid));
  closed.market.listen((id, quote) => id === 1 && shut.add(quote.bid));

  await open.timers.advance(10_000);
  await closed.timers.advance(10_000);

  expect(seen.size).toBeGreaterThan(5);
  expect(Math.max(...seen) - Math.min(...seen)).toBeLessThanOrEqual(12);
  expect(shut.size).toBe(1);
});

test("a price that is moved walks on from there, and what was before stays", async () => {
  const { clock, market } = openMarket();
  const before = market.quote(1);
  await clock.advanceBy(minutes(5));

  market.moveTo(1, 1.3);
  const moved = market.quote(1).bid;
  await clock.advanceBy(minutes(1));

  expect(moved).toBe(130_000);
  const drift = market.quote(1).bid - moved;
  expect(Math.abs(drift)).toBeLessThan(200);
  expect(market.tape(1).bid(START.epochMilliseconds)).toBe(before.bid);
  expect(market.quote(1).ask).toBeGreaterThan(market.quote(1).bid);
});

test("frozen prices stand while the time goes on, and go on from where they stood", async () => {
  const { clock, timers, market } = openMarket();
  market.freeze(true);
  const held = market.quote(1);

  await clock.advanceBy(minutes(60));
  await timers.advance(5_000);
  const later = market.quote(1);
  market.moveTo(41, 2_700);
  await clock.advanceBy(minutes(1));
  const moved = market.quote(41).bid;
  market.freeze(false);
  const thawed = market.quote(1);
  await clock.advanceBy(minutes(1));

  expect(later).toEqual(held);
  expect(moved).toBe(270_000_000);
  expect(thawed.bid).toBe(held.bid);
  expect(Math.abs(market.quote(1).bid - held.bid)).toBeLessThan(200);
});

test("a bar is what one draws who saw every price of its period, moved and held ones too", () => {
  const walk = createWalk("s", symbolOf(1), 0.6);
  const base = START.epochMilliseconds;
  const mark = fc.record({
    // Many at few moments, so that some meet: the clock stood there.
    from: fc.integer({ min: 0, max: 60 }).map((count) => count * 3_700),
    shift: fc.integer({ min: -60, max: 60 }),
    isHeld: fc.boolean(),
  });
  const period = fc.constantFrom("M1" as const, "M2" as const, "M5" as const);

  fc.assert(
    fc.property(
      fc.array(mark, { maxLength: 30 }),
      fc.integer({ min: 0, max: 300_000 }),
      period,
      (marks, offset, of) => {
        const tape = createTape(walk);
        const at = base + offset;
        const span = barSpan(of, at);
        const seen: number[] = [];
        for (const { from, shift, isHeld } of marks.toSorted((a, b) => a.from - b.from)) {
          const price = walk.bid(base + from) + shift;
          tape.mark(base + from, isHeld ? { shift, held: { bid: price, ask: price + 1 } } : { shift });
          if (base + from >= span.open && base + from <= at) seen.push(price);
        }
        for (let time = span.open; time <= at; time += 100) seen.push(tape.bid(time));

        const bar = createBarMaker(() => tape).bar(1, of, at, at + 1)!;

        expect(bar).toMatchObject({ open: tape.bid(span.open), close: tape.bid(at) });
        expect(bar).toMatchObject({ high: Math.max(...seen, bar.close), low: Math.min(...seen, bar.close) });
      },
    ),
    { numRuns: 150 },
  );
});

test("an hour is its minutes, a day its hours, and a closed period has no bar", () => {
  const tape = createTape(createWalk("s", symbolOf(1), 0.6));
  const maker = createBarMaker(() => tape);
  const day = barSpan("D1", START.epochMilliseconds);
  const hours = [];
  for (let at = day.open; at < day.end; at += 3_600_000) {
    const hour = maker.bar(1, "H1", at, at + 3_600_000);
    if (hour !== undefined) hours.push(hour);
  }
  const whole = maker.bar(1, "D1", day.open, day.end)!;
  const saturday = Temporal.Instant.from("2026-03-14T12:00:00Z").epochMilliseconds;

  expect(whole).toMatchObject({
    open: hours[0]?.open,
    close: hours.at(-1)?.close,
    high: Math.max(...hours.map(({ high }) => high)),
    low: Math.min(...hours.map(({ low }) => low)),
    volume: hours.reduce((sum, { volume }) => sum + volume, 0),
  });
  expect(maker.bar(1, "H1", saturday, saturday + 3_600_000)).toBeUndefined();
});

test("what is sold for another currency gets the bid, and what is bought with it pays the ask", () => {
  const { market } = openMarket();
  const dollars = market.quote(1);
  const yen = market.quote(4);

  expect(conversionRate(market, ASSET_IDS.EUR, ASSET_IDS.USD)).toBe(dollars.bid / 100_000);
  expect(conversionRate(market, ASSET_IDS.USD, ASSET_IDS.EUR)).toBeCloseTo(100_000 / dollars.ask, 12);
  expect(conversionRate(market, ASSET_IDS.EUR, ASSET_IDS.JPY)).toBeCloseTo((dollars.bid * yen.bid) / 1e10, 9);
  expect(conversionRate(market, ASSET_IDS.USD, ASSET_IDS.USD)).toBe(1);
});
