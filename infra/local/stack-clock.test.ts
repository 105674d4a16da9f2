import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tradingDay, tradingDaysBetween } from "../../shared/calendar/sessions.ts";
import { configSchema } from "../../shared/config/config.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { type Home, openHome, writeClock } from "./home.ts";
import { justBeforeAlert, noteClock, openClock } from "./stack-clock.ts";

const config = configSchema.parse({});
const at = (text: string) => Temporal.Instant.from(text);

let folder: { readonly path: string; remove(): void };
let home: Home;
beforeEach(async () => {
  folder = makeTemporaryFolder();
  home = await openHome(folder.path, { isFresh: false });
});
afterEach(() => folder.remove());

test.each([
  ["a night", "2026-11-23T03:00-05:00", "2026-11-23T08:29:30-05:00"],
  ["the last moment before", "2026-11-23T08:29:29.999-05:00", "2026-11-23T08:29:30-05:00"],
  ["the very moment", "2026-11-23T08:29:30-05:00", "2026-11-24T08:29:30-05:00"],
  ["between the alert and the open", "2026-11-23T09:00-05:00", "2026-11-24T08:29:30-05:00"],
  ["the session", "2026-11-23T12:00-05:00", "2026-11-24T08:29:30-05:00"],
  ["a Friday's evening", "2026-11-20T20:00-05:00", "2026-11-23T08:29:30-05:00"],
  ["a Saturday", "2026-11-21T12:00-05:00", "2026-11-23T08:29:30-05:00"],
  [
    "the eve of Thanksgiving, to the half day after it",
    "2026-11-25T20:00-05:00",
    "2026-11-27T08:29:30-05:00",
  ],
  ["a holiday", "2026-12-25T12:00-05:00", "2026-12-28T08:29:30-05:00"],
  ["the Saturday before the clocks go on", "2026-03-07T12:00-05:00", "2026-03-09T08:29:30-04:00"],
  ["the Saturday before the clocks go back", "2026-10-31T12:00-04:00", "2026-11-02T08:29:30-05:00"],
])("from %s it is half a minute before the next morning's alert", (_when, now, expected) => {
  expect(justBeforeAlert(at(now), config).toString()).toBe(at(expected).toString());
});

test("the earliest rung of the ladder counts, in whatever order they are named", () => {
  const ladder = configSchema.parse({ alerts: { minutesBeforeOpen: [10, 150, 30] } });

  const start = justBeforeAlert(at("2026-11-23T03:00-05:00"), ladder);

  expect(start.toString()).toBe(at("2026-11-23T06:59:30-05:00").toString());
});

test("from any instant the start is ahead, before a trading day's open, and none is left out", () => {
  const years = { min: Date.UTC(2019, 1), max: Date.UTC(2049, 1) };
  fc.assert(
    fc.property(fc.integer(years), (milliseconds) => {
      const now = Temporal.Instant.fromEpochMilliseconds(milliseconds);

      const start = justBeforeAlert(now, config);

      expect(Temporal.Instant.compare(start, now)).toBe(1);
      const local = start.toZonedDateTimeISO("America/New_York");
      expect(local.toPlainTime().toString()).toBe("08:29:30");
      const day = tradingDay(local.toPlainDate());
      expect(day.ok && day.value.kind).not.toBe("closed");
      const today = local.toPlainDate();
      const before = tradingDaysBetween(today.subtract({ days: 10 }), today.subtract({ days: 1 }));
      const lastStart = before.ok && before.value.at(-1)?.open.subtract({ minutes: 60, seconds: 30 });
      expect(lastStart && Temporal.Instant.compare(lastStart, now)).toBeLessThanOrEqual(0);
    }),
  );
});

const settle = async () => undefined;

test("a fresh clock starts where it is told, a standing one stays there", async () => {
  const startAt = at("2027-03-01T13:00:00Z");
  const clock = await openClock({ home, config, isFlowing: false, startAt }, settle);

  expect(clock.now().equals(startAt)).toBe(true);
  clock.close();
});

test("a fresh clock of which nothing is told starts just before an alert", async () => {
  const clock = await openClock({ home, config, isFlowing: false }, settle);

  expect(clock.now().equals(justBeforeAlert(createSystemClock().now(), config))).toBe(true);
  clock.close();
});

test("what the home remembers goes before what is told", async () => {
  const virtual = at("2027-03-01T13:00:00Z");
  await writeClock(home, { machine: createSystemClock().now(), virtual });

  const clock = await openClock(
    { home, config, isFlowing: false, startAt: at("2026-11-23T13:00:00Z") },
    settle,
  );

  expect(virtual.until(clock.now()).total("seconds")).toBeGreaterThanOrEqual(0);
  expect(virtual.until(clock.now()).total("seconds")).toBeLessThan(10);
  clock.close();
});

test("a clock that was moved is found where it was moved to", async () => {
  const clock = await openClock(
    { home, config, isFlowing: false, startAt: at("2027-03-01T13:00:00Z") },
    settle,
  );
  await clock.advanceTo(at("2027-03-05T13:00:00Z"));
  await noteClock(home, clock);
  clock.close();

  const again = await openClock({ home, config, isFlowing: false }, settle);

  expect(at("2027-03-05T13:00:00Z").until(again.now()).total("seconds")).toBeLessThan(10);
  expect(Temporal.Instant.compare(again.now(), at("2027-03-05T13:00:00Z"))).toBeGreaterThanOrEqual(0);
  again.close();
});
