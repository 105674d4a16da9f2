import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { beat, isAlive } from "./heartbeat.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const pass = (seconds: number) => house.clock.advanceBy(Temporal.Duration.from({ seconds }));

test("a process counts as gone three minutes after its last beat, and one that never beat always", async () => {
  const never = await isAlive(house, "worker");
  await beat(house, "worker", "build-1");
  await pass(179);
  const late = await isAlive(house, "worker");
  const other = await isAlive(house, "another");
  await pass(1);
  const gone = await isAlive(house, "worker");
  await beat(house, "worker", "build-1");

  expect([never, late, other, gone]).toEqual([false, true, false, false]);
  expect(await isAlive(house, "worker")).toBe(true);
});
