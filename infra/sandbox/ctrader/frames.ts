/** Frames of a byte stream: a big-endian length of four bytes, then so many bytes. */

/** The longest frame that the simulated broker takes, in bytes. */
export const MOST_FRAME_BYTES = 1_048_576;

const HEAD = 4;

/** What came out of a chunk. */
export interface Cut {
  readonly frames: readonly Uint8Array[];
  /** A frame announces more than the most: nothing after it can be read. */
  readonly isTooLong: boolean;
}

/** Cuts a stream of chunks into frames, however the chunks lie. */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** After a frame that is too long it gives nothing any more. */
  push(chunk: Uint8Array): Cut {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const frames: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const length = bytes.readUInt32BE(at);
      if (length > MOST_FRAME_BYTES) {
        this.#rest = Buffer.alloc(0);
        return { frames, isTooLong: true };
      }
      if (bytes.length - at - HEAD < length) break;
      frames.push(bytes.subarray(at + HEAD, at + HEAD + length));
      at += HEAD + length;
    }
    this.#rest = bytes.subarray(at);
    return { frames, isTooLong: false };
  }
}

/** A frame around `bytes`. */
export function frameOf(bytes: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(HEAD + bytes.length);
  frame.writeUInt32BE(bytes.length);
  frame.set(bytes, HEAD);
  return frame;
}
