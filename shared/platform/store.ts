import type { z } from "zod";

/** A JSON object as it lies in the store. */
export type StoredDocument = { [field: string]: unknown };

/**
 * A named set of documents of one shape. `schema` is applied on the way in (encode) and on the way out
 * (decode), so what does not fit is never stored and never read.
 */
export interface Collection<T> {
  readonly name: string;
  readonly schema: z.ZodType<T, StoredDocument>;
  /** The instant field after which a document may be removed. Removal may lag a day: check the field too. */
  readonly expiresBy?: string;
  /** Every way in which its documents are both chosen and sorted by a query. Default: none. */
  readonly indexes?: readonly CollectionIndex[];
}

/** Fields that a query compares, and the order in which it wants what it finds: the cloud needs an index for both together. */
export interface CollectionIndex<Field extends string = string> {
  readonly where: readonly Field[];
  readonly orderBy: readonly [field: Field, direction: "asc" | "desc"];
}

interface CollectionOptions<Field extends string> {
  readonly expiresBy?: Field;
  readonly indexes?: readonly CollectionIndex<Field>[];
}

/** Declares a collection. Collections are declared once, beside the code that owns them. */
export function collection<T, D extends StoredDocument>(
  name: string,
  schema: z.ZodType<T, D>,
  options: CollectionOptions<keyof T & string> = {},
): Collection<T> {
  return { name, schema: schema as unknown as z.ZodType<T, StoredDocument>, ...options };
}

export interface Stored<T> {
  readonly id: string;
  readonly value: T;
}

/**
 * Fields are compared in their stored form (instants as ISO text, which sorts by time); text by its UTF-8
 * bytes. `toStoredQuery` puts a query into that form.
 */
export interface Query<T> {
  /** Every field given must equal: plain values, instants and dates. `undefined` throws a TypeError. */
  readonly where?: Partial<T>;
  /**
   * Ties come in the order of their ids, in the same direction; documents without the field are left out.
   * Without it, documents come in the order of their ids. Beside `where`, the collection must declare the index.
   */
  readonly orderBy?: readonly [field: keyof T & string, direction: "asc" | "desc"];
  /** At most so many documents; default 1,000, which is also the most: more throws a RangeError. */
  readonly limit?: number;
  /**
   * The last document of the page before: what comes after it in the same order. With `orderBy` it has that
   * field. Documents that change between two pages may come twice or not at all.
   */
  readonly after?: Stored<T>;
}

/**
 * Ids: 1 to 200 characters of `A-Z a-z 0-9 . _ : -`, not `.`, `..` or `__anything__`. Other ids throw a
 * RangeError.
 */
export interface Store {
  get<T>(collection: Collection<T>, id: string): Promise<T | undefined>;

  query<T>(collection: Collection<T>, query?: Query<T>): Promise<readonly Stored<T>[]>;

  /**
   * Runs `work` so that all its reads and writes happen at one point in time, or not at all. `work` may run
   * again when another writer was faster, and its writes may be applied although the answer was lost: no
   * effects inside, and make repeating it harmless. Reads come before writes: a later read throws. What
   * `work` throws ends the transaction and is thrown on. Throws `StoreContention` after ten lost races.
   */
  transact<R>(work: (transaction: Transaction) => Promise<R>): Promise<R>;

  close(): Promise<void>;
}

export interface Transaction {
  get<T>(collection: Collection<T>, id: string): Promise<T | undefined>;
  /** Creates or replaces the whole document. */
  set<T>(collection: Collection<T>, id: string, value: T): void;
  delete<T>(collection: Collection<T>, id: string): void;
}

/** Ten attempts at one transaction lost against other writers. */
export class StoreContention extends Error {
  override readonly name = "StoreContention";
}

const ID = /^(?!\.{1,2}$|__.*__$)[A-Za-z0-9._:-]{1,200}$/;

/** Whether every adapter can hold a document of this id. */
export function isDocumentId(id: string): boolean {
  return ID.test(id);
}

/** Throws a RangeError for an id that not every adapter can hold. */
export function checkDocumentId(id: string): void {
  if (!isDocumentId(id)) throw new RangeError("A document id has 1 to 200 characters of A-Z a-z 0-9 . _ : -");
}
