/** Ticks in the local stack: from the scheduler over the bus and its push to one record a bot and instant. */
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isReasonCode } from "../shared/trading/ticks/reasons.ts";
import { ticks } from "../shared/trading/ticks/records.ts";
import { openTestStack, type TestStack } from "./support/stack.ts";

/** Five minutes before a bot of five minutes is due, which ticks a minute behind each. */
const START = Temporal.Instant.from("2026-11-23T15:01:00Z");
let stack: TestStack;
beforeEach(async () => {
  // The three bots of a file that names none.
  stack = await openTestStack({ startAt: START, config: { accounts: undefined, bots: undefined } });
});
afterEach(() => stack.close());

async function set(faults: unknown): Promise<void> {
  const answer = await fetch(`${stack.addresses.sandbox}/delivery/faults`, {
    method: "POST",
    body: JSON.stringify(faults),
  });
  expect(answer.status).toBe(200);
}

async function written(): Promise<readonly string[]> {
  const all = await stack.app.platform.store.query(ticks);
  expect(all.map(({ value }) => value.reason).filter((reason) => !isReasonCode(reason))).toEqual([]);
  return all.map(({ value }) => `${value.bot} ${String(value.instant).slice(11, 16)}`);
}

const EXPECTED = [
  "gold 15:16",
  ...Array.from({ length: 15 }, (_, index) => `opening-momentum 15:${String(index + 2).padStart(2, "0")}`),
  ...["palm-oil 15:06", "palm-oil 15:11", "palm-oil 15:16"],
];

test("each due bot has one record an instant, with a reason of the table", async () => {
  await stack.clock.advanceBy(Temporal.Duration.from({ minutes: 15, seconds: 30 }));

  expect(await written()).toEqual(EXPECTED);
});

test("doubled and reordered calls and messages write the same records, each once", async () => {
  await set({ deliverTwice: true, delayMs: 20_000 });

  await stack.clock.advanceBy(Temporal.Duration.from({ minutes: 15, seconds: 30 }));

  expect(await written()).toEqual(EXPECTED);
});
