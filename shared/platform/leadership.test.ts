import { join } from "node:path";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { createLeadership, type Leadership } from "./leadership.ts";
import { createLeases, type Leases } from "./lease.ts";
import { createSeededRandom } from "./local/seeded-random.ts";
import { createSqliteStore } from "./local/sqlite-store.ts";
import { makeTemporaryFolder } from "./local/temporary-folder.ts";
import { createVirtualTimers, type VirtualTimers } from "./local/virtual-timers.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store.ts";

const START = Temporal.Instant.from("2026-03-09T12:00:00Z");
const silent: Log = { info() {}, warn() {}, error() {}, for: () => silent };

let folder: ReturnType<typeof makeTemporaryFolder>;
let store: Store;
let closing: Leadership[];

beforeEach(() => {
  folder = makeTemporaryFolder();
  store = createSqliteStore({ path: join(folder.path, "store.db") });
  closing = [];
});

afterEach(async () => {
  for (const one of closing) await one.stop();
  await store.close();
  folder.remove();
});

/** The machine: its passing time and, beside it, its clock, which may be set. */
function createMachine() {
  const timers = createVirtualTimers();
  let offsetMs = 0;
  const clock: Clock = {
    now: () => START.add({ milliseconds: timers.now() + offsetMs }),
    sleep: async () => undefined,
  };
  return {
    timers,
    clock,
    setClock: (byMs: number) => {
      offsetMs += byMs;
    },
  };
}

type Machine = ReturnType<typeof createMachine>;

interface Fate {
  /** Runs before each call to the store. */
  before?: () => Promise<void>;
}

const away = () => Promise.reject(new Error("away"));

/** One process on a machine. While it is stopped its timers do not fire; what it asks then is the present. */
function startProcess(machine: Machine, holder: string, fate: Fate = {}) {
  const news: string[] = [];
  const waiting: (() => void)[] = [];
  let isStopped = false;
  const timers = {
    now: machine.timers.now,
    after: (ms: number, run: () => void) =>
      machine.timers.after(ms, () => {
        if (isStopped) waiting.push(run);
        else run();
      }),
  };
  const leases = faulty(
    createLeases({ store, clock: machine.clock, random: createSeededRandom(holder) }),
    fate,
  );
  const leadership = createLeadership(
    { leases, clock: machine.clock, timers, log: silent },
    "socket:a",
    { holder },
    {
      gained: (term) => news.push(`gained ${term.fence}`),
      lost: (reason) => news.push(`lost ${reason}`),
    },
  );
  closing.push(leadership);
  leadership.start();
  return {
    leadership,
    news,
    pause: () => {
      isStopped = true;
    },
    resume: () => {
      isStopped = false;
      for (const run of waiting.splice(0)) run();
    },
  };
}

function faulty(leases: Leases, fate: Fate): Leases {
  return {
    ...leases,
    acquire: async (name, options) => {
      await fate.before?.();
      return leases.acquire(name, options);
    },
    renew: async (lease, ttl) => {
      await fate.before?.();
      return leases.renew(lease, ttl);
    },
  };
}

/** The store answers in its own time, outside the virtual one. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(timers: VirtualTimers, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await timers.advance(1_000);
    await settle();
  }
}

test("the first process leads under epoch 1, and goes on leading by renewing", async () => {
  const machine = createMachine();
  const one = startProcess(machine, "one");
  await settle();

  await pass(machine.timers, 120);

  expect(one.news).toEqual(["gained 1"]);
  expect(one.leadership.isSafe()).toBe(true);
  expect(one.leadership.term()?.fence).toBe(1);
});

test("a second process waits, and leads under a higher epoch within seconds of a release", async () => {
  const machine = createMachine();
  const one = startProcess(machine, "one");
  await settle();
  const two = startProcess(machine, "two");
  await pass(machine.timers, 60);
  const before = [...two.news];

  await one.leadership.stop();
  await pass(machine.timers, 3);

  expect(before).toEqual([]);
  expect(one.news).toEqual(["gained 1", "lost stopped"]);
  expect(two.news).toEqual(["gained 2"]);
  expect([one.leadership.isSafe(), two.leadership.isSafe()]).toEqual([false, true]);
});

test("a process that was stopped past its lease is unsafe before it has run one instruction", async () => {
  const machine = createMachine();
  const one = startProcess(machine, "one");
  await settle();
  const two = startProcess(machine, "two");

  one.pause();
  await pass(machine.timers, 33);
  const isSafeAtOnce = one.leadership.isSafe();
  one.resume();
  await settle();

  expect(isSafeAtOnce).toBe(false);
  expect(one.news).toEqual(["gained 1", "lost late"]);
  expect(two.news).toEqual(["gained 2"]);
});

test("a lease that cannot be renewed is given up 5 seconds before it ends", async () => {
  const machine = createMachine();
  const road: Fate = {};
  const one = startProcess(machine, "one", road);
  await settle();
  road.before = away;

  await pass(machine.timers, 24);
  const early = [...one.news];
  await pass(machine.timers, 1);

  expect(early).toEqual(["gained 1"]);
  expect(one.news).toEqual(["gained 1", "lost late"]);
});

test("a renewal that hangs is not waited for", async () => {
  const machine = createMachine();
  const road: Fate = {};
  const one = startProcess(machine, "one", road);
  await settle();
  road.before = () => new Promise(() => {});

  await pass(machine.timers, 26);
  const { news } = one;
  closing.splice(0);

  expect(news).toEqual(["gained 1", "lost late"]);
});

test("a renewal counts from before it was asked for, not from its answer", async () => {
  const machine = createMachine();
  const delay = { ms: 0 };
  const one = startProcess(machine, "one", {
    before: () =>
      delay.ms === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            machine.timers.after(delay.ms, resolve);
          }),
  });
  await settle();
  // The renewal of second 10 is answered at second 24; the next hangs.
  await pass(machine.timers, 9);
  delay.ms = 14_000;
  await pass(machine.timers, 16);
  delay.ms = 1_000_000;

  await pass(machine.timers, 9);
  const isSafeAt34 = one.leadership.isSafe();
  await pass(machine.timers, 1);
  const isSafeAt35 = one.leadership.isSafe();
  closing.splice(0);

  expect([isSafeAt34, isSafeAt35]).toEqual([true, false]);
  expect(one.news).toEqual(["gained 1", "lost late"]);
});

test("a machine whose clock was set forward by more than the lease is unsafe at once", async () => {
  const machine = createMachine();
  const one = startProcess(machine, "one");
  await settle();

  machine.setClock(25_000);

  expect(one.leadership.isSafe()).toBe(false);
});

test("a clock that was set back makes no lease longer, also in a process that is stopped", async () => {
  const machine = createMachine();
  const one = startProcess(machine, "one");
  await settle();
  machine.setClock(-3_600_000);
  one.pause();

  await pass(machine.timers, 24);
  const isSafeBefore = one.leadership.isSafe();
  await pass(machine.timers, 1);

  expect([isSafeBefore, one.leadership.isSafe()]).toEqual([true, false]);
});

test("one that lost its lease leads again under a new epoch when nobody else has it", async () => {
  const machine = createMachine();
  const road: Fate = {};
  const one = startProcess(machine, "one", road);
  await settle();
  road.before = away;
  await pass(machine.timers, 40);
  delete road.before;

  await pass(machine.timers, 3);

  expect(one.news).toEqual(["gained 1", "lost late", "gained 2"]);
});

test("a lease acquired while it was being stopped is given back", async () => {
  const machine = createMachine();
  const one = startProcess(machine, "one");

  await one.leadership.stop();
  const two = startProcess(machine, "two");
  await settle();

  expect(one.news).toEqual([]);
  expect(two.news).toEqual(["gained 2"]);
});

test("no two processes are ever safe at one time, whatever is paused and for how long", async () => {
  const step = fc.record({
    who: fc.integer({ min: 0, max: 2 }),
    act: fc.constantFrom("pause", "resume", "pass"),
    seconds: fc.integer({ min: 1, max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const machine = createMachine();
      const processes = ["a", "b", "c"].map((name) => startProcess(machine, `${name}${runs++}`));
      for (const { who, act, seconds } of steps) {
        const one = processes[who];
        if (act !== "pass") one?.[act]();
        await pass(machine.timers, seconds);

        expect(processes.filter(({ leadership }) => leadership.isSafe()).length).toBeLessThanOrEqual(1);
      }
      for (const one of processes) {
        one.resume();
        await one.leadership.stop();
      }
    }),
    { numRuns: 15 },
  );
});

let runs = 0;
