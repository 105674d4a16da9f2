import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { toIso } from "./instant.ts";
import type { Collection, Query, StoredDocument } from "./store.ts";

/** What a query compares a field with. */
export type StoredValue = string | number | boolean | null;

/** A query in stored form, checked. */
export interface StoredQuery {
  readonly where: readonly (readonly [field: string, value: StoredValue])[];
  readonly orderBy: readonly [field: string, direction: "asc" | "desc"] | undefined;
  readonly limit: number;
  /** Where the page before ended; `value` where there is an order. */
  readonly after: { readonly id: string; readonly value: StoredValue | undefined } | undefined;
}

const FIELD = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MOST = 1_000;

function misfit(collection: Collection<never>, id: string, error: z.core.$ZodError): TypeError {
  const where = error.issues.map((issue) => `${issue.path.join(".") || "(document)"}: ${issue.code}`);
  return new TypeError(`${collection.name}/${id} does not fit its schema (${where.join(", ")}).`);
}

/** The document as it is stored; a TypeError, without any value in it, when it does not fit the schema. */
export function encodeDocument<T>(collection: Collection<T>, id: string, value: T): StoredDocument {
  const encoded = z.safeEncode(collection.schema, value);
  if (!encoded.success) throw misfit(collection as Collection<never>, id, encoded.error);
  return encoded.data;
}

/** The value of a stored document; a TypeError, without any value in it, when it does not fit the schema. */
export function decodeDocument<T>(collection: Collection<T>, id: string, stored: unknown): T {
  const decoded = collection.schema.safeParse(stored);
  if (!decoded.success) throw misfit(collection as Collection<never>, id, decoded.error);
  return decoded.data;
}

/** A field's value as it is stored and compared. Anything but plain values, instants and dates throws a TypeError. */
export function toStoredValue(field: string, value: unknown): StoredValue {
  if (value instanceof Temporal.Instant) return toIso(value);
  if (value instanceof Temporal.PlainDate) return value.toString();
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError(`A query cannot compare ${field} with ${value === undefined ? "undefined" : "this"}.`);
}

function checkField(field: string): void {
  if (!FIELD.test(field)) throw new RangeError("A query names top-level fields of letters, digits and _");
}

/** Locally everything can be sorted; the cloud refuses what has no index, and so is it refused everywhere. */
function checkIndex(
  { name, indexes = [] }: Pick<Collection<never>, "name" | "indexes">,
  fields: readonly string[],
  orderBy: StoredQuery["orderBy"],
): void {
  if (fields.length === 0 || orderBy === undefined) return;
  const wanted = fields.toSorted().join();
  const isDeclared = indexes.some(
    (one) => one.where.toSorted().join() === wanted && one.orderBy.join() === orderBy.join(),
  );
  if (isDeclared) return;
  throw new RangeError(
    `${name} declares no index by ${fields.join(", ")} in the order of ${orderBy.join(" ")}.`,
  );
}

/**
 * Puts a query into stored form. A limit outside 1 to 1,000 and an order without its index throw a RangeError, a
 * page's end that the order cannot compare a TypeError.
 */
export function toStoredQuery<T>(
  collection: Pick<Collection<T>, "name" | "indexes">,
  query: Query<T> = {},
): StoredQuery {
  const where = Object.entries(query.where ?? {}).map(
    ([field, value]) => [field, toStoredValue(field, value)] as const,
  );
  const { orderBy, limit = MOST } = query;
  for (const [field] of where) checkField(field);
  if (orderBy) checkField(orderBy[0]);
  checkIndex(
    collection,
    where.map(([field]) => field),
    orderBy,
  );
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
    throw new RangeError(`A query's limit is a whole number from 1 to ${MOST}`);
  }
  const value = query.after && orderBy && toStoredValue(orderBy[0], query.after.value[orderBy[0]]);
  return { where, orderBy, limit, after: query.after && { id: query.after.id, value } };
}
