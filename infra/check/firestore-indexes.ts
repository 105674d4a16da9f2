/**
 * `npm run docs:indexes`: writes `firestore.indexes.json` from what the collections declare: the indexes that
 * queries need, and the field by which Firestore removes what is over.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PURGE_FIELD } from "../../shared/platform/gcp/firestore-store.ts";
import type { Collection, CollectionIndex } from "../../shared/platform/store.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What is deployed beside the product, see `firebase.json`. */
export const INDEXES_FILE = join(ROOT, "firestore.indexes.json");

export type Declared = Pick<Collection<never>, "name" | "expiresBy" | "indexes">;

const DECLARED = /^(export )?const (\w+) = collection\(/gm;

/** Every collection of the product, by name, but for those that a file keeps to itself: these may have neither indexes nor an end. */
export async function productCollections(): Promise<readonly Declared[]> {
  const found: Declared[] = [];
  for (const file of globSync("shared/**/*.ts", { cwd: ROOT })) {
    if (/\.(test|contract)\.ts$/.test(file)) continue;
    const path = join(ROOT, file);
    const text = readFileSync(path, "utf8");
    for (const [, exported, name = ""] of text.matchAll(DECLARED)) {
      if (exported !== undefined) found.push((await import(pathToFileURL(path).href))[name]);
      else if (/\b(indexes|expiresBy):/.test(text)) throw new Error(`${file} keeps ${name} to itself.`);
    }
  }
  return found.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** The file as it should be, as text. Pure. */
export function indexesFile(collections: readonly Declared[]): string {
  const indexes = collections.flatMap(({ name, indexes: own = [] }) => own.map((one) => indexOf(name, one)));
  const fieldOverrides = collections
    .filter(({ expiresBy }) => expiresBy !== undefined)
    .map(({ name }) => ({ collectionGroup: name, fieldPath: PURGE_FIELD, ttl: true, indexes: [] }));
  return `${JSON.stringify({ indexes, fieldOverrides }, undefined, 2)}\n`;
}

/** The id, by which ties are sorted, is Firestore's own last field of every index. */
function indexOf(collectionGroup: string, { where, orderBy: [last, direction] }: CollectionIndex) {
  const fields = [
    ...where.map((fieldPath) => ({ fieldPath, order: "ASCENDING" })),
    { fieldPath: last, order: direction === "asc" ? "ASCENDING" : "DESCENDING" },
  ];
  return { collectionGroup, queryScope: "COLLECTION", fields };
}

if (import.meta.main) writeFileSync(INDEXES_FILE, indexesFile(await productCollections()));
