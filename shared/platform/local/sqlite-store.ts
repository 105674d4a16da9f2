import { randomInt } from "node:crypto";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import {
  type Collection,
  checkDocumentId,
  type Query,
  type Store,
  StoreContention,
  type Stored,
  type Transaction,
} from "../store.ts";
import { decodeDocument, encodeDocument, type StoredQuery, toStoredQuery } from "../stored-document.ts";
import { type Durability, inReadTransaction, inWriteTransaction, openSqliteFile } from "./sqlite-file.ts";

export interface SqliteStoreOptions {
  /** The file, made where it is missing. Several processes may share it. */
  readonly path: string;
  /** Default `power-loss`. Waiting for the disk is nearly all that a write costs. */
  readonly durability?: Durability;
}

const ATTEMPTS = 10;

/**
 * Fields by which the few are sought among the many, such as the orders that are not over among all that ever
 * were. A query by another field reads the whole collection.
 */
const SOUGHT_BY = ["state", "isDue", "isOpen", "brokerOrderId"] as const;

const INDEXES = SOUGHT_BY.map(
  (field) => `
  CREATE INDEX IF NOT EXISTS documents_by_${field} ON documents (collection, body -> '$.${field}', id)
    WHERE body -> '$.${field}' IS NOT NULL`,
);

/** The store's table. `version` never comes twice, so a document that was deleted and made anew is not taken for the old one. */
export const DOCUMENTS_SCHEMA = [
  `
  CREATE TABLE IF NOT EXISTS documents (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (collection, id)
  ) STRICT`,
  ...INDEXES,
].join(";");

interface Write {
  readonly collection: string;
  readonly id: string;
  /** JSON text; undefined deletes. */
  readonly body: string | undefined;
}

interface Read {
  readonly collection: string;
  readonly id: string;
  /** Undefined: there was no document. */
  readonly version: number | undefined;
}

interface Row {
  readonly version: number;
  readonly body: string;
}

type Attempt<R> = { readonly isCommitted: true; readonly value: R } | { readonly isCommitted: false };

/**
 * A store in one SQLite file. Transactions are optimistic: work reads without a lock and its writes wait in
 * memory; the commit takes the file's write lock, checks that everything read still has the same version,
 * and writes, else the work runs again. Losers of one process retry one after the other, those of several
 * processes after a random pause.
 */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  const { path, durability = "power-loss" } = options;
  return new SqliteStore(openSqliteFile({ path, durability, schema: DOCUMENTS_SCHEMA }));
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #queries = new Map<string, StatementSync>();
  /** Ends when the last loser in the queue is done. */
  #retries: Promise<unknown> = Promise.resolve();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#select = database.prepare("SELECT version, body FROM documents WHERE collection = ? AND id = ?");
    this.#upsert = database.prepare("REPLACE INTO documents (collection, id, body) VALUES (?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM documents WHERE collection = ? AND id = ?");
  }

  async get<T>(collection: Collection<T>, id: string): Promise<T | undefined> {
    checkDocumentId(id);
    const row = this.#row(collection.name, id);
    return row && decodeDocument(collection, id, JSON.parse(row.body));
  }

  async query<T>(collection: Collection<T>, query?: Query<T>): Promise<readonly Stored<T>[]> {
    const { sql, values } = toSql(collection.name, toStoredQuery(collection, query));
    const statement = this.#queries.get(sql) ?? this.#database.prepare(sql);
    this.#queries.set(sql, statement);
    const rows = statement.all(...values) as unknown as readonly { id: string; body: string }[];
    return rows.map(({ id, body }) => ({ id, value: decodeDocument(collection, id, JSON.parse(body)) }));
  }

  async transact<R>(work: (transaction: Transaction) => Promise<R>): Promise<R> {
    const first = await this.#attempt(work);
    if (first.isCommitted) return first.value;

    const retried = this.#retries.then(() => this.#retry(work));
    this.#retries = retried.catch(() => undefined);
    return retried;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  async #retry<R>(work: (transaction: Transaction) => Promise<R>): Promise<R> {
    for (let attempt = 2; attempt <= ATTEMPTS; attempt += 1) {
      if (attempt > 2) await pause(randomInt(2 ** (attempt - 2)));
      const again = await this.#attempt(work);
      if (again.isCommitted) return again.value;
    }
    throw new StoreContention(`Other writers were faster in ${ATTEMPTS} attempts at a transaction.`);
  }

  async #attempt<R>(work: (transaction: Transaction) => Promise<R>): Promise<Attempt<R>> {
    const transaction = new BufferedTransaction((collection, id) => this.#row(collection, id));
    let value: R;
    try {
      value = await work(transaction);
    } catch (error) {
      // What was read may not belong together when another writer came between: then it proves nothing.
      if (inReadTransaction(this.#database, () => this.#isUnchanged(transaction.reads))) throw error;
      return { isCommitted: false };
    } finally {
      transaction.end();
    }
    return this.#commit(transaction) ? { isCommitted: true, value } : { isCommitted: false };
  }

  #commit({ reads, writes }: BufferedTransaction): boolean {
    if (writes.length === 0) {
      if (reads.length < 2) return true;
      return inReadTransaction(this.#database, () => this.#isUnchanged(reads));
    }
    return inWriteTransaction(this.#database, () => {
      if (!this.#isUnchanged(reads)) return false;
      for (const { collection, id, body } of writes) {
        if (body === undefined) this.#delete.run(collection, id);
        else this.#upsert.run(collection, id, body);
      }
      return true;
    });
  }

  #isUnchanged(reads: readonly Read[]): boolean {
    return reads.every(({ collection, id, version }) => this.#row(collection, id)?.version === version);
  }

  #row(collection: string, id: string): Row | undefined {
    return this.#select.get(collection, id) as unknown as Row | undefined;
  }
}

class BufferedTransaction implements Transaction {
  readonly reads: Read[] = [];
  readonly writes: Write[] = [];
  readonly #row: (collection: string, id: string) => Row | undefined;
  #phase: "open" | "over" = "open";

  constructor(row: (collection: string, id: string) => Row | undefined) {
    this.#row = row;
  }

  async get<T>(collection: Collection<T>, id: string): Promise<T | undefined> {
    this.#checkOpen();
    checkDocumentId(id);
    if (this.writes.length > 0) throw new Error("In a transaction reads come before writes.");
    const row = this.#row(collection.name, id);
    this.reads.push({ collection: collection.name, id, version: row?.version });
    return row && decodeDocument(collection, id, JSON.parse(row.body));
  }

  set<T>(collection: Collection<T>, id: string, value: T): void {
    this.#checkOpen();
    checkDocumentId(id);
    const body = JSON.stringify(encodeDocument(collection, id, value));
    this.writes.push({ collection: collection.name, id, body });
  }

  delete<T>(collection: Collection<T>, id: string): void {
    this.#checkOpen();
    checkDocumentId(id);
    this.writes.push({ collection: collection.name, id, body: undefined });
  }

  end(): void {
    this.#phase = "over";
  }

  #checkOpen(): void {
    if (this.#phase === "over")
      throw new Error("This transaction is over: its work did not wait for this call.");
  }
}

/** Compares by JSON text, which tells `1` from `true` and `"1"`; orders by the value behind it. */
function toSql(collection: string, query: StoredQuery): { sql: string; values: readonly SQLInputValue[] } {
  const conditions = ["collection = ?", ...query.where.map(([field]) => `body -> '$.${field}' = ?`)];
  const values: SQLInputValue[] = [collection, ...query.where.map(([, value]) => JSON.stringify(value))];
  if (query.orderBy) conditions.push(`body -> '$.${query.orderBy[0]}' IS NOT NULL`);
  const direction = query.orderBy?.[1] === "desc" ? "DESC" : "ASC";
  const field = query.orderBy && `body ->> '$.${query.orderBy[0]}'`;
  if (query.after) {
    const { id, value } = query.after;
    const beyond = direction === "DESC" ? "<" : ">";
    conditions.push(field === undefined ? `id ${beyond} ?` : `(${field}, id) ${beyond} (?, ?)`);
    // SQLite reads a boolean out of JSON as 1 or 0.
    if (field !== undefined) values.push(typeof value === "boolean" ? Number(value) : (value ?? null));
    values.push(id);
  }
  const first = field === undefined ? "" : `${field} ${direction}, `;
  return {
    sql: `SELECT id, body FROM documents WHERE ${conditions.join(" AND ")} ORDER BY ${first}id ${direction} LIMIT ?`,
    values: [...values, query.limit],
  };
}
