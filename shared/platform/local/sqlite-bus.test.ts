import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Bus, type Delivery, topic } from "../bus.ts";
import { busContract } from "../contracts/bus.contract.ts";
import { decideCopies } from "./bus-faults.ts";
import { createRecordedLog } from "./recorded-log.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { createSqliteBus, type SqliteBus } from "./sqlite-bus.ts";
import { SqliteQueue } from "./sqlite-queue.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

const start = Temporal.Instant.from("2026-03-09T12:00:00Z");

busContract({
  name: "SQLite",
  make: async (subscriptions) => {
    const folder = makeTemporaryFolder();
    const clock = createVirtualClock({ start });
    const { log, lines } = createRecordedLog();
    return {
      connect: async () => createSqliteBus({ path: join(folder.path, "bus.db"), subscriptions, clock, log }),
      complaints: () => lines.map((line) => line.event),
      hasten: () => clock.advanceBy(Temporal.Duration.from({ minutes: 1 })),
      close: async () => folder.remove(),
    };
  },
});

const numbers = topic("numbers", z.strictObject({ n: z.int() }));
const subscriptions = [
  { topic: "numbers", subscriber: "worker" },
  { topic: "numbers", subscriber: "page" },
];

let folder: ReturnType<typeof makeTemporaryFolder>;
let clock: VirtualClock;
let open: SqliteBus[];

beforeEach(() => {
  folder = makeTemporaryFolder();
  open = [];
  // As the local stack does: every step of the clock waits until the bus has come to rest.
  const settle = async (): Promise<void> => {
    await Promise.all(open.map((bus) => bus.idle()));
  };
  clock = createVirtualClock({ start, settle });
});

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.map((bus) => bus.close()));
  folder.remove();
});

function openBus(): SqliteBus {
  const bus = createSqliteBus({
    path: join(folder.path, "bus.db"),
    subscriptions,
    clock,
    log: createRecordedLog().log,
    random: createSeededRandom(`bus-${open.length}`),
  });
  open.push(bus);
  return bus;
}

/** Subscribes and keeps the numbers that come. */
async function collect(bus: Bus, deliveries: Delivery[] = []): Promise<number[]> {
  const received: number[] = [];
  await bus.subscribe(numbers, "worker", async ({ n }, delivery) => {
    received.push(n);
    deliveries.push(delivery);
  });
  return received;
}

test("a subscription that the topology does not have is refused", async () => {
  const bus = openBus();

  await expect(bus.subscribe(numbers, "stranger", async () => undefined)).rejects.toThrow(RangeError);
});

test("a message that nobody subscribes to is taken and forgotten", async () => {
  const bus = openBus();

  await bus.publish(topic("unheard", z.string()), "hello");

  await expect(bus.idle()).resolves.toBeUndefined();
});

test("rejected messages come again after 1 s, doubling up to 60 s on the clock", async () => {
  const bus = openBus();
  const seconds: number[] = [];
  const attempts: number[] = [];
  await bus.subscribe(numbers, "worker", async (_message, { attempt }) => {
    seconds.push(start.until(clock.now()).total("seconds"));
    attempts.push(attempt);
    throw new Error("never");
  });

  await bus.publish(numbers, { n: 1 });
  await clock.advanceBy(Temporal.Duration.from({ seconds: 200 }));

  expect(seconds).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("idle waits for the handlers at work and for what they publish", async () => {
  const bus = openBus();
  const handled: number[] = [];
  await bus.subscribe(numbers, "worker", async ({ n }) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (n < 5) await bus.publish(numbers, { n: n + 1 });
    handled.push(n);
  });

  await bus.publish(numbers, { n: 1 });
  await bus.idle();

  expect(handled).toEqual([1, 2, 3, 4, 5]);
});

test("idle does not wait for what is due later, nor for subscribers that are away", async () => {
  const bus = openBus();
  await bus.subscribe(numbers, "worker", () => Promise.reject(new Error("later")));

  await bus.publish(numbers, { n: 1 });

  await expect(bus.idle()).resolves.toBeUndefined();
});

test("idle waits for a handler of another process", async () => {
  const [here, there] = [openBus(), openBus()];
  const { promise: work, resolve: finish } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let isDone = false;
  await there.subscribe(numbers, "worker", async () => {
    begin();
    await work;
    isDone = true;
  });
  await here.publish(numbers, { n: 1 });
  await begun;

  const idle = here.idle().then(() => isDone);
  finish();

  expect(await idle).toBe(true);
});

test("messages that wait are handed over in the order in which they were published", async () => {
  const bus = openBus();
  for (let n = 0; n < 50; n += 1) await bus.publish(numbers, { n });

  const received = await collect(bus);
  await bus.idle();

  expect(received).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test("at most 32 handlers of a subscription are at work at once, and all messages are handled", async () => {
  const bus = openBus();
  let atWork = 0;
  let most = 0;
  let handled = 0;
  await bus.subscribe(numbers, "worker", async () => {
    atWork += 1;
    most = Math.max(most, atWork);
    await new Promise((resolve) => setImmediate(resolve));
    atWork -= 1;
    handled += 1;
  });

  await Promise.all(Array.from({ length: 100 }, (_, n) => bus.publish(numbers, { n })));
  await bus.idle();

  expect(most).toBe(32);
  expect(handled).toBe(100);
});

test("a claim is kept up for as long as its handler works", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date", "setInterval", "clearInterval"] });
  // The second is opened first: at each tick it looks before the first one does.
  const [second, first] = [openBus(), openBus()];
  const { promise: work, resolve: finish } = Promise.withResolvers<void>();
  let calls = 0;
  await first.subscribe(numbers, "worker", async () => {
    calls += 1;
    await work;
  });
  await first.publish(numbers, { n: 1 });
  await vi.waitFor(() => expect(calls).toBe(1));
  const received = await collect(second);

  await vi.advanceTimersByTimeAsync(60_000);
  finish();
  await first.idle();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(received).toEqual([]);
  expect(calls).toBe(1);
});

/** Claims what is due in the name of an owner that then gives no sign of life. */
function claimAndStandStill(pid: number): number {
  const queue = new SqliteQueue(join(folder.path, "bus.db"), { name: "stuck", pid });
  const clockMs = clock.now().epochMilliseconds;
  const at = { clockMs, machineMs: Date.now(), untilMs: Date.now() + 10_000, most: 9 };
  const claimed = queue.claim({ topic: "numbers", subscriber: "worker" }, at);
  queue.close();
  return claimed.length;
}

test("a message whose claim has ended without a sign of life comes again, and not before", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date", "setInterval", "clearInterval"] });
  const bus = openBus();
  await bus.publish(numbers, { n: 1 });
  expect(claimAndStandStill(process.pid)).toBe(1);
  const deliveries: Delivery[] = [];
  const received = await collect(bus, deliveries);

  await vi.advanceTimersByTimeAsync(9_900);
  const early = [...received];
  await vi.advanceTimersByTimeAsync(1_200);
  await bus.idle();

  expect(early).toEqual([]);
  expect(received).toEqual([1]);
  expect(deliveries[0]?.attempt).toBe(2);
});

/** The number of a process that has ended. */
const endedProcess = (): number => spawnSync(process.execPath, ["--version"]).pid;

test("what a process that has ended had claimed comes at once to a subscriber that starts", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const bus = openBus();
  await bus.publish(numbers, { n: 1 });
  expect(claimAndStandStill(endedProcess())).toBe(1);

  const received = await collect(bus);
  await bus.idle();

  expect(received).toEqual([1]);
});

test("what a process had claimed comes a second after its end to a subscriber that is there", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const bus = openBus();
  await bus.publish(numbers, { n: 1 });
  const ended = endedProcess();
  const received: number[] = [];
  expect(claimAndStandStill(process.pid)).toBe(1);
  await bus.subscribe(numbers, "worker", async ({ n }) => {
    received.push(n);
  });
  const file = new DatabaseSync(join(folder.path, "bus.db"));
  file.prepare("UPDATE bus_copies SET owner_pid = ? WHERE owner = 'stuck'").run(ended);
  file.close();

  await vi.advanceTimersByTimeAsync(1_000);
  await vi.waitFor(() => expect(received).toEqual([1]));
});

test("doubled messages come twice under one delivery id", async () => {
  const bus = openBus();
  const deliveries: Delivery[] = [];
  const received = await collect(bus, deliveries);
  bus.setFaults({ deliverTwice: true });

  await bus.publish(numbers, { n: 1 });
  bus.setFaults({});
  await bus.publish(numbers, { n: 2 });
  await bus.idle();

  expect(received).toEqual([1, 1, 2]);
  expect(deliveries[0]?.id).toBe(deliveries[1]?.id);
  expect(deliveries[2]?.id).not.toBe(deliveries[0]?.id);
});

test("lost messages do not come, and the share of them is as set", async () => {
  const bus = openBus();
  const received = await collect(bus);

  bus.setFaults({ dropFraction: 1 });
  await bus.publish(numbers, { n: 1 });
  bus.setFaults({ dropFraction: 0.5 });
  for (let n = 100; n < 200; n += 1) await bus.publish(numbers, { n });
  await bus.idle();

  expect(received).not.toContain(1);
  expect(received.length).toBeGreaterThan(25);
  expect(received.length).toBeLessThan(75);
});

test("delayed messages come by the clock, and not in the order of publishing", async () => {
  const bus = openBus();
  const received = await collect(bus);
  bus.setFaults({ delayMs: 10_000 });

  for (let n = 0; n < 20; n += 1) await bus.publish(numbers, { n });
  await bus.idle();
  const atOnce = received.length;
  await clock.advanceBy(Temporal.Duration.from({ seconds: 10 }));

  expect(atOnce).toBeLessThan(5);
  expect([...received].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(received).not.toEqual([...received].sort((a, b) => a - b));
});

test("without faults every message has one copy at once, and delays stay within their bound", () => {
  fc.assert(
    fc.property(fc.string(), fc.boolean(), fc.nat(10_000), (seed, deliverTwice, delayMs) => {
      const random = createSeededRandom(seed);

      const copies = decideCopies({ deliverTwice, delayMs }, random);

      expect(decideCopies({}, random)).toEqual([0]);
      expect(decideCopies({ dropFraction: 1 }, random)).toEqual([]);
      expect(copies.length).toBe(deliverTwice ? 2 : 1);
      for (const copy of copies) expect(copy >= 0 && copy <= delayMs && Number.isInteger(copy)).toBe(true);
    }),
    { numRuns: 100 },
  );
});
