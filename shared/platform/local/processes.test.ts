import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEncryptedVault } from "./encrypted-vault.ts";
import { createRecordedLog } from "./recorded-log.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { createSqliteBus, type SqliteBus } from "./sqlite-bus.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import { createSystemClock } from "./system-clock.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { counters, entries, longText, masterKey, numbers, subscriptions } from "./testing/facts.ts";
import { type ChildProcessUnderTest, startChild } from "./testing/run-child.ts";

const KILLS = 10;

let folder: ReturnType<typeof makeTemporaryFolder>;
let children: ChildProcessUnderTest[];
let buses: SqliteBus[];

beforeEach(() => {
  folder = makeTemporaryFolder();
  children = [];
  buses = [];
});

afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await Promise.all(buses.map((bus) => bus.close()));
  folder.remove();
});

function start(...[task, path, options]: Parameters<typeof startChild>): ChildProcessUnderTest {
  const child = startChild(task, path, options);
  children.push(child);
  return child;
}

function openBus(path: string): SqliteBus {
  const { log } = createRecordedLog();
  const bus = createSqliteBus({ path, subscriptions, clock: createSystemClock(), log });
  buses.push(bus);
  return bus;
}

const random = createSeededRandom("kills");

/** Starts the task, kills it again after a random number of acknowledgements, and gives these. */
async function startAndKill(...args: Parameters<typeof startChild>): Promise<readonly number[]> {
  const child = start(...args);
  await child.hasAcknowledged(1 + Buffer.from(random.bytes(1)).readUInt8() / 3);
  await child.kill();
  return child.acknowledged;
}

/** What is in `wanted` and not in `found`. */
function missingFrom(found: Iterable<number>, wanted: Iterable<number>): readonly number[] {
  const all = new Set(found);
  return [...wanted].filter((n) => !all.has(n));
}

const endless = { times: 1_000_000 };

test("three processes on one store lose no increment, and the first of them makes the file", async () => {
  const path = join(folder.path, "store.db");
  const processes = [1, 2, 3].map(() => start("write-to-store", path, { times: 60 }));

  expect(await Promise.all(processes.map((child) => child.ended))).toEqual([0, 0, 0]);

  const store = createSqliteStore({ path });
  const found = await store.query(entries);
  expect(await store.get(counters, "c")).toEqual({ n: 180 });
  expect(found.length).toBe(180);
  const acknowledged = processes.flatMap((child) => child.acknowledged);
  expect([...acknowledged].sort((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_, n) => n + 1));
  await store.close();
}, 60_000);

test("a store whose writer is killed keeps every acknowledged transaction, whole", async () => {
  const path = join(folder.path, "store.db");

  for (let kill = 0; kill < KILLS; kill += 1) {
    const acknowledged = await startAndKill("write-to-store", path, endless);
    expect(acknowledged.length).toBeGreaterThan(0);

    const store = createSqliteStore({ path });
    const n = (await store.get(counters, "c"))?.n ?? 0;
    expect(n).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0);
    for (let entry = 1; entry <= n; entry += 1) {
      expect(await store.get(entries, `entry-${entry}`)).toEqual({ n: entry, text: longText(entry) });
    }
    expect(await store.get(entries, `entry-${n + 1}`)).toBeUndefined();
    await store.close();
  }
}, 60_000);

test("a vault whose writer is killed keeps every acknowledged version, whole", async () => {
  const path = join(folder.path, "vault.db");
  const kept = new Set<number>();

  for (let kill = 0; kill < KILLS; kill += 1) {
    const acknowledged = await startAndKill("add-to-vault", path, { ...endless, first: kill * 1_000_000 });
    for (const version of acknowledged) kept.add(version);

    const vault = createEncryptedVault({ path, masterKey });
    const versions = await vault.versions("token");
    expect(missingFrom(versions, kept)).toEqual([]);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
    for (const version of versions) {
      const read = await vault.read("token", version);
      const text = read.ok ? read.value.reveal() : read.code;
      expect(text).toBe(longText(Number.parseInt(text, 10)));
    }
    vault.close();
  }
  expect(kept.size).toBeGreaterThan(KILLS);
}, 60_000);

test("every message that a killed publisher had acknowledged is delivered", async () => {
  const path = join(folder.path, "bus.db");
  const received = new Set<number>();
  const acknowledged = new Set<number>();
  const bus = openBus(path);
  await bus.subscribe(numbers, "worker", async ({ n }) => {
    received.add(n);
  });

  for (let kill = 0; kill < KILLS; kill += 1) {
    const first = kill * 1_000_000;
    for (const n of await startAndKill("publish", path, { ...endless, first })) acknowledged.add(n);
  }

  await vi.waitFor(() => expect(missingFrom(received, acknowledged)).toEqual([]), { timeout: 20_000 });
  expect(acknowledged.size).toBeGreaterThan(KILLS);
}, 60_000);

test("what a killed consumer had not dealt with comes to the next one", async () => {
  const path = join(folder.path, "bus.db");
  const bus = openBus(path);
  const all = Array.from({ length: 1_500 }, (_, n) => n);
  for (const n of all) await bus.publish(numbers, { n });

  const dealtWith: number[] = [];
  for (let kill = 0; kill < 6; kill += 1) dealtWith.push(...(await startAndKill("consume", path, endless)));
  const early = dealtWith.length;
  await bus.subscribe(numbers, "worker", async ({ n }) => {
    dealtWith.push(n);
  });

  await vi.waitFor(() => expect(new Set(dealtWith)).toEqual(new Set(all)), { timeout: 20_000 });
  expect(early).toBeGreaterThan(0);
  // Each kill can make come again at most what was at work: 32 messages.
  expect(dealtWith.length).toBeLessThanOrEqual(all.length + 6 * 32);
}, 60_000);

test("a message reaches another process within half a second, as a median", async () => {
  const path = join(folder.path, "bus.db");
  const bus = openBus(path);
  const consumer = start("consume", path, endless);
  await bus.publish(numbers, { n: 0 });
  await consumer.hasAcknowledged(1);

  const tookMs: number[] = [];
  for (let n = 1; n <= 7; n += 1) {
    const begun = performance.now();
    await bus.publish(numbers, { n });
    await consumer.hasAcknowledged(n + 1);
    tookMs.push(performance.now() - begun);
  }

  expect(consumer.acknowledged).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(tookMs.sort((a, b) => a - b)[3]).toBeLessThan(500);
}, 60_000);

test("a bus that is not closed does not keep its process from ending", async () => {
  const child = start("publish", join(folder.path, "bus.db"), { times: 3 });

  expect(await child.ended).toBe(0);
  expect(child.acknowledged).toEqual([0, 1, 2]);
}, 60_000);
