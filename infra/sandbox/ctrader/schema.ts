/**
 * The protocol's descriptor as a broker's server holds it: nothing is required while it reads, so that it can
 * say all that is missing, and it knows the fields that the real server sends without having published them.
 */
import protobuf from "protobufjs/light.js";
import type { MessageName } from "../../../shared/brokers/ctrader/protocol/names.ts";
import { DESCRIPTOR, PAYLOAD_TYPES } from "../../../shared/brokers/ctrader/protocol/open-api.generated.ts";

interface FieldSpec {
  readonly id: number;
  readonly type: string;
  readonly rule?: string;
}
interface Nested {
  readonly fields?: Readonly<Record<string, FieldSpec>>;
}

/** What the live server was seen to send beyond every published schema, by message. */
export const UNPUBLISHED: Readonly<Record<string, FieldSpec & { readonly value: number | Uint8Array }>> = {
  ProtoOASymbol: { id: 41, type: "int32", value: 1 },
  ProtoOATrader: { id: 23, type: "int32", value: 4 },
  ProtoOADeal: { id: 19, type: "bytes", value: new Uint8Array() },
  ProtoOASubscribeSpotsRes: { id: 3, type: "bytes", value: Uint8Array.of(8, 1) },
};
/** The name under which such a field is set before encoding. */
export const UNPUBLISHED_NAME = "unpublished";

/** Names of required fields, by message. */
const REQUIRED: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(DESCRIPTOR as Readonly<Record<string, Nested>>).map(([name, { fields = {} }]) => [
    name,
    Object.keys(fields).filter((field) => fields[field]?.rule === "required"),
  ]),
);

const ROOT = protobuf.Root.fromJSON({
  nested: relaxed() as protobuf.INamespace["nested"] & object,
}).resolveAll();

function relaxed(): Record<string, unknown> {
  const entries = Object.entries(DESCRIPTOR as Readonly<Record<string, Nested>>);
  return Object.fromEntries(entries.map(([name, nested]) => [name, relax(name, nested)]));
}

function relax(name: string, nested: Nested): unknown {
  if (nested.fields === undefined) return nested;
  const fields = Object.entries(nested.fields).map(([field, spec]) => {
    if (spec.rule !== "required") return [field, spec];
    const { rule: _, ...optional } = spec;
    return [field, optional];
  });
  const extra = UNPUBLISHED[name];
  if (extra !== undefined) fields.push([UNPUBLISHED_NAME, { id: extra.id, type: extra.type }]);
  return { ...nested, fields: Object.fromEntries(fields) };
}

const TYPES: ReadonlyMap<string, protobuf.Type> = new Map(
  [...REQUIRED.keys()].flatMap((name) => {
    const found = ROOT.get(name);
    return found instanceof protobuf.Type ? [[name, found] as const] : [];
  }),
);

/** The type of a message; throws for a name that the protocol does not have. */
export function typeOf(name: string): protobuf.Type {
  const found = TYPES.get(name);
  if (found === undefined) throw new Error(`the protocol has no message ${name}`);
  return found;
}

export function requiredOf(name: string): readonly string[] {
  return REQUIRED.get(name) ?? [];
}

const NAMES: ReadonlyMap<number, MessageName> = new Map(
  (Object.keys(PAYLOAD_TYPES) as MessageName[]).map((name) => [PAYLOAD_TYPES[name], name]),
);

/** The class that the broker picks for an envelope's number. */
export function classOf(payloadType: number): MessageName | undefined {
  return NAMES.get(payloadType);
}
