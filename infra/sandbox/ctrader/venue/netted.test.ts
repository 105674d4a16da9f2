import { expect, test } from "vitest";
import { EURUSD, marketOrder, NETTED, openRig } from "./testing/venue-rig.ts";

async function opened(volume = 300_000) {
  const rig = openRig();
  const seat = rig.sit(NETTED);
  rig.venue.freeze(true);
  const trade = async (tradeSide: "BUY" | "SELL", traded: number, over: object = {}) => {
    seat.heard.length = 0;
    seat.ask("ProtoOANewOrderReq", marketOrder({ tradeSide, volume: traded, ...over }));
    await rig.pass(200);
    return seat.events();
  };
  await trade("BUY", volume);
  const position = rig.venue.truth(NETTED).positions[0]!;
  return { rig, seat, trade, position };
}

test("an order of the same side adds to the one position, at the average price", async () => {
  const { rig, trade, position } = await opened(100_000);
  rig.venue.moveTo(EURUSD, position.price! + 0.01);

  const events = await trade("BUY", 300_000);

  const filled = events.find(({ deal }) => deal !== undefined)!;
  const average = (position.price! + 3 * filled.deal!.executionPrice!) / 4;
  expect(filled.position).toMatchObject({
    positionId: position.positionId,
    tradeData: { volume: 400_000, tradeSide: "BUY" },
  });
  expect(filled.position?.price).toBeCloseTo(average, 9);
  expect(filled.deal).not.toHaveProperty("closePositionDetail");
});

test("an order of the other side reduces it, then closes it", async () => {
  const { rig, trade, position } = await opened();

  const reduced = await trade("SELL", 100_000);
  const closed = await trade("SELL", 200_000);

  expect(reduced[0]?.order).toMatchObject({ closingOrder: true, positionId: position.positionId });
  expect(reduced[1]).toMatchObject({
    deal: { closePositionDetail: { closedVolume: 100_000 } },
    position: { positionId: position.positionId, tradeData: { volume: 200_000 } },
  });
  expect(closed[1]?.position).toMatchObject({ positionStatus: "POSITION_STATUS_CLOSED" });
  expect(rig.sit(NETTED).get("ProtoOAReconcileReq", {}, "ProtoOAReconcileRes").position).toEqual([]);
});

test("one of more than its volume flips it by one deal; its id stays, and its old levels go", async () => {
  const { rig, seat, trade, position } = await opened();
  const stopLoss = Number((position.price! - 0.01).toFixed(5));
  seat.ask("ProtoOAAmendPositionSLTPReq", { positionId: position.positionId, stopLoss });

  const events = await trade("SELL", 500_000, { relativeTakeProfit: 1_000 });

  expect(events.map(({ executionType }) => executionType)).toEqual([
    "ORDER_ACCEPTED",
    "ORDER_FILLED",
    "ORDER_CANCELLED",
    "ORDER_ACCEPTED",
  ]);
  const [, filled, , protection] = events;
  expect(filled).toMatchObject({
    deal: { filledVolume: 500_000, closePositionDetail: { closedVolume: 300_000 } },
    position: {
      positionId: position.positionId,
      positionStatus: "POSITION_STATUS_OPEN",
      price: filled?.deal?.executionPrice,
      tradeData: { tradeSide: "SELL", volume: 200_000 },
    },
  });
  expect(protection?.order).toMatchObject({ tradeData: { tradeSide: "BUY", volume: 200_000 } });
  expect(protection?.order).not.toHaveProperty("stopPrice");
  expect(rig.venue.truth(NETTED).positions).toHaveLength(1);
});

test("a flip charges each cent of commission once", async () => {
  const { rig, trade } = await opened(300_000);
  await trade("SELL", 500_000);
  await trade("BUY", 200_000);

  const { deals, balance } = rig.venue.truth(NETTED);
  const charged = deals.reduce((sum, deal) => sum + (deal.commission ?? 0), 0);
  const settled = deals.reduce((sum, deal) => sum + (deal.closePositionDetail?.commission ?? 0), 0);
  const gross = deals.reduce((sum, deal) => sum + (deal.closePositionDetail?.grossProfit ?? 0), 0);

  expect(settled).toBe(charged);
  expect(balance).toBe(1_000_000 + gross + settled);
});

test("profit in dollars is booked in the account's euros, and the fee for it is charged", async () => {
  const rig = openRig();
  const seat = rig.sit(NETTED);
  rig.venue.freeze(true);
  seat.ask("ProtoOANewOrderReq", marketOrder({ symbolId: 41, volume: 100 }));
  await rig.pass(200);
  const { price, positionId } = rig.venue.truth(NETTED).positions[0]!;
  rig.venue.moveTo(41, price! + 112);

  seat.ask("ProtoOAClosePositionReq", { positionId, volume: 100 });
  await rig.pass(200);

  const detail = seat.events().at(-1)!.deal!.closePositionDetail!;
  expect(detail.quoteToDepositConversionRate).toBeCloseTo(1 / seat.bid(EURUSD), 3);
  expect(detail.grossProfit).toBe(Math.round(11_200 * detail.quoteToDepositConversionRate!));
  expect(detail.pnlConversionFee).toBe(-Math.ceil(detail.grossProfit * 0.007));
});
