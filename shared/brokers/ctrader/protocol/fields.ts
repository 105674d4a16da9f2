/** What readers of whole messages share: a field's value with its wire type checked, and what must be there. */
import { DELIMITED, FIXED64, VARINT, type WireCursor } from "./wire.ts";

/** A message while it is read. */
export type Draft<T> = { -readonly [K in keyof T]?: T[K] };

/** A signed integer of up to 64 bits, within 2^53. */
export function int64(cursor: WireCursor, tag: number): number {
  return (tag & 7) === VARINT ? cursor.int64() : cursor.fail("malformed");
}

/** An unsigned integer of up to 64 bits, within 2^53. */
export function uint64(cursor: WireCursor, tag: number): number {
  return (tag & 7) === VARINT ? cursor.uint64() : cursor.fail("malformed");
}

/** An unsigned integer of up to 32 bits. */
export function uint32(cursor: WireCursor, tag: number): number {
  return (tag & 7) === VARINT ? cursor.uint32() : cursor.fail("malformed");
}

/** A yes or no. */
export function bool(cursor: WireCursor, tag: number): boolean {
  return (tag & 7) === VARINT ? cursor.bool() : cursor.fail("malformed") !== 0;
}

/** A number with a fraction: prices and rates. */
export function double(cursor: WireCursor, tag: number): number {
  return (tag & 7) === FIXED64 ? cursor.double() : cursor.fail("malformed");
}

/** A text in UTF-8. */
export function string(cursor: WireCursor, tag: number): string {
  if ((tag & 7) === DELIMITED) return cursor.string();
  cursor.fail("malformed");
  return "";
}

/** The names of an enum at the places of their numbers. */
export type EnumNames<K extends string> = readonly (K | undefined)[];

/** The names of an enum, given as the descriptor has them. */
export function namesOf<K extends string>(values: Readonly<Record<K, number>>): EnumNames<K> {
  const names: (K | undefined)[] = [];
  for (const [name, number] of Object.entries<number>(values)) names[number] = name as K;
  return names;
}

/** Sets the field to the enum's name; a number without a name takes away what stood there. */
export function putName<T, F extends keyof T>(
  draft: Draft<T>,
  field: F,
  cursor: WireCursor,
  tag: number,
  names: EnumNames<T[F] & string>,
): void {
  const number = (tag & 7) === VARINT ? cursor.int32() : cursor.fail("malformed");
  const name = names[number];
  if (name === undefined) delete draft[field];
  else draft[field] = name;
}

/** Reads a message within the message. */
export function nested<T>(cursor: WireCursor, tag: number, read: (cursor: WireCursor) => T): T {
  const length = (tag & 7) === DELIMITED ? cursor.length() : cursor.fail("malformed");
  const outerEnd = cursor.end;
  cursor.end = cursor.at + length;
  const message = read(cursor);
  cursor.end = outerEnd;
  if (cursor.fault !== undefined) cursor.at = outerEnd;
  return message;
}

/** The message, of which every required field must have been there. */
export function complete<T>(cursor: WireCursor, draft: Draft<T>, required: readonly (keyof T)[]): T {
  for (const field of required) if (draft[field] === undefined) cursor.fail("missing-field");
  return draft as T;
}
