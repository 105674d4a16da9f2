import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { storeContract } from "../contracts/store.contract.ts";
import { collection, type Store } from "../store.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

storeContract({
  name: "SQLite",
  make: async () => {
    const folder = makeTemporaryFolder();
    const store = createSqliteStore({ path: join(folder.path, "store.db") });
    return {
      store,
      close: async () => {
        await store.close();
        folder.remove();
      },
    };
  },
});

const counters = collection("counters", z.strictObject({ n: z.int() }));

let folder: ReturnType<typeof makeTemporaryFolder>;
let path: string;
let open: Store[];

beforeEach(() => {
  folder = makeTemporaryFolder();
  path = join(folder.path, "state", "store.db");
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((store) => store.close()));
  folder.remove();
});

function openStore(): Store {
  const store = createSqliteStore({ path });
  open.push(store);
  return store;
}

const increment = (store: Store): Promise<void> =>
  store.transact(async (transaction) => {
    const n = (await transaction.get(counters, "c"))?.n ?? 0;
    transaction.set(counters, "c", { n: n + 1 });
  });

test("documents are there after the file was closed and opened again", async () => {
  const before = createSqliteStore({ path });
  await increment(before);
  await before.close();

  expect(await openStore().get(counters, "c")).toEqual({ n: 1 });
});

test("the file, its side files and its folder are their owner's alone", async () => {
  await increment(openStore());

  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder.path, "state")).mode & 0o777).toBe(0o700);
});

test("a hundred concurrent increments through two stores of one file are all kept", async () => {
  const [left, right] = [openStore(), openStore()];

  await Promise.all(Array.from({ length: 100 }, (_, n) => increment(n % 2 === 0 ? left : right)));

  expect(await left.get(counters, "c")).toEqual({ n: 100 });
});

test("a document deleted and made anew between read and commit is not taken for the old one", async () => {
  const [store, other] = [openStore(), openStore()];
  await increment(store);
  let attempts = 0;

  await store.transact(async (transaction) => {
    const n = (await transaction.get(counters, "c"))?.n ?? 0;
    attempts += 1;
    if (attempts === 1) {
      await other.transact(async (faster) => faster.delete(counters, "c"));
      await other.transact(async (faster) => faster.set(counters, "c", { n: 10 }));
    }
    transaction.set(counters, "c", { n: n + 1 });
  });

  expect(attempts).toBe(2);
  expect(await store.get(counters, "c")).toEqual({ n: 11 });
});

test("work that fails on reads that do not belong together runs again", async () => {
  const [store, other] = [openStore(), openStore()];
  const setBoth = (n: number): Promise<void> =>
    other.transact(async (transaction) => {
      transaction.set(counters, "left", { n });
      transaction.set(counters, "right", { n });
    });
  await setBoth(1);
  let attempts = 0;

  const sum = await store.transact(async (transaction) => {
    const left = await transaction.get(counters, "left");
    attempts += 1;
    if (attempts === 1) await setBoth(2);
    const right = await transaction.get(counters, "right");
    if (left?.n !== right?.n) throw new Error("impossible");
    return (left?.n ?? 0) + (right?.n ?? 0);
  });

  expect(sum).toBe(4);
});

test("a call on a transaction whose work is over throws", async () => {
  const store = openStore();

  const leaked = await store.transact(async (transaction) => ({ transaction }));

  expect(() => leaked.transaction.set(counters, "c", { n: 1 })).toThrow("over");
  await expect(leaked.transaction.get(counters, "c")).rejects.toThrow("over");
  expect(await store.get(counters, "c")).toBeUndefined();
});

test("a query tells numbers, texts and truth values apart", async () => {
  const mixed = collection(
    "mixed",
    z.strictObject({ value: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
  );
  const store = openStore();
  await store.transact(async (transaction) => {
    transaction.set(mixed, "number", { value: 1 });
    transaction.set(mixed, "text", { value: "1" });
    transaction.set(mixed, "truth", { value: true });
    transaction.set(mixed, "nothing", { value: null });
  });

  for (const [id, value] of [
    ["number", 1],
    ["text", "1"],
    ["truth", true],
    ["nothing", null],
  ] as const) {
    expect((await store.query(mixed, { where: { value } })).map((found) => found.id)).toEqual([id]);
  }
});
