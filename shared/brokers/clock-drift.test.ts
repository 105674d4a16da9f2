import { expect, test } from "vitest";
import { createVirtualTimers } from "../platform/local/virtual-timers.ts";
import { boundsOfAnswer, boundsOfMessage, createDriftMeter } from "./clock-drift.ts";

function aMeter() {
  const timers = createVirtualTimers();
  const meter = createDriftMeter(timers);
  return { meter, pass: (ms: number) => timers.advance(ms) };
}

const NOON = Date.UTC(2026, 10, 23, 12);
const NOON_TEXT = new Date(NOON).toUTCString();

test("nothing is known before the broker has dated anything", () => {
  expect(aMeter().meter.driftMs()).toBeUndefined();
});

test("of one direction the message that was under way the shortest counts, and its way with it", () => {
  const { meter } = aMeter();

  for (const way of [900, 45, 30_000]) meter.take(boundsOfMessage(NOON, NOON + way));

  expect(meter.driftMs()).toBe(45);
});

test("a clock that is behind gets messages before they were dated, and is told so at once", () => {
  const { meter } = aMeter();
  meter.take(boundsOfMessage(NOON, NOON + 45));

  meter.take(boundsOfMessage(NOON, NOON - 4_955));

  expect(meter.driftMs()).toBe(-4_955);
});

test("a clock that was put forward is told once the messages of before are a minute old", async () => {
  const { meter, pass } = aMeter();
  meter.take(boundsOfMessage(NOON, NOON + 45));

  for (let seconds = 0; seconds < 60; seconds += 5) {
    await pass(5_000);
    meter.take(boundsOfMessage(NOON, NOON + 5_045));
  }

  expect(meter.driftMs()).toBe(5_045);
});

test("what was heard last stays good while nothing is dated, for a quarter of an hour", async () => {
  const { meter, pass } = aMeter();
  meter.take(boundsOfMessage(NOON, NOON + 45));

  await pass(14 * 60_000);
  expect(meter.driftMs()).toBe(45);
  await pass(2 * 60_000);
  expect(meter.driftMs()).toBeUndefined();
});

test.each([
  { is: "right", offset: 0, told: [0, 0] },
  { is: "900 ms ahead", offset: 900, told: [600, 900] },
  { is: "3 s ahead", offset: 3_000, told: [2_700, 3_000] },
  { is: "3 s behind", offset: -3_000, told: [-3_000, -2_700] },
])("a clock that is $is is found out by answers that are dated to the second", ({ offset, told }) => {
  const { meter } = aMeter();
  const [least = 0, most = 0] = told;

  for (let at = NOON; at < NOON + 30_000; at += 2_170) {
    const dated = new Date(at + 60).toUTCString();
    const bounds = boundsOfAnswer(dated, { sentMs: at + offset, heardMs: at + 120 + offset });
    if (bounds !== undefined) meter.take(bounds);
  }

  expect(meter.driftMs()).toBeGreaterThanOrEqual(least);
  expect(meter.driftMs()).toBeLessThanOrEqual(most);
});

test("an answer for which a clock has jumped an hour proves nothing against it", () => {
  const { meter } = aMeter();
  const bounds = boundsOfAnswer(NOON_TEXT, { sentMs: NOON, heardMs: NOON + 3_600_000 });

  if (bounds !== undefined) meter.take(bounds);

  expect(meter.driftMs()).toBe(0);
});

test("a clock that is set between two answers is measured by what comes after", () => {
  const { meter } = aMeter();
  meter.take({ least: -800, most: 300 });

  meter.take({ least: 4_200, most: 5_300 });

  expect(meter.driftMs()).toBe(4_200);
});

test.each([undefined, "", "yesterday"])("the date %o is none", (date) => {
  expect(boundsOfAnswer(date, { sentMs: NOON, heardMs: NOON })).toBeUndefined();
});
