/** Reads the ProtoMessage around every payload: where its parts lie, without copying them. */
import { DELIMITED, textOf, type UnreadableReason, VARINT, WireCursor } from "./wire.ts";

/** Offsets into the frame's bytes; the object is used again. */
export interface Envelope {
  /** 0 where it could not be read. */
  payloadType: number;
  payloadStart: number;
  payloadEnd: number;
  idStart: number;
  idEnd: number;
}

const PAYLOAD_TYPE_TAG = (1 << 3) | VARINT;
const PAYLOAD_TAG = (2 << 3) | DELIMITED;
const CLIENT_MSG_ID_TAG = (3 << 3) | DELIMITED;

/** An envelope to be filled. */
export function emptyEnvelope(): Envelope {
  return { payloadType: 0, payloadStart: 0, payloadEnd: 0, idStart: 0, idEnd: 0 };
}

/** Fills `envelope` from a frame; where it gives a reason, `envelope` holds what had been read by then. */
export function readEnvelope(
  bytes: Uint8Array,
  start: number,
  end: number,
  envelope: Envelope,
): UnreadableReason | undefined {
  envelope.payloadType = 0;
  envelope.payloadStart = envelope.payloadEnd = envelope.idStart = envelope.idEnd = start;
  let hasPayloadType = false;
  for (let at = start; at < end; ) {
    const tag = bytes[at++] as number;
    let value = 0;
    for (let bits = 0; ; bits += 7) {
      // Whatever is not plain is read again from the start, with care.
      if (at >= end || bits > 21) return readEnvelopeWithCare(bytes, start, end, envelope);
      const byte = bytes[at++] as number;
      value |= (byte & 127) << bits;
      if (byte < 128) break;
    }
    if (tag === PAYLOAD_TYPE_TAG) {
      envelope.payloadType = value;
      hasPayloadType = true;
      continue;
    }
    if (value > end - at) return readEnvelopeWithCare(bytes, start, end, envelope);
    if (tag === PAYLOAD_TAG) {
      envelope.payloadStart = at;
      envelope.payloadEnd = at += value;
    } else if (tag === CLIENT_MSG_ID_TAG) {
      envelope.idStart = at;
      envelope.idEnd = at += value;
    } else return readEnvelopeWithCare(bytes, start, end, envelope);
  }
  return hasPayloadType ? undefined : "missing-field";
}

const cursor = new WireCursor();

/** The same for every frame there can be. */
function readEnvelopeWithCare(
  bytes: Uint8Array,
  start: number,
  end: number,
  envelope: Envelope,
): UnreadableReason | undefined {
  let hasPayloadType = false;
  envelope.payloadType = 0;
  envelope.payloadStart = envelope.payloadEnd = envelope.idStart = envelope.idEnd = start;
  cursor.open(bytes, start, end);
  while (cursor.at < end) {
    const tag = cursor.tag();
    if (tag === PAYLOAD_TYPE_TAG) {
      envelope.payloadType = cursor.uint32();
      hasPayloadType = true;
    } else if (tag === PAYLOAD_TAG) {
      const length = cursor.length();
      envelope.payloadStart = cursor.at;
      envelope.payloadEnd = cursor.at += length;
    } else if (tag === CLIENT_MSG_ID_TAG) {
      const length = cursor.length();
      envelope.idStart = cursor.at;
      envelope.idEnd = cursor.at += length;
    } else if (tag >>> 3 <= 3) cursor.fail("malformed");
    else cursor.skip(tag);
  }
  cursor.release();
  return cursor.fault ?? (hasPayloadType ? undefined : "missing-field");
}

/** The request's own id as it came back; undefined where there is none, or an empty one. */
export function clientMsgIdOf(bytes: Uint8Array, { idStart, idEnd }: Envelope): string | undefined {
  return idStart === idEnd ? undefined : textOf(bytes, idStart, idEnd);
}
