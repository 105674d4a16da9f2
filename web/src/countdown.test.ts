import fc from "fast-check";
import { expect, test } from "vitest";
import { formatCountdown, formatMinutes, formatTaken, formatTakenClock, speakDuration } from "./countdown.ts";

const HOUR_MS = 3_600_000;

test.each([
  [15 * HOUR_MS + 28 * 60_000 + 47_000, "15:28:47"],
  [24 * HOUR_MS, "1 d 00:00:00"],
  [68 * HOUR_MS + 1_000, "2 d 20:00:01"],
  [1, "00:00:01"],
  [0, "00:00:00"],
  [-5_000, "00:00:00"],
])("%d ms are shown as %s", (durationMs, text) => {
  expect(formatCountdown(durationMs)).toBe(text);
});

test("a night in which the clocks change is counted by its real hours", () => {
  const eveningBefore = Date.parse("2026-03-08T02:00:00.000Z");
  const midnightAfter = Date.parse("2026-03-09T04:00:00.000Z");

  expect(formatCountdown(midnightAfter - eveningBefore)).toBe("1 d 02:00:00");
});

test("zero is shown exactly when the time is over, and never before", () => {
  fc.assert(
    fc.property(fc.integer({ min: -10_000, max: 10_000 }), (durationMs) => {
      expect(formatCountdown(durationMs) === "00:00:00").toBe(durationMs <= 0);
    }),
  );
});

test.each([
  [300_000, "5:00"],
  [61_000, "1:01"],
  [999, "0:01"],
  [4_265_000, "71:05"],
  [0, "0:00"],
])("%d ms are %s in minutes and seconds", (durationMs, text) => {
  expect(formatMinutes(durationMs)).toBe(text);
});

test.each([
  [15 * HOUR_MS + 28 * 60_000, "15 hours 28 minutes"],
  [25 * HOUR_MS + 60_000, "1 day 1 hour 1 minute"],
  [30_000, "30 seconds"],
  [1_000, "1 second"],
  [0, "no time"],
])("%d ms are spoken as “%s”", (durationMs, text) => {
  expect(speakDuration(durationMs)).toBe(text);
});

test.each([
  [41.6, "42 s"],
  [185, "3 min 05 s"],
  [7_800, "2 h 10 min"],
])("%d seconds took %s", (seconds, text) => {
  expect(formatTaken(seconds)).toBe(text);
});

test.each([
  [172.4, "2:52", "2 min 52 s"],
  [172.6, "2:53", "2 min 53 s"],
  [119.5, "2:00", "2 min 00 s"],
])("%d seconds are told alike in the table and in a sentence", (seconds, clock, sentence) => {
  expect(formatTakenClock(seconds)).toBe(clock);
  expect(formatTaken(seconds)).toBe(sentence);
});
