import { expect, test } from "vitest";
import type { VenueMessage } from "./venue.ts";
import { type Dress, readEnvelope, readPayload, writeEnvelope, writeFrame } from "./wire.ts";

const PLAIN: Dress = { unknownFields: false, innerPayloadType: false };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytesOf = (text: string) => Buffer.from(text, "hex");

/** Messages of the server as they were made with the official schema. */
const GOLDEN: readonly (readonly [string, VenueMessage, string | undefined, string])[] = [
  ["a heartbeat", { name: "ProtoHeartbeatEvent", body: {} }, undefined, "000000020833"],
  [
    "an application's authorisation",
    { name: "ProtoOAApplicationAuthRes", body: {} },
    "a1",
    "0000000908b51012001a026131",
  ],
  [
    "an account authorised twice",
    {
      name: "ProtoOAErrorRes",
      body: {
        ctidTraderAccountId: 1_000_001,
        errorCode: "ALREADY_LOGGED_IN",
        description: "Trading account is already authorized in this channel",
      },
    },
    "x",
    "0000005608de10124e10c1843d1a11414c52454144595f4c4f474745445f494e223554726164696e67206163636f756e7420697320616c726561647920617574686f72697a656420696e2074686973206368616e6e656c1a0178",
  ],
  [
    "an order that is unknown",
    {
      name: "ProtoOAOrderErrorEvent",
      body: {
        errorCode: "ORDER_NOT_FOUND",
        orderId: 7,
        ctidTraderAccountId: 1_000_001,
        description: "Order not found with id 7",
      },
    },
    "x",
    "0000003a08d4101232120f4f524445525f4e4f545f464f554e44180728c1843d3a194f72646572206e6f7420666f756e64207769746820696420371a0178",
  ],
  [
    "bars, with an explicit zero",
    {
      name: "ProtoOAGetTrendbarsRes",
      body: {
        ctidTraderAccountId: 1_000_001,
        period: "H1",
        trendbar: [
          {
            volume: 10,
            low: 111_900,
            deltaOpen: 50,
            deltaClose: 0,
            deltaHigh: 120,
            utcTimestampInMinutes: 29_333_333,
          },
        ],
        symbolId: 1,
        hasMore: false,
      },
    },
    undefined,
    "0000002208da10121d10c1843d18092a11180a289cea0630323800407848d5aefe0d30013800",
  ],
];

test.each(GOLDEN)(
  "%s is written byte for byte as the official schema writes it",
  (_, message, clientMsgId, expected) => {
    expect(hex(writeFrame(message, clientMsgId, PLAIN))).toBe(expected);
  },
);

test.each([
  ["both sides of a price", "0000001a08d310121510c1843d180120e0ea0628e2ea0640d8d8babbc82e"],
  ["one side of a price", "0000001608d310121110c1843d180128e3ea0640f1d9babbc82e"],
  ["a changed margin", "0000001008dd10120b10c1843d180520e0082802"],
  [
    "ticks with negative deltas",
    "0000003f08e210123a10c1843d1a0b088080babbc82e10e0ea061a160886feffffffffffffff0110feffffffffffffffff011a0d0898f8ffffffffffffff0110052001",
  ],
])("%s comes out of reading and writing as it went in", (_, golden) => {
  const envelope = readEnvelope(bytesOf(golden).subarray(4));
  const reading = envelope && readPayload(envelope);
  if (reading?.kind !== "message") throw new Error("not read");

  expect(hex(writeFrame(reading.message, envelope?.clientMsgId, PLAIN))).toBe(golden);
});

test("zero and false are written when they are said", () => {
  const body = {
    ctidTraderAccountId: 1_000_001,
    period: "H1",
    trendbar: [{ volume: 10, deltaClose: 0 }],
    hasMore: false,
  } as const;

  const written = hex(writeFrame({ name: "ProtoOAGetTrendbarsRes", body }, undefined, PLAIN));

  // Field 7 of the bar, and field 7 of the answer.
  expect(written).toContain("3800");
  expect(written.endsWith("3800")).toBe(true);
});

test("requests of the official schema are read", () => {
  const market = readEnvelope(
    bytesOf("08ba10121b10c1843d18012001280130a08d0692010263319801c801a001ac021a026f31"),
  );
  const app = readEnvelope(bytesOf("08b4101209120269641a037365631a026131"));
  if (market === undefined || app === undefined) throw new Error("not read");

  expect(market).toMatchObject({ payloadType: 2106, clientMsgId: "o1" });
  expect(readPayload(market)).toEqual({
    kind: "message",
    message: {
      name: "ProtoOANewOrderReq",
      body: {
        ctidTraderAccountId: 1_000_001,
        symbolId: 1,
        orderType: "MARKET",
        tradeSide: "BUY",
        volume: 100_000,
        clientOrderId: "c1",
        relativeStopLoss: 200,
        relativeTakeProfit: 300,
      },
    },
  });
  expect(readPayload(app)).toEqual({
    kind: "message",
    message: { name: "ProtoOAApplicationAuthReq", body: { clientId: "id", clientSecret: "sec" } },
  });
});

test("all missing fields are named, in their order", () => {
  // Account 1 and nothing else.
  const reading = readPayload({ payloadType: 2106, payload: bytesOf("1001") });

  expect(reading).toEqual({
    kind: "missing",
    fields: ["symbolId", "orderType", "tradeSide", "volume"],
  });
});

test("the envelope's number alone picks the class: a wrong one complains of another message's fields", () => {
  // The empty body of a request for the version, under two other numbers.
  const payload = new Uint8Array();

  expect(readPayload({ payloadType: 2102, payload })).toEqual({
    kind: "missing",
    fields: ["ctidTraderAccountId", "accessToken"],
  });
  expect(readPayload({ payloadType: 2173, payload })).toEqual({ kind: "missing", fields: ["refreshToken"] });
});

test("a value that the enum does not have counts as absent", () => {
  // Account 1, symbol 1, orderType 99, BUY, volume 1.
  const reading = readPayload({ payloadType: 2106, payload: bytesOf("1001180120632801" + "3001") });

  expect(reading).toEqual({ kind: "missing", fields: ["orderType"] });
});

test("fields that no schema has are passed over, of every wire type", () => {
  // Version request, then fields 30 (varint), 31 (64 bits), 32 (bytes), 33 (32 bits).
  const odd = `f00101${"f901"}${"00".repeat(8)}${"820201ff"}${"8d02"}${"00".repeat(4)}`;

  expect(readPayload({ payloadType: 2104, payload: bytesOf(odd) })).toMatchObject({ kind: "message" });
});

test("bytes that are no message are corrupt, and a number that nobody has is unknown", () => {
  expect(readEnvelope(bytesOf("ffffffff"))).toBeUndefined();
  expect(readEnvelope(bytesOf("1200"))).toBeUndefined();
  expect(readPayload({ payloadType: 2106, payload: bytesOf("12ff") })).toEqual({ kind: "corrupt" });
  expect(readPayload({ payloadType: 4_711, payload: bytesOf("") })).toEqual({ kind: "unknown-type" });
});

test("in strict reality a symbol, a trader, a deal and an answer to a subscription carry what nobody published", () => {
  const strict: Dress = { unknownFields: true, innerPayloadType: false };
  const symbol = { symbolId: 1, digits: 5, pipPosition: 4, schedule: [], holiday: [] } as const;
  const message = {
    name: "ProtoOASymbolByIdRes",
    body: { ctidTraderAccountId: 1, symbol: [symbol], archivedSymbol: [] },
  } as const;

  const dressed = hex(writeFrame(message, undefined, strict));
  const plain = hex(writeFrame(message, undefined, PLAIN));
  const spots = { name: "ProtoOASubscribeSpotsRes", body: { ctidTraderAccountId: 1 } } as const;

  // Field 41, a varint of 1.
  expect(dressed).toContain("c80201");
  expect(plain).not.toContain("c80201");
  expect(writeFrame(spots, undefined, strict).length).toBeGreaterThan(
    writeFrame(spots, undefined, PLAIN).length,
  );
});

test("the number stands inside too when it is switched on", () => {
  const message = { name: "ProtoOAVersionRes", body: { version: "91" } } as const;

  const inner = hex(writeFrame(message, undefined, { unknownFields: false, innerPayloadType: true }));

  expect(inner).toContain("08b910");
  expect(readPayload({ payloadType: 2105, payload: bytesOf("08b910120239 31".replace(" ", "")) })).toEqual({
    kind: "message",
    message,
  });
});

test("a message of the simulator's own that lacks a required field is a bug, and is not sent", () => {
  const message = { name: "ProtoOAVersionRes", body: {} } as unknown as VenueMessage;

  expect(() => writeFrame(message, undefined, PLAIN)).toThrow("ProtoOAVersionRes lacks version");
});

test("an envelope without anything but a number is the smallest frame", () => {
  const frame = writeEnvelope({ payloadType: 51, payload: new Uint8Array(), clientMsgId: undefined });

  expect(hex(frame)).toBe("000000020833");
});
