import type { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { aBot, TEN } from "../../../tests/support/tick-house.ts";
import { createNotedBus } from "../../../tests/support/token-house.ts";
import { createVirtualClock } from "../../platform/local/virtual-clock.ts";
import { fanOut, scheduledInstant } from "./fan-out.ts";

const bots = [
  aBot({ id: "each-minute" }),
  aBot({ id: "each-hour", everyMinutes: 60 }),
  aBot({ id: "patient", toleranceSeconds: 600 }),
  aBot({ id: "at-the-open", session: "exchange" }),
];
const at = (instant: Temporal.Instant) => {
  const bus = createNotedBus();
  return { bus, deps: { bus, clock: createVirtualClock({ start: instant }), bots } };
};

test("each bot that is due at the minute is told it, with the minute's instant", async () => {
  const { bus, deps } = at(TEN.add({ minutes: 1, seconds: 2 }));

  const outcome = await fanOut(deps, TEN.add({ minutes: 1, seconds: 1 }));

  expect(outcome).toEqual({ told: 3, late: 0 });
  const instant = TEN.add({ minutes: 1 });
  expect(bus.published).toEqual(["each-minute", "patient", "at-the-open"].map((bot) => ({ bot, instant })));
});

test("a missed instant is told to those that tolerate so long, and to no other", async () => {
  const { bus, deps } = at(TEN.add({ minutes: 5 }));

  expect(await fanOut(deps, TEN)).toEqual({ told: 1, late: 3 });
  expect(bus.published).toMatchObject([{ bot: "patient" }]);
});

test("a message that is not taken holds up no other, and fails the call", async () => {
  const { bus, deps } = at(TEN);
  const publish: typeof bus.publish = async (topic, message) => {
    if ((message as { bot: string }).bot === "each-minute") throw new Error("the bus is away");
    await bus.publish(topic, message);
  };

  await expect(fanOut({ ...deps, bus: { ...bus, publish } }, TEN)).rejects.toThrow("1 of 4 bots");
  expect(bus.published).toHaveLength(3);
});

test.each([
  ["the scheduler's word", "2026-11-23T14:59:00.123Z", "2026-11-23T14:59:00Z"],
  ["with an offset", "2026-11-23T09:58:00-05:00", "2026-11-23T14:58:00Z"],
  ["no word", undefined, "2026-11-23T15:00:00Z"],
  ["nonsense", "soon", "2026-11-23T15:00:00Z"],
  ["the future", "2026-11-23T15:09:00Z", "2026-11-23T15:00:00Z"],
])("the instant of a call: %s", (_, word, expected) => {
  expect(String(scheduledInstant(word, TEN.add({ seconds: 3 })))).toBe(expected);
});
