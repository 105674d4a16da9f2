import { Temporal } from "temporal-polyfill";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSqliteStore } from "../../shared/platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { createVirtualClock, type VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { Store } from "../../shared/platform/store.ts";
import { createUpdateLedger, type UpdateClaim } from "./update-ledger.ts";

const folder = makeTemporaryFolder();
let store: Store;
let clock: VirtualClock;
const random = createSeededRandom("ledger");
beforeEach(() => {
  store = createSqliteStore({ path: `${folder.path}/store.db` });
  clock = createVirtualClock({ start: Temporal.Instant.from("2026-11-23T13:30:00Z") });
});
afterEach(() => store.close());
afterAll(() => folder.remove());

const claim = (update: number, over: { store?: Store } = {}) =>
  createUpdateLedger({ store, clock, random, ...over }).claim(update);

async function claimMine(update: number): Promise<UpdateClaim> {
  const mine = await claim(update);
  if (typeof mine === "string") throw new Error(mine);
  return mine;
}

test("a claim whose transaction runs again after it was applied is still this one's, and no other's", async () => {
  const forgetful: Store = {
    get: (of, id) => store.get(of, id),
    query: (of, query) => store.query(of, query),
    close: () => store.close(),
    async transact(work) {
      await store.transact(work);
      return store.transact(work);
    },
  };

  const unlucky = await claim(900, { store: forgetful });
  const other = await claim(900);

  expect([typeof unlucky, other]).toEqual(["object", "busy"]);
});

test("a finished update is answered, a released one is taken by the next", async () => {
  await (await claimMine(1)).finish();
  await (await claimMine(2)).release();

  expect(await claim(1)).toBe("answered");
  expect(await claim(2)).toBeTypeOf("object");
});

test("a claim that another has taken over can neither release nor finish the update", async () => {
  const slow = await claimMine(3);
  await clock.advanceBy(Temporal.Duration.from({ seconds: 60 }));
  const successor = await claimMine(3);

  await slow.release();
  const afterRelease = await claim(3);
  await slow.finish();
  const afterFinish = await claim(3);
  await successor.release();

  expect([afterRelease, afterFinish]).toEqual(["busy", "busy"]);
  expect(await claim(3)).toBeTypeOf("object");
});

test("a late release does not open an update that its successor has answered", async () => {
  const slow = await claimMine(4);
  await clock.advanceBy(Temporal.Duration.from({ seconds: 60 }));
  await (await claimMine(4)).finish();

  await slow.release();

  expect(await claim(4)).toBe("answered");
});
