import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import {
  ANSWERS,
  HISTORY_REQUESTS,
  messageNameOf,
  ORDER_REQUESTS,
} from "../../shared/brokers/ctrader/protocol/names.ts";
import { PAYLOAD_TYPES } from "../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { GENERATED_FILE, generateTypes, PROTO_FILE } from "./ctrader-types.ts";

const PROTO = readFileSync(PROTO_FILE, "utf8");
const { root } = protobuf.parse(PROTO, { keepCase: true });
root.resolveAll();
const MESSAGES = root.nestedArray.filter((one) => one instanceof protobuf.Type);
const ENUMS = root.nestedArray.filter((one) => one instanceof protobuf.Enum);
const NAMES = Object.keys(PAYLOAD_TYPES);

test("the types are what the .proto gives (else: npm run generate:ctrader)", () => {
  expect(readFileSync(GENERATED_FILE, "utf8")).toBe(generateTypes(PROTO));
});

test("a message becomes an interface without its inner payload type, an enum a union of its names", () => {
  const text = generateTypes(`
    syntax = "proto2";
    enum ProtoOAPayloadType { PROTO_OA_ONE = 2100; }
    enum Side { BUY = 1; SELL = 2; }
    message One {
      optional ProtoOAPayloadType payloadType = 1 [default = PROTO_OA_ONE];
      required int64 id = 2;
      optional Side side = 3;
      repeated Part part = 4;
    }
    message Part { optional bytes raw = 1; }`);

  expect(text).toContain('export type Side = "BUY" | "SELL";');
  expect(text).toContain(
    "export interface One {\n  readonly id: number;\n  readonly side?: Side;\n  readonly part: readonly Part[];\n}",
  );
  expect(text).toContain("export interface Part {\n  readonly raw?: Uint8Array;\n}");
  expect(text).toContain("export const PAYLOAD_TYPES = {\n  One: 2100,\n} as const;");
});

test("a message whose payload type has no number is refused", () => {
  const text = `
    syntax = "proto2";
    enum ProtoOAPayloadType { PROTO_OA_ONE = 2100; }
    message One { optional ProtoOAPayloadType payloadType = 1 [default = PROTO_OA_TWO]; }`;

  expect(() => generateTypes(text)).toThrow("PROTO_OA_TWO");
});

test("the protocol has its 96 messages with a number, its parts, and no number twice", () => {
  const numbers = Object.values(PAYLOAD_TYPES);

  expect(numbers).toHaveLength(96);
  expect(new Set(numbers).size).toBe(96);
  expect(MESSAGES).toHaveLength(96 + 1 + 27);
  expect(numbers.filter((one) => one !== 50 && one !== 51).every((one) => one >= 2100 && one <= 2193)).toBe(
    true,
  );
});

test("every number of the broker's list belongs to one message, and no message has another", () => {
  const listed = Object.values(root.lookupEnum("ProtoOAPayloadType").values);

  expect(new Set([...listed, 50, 51])).toEqual(new Set(Object.values(PAYLOAD_TYPES)));
});

test("every request is an order, or has the one answer that belongs to it", () => {
  const requests = NAMES.filter((name) => name.endsWith("Req"));
  const isOrder = (name: string): boolean => (ORDER_REQUESTS as readonly string[]).includes(name);

  expect(new Set([...Object.keys(ANSWERS), ...ORDER_REQUESTS])).toEqual(new Set(requests));
  for (const [request, answer] of Object.entries(ANSWERS))
    expect(answer).toBe(request.replace(/Req$/, "Res"));
  for (const request of HISTORY_REQUESTS) expect(Object.keys(ANSWERS)).toContain(request);
  expect(requests.filter(isOrder)).toHaveLength(5);
});

test("every answer is asked for by one request, but for the two errors", () => {
  const answers = NAMES.filter((name) => name.endsWith("Res"));
  const errors = ["ProtoErrorRes", "ProtoOAErrorRes"];

  expect(new Set([...Object.values(ANSWERS), ...errors])).toEqual(new Set(answers));
  expect(new Set(Object.values(ANSWERS)).size).toBe(Object.keys(ANSWERS).length);
});

test("a number leads to its message, and an unknown one to none", () => {
  expect(messageNameOf(2131)).toBe("ProtoOASpotEvent");
  expect(messageNameOf(2165)).toBe("ProtoOASubscribeLiveTrendbarRes");
  expect(messageNameOf(5)).toBeUndefined();
  expect(messageNameOf(2999)).toBeUndefined();
});

test.each([
  ["an order error has the account in field 5", "ProtoOAOrderErrorEvent", "ctidTraderAccountId", 5],
  ["an order error has the position in field 6", "ProtoOAOrderErrorEvent", "positionId", 6],
  ["an interval begins at field 3", "ProtoOAInterval", "startSecond", 3],
  ["a bar begins at field 3", "ProtoOATrendbar", "volume", 3],
  [
    "a lost token names its accounts in field 2",
    "ProtoOAAccountsTokenInvalidatedEvent",
    "ctidTraderAccountIds",
    2,
  ],
  ["margin calls are listed in field 2", "ProtoOAMarginCallListRes", "marginCall", 2],
  ["an error has its wait in field 6", "ProtoOAErrorRes", "retryAfter", 6],
])("oddity: %s", (_, message, field, id) => {
  expect(root.lookupType(message).fields[field]?.id).toBe(id);
});

test.each([
  ["changing a position's levels", "ProtoOAAmendPositionSLTPReq", 6],
  ["an order", "ProtoOAOrder", 5],
  ["a depth quote", "ProtoOADepthQuote", 2],
  ["a bar", "ProtoOATrendbar", 1],
  ["an interval", "ProtoOAInterval", 2],
])("oddity: %s has no field %s %i", (_, message, id) => {
  expect(root.lookupType(message).fieldsById[id]).toBeUndefined();
});

test.each([
  ["ProtoOAMarginChangedEvent", "positionId"],
  ["ProtoOADepthEvent", "symbolId"],
  ["ProtoOACtidTraderAccount", "ctidTraderAccountId"],
])("oddity: %s.%s has no sign", (message, field) => {
  expect(root.lookupType(message).fields[field]?.type).toBe("uint64");
});

test.each([
  ["ProtoOANewOrderReq", "GOOD_TILL_CANCEL"],
  ["ProtoOAOrder", "IMMEDIATE_OR_CANCEL"],
])("oddity: the time in force that %s would have by default is %s", (message, name) => {
  expect(root.lookupType(message).fields.timeInForce?.options?.default).toBe(name);
});

test("field 1 of every numbered message is its optional payload type, with that number by default", () => {
  for (const [name, number] of Object.entries(PAYLOAD_TYPES)) {
    const field = root.lookupType(name).fieldsById[1];
    const values = field?.resolvedType instanceof protobuf.Enum ? field.resolvedType.values : {};
    expect(field, name).toMatchObject({ name: "payloadType", required: false, repeated: false });
    expect(values[String(field?.options?.default)], name).toBe(number);
  }
});

test("only the deleted quotes of the depth are packed, and everything is proto2", () => {
  const lists = MESSAGES.flatMap((type) => type.fieldsArray).filter((one) => one.repeated && one.packed);

  expect(lists.map((one) => one.fullName)).toEqual([".ProtoOADepthEvent.deletedQuotes"]);
  expect(PROTO).toContain('syntax = "proto2";');
  expect(ENUMS.length).toBeGreaterThan(25);
});
