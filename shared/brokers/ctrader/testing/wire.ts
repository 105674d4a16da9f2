/** The protocol as the server's side of a test speaks it: by `protobufjs` alone, so that our own codec is not its judge. */
import protobuf from "protobufjs";
import { type MessageName, messageNameOf } from "../protocol/names.ts";
import { DESCRIPTOR, type Messages, PAYLOAD_TYPES } from "../protocol/open-api.generated.ts";

const root = protobuf.Root.fromJSON({ nested: DESCRIPTOR } as protobuf.INamespace);
const envelope = root.lookupType("ProtoMessage");

/** A message as the client wrote it. */
export type SentMessage = {
  readonly [N in MessageName]: {
    readonly name: N;
    readonly body: Messages[N];
    readonly clientMsgId: string | undefined;
  };
}[MessageName];

/** One frame: the length, the envelope, the message. Without `clientMsgId` the envelope has none. */
export function frameOf<N extends MessageName>(name: N, body: Messages[N], clientMsgId?: string): Uint8Array {
  const type = root.lookupType(name);
  const payload = type.encode(type.fromObject(body as Record<string, unknown>)).finish();
  return frameOfPayload(PAYLOAD_TYPES[name], payload, clientMsgId);
}

/** A frame of any number and any payload, well formed or not. */
export function frameOfPayload(payloadType: number, payload?: Uint8Array, clientMsgId?: string): Uint8Array {
  const message = envelope
    .encode({
      payloadType,
      ...(payload !== undefined && payload.length > 0 && { payload }),
      ...(clientMsgId !== undefined && { clientMsgId }),
    })
    .finish();
  const frame = new Uint8Array(4 + message.length);
  new DataView(frame.buffer).setUint32(0, message.length);
  frame.set(message, 4);
  return frame;
}

/** Reads exactly one frame, the length included; throws for one that is not whole, or of an unknown number. */
export function readFrame(frame: Uint8Array): SentMessage {
  const length = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0);
  if (length !== frame.length - 4) throw new Error(`A frame of ${frame.length} bytes says ${length}`);
  const outer = envelope.toObject(envelope.decode(frame.subarray(4))) as {
    payloadType: number;
    payload?: Uint8Array;
    clientMsgId?: string;
  };
  const name = messageNameOf(outer.payloadType);
  if (name === undefined) throw new Error(`No message has the number ${outer.payloadType}`);
  const type = root.lookupType(name);
  const decoded = type.decode(outer.payload ?? new Uint8Array());
  const body = type.toObject(decoded, { longs: Number, enums: String, arrays: true });
  return { name, body, clientMsgId: outer.clientMsgId } as unknown as SentMessage;
}

/** All of them in one chunk, as TCP may deliver them. */
export function joined(...frames: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}
