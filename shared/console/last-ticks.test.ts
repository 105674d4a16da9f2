import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GOLD } from "../../tests/support/risk-facts.ts";
import { openPlace, type TickPlace } from "../../tests/support/tick-house.ts";
import { tickId, ticks } from "../trading/ticks/records.ts";
import { createLastTicks } from "./last-ticks.ts";

const NOON = Temporal.Instant.from("2026-03-04T17:00:00Z");
let place: TickPlace;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.close());

async function write(instant: Temporal.Instant, text: string): Promise<void> {
  const facts = { bot: "gold", orders: [], tookMs: 1, at: instant, keptUntil: instant.add({ hours: 24 }) };
  await place.store.transact(async (transaction) =>
    transaction.set(ticks, tickId("gold", instant), { ...facts, instant, reason: "NO_SIGNAL", text }),
  );
}

function counting() {
  const read: string[] = [];
  const get: typeof place.store.get = (collection, id) => {
    read.push(id);
    return place.store.get(collection, id);
  };
  return { read, lastTicks: createLastTicks({ get }) };
}

test("what was found days ago is not looked for again, and what is newer is found with few reads", async () => {
  const friday = NOON.subtract({ hours: 60 });
  await write(friday, "old");
  const { read, lastTicks } = counting();
  const first = await lastTicks.of(GOLD, NOON);
  const longLook = read.splice(0).length;
  const second = await lastTicks.of(GOLD, NOON.add({ seconds: 5 }));
  const shortLook = read.splice(0).length;
  await write(NOON.add({ minutes: 15 }), "new");
  const third = await lastTicks.of(GOLD, NOON.add({ minutes: 16 }));

  expect([first?.text, second?.text, third?.text]).toEqual(["old", "old", "new"]);
  expect(longLook).toBeGreaterThan(200);
  expect(shortLook).toBeLessThan(5);
  expect(read.length).toBeLessThan(5);
});

test("a tick that was written after it was due is found, though it was looked for before", async () => {
  const { lastTicks } = counting();
  const early = await lastTicks.of(GOLD, NOON.add({ seconds: 5 }));
  await write(NOON, "late");

  expect(early).toBeUndefined();
  expect((await lastTicks.of(GOLD, NOON.add({ seconds: 40 })))?.text).toBe("late");
});

test("a clock that was set back brings back what was last then", async () => {
  await write(NOON.subtract({ minutes: 15 }), "before");
  await write(NOON.add({ minutes: 15 }), "after");
  const { lastTicks } = counting();

  const later = await lastTicks.of(GOLD, NOON.add({ minutes: 16 }));
  const earlier = await lastTicks.of(GOLD, NOON.add({ minutes: 1 }));

  expect([later?.text, earlier?.text]).toEqual(["after", "before"]);
});

test("the next tick holds until it is due, and is worked out anew after it", () => {
  const { lastTicks } = counting();
  const nexts = [1, 15, 15.5].map((minutes) =>
    lastTicks.next(GOLD, NOON.add({ seconds: minutes * 60 }))?.toString(),
  );

  expect(nexts).toEqual(["2026-03-04T17:15:00Z", "2026-03-04T17:15:00Z", "2026-03-04T17:30:00Z"]);
});
