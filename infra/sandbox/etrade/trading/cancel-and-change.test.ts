import { afterEach, expect, test } from "vitest";
import { type Rig, startRig } from "../testing/rig.ts";
import { codeOf, requestOf, startTrader, type Ticket, type Trader } from "../testing/trader.ts";

const OPEN = "2026-01-05T16:00:00Z";
const FAR = { priceType: "LIMIT", limitPrice: 100 };

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(faults: object = {}) {
  open = await startRig({ now: OPEN });
  const rig = open;
  const trader = await startTrader(rig);
  const turn = (patch: object) => {
    const result = rig.simulator.setFaults(patch);
    if (!result.ok) throw new Error(JSON.stringify(result.detail));
  };
  turn({ movePrice: { symbol: "AAPL", price: 250, hold: true } });
  turn(faults);
  const pass = (milliseconds: number) => {
    rig.now = rig.now.add({ milliseconds });
  };
  return { rig, trader, turn, pass };
}

function change(trader: Trader, orderId: number, ticket: Ticket) {
  const path = `orders/${orderId}/change`;
  return {
    preview: () =>
      trader.call("PUT", `${path}/preview`, { body: { PreviewOrderRequest: requestOf(ticket) } }),
    place: (PreviewIds: unknown) =>
      trader.call("PUT", `${path}/place`, {
        body: { PlaceOrderRequest: { ...requestOf(ticket), PreviewIds } },
      }),
  };
}

async function changeAll(trader: Trader, orderId: number, ticket: Ticket): Promise<number> {
  const asked = change(trader, orderId, ticket);
  const preview = await asked.preview();
  if (preview.status !== 200) throw new Error(preview.body);
  const placed = await asked.place(JSON.parse(preview.body).PreviewOrderResponse.PreviewIds);
  if (placed.status !== 200) throw new Error(placed.body);
  return JSON.parse(placed.body).PlaceOrderResponse.OrderIds[0].orderId;
}

test("a cancel is taken with 5011, is pending, and done after one to three seconds", async () => {
  const { trader, pass } = await start();
  const orderId = await trader.order({ id: "c1", ...FAR });

  const taken = await trader.cancel(orderId);
  pass(999);
  const pending = await trader.one(orderId);
  const again = await trader.cancel(orderId);
  pass(2_002);
  const done = await trader.one(orderId);

  const answer = JSON.parse(taken.body).CancelOrderResponse;
  expect(answer).toMatchObject({ orderId, Messages: { Message: [{ code: 5011, type: "WARNING" }] } });
  expect([pending.status, done.status]).toEqual(["CANCEL_REQUESTED", "CANCELLED"]);
  expect([again.status, codeOf(again)]).toEqual([400, 5003]);
});

test("an order that is over cannot be cancelled: 5001", async () => {
  const { trader, pass } = await start();
  const filled = await trader.order({ id: "c1", quantity: 1 });
  const cancelled = await trader.order({ id: "c2", ...FAR });
  await trader.cancel(cancelled);
  pass(4_000);

  const answers = [await trader.cancel(filled), await trader.cancel(cancelled)];

  expect(answers.map((one) => [one.status, codeOf(one)])).toEqual([
    [400, 5001],
    [400, 5001],
  ]);
  expect((await trader.one(filled)).status).toBe("EXECUTED");
});

test("an order whose cancel is pending is still filled when the price comes", async () => {
  const { trader, turn, pass } = await start();
  const orderId = await trader.order({ id: "c1", ...FAR });
  pass(1_000);
  await trader.cancel(orderId);

  turn({ movePrice: { symbol: "AAPL", price: 99, hold: true } });
  pass(10_000);

  expect(await trader.one(orderId)).toMatchObject({
    status: "EXECUTED",
    leg: { averageExecutionPrice: 99.01 },
  });
});

test("a cancel for no order number, or a number that is not there, is refused", async () => {
  const { trader } = await start();

  const none = await trader.call("PUT", "orders/cancel", { body: { CancelOrderRequest: {} } });
  const unknown = await trader.cancel(1);

  expect([none, unknown].map(codeOf)).toEqual([9_103, 9_104]);
});

test("a change ends the old order and makes a new one, and each names the other", async () => {
  const { trader } = await start();
  const old = await trader.order({ id: "c1", ...FAR });

  const fresh = await changeAll(trader, old, { id: "c2", ...FAR, limitPrice: 101, quantity: 4 });

  expect(await trader.one(old)).toMatchObject({
    status: "CANCELLED",
    detail: { replacedByOrderId: fresh },
  });
  expect(await trader.one(fresh)).toMatchObject({
    status: "OPEN",
    detail: { replacesOrderId: old, limitPrice: 101 },
    leg: { orderedQuantity: 4 },
  });
});

test("a changed stop needs no second set of shares", async () => {
  const { trader } = await start();
  const stop = { action: "SELL", priceType: "STOP", quantity: 40 };
  const old = await trader.order({ id: "c1", ...stop, stopPrice: 240 });

  const fresh = await changeAll(trader, old, { id: "c2", ...stop, stopPrice: 245 });
  const third = await trader.preview({ id: "c3", ...stop, stopPrice: 245, quantity: 1 });

  expect((await trader.one(fresh)).detail.stopPrice).toBe(245);
  expect(codeOf(third)).toBe(1037);
});

test("a preview of a change is good for that order's change only", async () => {
  const { trader } = await start();
  const [one, two] = [await trader.order({ id: "c1", ...FAR }), await trader.order({ id: "c2", ...FAR })];
  const ticket = { id: "c3", ...FAR, limitPrice: 102 };
  const preview = await change(trader, one, ticket).preview();
  const ids = JSON.parse(preview.body).PreviewOrderResponse.PreviewIds;

  const other = await change(trader, two, ticket).place(ids);
  const asNew = await trader.place(ticket, ids);
  const right = await change(trader, one, ticket).place(ids);

  expect([codeOf(other), codeOf(asNew), right.status]).toEqual([101, 101, 200]);
});

test("an order that is over, pending or unknown cannot be changed", async () => {
  const { trader, pass } = await start();
  const filled = await trader.order({ id: "c1", quantity: 1 });
  const pending = await trader.order({ id: "c2", ...FAR });
  pass(1_000);
  await trader.cancel(pending);

  const answers = [];
  for (const id of [filled, pending, 1]) {
    answers.push(await change(trader, id, { id: "c3", ...FAR }).preview());
  }

  expect(answers.map(codeOf)).toEqual([5001, 5003, 9_104]);
});

test("an order that was filled between preview and place of its change is not changed", async () => {
  const { trader, turn, pass } = await start();
  const orderId = await trader.order({ id: "c1", ...FAR });
  const ticket = { id: "c2", ...FAR, limitPrice: 101 };
  const preview = await change(trader, orderId, ticket).preview();
  turn({ movePrice: { symbol: "AAPL", price: 90, hold: true } });
  pass(1_000);

  const placed = await change(trader, orderId, ticket).place(
    JSON.parse(preview.body).PreviewOrderResponse.PreviewIds,
  );

  expect([placed.status, codeOf(placed)]).toEqual([400, 5001]);
  expect(await trader.list()).toHaveLength(1);
});

test("details tell what happened to an order, in order", async () => {
  const { trader, pass } = await start();
  const orderId = await trader.order({ id: "c1", ...FAR });
  pass(1_000);
  await trader.cancel(orderId);
  pass(4_000);

  const answer = JSON.parse((await trader.call("GET", `orders/${orderId}`)).body);

  const [order] = answer.OrdersResponse.Order;
  expect(order.Events.Event.map(({ name }: { name: string }) => name)).toEqual([
    "ORDER_PLACED",
    "CANCEL_REQUESTED",
    "ORDER_CANCELED",
  ]);
});
