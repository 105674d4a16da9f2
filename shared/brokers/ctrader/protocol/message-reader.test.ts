import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame } from "./frames.ts";
import { createMessageReader, encodeRequest, type MessageHandlers } from "./message-reader.ts";
import { PAYLOAD_TYPES } from "./open-api.generated.ts";

const CAP = 4_096;
/** Symbols of the good frames among the bad: beyond what damage makes of another's. */
const FIRST_GOOD = 2 ** 52;
const HEARTBEAT = encodeRequest("ProtoHeartbeatEvent", {});

/** What a reader hands on, as plain values. */
function aRecord() {
  const log: unknown[] = [];
  const handlers: MessageHandlers = {
    spot: (reading) => log.push({ spot: { ...reading } }),
    heartbeat: () => log.push("heartbeat"),
    message: ({ name, body, clientMsgId }) => log.push({ name, body, clientMsgId }),
    unknown: (frame) => log.push({ unknown: frame }),
    unreadable: (frame) => log.push({ unreadable: frame }),
    tooLong: (length) => log.push({ tooLong: length }),
  };
  return { log, handlers };
}

test("an answer, an order's event, a heartbeat and a spot each come by their own handler", () => {
  const { log, handlers } = aRecord();
  const execution = { ctidTraderAccountId: 1, executionType: "ORDER_ACCEPTED" } as const;
  const reader = createMessageReader(handlers);

  reader.push(encodeRequest("ProtoOAVersionRes", { version: "91" }, "v1"));
  reader.push(encodeRequest("ProtoOAExecutionEvent", execution, "o1"));
  reader.push(HEARTBEAT);
  reader.push(spot(5));

  expect(log).toEqual([
    { name: "ProtoOAVersionRes", body: { version: "91" }, clientMsgId: "v1" },
    { name: "ProtoOAExecutionEvent", body: execution, clientMsgId: "o1" },
    "heartbeat",
    { spot: { symbolId: 5, bid: 111_968, ask: 0, timestamp: 0, hasMore: false } },
  ]);
});

test("a spot with bars comes as a price first, then whole", () => {
  const { log, handlers } = aRecord();
  const body = { ctidTraderAccountId: 1, symbolId: 5, bid: 7, trendbar: [{ volume: 3 }] };

  createMessageReader(handlers).push(encodeRequest("ProtoOASpotEvent", body));

  expect(log).toEqual([
    { spot: { symbolId: 5, bid: 7, ask: 0, timestamp: 0, hasMore: true } },
    { name: "ProtoOASpotEvent", body, clientMsgId: undefined },
  ]);
});

test("a spot whose bars cannot be read is unreadable as a whole", () => {
  const { log, handlers } = aRecord();
  const payload = Uint8Array.from([0x10, 1, 0x18, 5, 0x20, 7, 0x32, 0]);

  createMessageReader(handlers).push(encodeFrame(PAYLOAD_TYPES.ProtoOASpotEvent, payload));

  expect(log).toEqual([
    { unreadable: { payloadType: 2131, clientMsgId: undefined, reason: "missing-field" } },
  ]);
});

test("a number that this build does not know is told with its request's id", () => {
  const { log, handlers } = aRecord();

  createMessageReader(handlers).push(encodeFrame(2999, Uint8Array.from([1]), "n1"));

  expect(log).toEqual([{ unknown: { payloadType: 2999, clientMsgId: "n1" } }]);
});

test("an answer that cannot be read is told with its request's id, so that the call can be settled", () => {
  const { log, handlers } = aRecord();

  createMessageReader(handlers).push(encodeFrame(PAYLOAD_TYPES.ProtoOATraderRes, Uint8Array.from([]), "t1"));

  expect(log).toEqual([{ unreadable: { payloadType: 2122, clientMsgId: "t1", reason: "missing-field" } }]);
});

test.each([
  [
    "the envelope's parts in another order",
    "1a0161 1200 08b510",
    { name: "ProtoOAApplicationAuthRes", body: {}, clientMsgId: "a" },
  ],
  [
    "fields in the envelope that nobody knows",
    "2001 08b510 2a0101 310000000000000000 3b0800 3c 4500000000",
    { name: "ProtoOAApplicationAuthRes", body: {}, clientMsgId: undefined },
  ],
  ["an empty id", "08b510 1a00", { name: "ProtoOAApplicationAuthRes", body: {}, clientMsgId: undefined }],
  [
    "no payload type",
    "1200 1a0161",
    { unreadable: { payloadType: undefined, clientMsgId: "a", reason: "missing-field" } },
  ],
  [
    "an empty envelope",
    "",
    { unreadable: { payloadType: undefined, clientMsgId: undefined, reason: "missing-field" } },
  ],
  [
    "a payload longer than the frame",
    "08b510 1205 00",
    { unreadable: { payloadType: 2101, clientMsgId: undefined, reason: "truncated" } },
  ],
  [
    "a payload one byte longer than the frame",
    "08b510 1202 00",
    { unreadable: { payloadType: 2101, clientMsgId: undefined, reason: "truncated" } },
  ],
  [
    "an id one byte longer than the frame",
    "08b510 1a02 61",
    { unreadable: { payloadType: 2101, clientMsgId: undefined, reason: "truncated" } },
  ],
  [
    "a varint without an end",
    "08ffffffffffffffffffffff",
    { unreadable: { payloadType: undefined, clientMsgId: undefined, reason: "malformed" } },
  ],
  [
    "a text as payload type",
    "0a0161",
    { unreadable: { payloadType: undefined, clientMsgId: undefined, reason: "malformed" } },
  ],
])("an envelope with %s", (_, hex, expected) => {
  const { log, handlers } = aRecord();
  const envelope = Buffer.from(hex.replaceAll(" ", ""), "hex");

  createMessageReader(handlers).push(Buffer.concat([length(envelope.length), envelope]));

  expect(log).toEqual([expected]);
});

test("a handler that throws costs the others nothing: the rest is read, then the first error comes out", () => {
  const { log, handlers } = aRecord();
  let beats = 0;
  const reader = createMessageReader({
    ...handlers,
    heartbeat() {
      beats += 1;
      throw new Error(`beat ${beats}`);
    },
  });
  const chunk = Buffer.concat([HEARTBEAT, spot(1), HEARTBEAT, spot(2)]);

  expect(() => {
    reader.push(chunk.subarray(0, chunk.length - 3));
  }).toThrow("beat 1");
  reader.push(chunk.subarray(chunk.length - 3));

  expect(beats).toBe(2);
  expect(log).toHaveLength(2);
});

test("bytes pushed from within a handler are read when it is their turn", () => {
  const { log, handlers } = aRecord();
  const reader = createMessageReader({
    ...handlers,
    heartbeat() {
      log.push("heartbeat");
      reader.push(spot(3));
    },
  });

  reader.push(Buffer.concat([HEARTBEAT, spot(1), spot(2)]));

  expect(log.map((one) => (one as { spot?: { symbolId: number } }).spot?.symbolId ?? one)).toEqual([
    "heartbeat",
    1,
    2,
    3,
  ]);
});

test("after stop nothing comes, not even the rest of the chunk", () => {
  const { log, handlers } = aRecord();
  const reader = createMessageReader({
    ...handlers,
    heartbeat() {
      log.push("heartbeat");
      reader.stop();
    },
  });

  reader.push(Buffer.concat([HEARTBEAT, spot(1)]));
  reader.push(spot(2));

  expect(log).toEqual(["heartbeat"]);
});

test("bad frames of every kind, in any pieces: nothing is thrown, and each good frame between is delivered", () => {
  const good = fc.constant({ isGood: true, bytes: new Uint8Array() });
  const sound = fc.constantFrom(
    spot(9_999_999),
    encodeRequest("ProtoOAVersionRes", { version: "91" }, "v1"),
    encodeRequest("ProtoOATraderReq", { ctidTraderAccountId: 7 }),
    encodeRequest("ProtoOAExecutionEvent", { ctidTraderAccountId: 1, executionType: "SWAP" }, "o1"),
  );
  const random = fc.uint8Array({ maxLength: 60 });
  const anyType = fc.constantFrom(...Object.values(PAYLOAD_TYPES));
  const damaged = fc
    .tuple(sound, fc.nat(), fc.nat(255))
    .map(([frame, at, value]) =>
      frame.slice(4).fill(value, at % (frame.length - 4), (at % (frame.length - 4)) + 1),
    );
  const truncated = fc
    .tuple(sound, fc.nat())
    .map(([frame, at]) => frame.slice(4, 4 + (at % (frame.length - 4))));
  const anyPayload = fc.tuple(anyType, random).map(([type, bytes]) => encodeFrame(type, bytes).slice(4));
  const bad = fc
    .oneof(random, damaged, truncated, anyPayload)
    .map((body) => ({ isGood: false, bytes: Buffer.concat([length(body.length), body]) }));
  const stream = fc.array(fc.oneof(good, bad), { maxLength: 8 });
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 });

  fc.assert(
    fc.property(stream, sizes, (frames, pieces) => {
      const { log, handlers } = aRecord();
      const reader = createMessageReader(handlers, { maxFrameBytes: CAP });
      const wanted = frames.flatMap(({ isGood }, index) => (isGood ? [FIRST_GOOD + index] : []));
      const all = frames.map(({ isGood, bytes }, index) => (isGood ? spot(FIRST_GOOD + index) : bytes));

      for (const chunk of cut(Buffer.concat(all), pieces)) {
        reader.push(chunk);
        expect(reader.heldBytes()).toBeLessThanOrEqual(1_024);
      }

      expect(spotsOf(log).filter((one) => one >= FIRST_GOOD)).toEqual(wanted);
      expect(log.length).toBeGreaterThanOrEqual(frames.length);
      expect(reader.heldBytes()).toBe(0);
    }),
    { numRuns: 10_000 },
  );
}, 60_000);

test("a stream of anything at all: nothing is thrown, and no more is held than the cap", () => {
  const anything = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat({ max: 2 ** 32 - 1 }).map((size) => length(size)),
      fc.nat({ max: 2 * CAP }).map((size) => length(size)),
      fc.constant(HEARTBEAT),
    ),
    { maxLength: 12 },
  );

  fc.assert(
    fc.property(anything, (chunks) => {
      const { log, handlers } = aRecord();
      const reader = createMessageReader(handlers, { maxFrameBytes: CAP });
      for (const chunk of chunks) {
        reader.push(chunk);
        expect(reader.heldBytes()).toBeLessThanOrEqual(CAP + 4);
      }
      const told = log.filter((one) => typeof one === "object" && one !== null && "tooLong" in one);
      expect(told.length).toBeLessThanOrEqual(1);
      if (told.length > 0) expect(log.at(-1)).toBe(told[0]);
    }),
    { numRuns: 5_000 },
  );
}, 60_000);

function spot(symbolId: number): Uint8Array {
  return encodeRequest("ProtoOASpotEvent", { ctidTraderAccountId: 1, symbolId, bid: 111_968, trendbar: [] });
}

function length(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function cut(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[chunks.length % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function spotsOf(log: readonly unknown[]): readonly number[] {
  return log.map((one) => (one as { spot?: { symbolId: number } }).spot?.symbolId ?? 0);
}
