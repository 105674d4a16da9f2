import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { type PlanEntry, type PlanInputs, type PlanKind, planDays } from "./plan.ts";
import { EXCHANGE_TIME_ZONE, sessionOn } from "./sessions.ts";

const JOBS = [
  { name: "morning-alert", cron: "*/10 7-9 * * 1-5", timeZone: EXCHANGE_TIME_ZONE },
  { name: "keep-alive", cron: "*/5 * * * *", timeZone: EXCHANGE_TIME_ZONE },
] as const;

test("the alerts around the spring change ring at 08:30 New York time on trading days, whatever UTC says", () => {
  const entries = planOf({ from: instant("2026-03-05T05:00:00Z"), days: 6 });

  expect(at(entries, "alert")).toEqual([
    "2026-03-05T13:30:00Z",
    "2026-03-06T13:30:00Z",
    "2026-03-09T12:30:00Z",
    "2026-03-10T12:30:00Z",
  ]);
  expect(at(entries, "open")).toEqual([
    "2026-03-05T14:30:00Z",
    "2026-03-06T14:30:00Z",
    "2026-03-09T13:30:00Z",
    "2026-03-10T13:30:00Z",
  ]);
  expect(at(entries, "token-death")).toEqual([
    "2026-03-06T05:00:00Z",
    "2026-03-07T05:00:00Z",
    "2026-03-10T04:00:00Z",
    "2026-03-11T04:00:00Z",
  ]);
});

test("the days of a change have their own number of calls", () => {
  const spring = planOf({ from: instant("2026-03-08T04:59:00Z"), days: 1 });
  const autumn = planOf({ from: instant("2026-11-01T03:59:00Z"), days: 1 });

  const keepAliveNote = (entries: readonly PlanEntry[]) =>
    entries.find((entry) => entry.kind === "tick" && entry.name === "keep-alive")?.note;
  expect(keepAliveNote(spring)).toBe("276 calls, the last at 23:55 ET");
  expect(keepAliveNote(autumn)).toBe("300 calls, the last at 23:55 ET");
});

test("Thanksgiving week: the holiday and the weekend are silent, the Friday says that it is short", () => {
  const entries = planOf({ from: instant("2026-11-25T22:00:00Z"), days: 4 });

  const half = "half day, closes 13:00 ET: Day after Thanksgiving";
  const named = entries.filter((entry) => entry.kind !== "ping" && entry.name !== "keep-alive").map(line);
  expect(named).toEqual([
    "2026-11-26T05:00:00Z token-death midnight ET",
    "2026-11-26T12:00:00Z tick morning-alert 18 calls, the last at 09:50 ET; silent: Thanksgiving Day",
    "2026-11-27T12:00:00Z tick morning-alert 18 calls, the last at 09:50 ET",
    `2026-11-27T13:30:00Z alert 60 min before the open ${half}`,
    `2026-11-27T14:30:00Z open 2026-11-27 ${half}`,
    `2026-11-27T18:00:00Z close 2026-11-27 ${half}`,
    "2026-11-28T05:00:00Z token-death midnight ET",
  ]);
});

test("a day's token is pinged each time that it has been unused for 75 minutes, until midnight ends it", () => {
  const entries = planOf({ from: instant("2026-11-23T05:00:00Z"), days: 1 });

  const pings = entries.filter((entry) => entry.kind === "ping");
  expect(pings[0]).toEqual({
    at: instant("2026-11-23T14:45:00Z"),
    kind: "ping",
    name: "keep-alive",
    note: "if unused since 08:30 ET",
  });
  expect(at(pings, "ping").map((text) => text.slice(11, 16))).toEqual(
    "14:45 16:00 17:15 18:30 19:45 21:00 22:15 23:30 00:45 02:00 03:15 04:30".split(" "),
  );
});

test("later rungs ring at the first call that finds them due, and only while something is not armed", () => {
  const morning = { job: "morning-alert", minutesBeforeOpen: [15, 60] };

  const entries = planOf({ from: instant("2026-11-23T05:00:00Z"), days: 1, morning });

  expect(entries.filter((entry) => entry.kind === "alert").map(line)).toEqual([
    "2026-11-23T13:30:00Z alert 60 min before the open",
    "2026-11-23T14:20:00Z alert 15 min before the open only while not armed",
  ]);
});

test("a rung that no call reaches is told at the open", () => {
  const morning = { job: "morning-alert", minutesBeforeOpen: [60, 35, 31, 5] };

  const entries = planOf({ from: instant("2026-11-23T05:00:00Z"), days: 1, morning });

  expect(at(entries, "alert")).toEqual(["2026-11-23T13:30:00Z", "2026-11-23T14:00:00Z"]);
  expect(entries.find((entry) => entry.kind === "open")?.note).toBe(
    "no call of morning-alert for the alert at 35, 5 min",
  );
});

test("without a rung nobody is rung and no token is assumed", () => {
  const morning = { job: "morning-alert", minutesBeforeOpen: [] };

  const entries = planOf({ from: instant("2026-11-23T05:00:00Z"), days: 1, morning });

  expect([...new Set(entries.map((entry) => entry.kind))]).toEqual(["tick", "open", "close"]);
});

test("a job that calls once a day has no count, and calls are read in the job's own zone", () => {
  const jobs = [...JOBS, { name: "report", cron: "0 7 * * *", timeZone: "Europe/London" }];

  const entries = planOf({ from: instant("2026-11-23T05:00:00Z"), days: 2, jobs });

  expect(entries.filter((entry) => entry.name === "report").map(line)).toEqual([
    "2026-11-23T07:00:00Z tick report",
    "2026-11-24T07:00:00Z tick report",
  ]);
});

test("a plan lies after its beginning and up to its end, in order, and its facts fit the calendar", () => {
  const earliest = instant("2019-02-01T00:00:00Z").epochMilliseconds;
  const latest = instant("2050-11-01T00:00:00Z").epochMilliseconds;

  fc.assert(
    fc.property(fc.integer({ min: earliest, max: latest }), fc.integer({ min: 1, max: 8 }), (ms, days) => {
      const from = Temporal.Instant.fromEpochMilliseconds(ms);
      const until = from.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).add({ days }).toInstant();

      const entries = planOf({ from, days });

      const times = entries.map((entry) => entry.at.epochNanoseconds);
      expect(times).toEqual([...times].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0)));
      for (const entry of entries) {
        const local = entry.at.toZonedDateTimeISO(EXCHANGE_TIME_ZONE);
        expect(Temporal.Instant.compare(entry.at, from)).toBe(1);
        expect(Temporal.Instant.compare(entry.at, until)).not.toBe(1);
        if (entry.kind === "alert") expect(`${local.toPlainTime()}`).toBe("08:30:00");
        if (entry.kind === "token-death") expect(local.equals(local.startOfDay())).toBe(true);
        if (entry.kind !== "tick" && entry.kind !== "token-death")
          expect(hasSession(local.toPlainDate())).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test("on every trading day of a year no token ever sleeps: no two uses lie two hours apart", () => {
  const entries = planOf({ from: instant("2026-01-01T05:00:00Z"), days: 365 });

  const deaths = at(entries, "token-death");
  expect(deaths).toHaveLength(251);
  const uses = entries.filter(({ kind }) => ["alert", "ping", "token-death"].includes(kind));
  for (const [index, use] of uses.entries()) {
    const next = uses[index + 1];
    if (use.kind === "token-death" || next === undefined) continue;
    expect(use.at.until(next.at).total("minutes")).toBeLessThan(120);
  }
});

test("a plan that leaves the calendar fails, and nonsense throws", () => {
  const from = instant("2050-12-20T00:00:00Z");

  expect(planDays(inputs({ from, days: 30 }))).toMatchObject({ ok: false, code: "CALENDAR_OUT_OF_RANGE" });
  expect(() => planDays(inputs({ days: 0 }))).toThrow(RangeError);
  expect(() => planDays(inputs({ days: 1.5 }))).toThrow(RangeError);
  expect(() => planDays(inputs({ keepAlive: { job: "nobody", afterMinutes: 75 } }))).toThrow(/nobody/);
});

function inputs(over: Partial<PlanInputs>): PlanInputs {
  return {
    from: instant("2026-11-23T05:00:00Z"),
    days: 1,
    jobs: JOBS,
    morning: { job: "morning-alert", minutesBeforeOpen: [60] },
    keepAlive: { job: "keep-alive", afterMinutes: 75 },
    ...over,
  };
}

function planOf(over: Partial<PlanInputs>): readonly PlanEntry[] {
  const plan = planDays(inputs(over));
  if (!plan.ok) throw new Error(plan.code);
  return plan.value;
}

function at(entries: readonly PlanEntry[], kind: PlanKind): readonly string[] {
  return entries.filter((entry) => entry.kind === kind).map((entry) => entry.at.toString());
}

function line({ at, kind, name, note }: PlanEntry): string {
  return [at, kind, name, note].filter((part) => part !== undefined).join(" ");
}

function hasSession(date: Temporal.PlainDate): boolean {
  const session = sessionOn(date);
  return session.ok && session.value !== undefined;
}

function instant(text: string): Temporal.Instant {
  return Temporal.Instant.from(text);
}
