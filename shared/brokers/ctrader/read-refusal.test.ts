import { expect, test } from "vitest";
import type { ProtoOAExecutionEvent } from "./protocol/open-api.generated.ts";
import { readRefusal } from "./read-refusal.ts";

const AN_EVENT: ProtoOAExecutionEvent = { ctidTraderAccountId: 1, executionType: "ORDER_REJECTED" };
const TRADE_DATA = { symbolId: 1, volume: 100, tradeSide: "BUY" } as const;
const AN_ORDER = {
  orderId: 7,
  tradeData: TRADE_DATA,
  orderType: "LIMIT",
  orderStatus: "ORDER_STATUS_REJECTED",
} as const;

test("50: the error of the door", () => {
  const body = { errorCode: "INVALID_REQUEST", description: "Corrupted frame." };

  expect(readRefusal({ name: "ProtoErrorRes", body }, "read")).toEqual({
    brokerCode: "INVALID_REQUEST",
    description: "Corrupted frame.",
    action: "caller",
  });
});

test("2142: the wait counts seconds on the wire, and milliseconds here", () => {
  const body = { errorCode: "BLOCKED_PAYLOAD_TYPE", retryAfter: 5 };

  expect(readRefusal({ name: "ProtoOAErrorRes", body }, "read")).toEqual({
    brokerCode: "BLOCKED_PAYLOAD_TYPE",
    description: "",
    action: "rate",
    retryAfterMs: 5000,
  });
});

test("2132: the order's and position's numbers are kept, and explicit zeros left out", () => {
  const known = { ctidTraderAccountId: 1, errorCode: "ORDER_NOT_FOUND", orderId: 7, positionId: 0 };
  const nothing = { ctidTraderAccountId: 1, errorCode: "TRADING_BAD_STOPS", orderId: 0, positionId: 0 };

  expect(readRefusal({ name: "ProtoOAOrderErrorEvent", body: known }, "order")).toEqual({
    brokerCode: "ORDER_NOT_FOUND",
    description: "",
    action: "gone",
    orderId: 7,
  });
  expect(readRefusal({ name: "ProtoOAOrderErrorEvent", body: nothing }, "order")).toEqual({
    brokerCode: "TRADING_BAD_STOPS",
    description: "",
    action: "caller",
  });
});

test("2126: an event that names an error is one, with the order that it holds", () => {
  const body = { ...AN_EVENT, errorCode: "NOT_ENOUGH_MONEY", order: { ...AN_ORDER, positionId: 9 } };

  expect(readRefusal({ name: "ProtoOAExecutionEvent", body }, "order")).toEqual({
    brokerCode: "NOT_ENOUGH_MONEY",
    description: "",
    action: "business",
    orderId: 7,
    positionId: 9,
  });
});

test("an event without an error, or with an empty one, is no refusal; neither is an answer", () => {
  expect(readRefusal({ name: "ProtoOAExecutionEvent", body: AN_EVENT }, "order")).toBeUndefined();
  expect(
    readRefusal({ name: "ProtoOAExecutionEvent", body: { ...AN_EVENT, errorCode: "" } }, "order"),
  ).toBeUndefined();
  expect(readRefusal({ name: "ProtoOAVersionRes", body: { version: "91" } }, "read")).toBeUndefined();
});

test.each([
  ["milliseconds", 1_790_000_000_000, 1_790_000_000_000],
  ["seconds", 1_790_000_000, 1_790_000_000_000],
  ["an explicit zero", 0, undefined],
])("the end of a maintenance in %s", (_, maintenanceEndTimestamp, expected) => {
  const body = { errorCode: "SERVER_IS_UNDER_MAINTENANCE", maintenanceEndTimestamp };

  expect(readRefusal({ name: "ProtoOAErrorRes", body }, "read")?.maintenanceEndsAt).toBe(expected);
  expect(readRefusal({ name: "ProtoErrorRes", body }, "read")?.maintenanceEndsAt).toBe(expected);
});

test("a code outside the table is kept as it came, and a long text is cut", () => {
  const body = { errorCode: "BROKER_SPECIAL_7", description: "x".repeat(400) };

  const refusal = readRefusal({ name: "ProtoOAErrorRes", body }, "order");

  expect(refusal).toMatchObject({ brokerCode: "BROKER_SPECIAL_7", action: "unknown" });
  expect(refusal?.description).toHaveLength(300);
});
