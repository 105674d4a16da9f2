import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { AccountId } from "../../shared/config/account.ts";
import { configSchema } from "../../shared/config/config.ts";
import { reportEquity } from "../../shared/console/equity-report.ts";
import type { Store } from "../../shared/platform/store.ts";
import { readTrades } from "../../shared/trading/ledger/performance.ts";
import { openTokenHouse } from "../../tests/support/token-house.ts";
import { exportRecords } from "../cli/data/export-records.ts";
import { EXPORT_TABLES } from "../cli/data/export-tables.ts";
import { INDEXES_FILE, indexesFile, productCollections } from "./firestore-indexes.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const ACCOUNT = "paper-ctrader-demo" as AccountId;

test("firestore.indexes.json has what the collections declare (else: npm run docs:indexes)", async () => {
  expect(readFileSync(INDEXES_FILE, "utf8")).toBe(indexesFile(await productCollections()));
});

test("an index has the compared fields first, and what is over has the field by which Firestore removes it", () => {
  const file = indexesFile([
    { name: "trades", indexes: [{ where: ["account"], orderBy: ["closedAt", "desc"] }] },
    { name: "links", expiresBy: "expiresAt" },
  ]);

  expect(JSON.parse(file)).toEqual({
    indexes: [
      {
        ...{ collectionGroup: "trades", queryScope: "COLLECTION" },
        fields: [
          { fieldPath: "account", order: "ASCENDING" },
          { fieldPath: "closedAt", order: "DESCENDING" },
        ],
      },
    ],
    fieldOverrides: [{ collectionGroup: "links", fieldPath: "purgeAt", ttl: true, indexes: [] }],
  });
});

/** A store that notes which documents were chosen and sorted at once, in a declaration's own words. */
function recording(store: Store) {
  const asked = new Set<string>();
  const query: Store["query"] = (collection, given) => {
    const { where = {}, orderBy } = given ?? {};
    if (Object.keys(where).length > 0 && orderBy)
      asked.add(`${collection.name} ${Object.keys(where)} ${orderBy}`);
    return store.query(collection, given);
  };
  return { store: { get: store.get.bind(store), query }, asked };
}

test("every declared index is one that a query of the product needs", async () => {
  const house = openTokenHouse();
  const { store, asked } = recording(house.store);
  const { clock } = house;

  await readTrades(store, { account: ACCOUNT });
  await readTrades(store, { account: ACCOUNT, bot: "gold" });
  await reportEquity(
    { store, clock, config: configSchema.parse({}) } as unknown as Parameters<typeof reportEquity>[0],
    { account: ACCOUNT },
  );
  for (const table of Object.values(EXPORT_TABLES)) {
    await exportRecords(store, { table, format: "json", account: ACCOUNT }, async () => undefined);
  }
  house.close();

  const declared = (await productCollections()).flatMap(({ name, indexes = [] }) =>
    indexes.map(({ where, orderBy }) => `${name} ${where} ${orderBy}`),
  );
  expect(asked).toEqual(new Set(declared));
});

test("nobody but the product's own servers reads or writes the store, and both files are deployed", () => {
  const { firestore } = JSON.parse(read("firebase.json"));

  expect(firestore).toEqual({ rules: "firestore.rules", indexes: "firestore.indexes.json" });
  expect(read(firestore.rules).match(/allow .*/g)).toEqual(["allow read, write: if false;"]);
  expect(read(firestore.rules)).toContain("match /{document=**}");
});
