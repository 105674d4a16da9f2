/**
 * The store in this process's memory, for tests that need ten thousand of them: what it promises is held by the
 * suite of all stores. Documents are decoded once and frozen, so nobody can change what another one reads.
 */
import {
  type Collection,
  checkDocumentId,
  type Query,
  type Store,
  StoreContention,
  type Stored,
  type StoredDocument,
  type Transaction,
} from "../../../shared/platform/store.ts";
import {
  decodeDocument,
  encodeDocument,
  type StoredValue,
  toStoredQuery,
} from "../../../shared/platform/stored-document.ts";

interface Row {
  readonly body: StoredDocument;
  /** What each schema has read in it. */
  readonly read: Map<unknown, unknown>;
}

type Rows = Map<string, Row>;

interface Write {
  readonly collection: string;
  readonly id: string;
  /** Undefined deletes. */
  readonly row: Row | undefined;
}

const ATTEMPTS = 10;

export interface MemoryStore extends Store {
  /** What lies in it now, to be given to another one. */
  contents(): ReadonlyMap<string, Rows>;
}

/** `from`: what lies in it at first. Transactions are optimistic: who read what has changed since runs again. */
export function createMemoryStore(from?: ReadonlyMap<string, Rows>): MemoryStore {
  const all = new Map<string, Rows>();
  for (const [name, rows] of from ?? []) all.set(name, new Map(rows));
  const rowsOf = (name: string): Rows => {
    const known = all.get(name);
    if (known !== undefined) return known;
    const made: Rows = new Map();
    all.set(name, made);
    return made;
  };

  return {
    contents: () => all,
    async get(collection, id) {
      checkDocumentId(id);
      return readRow(collection, id, rowsOf(collection.name).get(id));
    },
    query: async (collection, query) => find(rowsOf(collection.name), collection, query),
    async transact(work) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const buffered = new BufferedTransaction(rowsOf);
        try {
          const value = await work(buffered);
          if (buffered.commit()) return value;
        } catch (error) {
          if (buffered.isUnchanged()) throw error;
        } finally {
          buffered.end();
        }
      }
      throw new StoreContention(`Other writers were faster in ${ATTEMPTS} attempts at a transaction.`);
    },
    async close() {},
  };
}

class BufferedTransaction implements Transaction {
  readonly #rowsOf: (name: string) => Rows;
  readonly #reads: { readonly rows: Rows; readonly id: string; readonly row: Row | undefined }[] = [];
  readonly #writes: Write[] = [];
  #isOver: boolean = false;

  constructor(rowsOf: (name: string) => Rows) {
    this.#rowsOf = rowsOf;
  }

  async get<T>(collection: Collection<T>, id: string): Promise<T | undefined> {
    this.#checkOpen();
    checkDocumentId(id);
    if (this.#writes.length > 0) throw new Error("In a transaction reads come before writes.");
    const rows = this.#rowsOf(collection.name);
    const row = rows.get(id);
    this.#reads.push({ rows, id, row });
    return readRow(collection, id, row);
  }

  set<T>(collection: Collection<T>, id: string, value: T): void {
    this.#checkOpen();
    checkDocumentId(id);
    const body = plain(encodeDocument(collection, id, value)) as StoredDocument;
    this.#writes.push({ collection: collection.name, id, row: { body, read: new Map() } });
  }

  delete<T>(collection: Collection<T>, id: string): void {
    this.#checkOpen();
    checkDocumentId(id);
    this.#writes.push({ collection: collection.name, id, row: undefined });
  }

  isUnchanged(): boolean {
    return this.#reads.every(({ rows, id, row }) => rows.get(id) === row);
  }

  commit(): boolean {
    if (!this.isUnchanged()) return false;
    for (const { collection, id, row } of this.#writes) {
      if (row === undefined) this.#rowsOf(collection).delete(id);
      else this.#rowsOf(collection).set(id, row);
    }
    return true;
  }

  end(): void {
    this.#isOver = true;
  }

  #checkOpen(): void {
    if (this.#isOver) throw new Error("This transaction is over: its work did not wait for this call.");
  }
}

function readRow<T>(collection: Collection<T>, id: string, row: Row | undefined): T | undefined {
  if (row === undefined) return undefined;
  const known = row.read.get(collection.schema);
  if (known !== undefined) return known as T;
  const value = frozen(decodeDocument(collection, id, row.body));
  row.read.set(collection.schema, value);
  return value;
}

function find<T>(rows: Rows, collection: Collection<T>, query?: Query<T>): readonly Stored<T>[] {
  const { where, orderBy, limit, after } = toStoredQuery(collection, query);
  let found = [...rows].filter(([, { body }]) => where.every(([field, value]) => body[field] === value));
  if (orderBy === undefined) found.sort(([one], [other]) => compare(one, other));
  else {
    const [field, direction] = orderBy;
    const sign = direction === "asc" ? 1 : -1;
    const order = ([oneId, one]: [string, Row], [otherId, other]: [string, Row]) =>
      sign * (compare(one.body[field], other.body[field]) || compare(oneId, otherId));
    found = found.filter(([, { body }]) => body[field] !== undefined).sort(order);
  }
  if (after !== undefined) {
    found = found.filter(([id, { body }]) => {
      if (orderBy === undefined) return compare(id, after.id) > 0;
      const beyond = compare(body[orderBy[0]], after.value) || compare(id, after.id);
      return orderBy[1] === "asc" ? beyond > 0 : beyond < 0;
    });
  }
  return found.slice(0, limit).map(([id, row]) => ({ id, value: readRow(collection, id, row) as T }));
}

/** Text with these signs in it sorts otherwise by its bytes than by JavaScript's order. */
const BEYOND = /[\ud800-\uffff]/;

/** Both of one kind; text by its bytes. */
function compare(one: unknown, other: unknown): number {
  if (typeof one === "string" && typeof other === "string") {
    if (one === other) return 0;
    if (!BEYOND.test(one) && !BEYOND.test(other)) return one < other ? -1 : 1;
    return Buffer.compare(Buffer.from(one), Buffer.from(other));
  }
  return Number(one as StoredValue) - Number(other as StoredValue);
}

/** As JSON would carry it: a copy, without what is undefined. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const copy: StoredDocument = {};
  for (const [key, part] of Object.entries(value)) if (part !== undefined) copy[key] = plain(part);
  return copy;
}

function frozen<T>(value: T): T {
  if (Array.isArray(value)) for (const part of value) frozen(part);
  else if (typeof value === "object" && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    for (const part of Object.values(value)) frozen(part);
  } else return value;
  return Object.freeze(value);
}
