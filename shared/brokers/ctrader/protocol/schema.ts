/** The descriptor as protobufjs takes it, made when it is first asked for. */
import protobuf from "protobufjs/light.js";
import { DESCRIPTOR, type Messages } from "./open-api.generated.ts";

/** Any message of the protocol, those within others included. */
export type TypeName = keyof Messages;

let root: protobuf.Root | undefined;

/** The message's type; takes about 10 ms the first time. */
export function typeOf(name: TypeName): protobuf.Type {
  if (root === undefined) {
    root = protobuf.Root.fromJSON({ nested: DESCRIPTOR });
    root.resolveAll();
  }
  return root.lookupType(name);
}

/** The server leaves it out, the envelope decides, and our types do not have it. */
export function isInnerPayloadType(field: protobuf.Field): boolean {
  return field.name === "payloadType" && field.type !== "uint32";
}

/** Whether a field's type is an enum. */
export function isEnum(type: protobuf.ReflectionObject | null): type is protobuf.Enum {
  return type instanceof protobuf.Enum;
}

/** Whether a field's type is a message. */
export function isMessage(type: protobuf.ReflectionObject | null): type is protobuf.Type {
  return type instanceof protobuf.Type;
}
