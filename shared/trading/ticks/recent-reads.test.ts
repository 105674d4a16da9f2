import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createVirtualClock } from "../../platform/local/virtual-clock.ts";
import { orders } from "../records.ts";
import { createRecentReads } from "./recent-reads.ts";

function openReads() {
  const clock = createVirtualClock({ start: Temporal.Instant.from("2026-11-23T15:00:00Z") });
  const asked: string[] = [];
  const store: Parameters<typeof createRecentReads>[0]["store"] = {
    get: async (_collection, id) => {
      asked.push(id);
      return undefined;
    },
  };
  const timers = { now: () => clock.now().epochMilliseconds };
  return { clock, asked, reads: createRecentReads({ store, clock, timers }) };
}

test("a document is read once a second for all who ask", async () => {
  const { clock, asked, reads } = openReads();

  await Promise.all([reads.get(orders, "a"), reads.get(orders, "a")]);
  await clock.advanceBy(Temporal.Duration.from({ milliseconds: 1_000 }));
  await reads.get(orders, "a");

  expect(asked).toEqual(["a", "a"]);
});

test("readings that nobody may use any more are forgotten, however many orders there come to be", async () => {
  const { clock, reads } = openReads();
  let most = 0;

  for (let order = 0; order < 10_000; order += 1) {
    await reads.get(orders, `o${order}`);
    if (order % 10 === 9) await clock.advanceBy(Temporal.Duration.from({ seconds: 2 }));
    most = Math.max(most, reads.size());
  }

  expect(most).toBeLessThanOrEqual(1_000);
});

test("what is read in one second stays while it is fresh", async () => {
  const { asked, reads } = openReads();
  const names = Array.from({ length: 3_000 }, (_, index) => `o${index}`);

  for (const name of [...names, ...names]) await reads.get(orders, name);

  expect(asked).toHaveLength(3_000);
});
