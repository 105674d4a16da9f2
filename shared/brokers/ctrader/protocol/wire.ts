/**
 * Reads protobuf's wire format in place. A fault is remembered and ends the reading: every later read gives
 * zero, so a reader of a message asks for `fault` once, at its end.
 */

/** Why bytes could not be read as what they should be. */
export type UnreadableReason =
  /** They end before what they announce. */
  | "truncated"
  /** A number, tag or wire type that the format does not allow, or another wire type than the field has. */
  | "malformed"
  /** An integer beyond 2^53 - 1, which a number of JavaScript cannot hold. */
  | "number-too-large"
  /** Groups within groups, or messages within messages, beyond all sense. */
  | "too-deep"
  | "missing-field"
  /** A field that must be there holds a word that this build does not know. */
  | "unknown-value";

/** The wire types, as they stand in the lowest three bits of a tag. */
export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED32 = 5;

const LONGEST_VARINT = 10;
const LONGEST_VARINT32 = 5;
const DEEPEST_GROUP = 32;

const EIGHT_BYTES = new Uint8Array(8);
const EIGHT_BYTES_VIEW = new DataView(EIGHT_BYTES.buffer);
const NOTHING = new Uint8Array(0);

/** A place in bytes that belong to somebody else; used again for message after message. */
export class WireCursor {
  bytes: Uint8Array = NOTHING;
  at = 0;
  /** Where what is read now ends: the message, or a message within it. */
  end = 0;
  /** The first one; undefined while all is well. */
  fault: UnreadableReason | undefined = undefined;

  /** Starts to read `bytes` from `start` up to, not including, `end`. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.fault = undefined;
  }

  /** Lets the bytes go, so that a quiet reader does not keep a large chunk alive. */
  release(): void {
    this.bytes = NOTHING;
  }

  /** Gives back 0, as every read after it does. */
  fail(reason: UnreadableReason): number {
    this.fault ??= reason;
    this.at = this.end;
    return 0;
  }

  /** Field number times eight plus wire type; 0 after a fault. */
  tag(): number {
    const first = this.at < this.end ? (this.bytes[this.at] as number) : 0;
    if (first >= 8 && first < 128) {
      this.at += 1;
      return first;
    }
    const tag = this.#short();
    return tag < 8 && this.fault === undefined ? this.fail("malformed") : tag;
  }

  /** An unsigned integer of up to 64 bits. */
  uint64(): number {
    const { bytes, end, at: start } = this;
    let value = 0;
    let scale = 1;
    for (let at = start; at < end; ) {
      const byte = bytes[at++] as number;
      if (byte < 128) {
        this.at = at;
        value += byte * scale;
        return value <= Number.MAX_SAFE_INTEGER ? value : this.fail("number-too-large");
      }
      if (at - start === LONGEST_VARINT) return this.fail("malformed");
      value += (byte - 128) * scale;
      scale *= 128;
    }
    return this.fail("truncated");
  }

  /** A signed integer of up to 64 bits; a negative one takes ten bytes. */
  int64(): number {
    const last = this.at + LONGEST_VARINT - 1;
    if (last >= this.end || (this.bytes[last] as number) !== 1 || this.#varintLength() !== LONGEST_VARINT) {
      return this.uint64();
    }
    const value = this.#negative();
    return value >= Number.MIN_SAFE_INTEGER ? value : this.fail("number-too-large");
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  /** Also an enum's number. A negative one takes ten bytes, of which the lower half counts. */
  int32(): number {
    const length = this.#varintLength();
    if (length === 0) return 0;
    if (length > LONGEST_VARINT32 && length !== LONGEST_VARINT) return this.fail("number-too-large");
    let value = 0;
    for (let index = 0; index < Math.min(length, LONGEST_VARINT32); index += 1) {
      value |= ((this.bytes[this.at + index] as number) & 127) << (7 * index);
    }
    this.at += length;
    return value;
  }

  bool(): boolean {
    return this.int32() !== 0;
  }

  double(): number {
    if (this.end - this.at < 8) return this.fail("truncated");
    for (let index = 0; index < 8; index += 1) EIGHT_BYTES[index] = this.bytes[this.at + index] as number;
    this.at += 8;
    return EIGHT_BYTES_VIEW.getFloat64(0, true);
  }

  /** The announced length of what follows, which is all there; 0 after a fault. */
  length(): number {
    const length = this.#short();
    return length <= this.end - this.at ? length : this.fail("truncated");
  }

  string(): string {
    const length = this.length();
    const text = textOf(this.bytes, this.at, this.at + length);
    this.at += length;
    return text;
  }

  /** Passes over the value of a field that nobody here knows. */
  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === GROUP_START) this.#skipGroup(tag >>> 3);
    else this.#skipValue(wireType);
  }

  #skipValue(wireType: number): void {
    if (wireType === VARINT) this.advance(this.#varintLength());
    else if (wireType === DELIMITED) this.advance(this.length());
    else if (wireType === FIXED64) this.advance(8);
    else if (wireType === FIXED32) this.advance(4);
    else this.fail("malformed");
  }

  /** Passes over `count` bytes. */
  advance(count: number): void {
    if (count > this.end - this.at) this.fail("truncated");
    else this.at += count;
  }

  #skipGroup(field: number): void {
    const open = [field];
    while (open.length > 0) {
      if (this.at >= this.end) {
        this.fail("truncated");
        return;
      }
      const tag = this.tag();
      const wireType = tag & 7;
      if (wireType === GROUP_START) open.push(tag >>> 3);
      else if (wireType !== GROUP_END) this.#skipValue(wireType);
      else if (open.pop() !== tag >>> 3) this.fail("malformed");
      if (open.length > DEEPEST_GROUP) this.fail("too-deep");
      if (this.fault !== undefined) return;
    }
  }

  /** A tag or a length: five bytes at most, and no more than 32 bits in them. */
  #short(): number {
    const length = this.#varintLength();
    if (length === 0) return 0;
    if (length > LONGEST_VARINT32) return this.fail("malformed");
    const value = this.uint64();
    return value <= 0xffff_ffff ? value : this.fail("malformed");
  }

  /** Of the varint at `at`, without passing over it; 0 and a fault where there is none. */
  #varintLength(): number {
    const { bytes, end, at } = this;
    for (let length = 1; at + length <= end; length += 1) {
      if ((bytes[at + length - 1] as number) < 128) return length;
      if (length === LONGEST_VARINT) return this.fail("malformed");
    }
    return this.fail("truncated");
  }

  /** Of the ten bytes at `at`, whose highest bit of 64 is set. */
  #negative(): number {
    // Counted up from the complement, whose sum is exact wherever the value itself is.
    let complement = 0;
    let scale = 1;
    for (let index = 0; index < LONGEST_VARINT - 1; index += 1) {
      complement += (127 - ((this.bytes[this.at + index] as number) & 127)) * scale;
      scale *= 128;
    }
    this.at += LONGEST_VARINT;
    return -complement - 1;
  }
}

/** UTF-8, with U+FFFD where it is none. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return start === end
    ? ""
    : Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}
