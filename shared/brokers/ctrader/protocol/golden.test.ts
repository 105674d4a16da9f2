import { expect, test } from "vitest";
import type { ChannelEvent, SpotReading } from "../channel.ts";
import { createMessageReader, encodeRequest } from "./message-reader.ts";
import type { MessageName } from "./names.ts";
import type { Messages } from "./open-api.generated.ts";

/** Frames that the broker's own schema gave, as published; bytes and meaning. */
const GOLDEN = [
  golden("2100 application, no inner payload type", "0000001208b4101209120269641a037365631a026131", {
    name: "ProtoOAApplicationAuthReq",
    body: { clientId: "id", clientSecret: "sec" },
    clientMsgId: "a1",
  }),
  golden("2101 answer with an empty payload", "0000000908b51012001a026131", {
    name: "ProtoOAApplicationAuthRes",
    body: {},
    clientMsgId: "a1",
  }),
  golden(
    "2106 market order with relative levels",
    "0000002408ba10121b10c1843d18012001280130a08d0692010263319801c801a001ac021a026f31",
    {
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
      clientMsgId: "o1",
    },
  ),
  golden(
    "2142 error with text",
    "0000005608de10124e10c1843d1a11414c52454144595f4c4f474745445f494e223554726164696e67206163636f756e7420697320616c726561647920617574686f72697a656420696e2074686973206368616e6e656c1a0178",
    {
      name: "ProtoOAErrorRes",
      body: {
        ctidTraderAccountId: 1_000_001,
        errorCode: "ALREADY_LOGGED_IN",
        description: "Trading account is already authorized in this channel",
      },
      clientMsgId: "x",
    },
  ),
  golden(
    "2132 order error, account in field 5",
    "0000003a08d4101232120f4f524445525f4e4f545f464f554e44180728c1843d3a194f72646572206e6f7420666f756e64207769746820696420371a0178",
    {
      name: "ProtoOAOrderErrorEvent",
      body: {
        ctidTraderAccountId: 1_000_001,
        errorCode: "ORDER_NOT_FOUND",
        orderId: 7,
        description: "Order not found with id 7",
      },
      clientMsgId: "x",
    },
  ),
  golden("2141 margin changed", "0000001008dd10120b10c1843d180520e0082802", {
    name: "ProtoOAMarginChangedEvent",
    body: { ctidTraderAccountId: 1_000_001, positionId: 5, usedMargin: 1120, moneyDigits: 2 },
    clientMsgId: undefined,
  }),
  golden(
    "2138 one hourly bar, explicit zeros",
    "0000002208da10121d10c1843d18092a11180a289cea0630323800407848d5aefe0d30013800",
    {
      name: "ProtoOAGetTrendbarsRes",
      body: {
        ctidTraderAccountId: 1_000_001,
        period: "H1",
        symbolId: 1,
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
        hasMore: false,
      },
      clientMsgId: undefined,
    },
  ),
  golden(
    "2146 ticks as differences, negative ones in ten bytes",
    "0000003f08e210123a10c1843d1a0b088080babbc82e10e0ea061a160886feffffffffffffff0110feffffffffffffffff011a0d0898f8ffffffffffffff0110052001",
    {
      name: "ProtoOAGetTickDataRes",
      body: {
        ctidTraderAccountId: 1_000_001,
        tickData: [
          { timestamp: 1_600_000_000_000, tick: 111_968 },
          { timestamp: -250, tick: -2 },
          { timestamp: -1000, tick: 5 },
        ],
        hasMore: true,
      },
      clientMsgId: undefined,
    },
  ),
];

const HEARTBEAT = "000000020833";

test.each(GOLDEN)("$title: decodes", ({ hex, event }) => {
  expect(read(hex)).toEqual([event]);
});

test.each(GOLDEN)("$title: encodes byte for byte", ({ hex, event }) => {
  const frame = encodeRequest(event.name, event.body as Messages[MessageName], event.clientMsgId);

  expect(Buffer.from(frame).toString("hex")).toBe(hex);
});

test.each([
  {
    title: "both sides and a timestamp",
    hex: "0000001a08d310121510c1843d180120e0ea0628e2ea0640d8d8babbc82e",
    reading: { symbolId: 1, bid: 111_968, ask: 111_970, timestamp: 1_600_000_011_352, hasMore: false },
  },
  {
    title: "ask only",
    hex: "0000001608d310121110c1843d180128e3ea0640f1d9babbc82e",
    reading: { symbolId: 1, bid: 0, ask: 111_971, timestamp: 1_600_000_011_505, hasMore: false },
  },
])("2131 spot, $title: decodes, and encodes byte for byte", ({ hex, reading }) => {
  const { symbolId, bid, ask, timestamp } = reading;

  const frame = encodeRequest("ProtoOASpotEvent", {
    ctidTraderAccountId: 1_000_001,
    symbolId,
    ...(bid === 0 ? {} : { bid }),
    ask,
    timestamp,
    trendbar: [],
  });

  expect(read(hex)).toEqual([reading]);
  expect(Buffer.from(frame).toString("hex")).toBe(hex);
});

test("a heartbeat has no payload, and ours is the shortest frame there is", () => {
  expect(read(HEARTBEAT)).toEqual(["heartbeat"]);
  expect(Buffer.from(encodeRequest("ProtoHeartbeatEvent", {})).toString("hex")).toBe(HEARTBEAT);
});

function golden<N extends MessageName>(
  title: string,
  hex: string,
  event: { readonly name: N; readonly body: Messages[N]; readonly clientMsgId: string | undefined },
) {
  return { title, hex, event };
}

function read(hex: string): readonly unknown[] {
  const got: (ChannelEvent | SpotReading | string)[] = [];
  const reader = createMessageReader({
    spot: (reading) => got.push({ ...reading }),
    heartbeat: () => got.push("heartbeat"),
    message: (message) => got.push(message),
    unknown: (frame) => got.push(JSON.stringify(frame)),
    unreadable: (frame) => got.push(JSON.stringify(frame)),
    tooLong: (length) => got.push(`too long: ${length}`),
  });
  reader.push(Buffer.from(hex, "hex"));
  return got;
}
