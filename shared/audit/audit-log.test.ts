import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSqliteStore } from "../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../platform/local/temporary-folder.ts";
import { createVirtualClock } from "../platform/local/virtual-clock.ts";
import type { Store } from "../platform/store.ts";
import { auditEntries, auditHeads, createAuditLog } from "./audit-log.ts";

const folder = { current: makeTemporaryFolder() };
let store: Store;
const clock = createVirtualClock({ start: Temporal.Instant.from("2026-11-23T13:30:00.123456Z") });

beforeEach(() => {
  folder.current = makeTemporaryFolder();
  store = createSqliteStore({ path: `${folder.current.path}/store.db` });
});
afterEach(async () => {
  await store.close();
  folder.current.remove();
});

const fact = (subject: string) => ({ actor: "system", action: "tried", subject, outcome: "ok" });
const log = () => createAuditLog({ store, clock });
const idOf = (sequence: number) => String(sequence).padStart(12, "0");

async function write(count: number) {
  for (let one = 1; one <= count; one += 1) await log().append(fact(`subject-${one}`));
}

function change(sequence: number, over: Record<string, unknown>) {
  return store.transact(async (transaction) => {
    const entry = await transaction.get(auditEntries, idOf(sequence));
    if (entry === undefined) throw new Error("no such entry");
    transaction.set(auditEntries, idOf(sequence), { ...entry, ...over });
  });
}

function remove(sequence: number) {
  return store.transact(async (transaction) => transaction.delete(auditEntries, idOf(sequence)));
}

test("an empty log is intact", async () => {
  expect(await log().verify()).toEqual({ isIntact: true, entries: 0 });
});

test("entries form one chain, in order and newest first when read", async () => {
  await write(5);

  const latest = await log().latest(3);

  expect(await log().verify()).toEqual({ isIntact: true, entries: 5 });
  expect(latest.map((entry) => entry.sequence)).toEqual([5, 4, 3]);
  expect(latest[0]).toMatchObject({ ...fact("subject-5"), previous: latest[1]?.hash });
});

test("appending at once from several processes loses nothing and forks nothing", async () => {
  const subjects = Array.from({ length: 24 }, (_, one) => `subject-${one}`);

  await Promise.all(subjects.map((subject) => log().append(fact(subject))));

  const all = await log().latest(100);
  expect(await log().verify()).toEqual({ isIntact: true, entries: 24 });
  expect(new Set(all.map((entry) => entry.subject))).toEqual(new Set(subjects));
});

test.each([
  ["actor", "page:other"],
  ["action", "login-begun"],
  ["subject", "elsewhere"],
  ["outcome", "PIN_REFUSED"],
  ["at", Temporal.Instant.from("2026-11-23T13:30:00.124Z")],
  ["sequence", 7],
  ["previous", "f".repeat(64)],
  ["hash", "f".repeat(64)],
])("a changed %s shows", async (field, value) => {
  await write(5);

  await change(3, { [field]: value });

  expect(await log().verify()).toEqual({ isIntact: false, brokenAt: 3 });
});

test.each([1, 3, 5])("a missing entry %i shows", async (sequence) => {
  await write(5);

  await remove(sequence);

  expect(await log().verify()).toEqual({ isIntact: false, brokenAt: sequence });
});

test("entries that have changed places show", async () => {
  await write(5);
  const second = await store.get(auditEntries, idOf(2));
  const third = await store.get(auditEntries, idOf(3));
  if (second === undefined || third === undefined) throw new Error("no such entry");

  await store.transact(async (transaction) => {
    transaction.set(auditEntries, idOf(2), third);
    transaction.set(auditEntries, idOf(3), second);
  });

  expect(await log().verify()).toEqual({ isIntact: false, brokenAt: 2 });
});

test("a head that was set back or taken away shows by the entries behind it", async () => {
  await write(5);
  const third = await store.get(auditEntries, idOf(3));
  await store.transact(async (transaction) => {
    transaction.set(auditHeads, "head", { sequence: 3, hash: third?.hash ?? "" });
  });
  const setBack = await log().verify();
  await store.transact(async (transaction) => transaction.delete(auditHeads, "head"));

  expect(setBack).toEqual({ isIntact: false, brokenAt: 4 });
  expect(await log().verify()).toEqual({ isIntact: false, brokenAt: 1 });
});
