import { expect, test } from "vitest";
import { createTimeFormat } from "./time-format.ts";

const NOW_MS = Date.parse("2026-03-23T12:31:00.000Z");

test("the open is told in New York's time and the owner's", () => {
  const time = createTimeFormat("America/Los_Angeles");

  expect(time.both("2026-03-23T13:30:00.000Z", NOW_MS)).toBe("09:30 ET · 06:30 PT");
});

test("an owner in New York reads one time only", () => {
  const time = createTimeFormat("America/New_York");

  expect(time.both("2026-03-23T13:30:00.000Z", NOW_MS)).toBe("09:30 ET");
});

test("a zone without a well-known abbreviation is called by its city", () => {
  expect(createTimeFormat("Europe/Berlin").zoneLabel).toBe("Berlin");
  expect(createTimeFormat("Asia/Ho_Chi_Minh").zoneLabel).toBe("Ho Chi Minh");
});

test("another day is named, by New York's calendar where its time stands", () => {
  const time = createTimeFormat("America/Los_Angeles");

  expect(time.both("2026-03-24T04:00:00.000Z", NOW_MS)).toBe("Tue 24 Mar, 00:00 ET · 21:00 PT");
  expect(time.moment("2026-03-24T04:00:00.000Z", NOW_MS)).toBe("21:00:00");
  expect(time.moment("2026-03-24T12:31:00.000Z", NOW_MS)).toBe("Tue 24 Mar, 05:31:00");
});

test("the open is 09:30 in New York before and after the clocks change", () => {
  const time = createTimeFormat("Europe/Berlin");

  expect(time.both("2026-03-06T14:30:00.000Z", Date.parse("2026-03-06T14:00:00Z"))).toBe(
    "09:30 ET · 15:30 Berlin",
  );
  expect(time.both("2026-03-09T13:30:00.000Z", Date.parse("2026-03-09T13:00:00Z"))).toBe(
    "09:30 ET · 14:30 Berlin",
  );
});

test("a calendar date is the same day everywhere", () => {
  expect(createTimeFormat("Pacific/Auckland").date("2026-03-23")).toBe("Mon 23 Mar");
  expect(createTimeFormat("Pacific/Honolulu").date("2026-03-23")).toBe("Mon 23 Mar");
});

test("midnight is 00:00, and a zone that the browser does not know gives New York's time", () => {
  const time = createTimeFormat("Mars/Olympus_Mons");

  expect(time.clock("2026-03-24T04:00:00.000Z")).toBe("00:00:00");
  expect(time.zoneLabel).toBe("ET");
});
