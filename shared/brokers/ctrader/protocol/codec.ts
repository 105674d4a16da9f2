/**
 * Turns payloads into plain objects and back, for every message that has no reader of its own.
 *
 * Objects hold what stood on the wire and nothing else: no default of the .proto, no inner payloadType, lists
 * always, integers as numbers, enums as names. An enum's number that this build does not know counts as absent.
 */
import type protobuf from "protobufjs/light.js";
import type { Messages } from "./open-api.generated.ts";
import { isEnum, isInnerPayloadType, isMessage, type TypeName, typeOf } from "./schema.ts";
import { findFault } from "./structure.ts";
import type { UnreadableReason } from "./wire.ts";

/** A payload as an object, or why it is none. */
export type Decoded<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly reason: UnreadableReason };

/** Reads a payload. The object keeps nothing of `bytes`. */
export function decodeMessage<N extends TypeName>(name: N, bytes: Uint8Array): Decoded<Messages[N]> {
  const type = typeOf(name);
  const fault = findFault(type, bytes);
  if (fault !== undefined) return { ok: false, reason: fault };
  const message = decodeSound(type, bytes);
  if (message === undefined) return { ok: false, reason: "missing-field" };
  const body = toPlain(type, message);
  if (body === undefined) return { ok: false, reason: "unknown-value" };
  return { ok: true, body: body as unknown as Messages[N] };
}

/** Of bytes without fault, only a required field that is missing stops protobufjs. */
function decodeSound(type: protobuf.Type, bytes: Uint8Array): object | undefined {
  try {
    return type.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch {
    return undefined;
  }
}

type Plain = Record<string, unknown>;

/** What becomes of one field; worked out once, since lists of symbols hold tens of thousands of values. */
interface PlainField {
  readonly name: string;
  readonly isList: boolean;
  /** What makes the whole message unreadable where it has no value of ours. */
  readonly isNeeded: boolean;
  /** Undefined where the value has no form of ours. */
  readonly convert: (value: unknown) => unknown;
}

const plans = new WeakMap<protobuf.Type, readonly PlainField[]>();

function planOf(type: protobuf.Type): readonly PlainField[] {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const fields = type.fieldsArray.filter((field) => !isInnerPayloadType(field));
  const plan = fields.map((field) => ({
    name: field.name,
    isList: field.repeated,
    isNeeded: field.required || isMessage(field.resolvedType),
    convert: converterOf(field),
  }));
  plans.set(type, plan);
  return plan;
}

function converterOf({ resolvedType, type }: protobuf.Field): (value: unknown) => unknown {
  if (isEnum(resolvedType)) return (value) => resolvedType.valuesById[value as number];
  if (isMessage(resolvedType)) return (value) => toPlain(resolvedType, value as object);
  if (type === "bytes") return (value) => Uint8Array.from(value as Uint8Array);
  if (type === "int64" || type === "uint64") return (value) => toNumber(value as Long);
  return (value) => value;
}

/** Undefined where a required enum holds a number without a name. */
function toPlain(type: protobuf.Type, message: object): Plain | undefined {
  const plain: Plain = {};
  for (const { name, isList, isNeeded, convert } of planOf(type)) {
    if (!isList && !Object.hasOwn(message, name)) continue;
    const value = (message as Plain)[name];
    const converted = isList ? (value as readonly unknown[]).map(convert) : convert(value);
    if (isList && (converted as readonly unknown[]).includes(undefined)) return undefined;
    if (converted !== undefined) plain[name] = converted;
    else if (isNeeded) return undefined;
  }
  return plain;
}

interface Long {
  readonly high: number;
  readonly low: number;
  readonly unsigned: boolean;
}

/** Within 2^53: `findFault` has seen to that. */
function toNumber({ high, low, unsigned }: Long): number {
  return (unsigned ? high >>> 0 : high) * 2 ** 32 + (low >>> 0);
}

/**
 * Writes a payload. What it refuses is our own mistake: `TypeError` for a missing or unknown field or a value of
 * another kind, `RangeError` for a number that the field cannot hold and for a name that the enum does not have.
 */
export function encodeMessage<N extends TypeName>(name: N, body: Messages[N]): Uint8Array {
  const type = typeOf(name);
  return Uint8Array.from(type.encode(toWire(type, body, name)).finish());
}

function toWire(type: protobuf.Type, body: unknown, path: string): Plain {
  if (typeof body !== "object" || body === null) throw new TypeError(`${path} must be an object`);
  const wire: Plain = {};
  for (const [key, value] of Object.entries(body)) {
    const field = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
    if (field === undefined || isInnerPayloadType(field)) throw new TypeError(`${path} has no field ${key}`);
    if (value !== undefined) wire[key] = toWireField(field, value, `${path}.${key}`);
  }
  for (const field of type.fieldsArray) {
    if ((field.required || field.repeated) && wire[field.name] === undefined) {
      throw new TypeError(`${path} lacks its field ${field.name}`);
    }
  }
  return wire;
}

function toWireField(field: protobuf.Field, value: unknown, path: string): unknown {
  if (!field.repeated) return toWireValue(field, value, path);
  if (!Array.isArray(value)) throw new TypeError(`${path} must be a list`);
  return value.map((one, index) => toWireValue(field, one, `${path}[${index}]`));
}

function toWireValue({ resolvedType, type }: protobuf.Field, value: unknown, path: string): unknown {
  if (isMessage(resolvedType)) return toWire(resolvedType, value, path);
  if (isEnum(resolvedType)) {
    const isName = typeof value === "string" && Object.hasOwn(resolvedType.values, value);
    if (!isName) throw new RangeError(`${path} is none of ${resolvedType.name}`);
    return resolvedType.values[value];
  }
  if (type === "bytes" ? !(value instanceof Uint8Array) : typeof value !== JS_TYPES[type]) {
    throw new TypeError(`${path} must be of the kind ${type}`);
  }
  if (typeof value === "number" && !fits(type, value))
    throw new RangeError(`${path} is no ${type}: ${value}`);
  return value;
}

const JS_TYPES: Readonly<Record<string, string>> = {
  string: "string",
  bool: "boolean",
  double: "number",
  int32: "number",
  uint32: "number",
  int64: "number",
  uint64: "number",
};

function fits(type: string, value: number): boolean {
  if (type === "double") return Number.isFinite(value);
  if (type === "int32") return value === (value | 0);
  if (type === "uint32") return value === value >>> 0;
  return Number.isSafeInteger(value) && (type === "int64" || value >= 0);
}
