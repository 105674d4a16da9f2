import { join } from "node:path";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLeases, type Lease, type Leases } from "./lease.ts";
import { createSeededRandom } from "./local/seeded-random.ts";
import { createSqliteStore } from "./local/sqlite-store.ts";
import { makeTemporaryFolder } from "./local/temporary-folder.ts";
import { createVirtualClock, type VirtualClock } from "./local/virtual-clock.ts";
import type { Store } from "./store.ts";

const start = Temporal.Instant.from("2026-03-09T12:00:00Z");
const seconds = (count: number): Temporal.Duration => Temporal.Duration.from({ seconds: count });
const minute = { ttl: seconds(60) };

let folder: ReturnType<typeof makeTemporaryFolder>;
let store: Store;
let clock: VirtualClock;
let leases: Leases;

beforeEach(() => {
  folder = makeTemporaryFolder();
  store = createSqliteStore({ path: join(folder.path, "store.db") });
  clock = createVirtualClock({ start });
  leases = createLeases({ store, clock, random: createSeededRandom("lease") });
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

async function take(name: string, holder?: string): Promise<Lease> {
  const lease = await leases.acquire(name, holder === undefined ? minute : { ...minute, holder });
  if (!lease.ok) throw new Error(`${name} is held`);
  return lease.value;
}

test("a free lease is given with fence 1 until its end", async () => {
  const lease = await take("keeper:a", "me");

  expect({ ...lease, expiresAt: lease.expiresAt.toString() }).toEqual({
    name: "keeper:a",
    holder: "me",
    fence: 1,
    expiresAt: "2026-03-09T12:01:00Z",
  });
});

test("a held lease is refused to others to its last millisecond, and other names are free", async () => {
  await take("a");

  await clock.advanceBy(Temporal.Duration.from({ milliseconds: 59_999 }));

  expect(await leases.acquire("a", minute)).toEqual({
    ok: false,
    code: "LEASE_HELD",
    detail: { lease: "a" },
  });
  expect((await leases.acquire("b", minute)).ok).toBe(true);
  await clock.advanceBy(Temporal.Duration.from({ milliseconds: 1 }));
  expect((await leases.acquire("a", minute)).ok).toBe(true);
});

test("the fence rises at a take-over after the end, after a release, and by the same holder", async () => {
  const first = await take("a");
  await clock.advanceBy(seconds(60));
  const second = await take("a");
  await leases.release(second);
  const third = await take("a", "me");
  const fourth = await take("a", "me");

  expect([first, second, third, fourth].map((lease) => lease.fence)).toEqual([1, 2, 3, 4]);
});

test("a released lease is free at once", async () => {
  await leases.release(await take("a"));

  expect((await leases.acquire("a", minute)).ok).toBe(true);
});

test("a renewed lease lasts from now on", async () => {
  const lease = await take("a");
  await clock.advanceBy(seconds(50));

  const renewed = await leases.renew(lease, seconds(60));
  await clock.advanceBy(seconds(50));

  expect(renewed.ok && renewed.value.fence).toBe(1);
  expect(renewed.ok && renewed.value.expiresAt.toString()).toBe("2026-03-09T12:01:50Z");
  expect((await leases.acquire("a", minute)).ok).toBe(false);
});

test("a late holder cannot release or renew the lease of its successor", async () => {
  const late = await take("a");
  await clock.advanceBy(seconds(60));
  const successor = await take("a");

  await leases.release(late);
  const renewed = await leases.renew(late, seconds(60));

  expect(renewed).toEqual({ ok: false, code: "LEASE_HELD", detail: { lease: "a" } });
  expect((await leases.acquire("a", minute)).ok).toBe(false);
  expect((await leases.renew(successor, seconds(60))).ok).toBe(true);
});

test("a holder's earlier lease is late once it has taken its own lease over", async () => {
  const earlier = await take("a", "me");
  await take("a", "me");

  await leases.release(earlier);

  expect((await leases.acquire("a", { ...minute, holder: "other" })).ok).toBe(false);
  expect((await leases.renew(earlier, seconds(60))).ok).toBe(false);
});

test("a released lease cannot be renewed", async () => {
  const lease = await take("a");
  await leases.release(lease);

  expect((await leases.renew(lease, seconds(60))).ok).toBe(false);
});

test("of many that ask at once one gets the lease", async () => {
  const asked = await Promise.all(Array.from({ length: 10 }, () => leases.acquire("a", minute)));

  expect(asked.filter((lease) => lease.ok).length).toBe(1);
});

test("a lease that does not last throws a RangeError", async () => {
  await expect(leases.acquire("a", { ttl: seconds(0) })).rejects.toThrow(RangeError);
  await expect(leases.acquire("a", { ttl: seconds(-5) })).rejects.toThrow(RangeError);
});

test("work runs while the lease is held, gives its value, and leaves the lease free", async () => {
  const outcome = await leases.withLease("a", minute, async (lease) => {
    const isFree = (await leases.acquire("a", minute)).ok;
    return { fence: lease.fence, isFree };
  });

  expect(outcome).toEqual({ ok: true, value: { fence: 1, isFree: false } });
  expect((await leases.acquire("a", minute)).ok).toBe(true);
});

test("work does not run while another holds the lease", async () => {
  await take("a");
  let hasRun = false;

  const outcome = await leases.withLease("a", minute, async () => {
    hasRun = true;
  });

  expect(outcome.ok).toBe(false);
  expect(hasRun).toBe(false);
});

test("work that throws leaves the lease free and its error comes out", async () => {
  const error = new Error("no");

  await expect(leases.withLease("a", minute, () => Promise.reject(error))).rejects.toBe(error);

  expect((await leases.acquire("a", minute)).ok).toBe(true);
});

test("a lease that cannot be released does not hide what the work did", async () => {
  let isBroken = false;
  const broken: Store = {
    get: (...args) => store.get(...args),
    query: (...args) => store.query(...args),
    transact: (work) => (isBroken ? Promise.reject(new Error("disk full")) : store.transact(work)),
    close: () => store.close(),
  };
  const fragile = createLeases({ store: broken, clock, random: createSeededRandom("lease") });

  const outcome = await fragile.withLease("a", minute, async () => {
    isBroken = true;
    return "done";
  });

  expect(outcome).toEqual({ ok: true, value: "done" });
});

type Step = { readonly who: number; readonly act: "acquire" | "renew" | "release"; readonly waitMs: number };

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(2),
  act: fc.constantFrom("acquire", "renew", "release"),
  waitMs: fc.integer({ min: 0, max: 1_500 }),
});

test("leases of different holders never overlap on the clock, and fences only rise", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      run += 1;
      const name = `run-${run}`;
      /** What each party believes to hold: the newest lease it was given and has not released. */
      const held = new Map<number, Lease>();
      let highest = 0;
      for (const { who, act, waitMs } of steps) {
        await clock.advanceBy(Temporal.Duration.from({ milliseconds: waitMs }));
        const mine = held.get(who);
        if (act === "release" && mine) {
          await leases.release(mine);
          held.delete(who);
        } else if (act !== "release") {
          const given =
            act === "renew" && mine
              ? await leases.renew(mine, seconds(1))
              : await leases.acquire(name, { ttl: seconds(1), holder: `party-${who}` });
          if (given.ok) {
            expect(given.value.fence).toBeGreaterThanOrEqual(highest);
            highest = given.value.fence;
            held.set(who, given.value);
          }
        }

        const lasting = [...held.values()].filter(
          (lease) => Temporal.Instant.compare(clock.now(), lease.expiresAt) < 0,
        );
        expect(lasting.length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 40 },
  );
});
