/**
 * Looks whether bytes have the shape of a message, before protobufjs reads them: it would cut a text that is
 * announced too long, take a field whatever its wire type, and lose count in a number of the wrong length.
 */
import type protobuf from "protobufjs/light.js";
import { isMessage } from "./schema.ts";
import { DELIMITED, FIXED64, type UnreadableReason, VARINT, WireCursor } from "./wire.ts";

const DEEPEST_MESSAGE = 16;

const WIRE_TYPES: Readonly<Record<string, number>> = {
  double: FIXED64,
  string: DELIMITED,
  bytes: DELIMITED,
};

/** The first thing wrong with `bytes` as a `type`; undefined where they can be read. */
export function findFault(type: protobuf.Type, bytes: Uint8Array): UnreadableReason | undefined {
  const cursor = new WireCursor();
  cursor.open(bytes, 0, bytes.length);
  walk(cursor, type, 0);
  return cursor.fault;
}

function walk(cursor: WireCursor, type: protobuf.Type, depth: number): void {
  if (depth > DEEPEST_MESSAGE) cursor.fail("too-deep");
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = type.fieldsById[tag >>> 3];
    if (field === undefined) cursor.skip(tag);
    else walkField(cursor, field, tag & 7, depth);
  }
}

function walkField(cursor: WireCursor, field: protobuf.Field, wireType: number, depth: number): void {
  const { resolvedType } = field;
  if (isMessage(resolvedType)) {
    if (wireType !== DELIMITED) cursor.fail("malformed");
    else within(cursor, () => walk(cursor, resolvedType, depth + 1));
    return;
  }
  const expected = WIRE_TYPES[field.type] ?? VARINT;
  if (wireType === expected) walkScalar(cursor, field.type);
  else if (field.repeated && wireType === DELIMITED && expected !== DELIMITED) {
    within(cursor, () => {
      while (cursor.at < cursor.end) walkScalar(cursor, field.type);
    });
  } else cursor.fail("malformed");
}

function walkScalar(cursor: WireCursor, type: string): void {
  if (type === "int64") cursor.int64();
  else if (type === "uint64") cursor.uint64();
  else if (type === "double") cursor.double();
  else if (type === "string" || type === "bytes") cursor.advance(cursor.length());
  else cursor.int32();
}

/** Reads what has a length of its own; a fault within it ends the outer reading too. */
function within(cursor: WireCursor, read: () => void): void {
  const length = cursor.length();
  const outerEnd = cursor.end;
  cursor.end = cursor.at + length;
  read();
  cursor.end = outerEnd;
  if (cursor.fault !== undefined) cursor.at = outerEnd;
}
