import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { formatPlan, planRows } from "./format-plan.ts";
import type { PlanEntry } from "./plan.ts";

const ENTRIES: readonly PlanEntry[] = [
  {
    at: Temporal.Instant.from("2026-11-27T13:30:00Z"),
    kind: "alert",
    name: "60 min before the open",
    note: "half day",
  },
  { at: Temporal.Instant.from("2026-11-28T05:00:00Z"), kind: "token-death", name: "midnight ET" },
];

test("the table tells each entry in New York, UTC and the owner's zone, in aligned columns", () => {
  expect(formatPlan(ENTRIES, "Asia/Tokyo").split("\n")).toEqual([
    "ET                    UTC                   Tokyo                 what         name                    note",
    "Fri 2026-11-27 08:30  Fri 2026-11-27 13:30  Fri 2026-11-27 22:30  alert        60 min before the open  half day",
    "Sat 2026-11-28 00:00  Sat 2026-11-28 05:00  Sat 2026-11-28 14:00  token-death  midnight ET",
  ]);
});

test.each([["America/New_York"], ["Etc/UTC"]])("an owner in %s sees no column twice", (ownerTimeZone) => {
  const [headings] = formatPlan(ENTRIES, ownerTimeZone).split("\n");

  expect(headings?.split(/ {2,}/)).toEqual(["ET", "UTC", "what", "name", "note"]);
});

test("a plan without entries is its headings", () => {
  expect(formatPlan([], "Europe/London")).toBe("ET  UTC  London  what  name  note");
});

test("the rows carry the offsets of both clocks and leave out a missing note", () => {
  expect(JSON.parse(JSON.stringify(planRows(ENTRIES, "Asia/Tokyo")))).toEqual([
    {
      at: "2026-11-27T13:30:00.000Z",
      exchange: "2026-11-27T08:30:00-05:00",
      owner: "2026-11-27T22:30:00+09:00",
      kind: "alert",
      name: "60 min before the open",
      note: "half day",
    },
    {
      at: "2026-11-28T05:00:00.000Z",
      exchange: "2026-11-28T00:00:00-05:00",
      owner: "2026-11-28T14:00:00+09:00",
      kind: "token-death",
      name: "midnight ET",
    },
  ]);
});
