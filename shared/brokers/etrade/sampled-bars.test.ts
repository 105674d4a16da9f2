import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { BarPeriod } from "../../config/bar-periods.ts";
import { createSampledBars } from "./sampled-bars.ts";

const OPEN = Temporal.Instant.from("2026-11-23T14:30:00Z");

const barsOf = (...periods: BarPeriod[]) =>
  createSampledBars(() => periods, { graceMs: 5_000, seenMs: 5_000 });

const at = (seconds: number, price: number, dayVolume?: number) => ({
  ...{ symbol: "AAPL", price: new Decimal(price), at: OPEN.add({ seconds }) },
  ...(dayVolume !== undefined && { dayVolume: new Decimal(dayVolume) }),
});

test("a minute's prices become its bar when the next minute begins, with the shares traded in between", () => {
  const bars = barsOf("M1");
  const told = [at(0, 10, 100), at(20, 12, 150), at(40, 9, 160), at(59, 11, 175), at(61, 13, 180)].flatMap(
    (sample) => bars.take(sample),
  );

  expect(told).toEqual([
    {
      ...{ symbol: "AAPL", period: "M1", openAt: OPEN, volume: 75 },
      ...{ open: new Decimal(10), high: new Decimal(12), low: new Decimal(9), close: new Decimal(11) },
    },
  ]);
});

test("a bar whose time is over is told although no price follows, after a grace, and once", () => {
  const bars = barsOf("M1");
  bars.take(at(30, 10));

  const early = bars.close(OPEN.add({ seconds: 64 }));
  const due = bars.close(OPEN.add({ seconds: 65 }));

  expect([early.length, due.length, bars.close(OPEN.add({ minutes: 9 })).length]).toEqual([0, 1, 0]);
});

test("a quote that is told again, or comes late, makes nothing of itself", () => {
  const bars = barsOf("M1");
  bars.take(at(30, 10));

  const told = [bars.take(at(30, 99)), bars.take(at(10, 99))].flat();

  expect([...told, ...bars.close(OPEN.add({ minutes: 5 }))]).toMatchObject([{ high: new Decimal(10) }]);
});

test("a day's bar lasts a day of the exchange, also where the clocks change", () => {
  const bars = createSampledBars(() => ["D1"], { graceMs: 0, seenMs: 0 });
  const day = Temporal.Instant.from("2026-11-01T05:30:00Z");
  bars.take({ symbol: "AAPL", price: new Decimal(10), at: day });

  const before = bars.close(Temporal.Instant.from("2026-11-02T04:59:59Z"));
  const after = bars.close(Temporal.Instant.from("2026-11-02T05:00:00Z"));

  expect(before).toEqual([]);
  expect(after).toMatchObject([{ openAt: Temporal.Instant.from("2026-11-01T04:00:00Z") }]);
});

const seconds = (count: number) => OPEN.add({ seconds: count });

test.each([
  ["a restart in the minute leaves that minute out, and not the next", 20, ["14:31"]],
  ["one in its first seconds is as good as any question", 5, ["14:30", "14:31"]],
] as const)("%s", (_what, startedAt, told) => {
  const bars = barsOf("M1");
  bars.miss({ from: undefined, to: seconds(startedAt) });
  const all = [20, 40, 59, 61, 110].flatMap((second) => bars.take(at(second, 10)));

  const opens = [...all, ...bars.close(seconds(200))].map(({ openAt }) => openAt.toString().slice(11, 16));

  expect(opens).toEqual(told);
});

test("questions without an answer leave out the bar that they fall into, and none around it", () => {
  const bars = barsOf("M1");
  const told = [at(10, 10), at(59, 10), at(61, 10)].flatMap((sample) => bars.take(sample));
  bars.miss({ from: seconds(61), to: seconds(90) });
  told.push(...[at(91, 10), at(121, 10)].flatMap((sample) => bars.take(sample)), ...bars.close(seconds(200)));

  expect(told.map(({ openAt }) => openAt.since(OPEN).total("seconds"))).toEqual([0, 120]);
});

test.each([
  ["a login before the open leaves the day whole", "2026-11-23T14:00:00Z", 1],
  ["one after it does not", "2026-11-23T14:31:00Z", 0],
] as const)("%s", (_what, to, count) => {
  const bars = barsOf("D1");
  bars.miss({ from: undefined, to: Temporal.Instant.from(to) });
  bars.take(at(120, 10));

  expect(bars.close(OPEN.add({ hours: 24 }))).toHaveLength(count);
});

test("whatever is sampled, larger bars hold what the minutes hold", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ gap: fc.integer({ min: 1, max: 90 }), price: fc.integer({ min: 1, max: 99 }) }), {
        minLength: 1,
        maxLength: 60,
      }),
      (samples) => {
        const bars = barsOf("M1", "M5");
        let seconds = 0;
        const told = samples.flatMap(({ gap, price }, index) => {
          seconds += gap;
          return bars.take(at(seconds, price, index * 10));
        });
        told.push(...bars.close(OPEN.add({ hours: 24 })));

        const of = (period: string) => told.filter((bar) => bar.period === period);
        const highest = (period: string) => Decimal.max(...of(period).map(({ high }) => high)).toNumber();
        const total = (period: string) => of(period).reduce((sum, { volume }) => sum + volume, 0);
        expect(highest("M1")).toBe(Math.max(...samples.map(({ price }) => price)));
        expect([highest("M5"), total("M5")]).toEqual([highest("M1"), total("M1")]);
        expect(total("M1")).toBe((samples.length - 1) * 10);
        for (const bar of told) expect(bar.low.lte(bar.open) && bar.high.gte(bar.close)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
