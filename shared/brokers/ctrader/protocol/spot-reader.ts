/** Reads a ProtoOASpotEvent, the message that comes thousands of times a second, into one object. */
import type { SpotReading } from "../channel.ts";
import { DELIMITED, type UnreadableReason, VARINT, WireCursor } from "./wire.ts";

const PAYLOAD_TYPE_TAG = (1 << 3) | VARINT;
const ACCOUNT_TAG = (2 << 3) | VARINT;
const SYMBOL_TAG = (3 << 3) | VARINT;
const BID_TAG = (4 << 3) | VARINT;
const ASK_TAG = (5 << 3) | VARINT;
const TRENDBAR_TAG = (6 << 3) | DELIMITED;
const SESSION_CLOSE_TAG = (7 << 3) | VARINT;
const TIMESTAMP_TAG = (8 << 3) | VARINT;
const LAST_FIELD = 8;

/** A reading to be filled. */
export function emptySpotReading(): SpotReading {
  return { symbolId: 0, bid: 0, ask: 0, timestamp: 0, hasMore: false };
}

/** Bytes of a varint before its value needs a second half, and the most that are read at full speed. */
const LOW_BITS = 28;
const MOST_BITS = 49;

/** Fills `reading` from the payload between `start` and `end`; where it gives a reason, `reading` means nothing. */
export function readSpot(
  bytes: Uint8Array,
  start: number,
  end: number,
  reading: SpotReading,
): UnreadableReason | undefined {
  reading.symbolId = reading.bid = reading.ask = reading.timestamp = 0;
  reading.hasMore = false;
  let hasAccount = false;
  let hasSymbol = false;
  for (let at = start; at < end; ) {
    const tag = bytes[at++] as number;
    let low = 0;
    let high = 0;
    for (let bits = 0; ; bits += 7) {
      // Whatever is not plain is read again from the start, with care.
      if (at >= end || bits >= MOST_BITS) return readSpotWithCare(bytes, start, end, reading);
      const byte = bytes[at++] as number;
      if (bits < LOW_BITS) low |= (byte & 127) << bits;
      else high |= (byte & 127) << (bits - LOW_BITS);
      if (byte < 128) break;
    }
    const value = low + high * 2 ** LOW_BITS;
    if (tag === BID_TAG) reading.bid = value;
    else if (tag === ASK_TAG) reading.ask = value;
    else if (tag === SYMBOL_TAG) {
      reading.symbolId = value;
      hasSymbol = true;
    } else if (tag === TIMESTAMP_TAG) reading.timestamp = value;
    else if (tag === ACCOUNT_TAG) hasAccount = true;
    else if (tag !== PAYLOAD_TYPE_TAG || high > 0) return readSpotWithCare(bytes, start, end, reading);
  }
  return hasAccount && hasSymbol ? undefined : "missing-field";
}

const cursor = new WireCursor();

/** The same for every payload there can be: other fields, other wire types, numbers of any length. */
function readSpotWithCare(
  bytes: Uint8Array,
  start: number,
  end: number,
  reading: SpotReading,
): UnreadableReason | undefined {
  let hasAccount = false;
  let hasSymbol = false;
  reading.symbolId = reading.bid = reading.ask = reading.timestamp = 0;
  reading.hasMore = false;
  cursor.open(bytes, start, end);
  while (cursor.at < end) {
    const tag = cursor.tag();
    switch (tag) {
      case ACCOUNT_TAG:
        cursor.int64();
        hasAccount = true;
        break;
      case SYMBOL_TAG:
        reading.symbolId = cursor.int64();
        hasSymbol = true;
        break;
      case BID_TAG:
        reading.bid = cursor.uint64();
        break;
      case ASK_TAG:
        reading.ask = cursor.uint64();
        break;
      case TIMESTAMP_TAG:
        reading.timestamp = cursor.int64();
        break;
      case TRENDBAR_TAG:
        reading.hasMore = true;
        cursor.skip(tag);
        break;
      case SESSION_CLOSE_TAG:
        reading.hasMore = true;
        cursor.uint64();
        break;
      case PAYLOAD_TYPE_TAG:
        cursor.int32();
        break;
      default:
        if (tag >>> 3 <= LAST_FIELD) cursor.fail("malformed");
        else cursor.skip(tag);
    }
  }
  cursor.release();
  return cursor.fault ?? (hasAccount && hasSymbol ? undefined : "missing-field");
}
