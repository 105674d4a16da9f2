import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createVirtualClock } from "../../../../shared/platform/local/virtual-clock.ts";
import { createVirtualTimers } from "../../../../shared/platform/local/virtual-timers.ts";
import { createBarMaker } from "./bars.ts";
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

test("some changes move the bid alone, some the ask alone, some both", () => {
  const walk = createWalk("s", symbolOf(1), 0.6);
  const seen = { bid: 0, ask: 0, both: 0 };
  for (let step = 0; step < 5_000; step += 1) {
    const [before, at] = [step * STEP_MS - 1, step * STEP_MS].map((time) => START.epochMilliseconds + time);
    const [bid, ask] = [walk.bid(before!) !== walk.bid(at!), walk.ask(before!) !== walk.ask(at!)];
    if (bid && ask) seen.both += 1;
    else if (bid) seen.bid += 1;
    else if (ask) seen.ask += 1;
  }

  expect(Math.min(seen.bid, seen.ask, seen.both)).toBeGreaterThan(200);
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
  const { clock, market } = openMarket();
  market.freeze(true);
  const held = market.quote(1);

  await clock.advanceBy(minutes(60));
  const later = market.quote(1);
  market.freeze(false);
  const thawed = market.quote(1);
  await clock.advanceBy(minutes(1));

  expect(later).toEqual(held);
  expect(thawed.bid).toBe(held.bid);
  expect(Math.abs(market.quote(1).bid - held.bid)).toBeLessThan(200);
});

test("a bar is what one draws who saw every price of its period", () => {
  const walk = createWalk("s", symbolOf(1), 0.6);
  const tape = createTape(walk);
  const base = START.epochMilliseconds;
  tape.mark(base + 90_300, { shift: 500 });
  tape.mark(base + 151_200, { shift: -300, held: { bid: 100_000, ask: 100_010 } });
  tape.mark(base + 200_700, { shift: 40 });
  const maker = createBarMaker(() => tape);

  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400_000 }),
      fc.constantFrom("M1", "M2", "M3", "M5"),
      (offset, period) => {
        const at = base + offset;
        const span = barSpan(period, at);
        const seen: number[] = [];
        for (let time = span.open; time < at + 1; time += 100) seen.push(tape.bid(time));
        seen.push(tape.bid(at));
        const bar = maker.bar(1, period, at, at + 1)!;

        expect(bar.open).toBe(seen[0]);
        expect(bar.close).toBe(seen.at(-1));
        expect(bar.high).toBe(Math.max(...seen));
        expect(bar.low).toBe(Math.min(...seen));
      },
    ),
    { numRuns: 60 },
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
