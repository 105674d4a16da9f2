import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { warningId } from "./warning-id.ts";

/** New York's Friday, the Sunday after it, and the Monday after that, one second into the day. */
const [FRIDAY, SUNDAY, MONDAY] = ["2026-11-27", "2026-11-29", "2026-11-30"].map((date) =>
  Temporal.Instant.from(`${date}T05:00:01Z`),
) as [Temporal.Instant, Temporal.Instant, Temporal.Instant];

test.each([
  ["DAILY_LOSS", 3],
  ["WEEKLY_LOSS", 2],
  ["DRAWDOWN", 2],
])("%s is told under so many names from Friday to Monday: %d", (code, names) => {
  const ids = [FRIDAY, SUNDAY, MONDAY].map((now) => warningId({ subject: "gold", code, reached: 50 }, now));

  expect(new Set(ids).size).toBe(names);
});

test("each mark of each limit of each bot is told by itself", () => {
  const mark = { subject: "gold", code: "WEEKLY_LOSS", reached: 50 };
  const marks = [mark, { ...mark, reached: 80 }, { ...mark, subject: "oil" }, { ...mark, code: "DRAWDOWN" }];

  expect(new Set(marks.map((one) => warningId(one, FRIDAY))).size).toBe(4);
});
