import { join } from "node:path";
import { afterAll } from "vitest";
import { createSqliteStore } from "../../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../platform/local/temporary-folder.ts";
import { ledgerContract } from "./ledger.contract.ts";

const folder = makeTemporaryFolder();
let count = 0;

afterAll(() => folder.remove());

ledgerContract({
  name: "SQLite",
  courses: 300,
  async make() {
    count += 1;
    return createSqliteStore({ path: join(folder.path, `${count}.db`), durability: "process-death" });
  },
});
