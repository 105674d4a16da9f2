/**
 * Reads a connection's bytes into messages, and writes messages as frames.
 *
 * 1. Every frame gives exactly one call (a spot that carries more gives two), in wire order, whatever it holds:
 *    no frame ends the reading but one over the cap.
 * 2. A spot costs no memory: its reading is one object, used again.
 * 3. A handler that throws loses nothing for the others: the rest of the chunk is read, then the first such
 *    error comes out of `push`.
 */
import type { ChannelEvent, SpotReading } from "../channel.ts";
import { type Decoded, decodeMessage, encodeMessage } from "./codec.ts";
import { clientMsgIdOf, emptyEnvelope, readEnvelope } from "./envelope.ts";
import { readExecution } from "./execution-reader.ts";
import { createFrameReader, encodeFrame } from "./frames.ts";
import { type MessageName, messageNameOf } from "./names.ts";
import { type Messages, PAYLOAD_TYPES } from "./open-api.generated.ts";
import { emptySpotReading, readSpot } from "./spot-reader.ts";
import type { UnreadableReason } from "./wire.ts";

/** What becomes of each frame. Handlers may throw; see the third rule above. */
export interface MessageHandlers {
  /** `hasMore`: the same event comes by `message` next. The object is used again: copy what you keep. */
  spot(reading: SpotReading): void;
  heartbeat(): void;
  /** Every other message that this build knows. */
  message(message: ChannelEvent): void;
  /** A number in the envelope that this build does not know. */
  unknown(frame: { readonly payloadType: number; readonly clientMsgId: string | undefined }): void;
  /** A frame that is not what it says. `payloadType` and `clientMsgId` as far as they could be read. */
  unreadable(frame: {
    readonly payloadType: number | undefined;
    readonly clientMsgId: string | undefined;
    readonly reason: UnreadableReason;
  }): void;
  /** A frame over the cap was announced; nothing comes after this. */
  tooLong(length: number): void;
}

/** The inbound side of one connection. */
export interface MessageReader {
  /** Takes the next bytes of the connection. Called from within a handler, they are read when it is their turn. */
  push(chunk: Uint8Array): void;
  /** Nothing is handed on any more, the rest of the chunk at hand included. */
  stop(): void;
  /** How many bytes are kept for a frame that is not whole yet. */
  heldBytes(): number;
}

const HEARTBEAT = PAYLOAD_TYPES.ProtoHeartbeatEvent;
const EXECUTION = PAYLOAD_TYPES.ProtoOAExecutionEvent;
const SPOT = PAYLOAD_TYPES.ProtoOASpotEvent;

/** Makes the reader of one connection. `maxFrameBytes`: 16 MiB unless given. */
export function createMessageReader(
  handlers: MessageHandlers,
  options: { readonly maxFrameBytes?: number } = {},
): MessageReader {
  const deliver = createDelivery(handlers);
  const waiting: Uint8Array[] = [];
  let isReading = false;
  let thrown: { readonly error: unknown } | undefined;

  const frames = createFrameReader(
    {
      // A handler's mistake must not cost the frames that follow.
      frame(bytes, start, end) {
        try {
          deliver(bytes, start, end);
        } catch (error) {
          thrown ??= { error };
        }
      },
      tooLong(length) {
        try {
          handlers.tooLong(length);
        } catch (error) {
          thrown ??= { error };
        }
      },
    },
    options,
  );

  return {
    push(chunk) {
      waiting.push(chunk);
      if (isReading) return;
      isReading = true;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) frames.push(next);
      isReading = false;
      const first = thrown;
      thrown = undefined;
      if (first !== undefined) throw first.error;
    },
    stop: frames.stop,
    heldBytes: frames.heldBytes,
  };
}

function createDelivery(handlers: MessageHandlers): (bytes: Uint8Array, start: number, end: number) => void {
  const envelope = emptyEnvelope();
  const reading = emptySpotReading();

  function unreadable(bytes: Uint8Array, reason: UnreadableReason): void {
    const payloadType = envelope.payloadType === 0 ? undefined : envelope.payloadType;
    handlers.unreadable({ payloadType, clientMsgId: clientMsgIdOf(bytes, envelope), reason });
  }

  function deliverSpot(bytes: Uint8Array): void {
    const fault = readSpot(bytes, envelope.payloadStart, envelope.payloadEnd, reading);
    if (fault !== undefined) unreadable(bytes, fault);
    else if (reading.hasMore) deliverMessage(bytes);
    else handlers.spot(reading);
  }

  function deliverMessage(bytes: Uint8Array): void {
    const { payloadType, payloadStart, payloadEnd } = envelope;
    const name = messageNameOf(payloadType);
    const clientMsgId = clientMsgIdOf(bytes, envelope);
    if (name === undefined) {
      handlers.unknown({ payloadType, clientMsgId });
      return;
    }
    const decoded: Decoded<unknown> =
      payloadType === EXECUTION
        ? readExecution(bytes, payloadStart, payloadEnd)
        : decodeMessage(name, bytes.subarray(payloadStart, payloadEnd));
    if (!decoded.ok) {
      unreadable(bytes, decoded.reason);
      return;
    }
    try {
      if (payloadType === SPOT) handlers.spot(reading);
    } finally {
      handlers.message({ name, body: decoded.body, clientMsgId } as ChannelEvent);
    }
  }

  return (bytes, start, end) => {
    const fault = readEnvelope(bytes, start, end, envelope);
    if (fault !== undefined) unreadable(bytes, fault);
    else if (envelope.payloadType === SPOT) deliverSpot(bytes);
    else if (envelope.payloadType === HEARTBEAT) handlers.heartbeat();
    else deliverMessage(bytes);
  };
}

/** One frame for the wire. Throws for what our own code got wrong; see `encodeMessage`. */
export function encodeRequest<N extends MessageName>(
  name: N,
  body: Messages[N],
  clientMsgId?: string,
): Uint8Array {
  const payload = encodeMessage(name, body);
  return encodeFrame(PAYLOAD_TYPES[name], name === "ProtoHeartbeatEvent" ? undefined : payload, clientMsgId);
}
