import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aBot, CONNECTION, openPlace, TEN, type TickPlace } from "../../../tests/support/tick-house.ts";
import type { BarPeriod } from "../../config/bar-periods.ts";
import { createVirtualClock, type VirtualClock } from "../../platform/local/virtual-clock.ts";
import { createVirtualTimers, type VirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { Store } from "../../platform/store.ts";
import { barId, bars } from "../market-recorder.ts";
import { createBarBook } from "./bar-book.ts";
import { createStrategyRuns, StrategyFault } from "./strategy-runs.ts";

let place: TickPlace;
let clock: VirtualClock;
let timers: VirtualTimers;
let reads: number;
beforeEach(() => {
  place = openPlace();
  clock = createVirtualClock({ start: TEN });
  timers = createVirtualTimers();
  reads = 0;
});
afterEach(() => place.close());

const KEY = { connection: CONNECTION, instrument: "XAUUSD", period: "M1" as BarPeriod };
const advance = (minutes: number) => clock.advanceBy(Temporal.Duration.from({ minutes }));

/** Writes a bar whose close is its minute of the hour. */
async function write(time: string, period = "M1"): Promise<void> {
  const openAt = Temporal.Instant.from(time.includes("T") ? time : `2026-11-23T${time}:00Z`);
  const bar = { symbol: "XAUUSD", period, openAt };
  const price = new Decimal(openAt.toZonedDateTimeISO("UTC").minute + 1);
  await place.store.transact(async (transaction) =>
    transaction.set(bars, barId(CONNECTION, bar), {
      ...{ ...bar, connection: CONNECTION, open: price, high: price, low: price, close: price, volume: 1 },
      keptUntil: openAt.add({ hours: 24 }),
    }),
  );
}

function book() {
  const store: Pick<Store, "get"> = {
    get(collection, id) {
      reads += 1;
      return place.store.get(collection, id);
    },
  };
  return createBarBook({ store, clock, timers });
}

const times = (all: readonly { readonly openAt: Temporal.Instant }[]) =>
  all.map(({ openAt }) => String(openAt).slice(11, 16));

test("a cold book finds the latest bars, also beyond a weekend, in their order", async () => {
  await write("2026-11-20T21:58:00Z");
  await write("2026-11-20T21:59:00Z");
  await write("14:58");
  await write("14:59");

  const { bars: found } = await book().read(KEY, 4);

  expect(times(found)).toEqual(["21:58", "21:59", "14:58", "14:59"]);
});

test("what was read stays, and each new bar is read once, whoever asks", async () => {
  await write("14:59");
  const own = book();
  await own.read(KEY, 1);
  await write("15:00");
  await advance(1);
  reads = 0;

  const views = await Promise.all([own.read(KEY, 1), own.read(KEY, 1), own.read(KEY, 1)]);

  expect(views.map((view) => times(view.bars).at(-1))).toEqual(["15:00", "15:00", "15:00"]);
  // The new one, and the one before those that were there, once more.
  expect(reads).toBe(2);
});

test("a bar that comes within its minute is seen a second later", async () => {
  const own = book();
  await own.read(KEY, 1);
  await write("14:59");
  expect((await own.read(KEY, 1)).bars).toEqual([]);

  await timers.advance(1_000);

  expect(times((await own.read(KEY, 1)).bars)).toEqual(["14:59"]);
});

test("a bar that is late is found, changes the edition, and takes its place", async () => {
  await write("14:58");
  const own = book();
  const before = await own.read(KEY, 1);
  await write("15:00");
  await advance(1);
  expect((await own.read(KEY, 1)).edition).toBe(before.edition);

  await write("14:59");
  for (let minute = 0; minute < 4; minute += 1) {
    await advance(1);
    await own.read(KEY, 1);
  }

  const after = await own.read(KEY, 1);
  expect(times(after.bars)).toEqual(["14:58", "14:59", "15:00"]);
  expect(after.edition).toBeGreaterThan(before.edition);
});

test("history that is written down after the first look is found within minutes, however old it is", async () => {
  const own = book();
  await own.read(KEY, 3);

  await write("2026-11-20T21:59:00Z");
  await write("14:20");
  await write("14:59");
  await advance(1);
  await own.read(KEY, 3);
  await advance(1);

  expect(times((await own.read(KEY, 3)).bars)).toEqual(["21:59", "14:20", "14:59"]);
});

test("a market that rests costs few reads, however long it rests", async () => {
  await write("14:59");
  const own = book();
  await own.read(KEY, 1);
  reads = 0;

  for (let minute = 0; minute < 600; minute += 1) {
    await advance(1);
    await own.read(KEY, 1);
  }

  // Each missing bar is looked for once, and again each time its age has doubled.
  expect(reads).toBeLessThan(600 * 12);
  expect(reads).toBeGreaterThan(600);
});

test.each([
  ["H1", ["13:00", "14:00"]],
  ["H4", ["06:00", "10:00"]],
  ["D1", ["2026-11-20T22:00:00Z", "2026-11-22T14:00:00Z"]],
] as const)("bars of %s are found where their market opens them", async (period, opens) => {
  for (const open of opens) await write(open, period);

  const { bars: found } = await book().read({ ...KEY, period }, 2);

  expect(found).toHaveLength(2);
});

test("memory holds what was asked for, and some more", async () => {
  const own = book();
  await own.read(KEY, 5);
  for (let minute = 0; minute < 300; minute += 1) {
    await write(String(clock.now()));
    await advance(1);
    await own.read(KEY, 5);
  }

  expect((await own.read(KEY, 5)).bars.length).toBeLessThanOrEqual(205);
});

test("a deeper wish reads further back, once", async () => {
  for (const time of ["14:40", "14:50", "14:59"]) await write(time);
  const own = book();
  await own.read(KEY, 1);

  expect(times((await own.read(KEY, 3)).bars)).toEqual(["14:40", "14:50", "14:59"]);
});

test("a run is fed with every bar once, also by two ticks at once, and anew when one came late", async () => {
  await write("14:57");
  await write("14:58");
  const fed: number[][] = [];
  const runs = createStrategyRuns({
    bars: book(),
    strategyOf: async () => ({
      needs: [],
      warmup: 1,
      start() {
        const seen: number[] = [];
        fed.push(seen);
        return {
          bar: (bar) => void seen.push(bar.close),
          isWarm: () => true,
          decide: () => ({ kind: "hold", why: "" }),
        };
      },
    }),
  });
  await Promise.all([runs.ready(aBot(), "XAUUSD"), runs.ready(aBot(), "XAUUSD")]);
  await write("15:00");
  await advance(1);
  await Promise.all([runs.ready(aBot(), "XAUUSD"), runs.ready(aBot(), "XAUUSD")]);
  expect(fed).toEqual([[58, 59, 1]]);

  await write("14:59");
  for (let minute = 0; minute < 4; minute += 1) {
    await advance(1);
    await runs.ready(aBot(), "XAUUSD");
  }

  expect(fed).toEqual([
    [58, 59, 1],
    [58, 59, 60, 1],
  ]);
});

test("a run that throws is made anew, and says that it was the strategy", async () => {
  await write("14:59");
  let starts = 0;
  const runs = createStrategyRuns({
    bars: book(),
    strategyOf: async () => ({
      needs: [],
      warmup: 1,
      start() {
        starts += 1;
        const isBroken = starts === 1;
        return {
          bar() {
            if (isBroken) throw new TypeError("no number");
          },
          isWarm: () => true,
          decide: () => ({ kind: "hold", why: "" }),
        };
      },
    }),
  });

  await expect(runs.ready(aBot(), "XAUUSD")).rejects.toThrow(StrategyFault);
  expect(await runs.ready(aBot(), "XAUUSD")).toMatchObject({ seen: 1 });
});
