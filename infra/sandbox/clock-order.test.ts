import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { readClockOrder } from "./clock-order.ts";

const at = (text: string) => Temporal.Instant.from(text);
const NOW = at("2026-11-23T13:29:30.500Z");

function ordered(body: unknown, now = NOW): string {
  const order = readClockOrder(body, now);
  return order.ok ? order.value.toString() : `${order.code} ${order.detail.reason}`;
}

test.each<[unknown, string]>([
  [{ to: "2026-11-23T13:30:00Z" }, "2026-11-23T13:30:00Z"],
  [{ to: "2026-11-23T08:30:00-05:00" }, "2026-11-23T13:30:00Z"],
  [
    { to: "2026-11-23T08:30[America/New_York]-05:00" },
    "SANDBOX_CLOCK_INVALID not an ISO 8601 instant or duration",
  ],
  [{ to: NOW.toString() }, NOW.toString()],
  [{ advance: "PT30M" }, "2026-11-23T13:59:30.5Z"],
  [{ advance: "PT0S" }, NOW.toString()],
  [{ advance: { hours: 1, minutes: 30 } }, "2026-11-23T14:59:30.5Z"],
  [{ advance: "P1W" }, "2026-11-30T13:29:30.5Z"],
])("%j leads to %s", (body, target) => {
  expect(ordered(body)).toBe(target);
});

test.each([
  ["the clocks go on, a day is 23 hours", "2026-03-07T12:00:00-05:00", "P1D", "2026-03-08T12:00:00-04:00"],
  ["the clocks go back, a day is 25 hours", "2026-10-31T12:00:00-04:00", "P1D", "2026-11-01T12:00:00-05:00"],
  ["24 hours stay 24 hours", "2026-03-07T12:00:00-05:00", "PT24H", "2026-03-08T13:00:00-04:00"],
  ["a month is the calendar's", "2026-02-28T12:00:00-05:00", "P1M", "2026-03-28T12:00:00-04:00"],
  ["days come before hours", "2026-03-07T12:00:00-05:00", "P1DT1H", "2026-03-08T13:00:00-04:00"],
])("where %s", (_what, now, advance, target) => {
  expect(ordered({ advance }, at(now))).toBe(at(target).toString());
});

test.each([
  undefined,
  null,
  [],
  "PT1M",
  5,
  {},
  { to: "2026-11-24T00:00:00Z", advance: "PT1M" },
  { to: 1_795_000_000_000 },
  { advance: 60 },
  { advance: { hours: "1" } },
  { to: "x".repeat(101) },
  { advance: "PT1M", extra: 1 },
])("%j is not the form of an order", (body) => {
  expect(ordered(body)).toMatch(
    /^SANDBOX_CLOCK_INVALID send \{ "to": instant \} or \{ "advance": duration \}$/,
  );
});

test.each([
  { to: "" },
  { to: "tomorrow" },
  { to: "2026-11-24" },
  { to: "2026-11-24T00:00:00" },
  { to: "2026-02-30T00:00:00Z" },
  { advance: "" },
  { advance: "30 minutes" },
  { advance: "P" },
  { advance: {} },
  { advance: { fortnights: 1 } },
  { advance: { hours: 1.5 } },
  { advance: { hours: 1, minutes: -1 } },
  { advance: { hours: 1e300 } },
  { advance: "P999999999Y" },
])("%j is no time", (body) => {
  expect(ordered(body)).toBe("SANDBOX_CLOCK_INVALID not an ISO 8601 instant or duration");
});

test.each([{ to: "2026-11-23T13:29:30.499Z" }, { advance: "-PT1S" }, { advance: { days: -1 } }])(
  "%j would go back",
  (body) => {
    expect(readClockOrder(body, NOW)).toEqual({
      ok: false,
      code: "SANDBOX_CLOCK_INVALID",
      detail: { reason: "the clock does not go back", now: NOW.toString() },
    });
  },
);

test("92 days of the exchange are the most, over a change of the clocks too", () => {
  const before = at("2026-10-01T12:00:00-04:00");

  expect(ordered({ advance: "P92D" }, before)).toBe(at("2027-01-01T12:00:00-05:00").toString());
  expect(ordered({ to: "2027-01-01T12:00:00.001-05:00" }, before)).toMatch(/at most 92 days in one step/);
  expect(ordered({ advance: "P1Y" }, before)).toMatch(/at most 92 days/);
});

test("whatever is ordered, the clock never goes back and never more than 93 days on", () => {
  const body = fc.oneof(
    fc.anything(),
    fc.record({
      to: fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      ),
    }),
    fc.record({
      advance: fc.oneof(fc.string(), fc.dictionary(fc.constantFrom("days", "hours", "x"), fc.double())),
    }),
    fc.record({ advance: fc.record({ days: fc.integer(), minutes: fc.integer() }, { requiredKeys: [] }) }),
  );
  fc.assert(
    fc.property(body, (given) => {
      const order = readClockOrder(given, NOW);
      if (!order.ok) return;
      expect(Temporal.Instant.compare(order.value, NOW)).toBeGreaterThanOrEqual(0);
      expect(NOW.until(order.value).total("hours")).toBeLessThan(93 * 24);
    }),
  );
});
