/**
 * Cuts the stream of TCP chunks into frames: four bytes of length, the highest first, then as many bytes.
 *
 * 1. A frame that lies within one chunk is handed on in place; only the one that spans chunks is copied.
 * 2. No more is held than has arrived, rounded up to the next doubling, and never more than the cap.
 * 3. A length over the cap is told once and ends the reading: what follows could not be told apart.
 */

const LENGTH_BYTES = 4;
const LEAST_HELD_BYTES = 1024;

/** The longest frame that is taken, unless said otherwise: lists of symbols are large, and nothing else is. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** What becomes of the frames. */
export interface FrameHandlers {
  /** The bytes from `start` up to `end` are only good during the call. */
  frame(bytes: Uint8Array, start: number, end: number): void;
  /** At most once, and the last call. */
  tooLong(length: number): void;
}

/** The stream of one connection. */
export interface FrameReader {
  /** Takes a chunk and hands out every frame that ends in it. Where a handler throws, the rest of the chunk is lost. */
  push(chunk: Uint8Array): void;
  /** Hands nothing out any more, and lets go of what it holds. */
  stop(): void;
  /** How many bytes are kept for a frame that is not whole yet. */
  heldBytes(): number;
}

/** Makes the reader of one connection. */
export function createFrameReader(
  handlers: FrameHandlers,
  { maxFrameBytes = MAX_FRAME_BYTES }: { readonly maxFrameBytes?: number } = {},
): FrameReader {
  const held = new HeldFrame(LENGTH_BYTES + maxFrameBytes);
  let isOver = false;

  function stop(): void {
    isOver = true;
    held.release();
  }

  /** Of the frame that begins at `at`, whose four bytes are there; -1 where it is over the cap. */
  function lengthAt(bytes: Uint8Array, at: number): number {
    const length = readLength(bytes, at);
    if (length <= maxFrameBytes) return length;
    stop();
    handlers.tooLong(length);
    return -1;
  }

  /** Goes on with the frame that began in an earlier chunk; gives back where the next one begins. */
  function finishHeld(chunk: Uint8Array): number {
    let at = held.take(chunk, 0, LENGTH_BYTES - held.count);
    if (held.count < LENGTH_BYTES) return at;
    const length = lengthAt(held.bytes, 0);
    if (length < 0) return at;
    at += held.take(chunk, at, LENGTH_BYTES + length - held.count);
    if (held.count < LENGTH_BYTES + length) return at;
    const { bytes } = held;
    held.release();
    handlers.frame(bytes, LENGTH_BYTES, LENGTH_BYTES + length);
    return at;
  }

  function push(chunk: Uint8Array): void {
    if (isOver) return;
    let at = held.count > 0 ? finishHeld(chunk) : 0;
    while (!isOver && chunk.length - at >= LENGTH_BYTES) {
      const length = lengthAt(chunk, at);
      if (length < 0) return;
      const start = at + LENGTH_BYTES;
      if (chunk.length - start < length) break;
      at = start + length;
      handlers.frame(chunk, start, at);
    }
    if (!isOver && at < chunk.length) held.take(chunk, at, chunk.length - at);
  }

  return { push, stop, heldBytes: () => held.bytes.length };
}

const NOTHING = new Uint8Array(0);

/** The beginning of a frame, its length included, in memory that grows with what arrives. */
class HeldFrame {
  readonly #mostBytes: number;
  bytes: Uint8Array = NOTHING;
  count = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Copies up to `count` bytes; gives back how many there were to copy. */
  take(chunk: Uint8Array, from: number, count: number): number {
    const taken = Math.max(0, Math.min(count, chunk.length - from));
    const needed = this.count + taken;
    if (this.bytes.length < needed) {
      const wished = Math.max(needed, 2 * this.bytes.length, LEAST_HELD_BYTES);
      const grown = new Uint8Array(Math.min(this.#mostBytes, wished));
      grown.set(this.bytes.subarray(0, this.count));
      this.bytes = grown;
    }
    this.bytes.set(chunk.subarray(from, from + taken), this.count);
    this.count = needed;
    return taken;
  }

  release(): void {
    this.bytes = NOTHING;
    this.count = 0;
  }
}

function readLength(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16);
  return (high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0;
}

/** One frame of the wire, in one piece of memory: length, envelope, payload and the request's id, as far as given. */
export function encodeFrame(payloadType: number, payload?: Uint8Array, clientMsgId?: string): Uint8Array {
  const idLength = clientMsgId === undefined ? 0 : Buffer.byteLength(clientMsgId, "utf8");
  const envelopeLength =
    1 +
    varintLength(payloadType) +
    (payload === undefined ? 0 : 1 + varintLength(payload.length) + payload.length) +
    (clientMsgId === undefined ? 0 : 1 + varintLength(idLength) + idLength);
  const frame = new Uint8Array(LENGTH_BYTES + envelopeLength);
  new DataView(frame.buffer).setUint32(0, envelopeLength);
  let at = writeVarint(frame, LENGTH_BYTES, 0x08);
  at = writeVarint(frame, at, payloadType);
  if (payload !== undefined) {
    at = writeVarint(frame, at, 0x12);
    at = writeVarint(frame, at, payload.length);
    frame.set(payload, at);
    at += payload.length;
  }
  if (clientMsgId === undefined) return frame;
  at = writeVarint(frame, at, 0x1a);
  at = writeVarint(frame, at, idLength);
  new TextEncoder().encodeInto(clientMsgId, frame.subarray(at));
  return frame;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length += 1;
  return length;
}

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let index = at;
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes[index++] = (rest & 127) | 128;
  bytes[index] = rest;
  return index + 1;
}
