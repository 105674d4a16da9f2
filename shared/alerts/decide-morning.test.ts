import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { sessionOn } from "../calendar/sessions.ts";
import { decideMorning, type MorningConnection } from "./decide-morning.ts";

const LADDER = [60, 30, 10];

function sessionOf(date: string) {
  const found = sessionOn(Temporal.PlainDate.from(date));
  if (!found.ok) throw new Error(found.code);
  return found.value;
}

const one = (
  state: MorningConnection["state"],
  over: Partial<MorningConnection> = {},
): MorningConnection => ({
  label: "E*TRADE production",
  isNeeded: true,
  state,
  ...over,
});

function decide(date: string, clock: string, connections: readonly MorningConnection[] = [one("waiting")]) {
  const now = Temporal.ZonedDateTime.from(`${date}T${clock}[America/New_York]`).toInstant();
  return decideMorning({ now, session: sessionOf(date), minutesBeforeOpen: LADDER, connections });
}

describe("the rung", () => {
  test.each([
    ["08:29:59", "too-early"],
    ["00:00", "too-early"],
    ["09:30", "market-open"],
    ["12:00", "market-open"],
    ["23:59", "market-open"],
  ])("is none at %s: %s", (clock, reason) => {
    expect(decide("2026-11-23", clock)).toEqual({ act: "nothing", reason });
  });

  test.each([
    ["08:30", 60, false],
    ["08:40", 60, false],
    ["08:59:59", 60, false],
    ["09:00", 30, false],
    ["09:19", 30, false],
    ["09:20", 10, true],
    ["09:29:59", 10, true],
  ])("at %s is the newest that is due: %i minutes before the open", (clock, rung, isLastRung) => {
    expect(decide("2026-11-23", clock)).toMatchObject({ act: "ring", rung, isLastRung });
  });

  test.each([
    ["Thanksgiving", "2026-11-26"],
    ["a Saturday", "2026-11-28"],
    ["a Sunday", "2026-11-29"],
    ["Good Friday", "2026-04-03"],
  ])("is none on %s", (_, date) => {
    expect(decide(date, "08:30")).toEqual({ act: "nothing", reason: "closed-day" });
  });

  test("rings on a half day as on any other", () => {
    expect(decide("2026-11-27", "08:30")).toMatchObject({ act: "ring", rung: 60 });
  });

  test.each(["2026-03-06", "2026-03-09", "2026-10-30", "2026-11-02"])(
    "keeps New York's time over a change of the clock: %s",
    (date) => {
      expect(decide(date, "08:29:59")).toMatchObject({ reason: "too-early" });
      expect(decide(date, "08:30")).toMatchObject({ rung: 60 });
    },
  );

  test("does not depend on the ladder's order", () => {
    const session = sessionOf("2026-11-23");
    const now = Temporal.Instant.from("2026-11-23T14:20:00Z");
    const decision = decideMorning({
      now,
      session,
      minutesBeforeOpen: [10, 60, 30],
      connections: [one("waiting")],
    });

    expect(decision).toMatchObject({ rung: 10, isLastRung: true });
  });
});

describe("who is named", () => {
  test("nobody when all that is needed is armed", () => {
    expect(decide("2026-11-23", "08:30", [one("armed")])).toEqual({ act: "nothing", reason: "all-armed" });
  });

  test("nobody for what is renewed on demand only", () => {
    const onDemand = one("waiting", { isNeeded: false });

    expect(decide("2026-11-23", "08:30", [one("armed"), onDemand])).toEqual({
      act: "nothing",
      reason: "all-armed",
    });
  });

  test("who waits and who is not confirmed, apart from each other", () => {
    const connections = [
      one("waiting", { label: "A" }),
      one("armed", { label: "B" }),
      one("unacknowledged", { label: "C" }),
      one("waiting", { label: "D" }),
    ];

    expect(decide("2026-11-23", "09:20", connections)).toEqual({
      act: "ring",
      rung: 10,
      waiting: ["A", "D"],
      unacknowledged: ["C"],
      isLastRung: true,
    });
  });
});
