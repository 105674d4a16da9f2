import { expect, test } from "vitest";
import { HEDGED, marketOrder, openRig, refusalsOf } from "./testing/venue-rig.ts";

test("a cancel that comes after the fill is an event, or by the switch an error", async () => {
  for (const lateCancelIsEvent of [true, false]) {
    const rig = openRig({ faults: { unsure: { lateCancelIsEvent } } });
    const seat = rig.sit(HEDGED);
    seat.ask("ProtoOANewOrderReq", marketOrder());
    const orderId = seat.events()[0]!.order!.orderId;
    await rig.pass(300);

    seat.ask("ProtoOACancelOrderReq", { orderId });

    const last = seat.heard.at(-1)?.message;
    if (lateCancelIsEvent) {
      expect(last?.body).toMatchObject({ executionType: "ORDER_CANCEL_REJECTED", order: { orderId } });
    } else
      expect(last).toMatchObject({ name: "ProtoOAOrderErrorEvent", body: { errorCode: "ORDER_NOT_FOUND" } });
  }
});

test.each([
  ["order-error", "ProtoOAOrderErrorEvent"],
  ["error-answer", "ProtoOAErrorRes"],
  ["execution-event", "ProtoOAExecutionEvent"],
] as const)("the switch carries every refusal of an order by %s", (refusalsBy, name) => {
  const seat = openRig({ faults: { unsure: { refusalsBy } } }).sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 1 }));
  seat.ask("ProtoOANewOrderReq", marketOrder({ stopLoss: 1 }));

  expect(refusalsOf(seat)).toMatchObject([
    { name, errorCode: "TRADING_BAD_VOLUME" },
    { name, errorCode: "INVALID_REQUEST" },
  ]);
});

test("an order sent twice with one clientOrderId is done twice, and counted", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder({ clientOrderId: "again" }));
  seat.ask("ProtoOANewOrderReq", marketOrder({ clientOrderId: "again" }));
  await rig.pass(300);

  expect(rig.venue.truth(HEDGED)).toMatchObject({ received: { again: 2 }, deals: [{}, {}] });
});

test("faults: an order is lost, done in silence, or rejected within an event", async () => {
  const share = async (faults: object) => {
    const rig = openRig({ faults });
    const [own, other] = [rig.sit(HEDGED), rig.sit(HEDGED)];
    own.ask("ProtoOANewOrderReq", marketOrder({ clientOrderId: "f", relativeStopLoss: 300 }));
    await rig.pass(300);
    return { own: own.events(), other: other.events(), truth: rig.venue.truth(HEDGED) };
  };

  const lost = await share({ lostOrderShare: 1 });
  const silent = await share({ silentOrderShare: 1 });
  const rejected = await share({ rejectedOrderShare: 1 });

  expect(lost).toMatchObject({ own: [], other: [], truth: { orders: [], received: { f: 1 } } });
  expect(silent.own).toEqual([]);
  expect(silent.other).toHaveLength(3);
  expect(silent.truth.deals).toHaveLength(1);
  expect(rejected.own).toMatchObject([
    { executionType: "ORDER_REJECTED", errorCode: "TRADING_DISABLED", order: { clientOrderId: "f" } },
  ]);
  expect(rejected.truth).toMatchObject({ deals: [], positions: [] });
});
