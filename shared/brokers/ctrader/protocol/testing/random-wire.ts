/**
 * Random bytes of a message as a server might send them: written by protobufjs, the fields in any order, some
 * twice, with fields that no schema has between them.
 */
import fc from "fast-check";
import protobuf from "protobufjs/light.js";
import { isEnum, isMessage, type TypeName, typeOf } from "../schema.ts";

export interface WireOptions {
  /** Also what must be found out: numbers beyond 2^53, enum numbers without a name, required fields left out. */
  readonly withFaults?: boolean;
  /** Leave these fields out, whatever they are. */
  readonly without?: readonly string[];
}

/** Bytes of the message; readable ones unless faults are asked for. */
export function anyWire(name: TypeName, options: WireOptions = {}): fc.Arbitrary<Uint8Array> {
  return wireOf(typeOf(name), options);
}

function wireOf(type: protobuf.Type, options: WireOptions): fc.Arbitrary<Uint8Array> {
  const fields = type.fieldsArray
    .filter(({ name }) => !options.without?.includes(name))
    .map((field) => {
      const counts = field.required && options.withFaults !== true ? [1, 2] : [0, 1, 1, 1, 2];
      return fc.constantFrom(...counts).chain((count) => {
        const isAllowed = count < 2 || !isMessage(field.resolvedType) || field.repeated;
        return fc.tuple(...new Array(isAllowed ? count : 1).fill(fieldOf(field, options)));
      });
    });
  return fc
    .tuple(fc.tuple(...fields), fc.array(anyUnknownField(), { maxLength: 3 }))
    .map(([known, unknown]) => [...known.flat(), ...unknown] as Uint8Array[])
    .chain((pieces) => fc.shuffledSubarray(pieces, { minLength: pieces.length }))
    .map((pieces) => Uint8Array.from(Buffer.concat(pieces)));
}

function fieldOf(field: protobuf.Field, options: WireOptions): fc.Arbitrary<Uint8Array> {
  const { resolvedType } = field;
  if (isMessage(resolvedType)) {
    return wireOf(resolvedType, options).map((bytes) =>
      written((to) => to.uint32((field.id << 3) | 2).bytes(bytes)),
    );
  }
  if (isEnum(resolvedType)) {
    const known = fc.constantFrom(...Object.values(resolvedType.values));
    const unknown = fc.constantFrom(-1, 9_999);
    const isSafe = options.withFaults !== true && field.required;
    return (
      isSafe ? known : fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: unknown })
    ).map((value) => written((to) => to.uint32(field.id << 3).int32(value)));
  }
  return scalarOf(field, options);
}

function scalarOf({ id, type }: protobuf.Field, { withFaults }: WireOptions): fc.Arbitrary<Uint8Array> {
  const varint = id << 3;
  if (type === "double")
    return fc.double().map((value) => written((to) => to.uint32(varint | 1).double(value)));
  if (type === "bool") return fc.boolean().map((value) => written((to) => to.uint32(varint).bool(value)));
  if (type === "string") {
    return fc.string({ unit: "binary" }).map((value) => written((to) => to.uint32(varint | 2).string(value)));
  }
  if (type === "bytes") {
    return fc.uint8Array().map((value) => written((to) => to.uint32(varint | 2).bytes(value)));
  }
  if (type === "int32") return fc.integer().map((value) => written((to) => to.uint32(varint).int32(value)));
  if (type === "uint32") {
    // Negative ones stand on ten bytes, and are read as what their lower half says.
    return fc
      .oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: -3, max: -1 }))
      .map((value) => written((to) => to.uint32(varint).int64(value)));
  }
  const isSigned = type === "int64";
  const safe = fc
    .oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -300, max: 300 }))
    .map((value) => String(isSigned ? value : Math.abs(value)));
  const large = fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map(String);
  const arbitrary = withFaults
    ? fc.oneof({ weight: 40, arbitrary: safe }, { weight: 1, arbitrary: large })
    : safe;
  return arbitrary.map((value) => written((to) => to.uint32(varint).int64(value)));
}

/** A field with a number that no message has, of every wire type. */
export function anyUnknownField(): fc.Arbitrary<Uint8Array> {
  const id = fc.integer({ min: 41, max: 2 ** 29 - 1 });
  const { field } = fc.letrec<{ field: Uint8Array; group: Uint8Array }>((tie) => ({
    field: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc
        .tuple(id, fc.maxSafeInteger())
        .map(([at, value]) => written((to) => to.uint32((at << 3) >>> 0).int64(value))),
      fc
        .tuple(id, fc.double())
        .map(([at, value]) => written((to) => to.uint32(((at << 3) | 1) >>> 0).double(value))),
      fc
        .tuple(id, fc.uint8Array({ maxLength: 20 }))
        .map(([at, value]) => written((to) => to.uint32(((at << 3) | 2) >>> 0).bytes(value))),
      fc
        .tuple(id, fc.integer())
        .map(([at, value]) => written((to) => to.uint32(((at << 3) | 5) >>> 0).sfixed32(value))),
      tie("group"),
    ),
    group: fc
      .tuple(id, fc.array(tie("field"), { maxLength: 2 }))
      .map(([at, inner]) =>
        Uint8Array.from(
          Buffer.concat([
            written((to) => to.uint32(((at << 3) | 3) >>> 0)),
            ...inner,
            written((to) => to.uint32(((at << 3) | 4) >>> 0)),
          ]),
        ),
      ),
  }));
  return field;
}

function written(write: (to: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create();
  write(writer);
  return writer.finish();
}
