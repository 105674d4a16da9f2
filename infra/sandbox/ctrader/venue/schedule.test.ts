import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { barSpan } from "./periods.ts";
import { lastTradedAt, tradingStateAt } from "./schedule.ts";
import { symbolOf } from "./symbols.ts";

const ms = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
const iso = (at: number) => Temporal.Instant.fromEpochMilliseconds(at).toString();

test.each([
  ["the second of the open", "2026-03-08T21:05:00Z", "open"],
  ["a millisecond before it", "2026-03-08T21:04:59.999Z", "closed"],
  ["the end of a day, exclusive", "2026-03-09T20:55:00Z", "closed"],
  ["after the break", "2026-03-09T21:05:00Z", "open"],
  ["a Saturday", "2026-03-14T12:00:00Z", "closed"],
  ["Christmas, every year", "2026-12-25T10:00:00Z", "holiday"],
  ["the day before", "2026-12-24T10:00:00Z", "open"],
])("EURUSD at %s", (_name, at, state) => {
  expect(tradingStateAt(symbolOf(1), ms(at))).toBe(state);
});

test("palm oil rests between its two sessions", () => {
  const palmOil = symbolOf(1_187);

  const states = ["02:29", "02:30", "04:29", "04:30", "06:30", "09:59", "10:00"].map((time) =>
    tradingStateAt(palmOil, ms(`2026-03-11T${time}:00Z`)),
  );

  expect(states).toEqual(["closed", "open", "open", "closed", "open", "open", "closed"]);
});

test("the last trade of a weekend is the last millisecond of Friday's session", () => {
  expect(iso(lastTradedAt(symbolOf(1), ms("2026-03-14T12:00:00Z")))).toBe("2026-03-13T20:54:59.999Z");
  expect(lastTradedAt(symbolOf(1), ms("2026-03-11T08:00:00Z"))).toBe(ms("2026-03-11T08:00:00Z"));
});

test.each([
  ["M5", "2026-03-11T08:07:30Z", "2026-03-11T08:05:00Z", "2026-03-11T08:10:00Z"],
  ["H1", "2026-03-11T08:00:00Z", "2026-03-11T08:00:00Z", "2026-03-11T09:00:00Z"],
  ["D1", "2026-01-14T12:00:00Z", "2026-01-13T22:00:00Z", "2026-01-14T22:00:00Z"],
  ["D1", "2026-07-14T12:00:00Z", "2026-07-13T21:00:00Z", "2026-07-14T21:00:00Z"],
  ["D1", "2026-03-08T12:00:00Z", "2026-03-07T22:00:00Z", "2026-03-08T21:00:00Z"],
  ["H4", "2026-07-14T00:59:59Z", "2026-07-13T21:00:00Z", "2026-07-14T01:00:00Z"],
  ["H12", "2026-07-14T09:00:00Z", "2026-07-14T09:00:00Z", "2026-07-14T21:00:00Z"],
  ["W1", "2026-07-14T12:00:00Z", "2026-07-12T21:00:00Z", "2026-07-19T21:00:00Z"],
  ["MN1", "2026-07-14T12:00:00Z", "2026-06-30T21:00:00Z", "2026-07-31T21:00:00Z"],
] as const)("a bar of %s at %s begins and ends with the trading day", (period, at, open, end) => {
  const span = barSpan(period, ms(at));

  expect([iso(span.open), iso(span.end)]).toEqual([open, end]);
});
