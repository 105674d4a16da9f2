import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSqliteStore } from "../../shared/platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { createVirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { Store } from "../../shared/platform/store.ts";
import { createUpdateLedger } from "./update-ledger.ts";

test("a claim whose transaction runs again after it was applied is still this one's, and no other's", async () => {
  const folder = makeTemporaryFolder();
  const store = createSqliteStore({ path: `${folder.path}/store.db` });
  const clock = createVirtualClock({ start: Temporal.Instant.from("2026-11-23T13:30:00Z") });
  const random = createSeededRandom("ledger");
  const forgetful: Store = {
    get: (of, id) => store.get(of, id),
    query: (of, query) => store.query(of, query),
    close: () => store.close(),
    async transact(work) {
      await store.transact(work);
      return store.transact(work);
    },
  };

  const unlucky = await createUpdateLedger({ store: forgetful, clock, random }).claim(900);
  const other = await createUpdateLedger({ store, clock, random }).claim(900);

  expect([unlucky, other]).toEqual(["mine", "busy"]);
  await store.close();
  folder.remove();
});
