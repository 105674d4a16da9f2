import { createRequire } from "node:module";
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { instantSchema } from "../instant.ts";
import { collection, type Store, StoreContention } from "../store.ts";
import { createFirestoreStore, PURGE_FIELD } from "./firestore-store.ts";

const counters = collection("counters", z.strictObject({ n: z.int() }));

/** What the server answers to the commits, in order; afterwards it takes every one. */
let commitCodes: status[];
let commits: number;
/** The writes of the last commit. */
let written: unknown;
/** How long the store paused between attempts, in milliseconds. */
let pauses: number[];
let server: Server;
let store: Store;

function loadService(): ServiceDefinition {
  const json = createRequire(import.meta.url)("@google-cloud/firestore-api/build/protos/protos.json");
  const types = fromJSON(json, { longs: String, enums: String, oneofs: true });
  return types["google.firestore.v1.Firestore"] as ServiceDefinition;
}

/** A Firestore in which every document is missing and commits end as told. */
beforeEach(async () => {
  commitCodes = [];
  commits = 0;
  pauses = [];
  server = new Server();
  const now = { seconds: 1_800_000_000 };
  server.addService(loadService(), {
    BatchGetDocuments(call: ServerWritableStream<{ documents: string[] }, object>) {
      const [missing] = call.request.documents;
      call.write({ missing, transaction: Buffer.from("transaction"), readTime: now });
      call.end();
    },
    Commit(call: ServerUnaryCall<{ writes?: unknown[] }, object>, done: sendUnaryData<object>) {
      commits += 1;
      written = call.request.writes;
      const code = commitCodes.shift() ?? status.OK;
      const results = (call.request.writes ?? []).map(() => ({ updateTime: now }));
      if (code === status.OK) done(null, { writeResults: results, commitTime: now });
      else done({ code, details: "told to" });
    },
    Rollback(_call: unknown, done: sendUnaryData<object>) {
      done(null, {});
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  store = createFirestoreStore({
    projectId: "demo",
    emulatorHost: `127.0.0.1:${port}`,
    pause: async (milliseconds) => pauses.push(milliseconds),
  });
});

afterEach(async () => {
  await store.close();
  server.forceShutdown();
});

/** Counts up; says how often its work ran. */
async function increment(): Promise<number> {
  let runs = 0;
  await store.transact(async (transaction) => {
    runs += 1;
    const n = (await transaction.get(counters, "c"))?.n ?? 0;
    transaction.set(counters, "c", { n: n + 1 });
  });
  return runs;
}

test("ten lost races end in StoreContention", async () => {
  commitCodes = Array.from({ length: 100 }, () => status.ABORTED);

  await expect(increment()).rejects.toThrow(StoreContention);

  expect(commits).toBe(10);
});

test("after nine lost races the tenth attempt counts", async () => {
  commitCodes = Array.from({ length: 9 }, () => status.ABORTED);

  expect(await increment()).toBe(10);
});

test("pauses between attempts begin under a tenth of a second and end under two", async () => {
  commitCodes = Array.from({ length: 9 }, () => status.ABORTED);

  await increment();

  expect(pauses.length).toBe(9);
  expect(pauses[0]).toBeLessThanOrEqual(100);
  expect(pauses[1]).toBeLessThanOrEqual(200);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2_000);
  expect(new Set(pauses).size).toBe(9);
});

test("a commit whose answer is unknown is repeated", async () => {
  commitCodes = [status.UNKNOWN, status.DEADLINE_EXCEEDED];

  expect(await increment()).toBe(3);
});

test("a commit that is refused throws at once", async () => {
  commitCodes = [status.PERMISSION_DENIED];

  await expect(increment()).rejects.toMatchObject({ code: status.PERMISSION_DENIED });

  expect(commits).toBe(1);
});

test("an error thrown by the work is not taken for one of Firestore's", async () => {
  const error = Object.assign(new Error("from another service"), { code: status.ABORTED });
  let runs = 0;

  const attempt = store.transact(async (transaction) => {
    runs += 1;
    await transaction.get(counters, "c");
    throw error;
  });

  await expect(attempt).rejects.toBe(error);
  expect(runs).toBe(1);
});

test("a value of unknown shape that is changed after it was set is stored as it was", async () => {
  const facts = collection("facts", z.strictObject({ fact: z.unknown() }));
  const fact = { text: "before" };

  await store.transact(async (transaction) => {
    transaction.set(facts, "f", { fact });
    fact.text = "after";
  });

  expect(JSON.stringify(written)).toContain("before");
  expect(JSON.stringify(written)).not.toContain("after");
});

test("a collection that expires cannot have a field of the name that Firestore's TTL uses", async () => {
  const codes = collection(
    "codes",
    z.strictObject({ expiresAt: instantSchema, [PURGE_FIELD]: instantSchema }),
    { expiresBy: "expiresAt" },
  );
  const at = instantSchema.parse("2026-03-09T12:00:00Z");

  const attempt = store.transact(async (transaction) => {
    transaction.set(codes, "c", { expiresAt: at, [PURGE_FIELD]: at });
  });

  await expect(attempt).rejects.toThrow(RangeError);
  expect(commits).toBe(0);
});

test("a store that was never used closes without loading its client", async () => {
  await expect(createFirestoreStore({ projectId: "demo" }).close()).resolves.toBeUndefined();
});
