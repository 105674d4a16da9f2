/**
 * Reads and writes messages as the broker's server does: strictly, with the class picked by the envelope's
 * number alone, and dressed as the live server dresses them.
 */
import type protobuf from "protobufjs/light.js";
import type { MessageName } from "../../../shared/brokers/ctrader/protocol/names.ts";
import { type Messages, PAYLOAD_TYPES } from "../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { frameOf } from "./frames.ts";
import { classOf, requiredOf, typeOf, UNPUBLISHED, UNPUBLISHED_NAME } from "./schema.ts";
import type { VenueMessage } from "./venue.ts";

/** A frame's outer half. */
export interface Envelope {
  readonly payloadType: number;
  readonly payload: Uint8Array;
  readonly clientMsgId: string | undefined;
}

/** What a payload turned out to be. */
export type Reading =
  | { readonly kind: "message"; readonly message: VenueMessage }
  | { readonly kind: "unknown-type" }
  /** Dotted paths, in the order of the fields. */
  | { readonly kind: "missing"; readonly fields: readonly string[] }
  | { readonly kind: "corrupt" };

/** How answers are dressed. */
export interface Dress {
  /** The fields that the live server sends without having published them. */
  readonly unknownFields: boolean;
  /** The number inside the payload too; the live server leaves it out. */
  readonly innerPayloadType: boolean;
}

type Bag = Record<string, unknown>;

/** The envelope of a frame; undefined for bytes that are none. */
export function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  const read = readBag("ProtoMessage", bytes);
  if (typeof read?.payloadType !== "number") return undefined;
  const payload = read.payload instanceof Uint8Array ? read.payload : new Uint8Array();
  const clientMsgId = typeof read.clientMsgId === "string" ? read.clientMsgId : undefined;
  return { payloadType: read.payloadType, payload, clientMsgId };
}

/** A payload as the class of the envelope's number. */
export function readPayload({ payloadType, payload }: Pick<Envelope, "payloadType" | "payload">): Reading {
  const name = classOf(payloadType);
  if (name === undefined) return { kind: "unknown-type" };
  const body = readBag(name, payload);
  if (body === undefined) return { kind: "corrupt" };
  const fields = missingIn(typeOf(name), body);
  if (fields.length > 0) return { kind: "missing", fields };
  delete body.payloadType;
  return { kind: "message", message: { name, body } as unknown as VenueMessage };
}

function readBag(name: string, bytes: Uint8Array): Bag | undefined {
  const type = typeOf(name);
  try {
    return type.toObject(type.decode(bytes), { longs: Number, enums: String, arrays: true });
  } catch {
    return undefined;
  }
}

/** Finds required fields that are absent. An enum value of another schema counts as absent, and is taken out. */
function missingIn(type: protobuf.Type, body: Bag, path = ""): string[] {
  const required = requiredOf(type.name);
  return type.fieldsArray.flatMap((field) => {
    const inner = field.resolvedType;
    if (inner !== null && "values" in inner && typeof body[field.name] === "number") delete body[field.name];
    const value = body[field.name];
    const here = `${path}${field.name}`;
    if (value === undefined) return required.includes(field.name) ? [here] : [];
    if (inner === null || !("fieldsArray" in inner)) return [];
    if (!Array.isArray(value)) return missingIn(inner, value as Bag, `${here}.`);
    return value.flatMap((one: Bag, index) => missingIn(inner, one, `${here}[${index}].`));
  });
}

/** The bytes of a frame with a message. Throws for a message that lacks a required field: nobody may send it. */
export function writeFrame<N extends MessageName>(
  message: { readonly name: N; readonly body: Messages[N] },
  clientMsgId: string | undefined,
  dress: Dress,
): Uint8Array {
  const payloadType = PAYLOAD_TYPES[message.name];
  const type = typeOf(message.name);
  const body = dress.unknownFields ? withUnpublished(type, message.body as Bag) : (message.body as Bag);
  const missing = missingIn(type, { ...body });
  if (missing.length > 0) throw new Error(`${message.name} lacks ${missing.join(", ")}`);
  const whole = dress.innerPayloadType ? { ...body, payloadType } : body;
  return writeEnvelope({
    payloadType,
    payload: type.encode(type.fromObject(whole)).finish(),
    clientMsgId,
  });
}

/** The bytes of a frame with any payload. */
export function writeEnvelope({ payloadType, payload, clientMsgId }: Envelope): Uint8Array {
  const type = typeOf("ProtoMessage");
  const outer = {
    payloadType,
    // As the live server: an empty payload is written too, but for a heartbeat's.
    ...((payload.length > 0 || payloadType !== PAYLOAD_TYPES.ProtoHeartbeatEvent) && { payload }),
    ...(clientMsgId !== undefined && { clientMsgId }),
  };
  return frameOf(type.encode(type.fromObject(outer)).finish());
}

const carries = new Map<string, boolean>();

/** Whether the type, or one inside it, has an unpublished field. */
function carriesUnpublished(type: protobuf.Type): boolean {
  const known = carries.get(type.name);
  if (known !== undefined) return known;
  carries.set(type.name, false);
  const found =
    type.name in UNPUBLISHED ||
    type.fieldsArray.some(({ resolvedType: inner }) => {
      return inner !== null && "fieldsArray" in inner && carriesUnpublished(inner);
    });
  carries.set(type.name, found);
  return found;
}

function withUnpublished(type: protobuf.Type, body: Bag): Bag {
  if (!carriesUnpublished(type)) return body;
  const extra = UNPUBLISHED[type.name];
  const dressed: Bag = extra === undefined ? { ...body } : { ...body, [UNPUBLISHED_NAME]: extra.value };
  for (const { name, resolvedType: inner } of type.fieldsArray) {
    const value = dressed[name];
    if (value === undefined || inner === null || !("fieldsArray" in inner)) continue;
    dressed[name] = Array.isArray(value)
      ? value.map((one: Bag) => withUnpublished(inner, one))
      : withUnpublished(inner, value as Bag);
  }
  return dressed;
}
