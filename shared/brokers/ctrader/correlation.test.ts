import { expect, test } from "vitest";
import type { Entry } from "./call.ts";
import { Correlation, ORDERS_REMEMBERED } from "./correlation.ts";
import { OrderCall } from "./order-call.ts";

const guard = <T>(_listener: string, run: () => T): T => run();
const watcher = { mayLeave: () => true, left() {}, event() {}, refused() {}, ended() {} };

function anEntry(clientMsgId: string): Entry {
  const body = { ctidTraderAccountId: 1, orderId: 7 };
  const call = new OrderCall("ProtoOACancelOrderReq", body, watcher, guard);
  const { lane, payloadType } = call;
  const open = { deadline: undefined, sentAt: undefined, cancelTimeout: undefined };
  return { call, lane, payloadType, clientMsgId, frame: new Uint8Array(), ...open };
}

/** Answered, as by its first event. */
function answer({ call }: Entry): void {
  const body = { ctidTraderAccountId: 1, executionType: "ORDER_ACCEPTED" } as const;
  call.take({ name: "ProtoOAExecutionEvent", body, clientMsgId: undefined });
}

test("a call is found by its latest id only, until it is settled", () => {
  const calls = new Correlation();
  const entry = anEntry("a");
  calls.add(entry);

  calls.rename(entry, "b");

  expect(calls.find("a")).toBeUndefined();
  expect(calls.find("b")).toBe(entry);
  expect(calls.find(undefined)).toBeUndefined();
  expect(calls.unsettled()).toEqual([entry]);
  entry.call.ended("not-sent", "reset");
  calls.note(entry);
  expect(calls.find("b")).toBeUndefined();
  expect(calls.unsettled()).toEqual([]);
});

test("an answered order is still heard, until ten thousand younger ones are answered", () => {
  const calls = new Correlation();
  const entries = Array.from({ length: ORDERS_REMEMBERED + 1 }, (_value, n) => anEntry(`${n}`));
  for (const entry of entries) {
    calls.add(entry);
    calls.note(entry);
  }
  expect(calls.unsettled()).toHaveLength(ORDERS_REMEMBERED + 1);

  for (const entry of entries) {
    answer(entry);
    calls.note(entry);
  }

  expect(calls.unsettled()).toEqual([]);
  expect(calls.find("0")).toBeUndefined();
  expect(calls.find("1")).toBe(entries[1]);
});
