import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTokenHouse, silentLog, type TokenHouse } from "../../tests/support/token-house.ts";
import type { Lease } from "../platform/lease.ts";
import { createVirtualTimers } from "../platform/local/virtual-timers.ts";
import { createSocketReporter } from "./socket-reporter.ts";
import { sockets } from "./socket-state.ts";

const START = Temporal.Instant.from("2026-11-23T14:00:00Z");
const TERM = { name: "socket", fence: 1 } as unknown as Lease;

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse(START);
});
afterEach(() => house.close());

/** A reporter whose machine passes its time apart from the clock; the last price came `receivedAt`, 20 ms old. */
function open() {
  const timers = createVirtualTimers();
  const asleep = { ms: 0 };
  const price = { receivedAt: 0 };
  const clock = { ...house.clock, now: () => START.add({ milliseconds: timers.now() + asleep.ms }) };
  const reporter = createSocketReporter({
    ...{ store: house.store, clock, timers, log: silentLog, connection: house.connection, build: "test" },
    leases: { isHeld: async () => true },
    socket: {
      state: () => ({ phase: "ready" }),
      lastFrameAt: () => undefined,
      market: {
        ...{ quotes: () => [], instruments: () => [], onBar: () => () => {} },
        lagMs: (since) => (price.receivedAt >= since ? 20 : undefined),
      },
    },
  });
  reporter.lead(TERM);
  const told = async () => {
    await reporter.report();
    return (await house.store.get(sockets, house.connection.id))?.lagMs;
  };
  return { timers, asleep, price, told };
}

test("the delay of the last price is told while the clock passes as the machine's time does", async () => {
  const { timers, price, told } = open();
  const first = await told();
  await timers.advance(60_000);
  price.receivedAt = timers.now();

  expect([first, await told()]).toEqual([20, 20]);
});

test("hours asleep, or jumped over, are no delay of the last price, at whichever look", async () => {
  const { timers, asleep, price, told } = open();
  await timers.advance(30_000);
  price.receivedAt = timers.now();
  asleep.ms = 8 * 3_600_000;
  await timers.advance(1_000);

  const first = await told();
  await timers.advance(1_000);

  expect([first, await told()]).toEqual([undefined, undefined]);
});

test("a price that comes after a jump has its delay again", async () => {
  const { timers, asleep, price, told } = open();
  asleep.ms = 60_000;
  await told();
  await timers.advance(1_000);
  price.receivedAt = timers.now();

  expect(await told()).toBe(20);
});
