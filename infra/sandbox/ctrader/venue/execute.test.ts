import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { NO_VENUE_FAULTS } from "./faults.ts";
import {
  EURUSD,
  HEDGED,
  kindsOf,
  marketOrder,
  NETTED,
  openRig,
  openWithPosition,
  PALMOIL,
  round,
} from "./testing/venue-rig.ts";

test("a STOP_LIMIT that is jumped over rests as a limit order within its slippage", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  rig.venue.freeze(true);
  seat.ask(
    "ProtoOANewOrderReq",
    marketOrder({ orderType: "STOP_LIMIT", stopPrice: 1.25, slippageInPoints: 100 }),
  );

  rig.venue.moveTo(EURUSD, 1.26);
  await rig.pass(300);
  const jumped = kindsOf(seat).length;
  rig.venue.moveTo(EURUSD, 1.2505);
  await rig.pass(300);

  expect(jumped).toBe(1);
  expect(seat.events()[1]).toMatchObject({ executionType: "ORDER_FILLED" });
  expect(seat.events()[1]?.deal?.executionPrice).toBeLessThanOrEqual(1.251);
});

test("a double trigger wants two looks in a row", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  rig.venue.freeze(true);
  seat.ask(
    "ProtoOANewOrderReq",
    marketOrder({ orderType: "STOP", stopPrice: 1.25, stopTriggerMethod: "DOUBLE_TRADE" }),
  );

  rig.venue.moveTo(EURUSD, 1.26);
  rig.venue.moveTo(EURUSD, 1.2);
  rig.venue.moveTo(EURUSD, 1.26);
  const afterOne = kindsOf(seat).length;
  rig.venue.moveTo(EURUSD, 1.26);

  expect(afterOne).toBe(1);
  expect(kindsOf(seat)).toHaveLength(2);
});

test("an order filled in parts has a deal for each, and grows", async () => {
  const rig = openRig({ faults: { partialFillShare: 1 } });
  const seat = rig.sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 900_000, relativeStopLoss: 3_000 }));
  await rig.pass(1_000);

  const fills = seat.events().filter(({ deal }) => deal !== undefined);
  expect(fills.length).toBeGreaterThan(1);
  expect(fills.map(({ executionType }) => executionType)).toEqual([
    ...fills.slice(1).map(() => "ORDER_PARTIAL_FILL"),
    "ORDER_FILLED",
  ]);
  let filled = 0;
  for (const { order, deal, position, clientMsgId } of fills) {
    filled += deal!.filledVolume;
    expect(order?.executedVolume).toBe(filled);
    expect(position?.tradeData.volume).toBe(filled);
    expect(clientMsgId).toBe("m1");
    expect(deal?.dealStatus).toBe(filled === 900_000 ? "FILLED" : "PARTIALLY_FILLED");
  }
  expect(filled).toBe(900_000);
  expect(seat.events().at(-1)).toMatchObject({ executionType: "ORDER_ACCEPTED", isServerEvent: true });
});

test("the rest of an order filled in parts may be cancelled; what was filled is protected", async () => {
  const rig = openRig({ faults: { partialFillShare: 1, cancelledRestShare: 1 } });
  const seat = rig.sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 900_000, relativeStopLoss: 3_000 }));
  await rig.pass(1_000);

  const [, part, cancelled, protection] = seat.events();
  expect(kindsOf(seat).map(({ executionType }) => executionType)).toEqual([
    "ORDER_ACCEPTED",
    "ORDER_PARTIAL_FILL",
    "ORDER_CANCELLED",
    "ORDER_ACCEPTED",
  ]);
  expect(cancelled?.order?.executedVolume).toBe(part?.deal?.filledVolume);
  expect(cancelled?.position?.positionStatus).toBe("POSITION_STATUS_OPEN");
  expect(protection?.order?.tradeData.volume).toBe(part?.deal?.filledVolume);
});

test("a palm-oil position is worth dollars by the tonne", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  rig.venue.freeze(true);
  seat.ask("ProtoOANewOrderReq", marketOrder({ symbolId: PALMOIL, volume: 2_500 }));
  await rig.pass(200);
  const { positionId, price } = rig.venue.truth(HEDGED).positions[0]!;

  rig.venue.moveTo(PALMOIL, price! + 2);
  seat.ask("ProtoOAClosePositionReq", { positionId, volume: 2_500 });
  await rig.pass(200);

  const detail = seat.events().at(-1)!.deal!.closePositionDetail!;
  expect(detail).toMatchObject({ grossProfit: 5_000, commission: -240, pnlConversionFee: 0 });
});

test.each([
  ["before it is filled", 0, 50],
  ["between two of its parts", 1, 200],
])(
  "a close whose position is stopped out %s ends, and opens nothing",
  async (_name, partialFillShare, ms) => {
    const { rig, seat, position, positionId } = await openWithPosition({ relativeStopLoss: 300 });
    rig.venue.setFaults({ ...NO_VENUE_FAULTS, partialFillShare });

    seat.ask("ProtoOAClosePositionReq", { positionId, volume: 300_000 });
    await rig.pass(ms);
    rig.venue.moveTo(EURUSD, round(position.price! - 0.004));
    await rig.pass(1_000);

    const { positions, orders } = rig.venue.truth(HEDGED);
    expect(positions).toMatchObject([{ positionId, positionStatus: "POSITION_STATUS_CLOSED" }]);
    const closing = orders.find(({ orderType, closingOrder }) => orderType === "MARKET" && closingOrder);
    expect(closing?.orderStatus).toBe("ORDER_STATUS_CANCELLED");
    expect(closing?.executedVolume).toBe(
      partialFillShare === 0 ? 0 : seat.events().find(({ deal }) => deal)?.deal?.filledVolume,
    );
  },
);

test("a part that closes a netted position takes its levels along, the next part opens another position", async () => {
  const rig = openRig({ faults: { partialFillShare: 1 } });
  const seat = rig.sit(NETTED);
  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 100_000, relativeStopLoss: 900 }));
  await rig.pass(300);

  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 200_000, tradeSide: "SELL" }));
  await rig.pass(1_000);

  const { positions, orders } = rig.venue.truth(NETTED);
  expect(positions).toMatchObject([
    { positionStatus: "POSITION_STATUS_CLOSED" },
    { positionStatus: "POSITION_STATUS_OPEN", tradeData: { tradeSide: "SELL", volume: 100_000 } },
  ]);
  expect(orders.filter(({ orderStatus }) => orderStatus === "ORDER_STATUS_ACCEPTED")).toEqual([]);
});

test("a market that is closed stops nothing; it does when it opens", async () => {
  const rig = openRig({ start: "2026-03-13T20:54:00Z" });
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOANewOrderReq", marketOrder({ relativeStopLoss: 400 }));
  await rig.pass(300);
  const { price } = rig.venue.truth(HEDGED).positions[0]!;
  seat.heard.length = 0;

  await rig.clock.advanceTo(Temporal.Instant.from("2026-03-15T20:00:00Z"));
  rig.venue.moveTo(EURUSD, round(price! - 0.02));
  await rig.pass(1_000, 100);
  const shut = seat.events().length;
  rig.venue.freeze(true);
  await rig.clock.advanceTo(Temporal.Instant.from("2026-03-15T21:05:01Z"));
  await rig.pass(1_000, 100);

  expect(shut).toBe(0);
  expect(seat.events()).toMatchObject([{ executionType: "ORDER_FILLED", isServerEvent: true }]);
});

test("the parts of a limit order keep to its limit when the market leaves", async () => {
  const rig = openRig({ faults: { partialFillShare: 1, fillMs: 1_000 } });
  const seat = rig.sit(HEDGED);
  rig.venue.freeze(true);
  seat.ask("ProtoOANewOrderReq", marketOrder({ orderType: "LIMIT", limitPrice: 1.05, volume: 900_000 }));

  rig.venue.moveTo(EURUSD, 1.049);
  await rig.pass(300);
  rig.venue.moveTo(EURUSD, 1.2);
  await rig.pass(5_000, 100);

  const fills = seat.events().flatMap(({ deal }) => deal ?? []);
  expect(fills.length).toBeGreaterThan(1);
  for (const { executionPrice } of fills) expect(executionPrice).toBeLessThanOrEqual(1.05);
});

test.each([
  ["within its range", 50, "ORDER_FILLED"],
  ["outside", -50, "ORDER_CANCELLED"],
])("a MARKET_RANGE order is done %s", async (_name, points, outcome) => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  rig.venue.freeze(true);
  const baseSlippagePrice = round(seat.bid(EURUSD) + points / 100_000);
  const request = { orderType: "MARKET_RANGE", baseSlippagePrice, slippageInPoints: 10 } as const;

  seat.ask("ProtoOANewOrderReq", marketOrder(request));
  await rig.pass(300);

  expect(seat.events()[1]).toMatchObject({ executionType: outcome, clientMsgId: "m3" });
});

test.each([
  ["IMMEDIATE_OR_CANCEL", 1.5, "ORDER_FILLED"],
  ["IMMEDIATE_OR_CANCEL", 1, "ORDER_CANCELLED"],
  ["FILL_OR_KILL", 1.5, "ORDER_FILLED"],
] as const)("a limit order that is %s at %s ends at once", async (timeInForce, limitPrice, outcome) => {
  const rig = openRig({ faults: { partialFillShare: timeInForce === "FILL_OR_KILL" ? 1 : 0 } });
  const seat = rig.sit(HEDGED);

  seat.ask(
    "ProtoOANewOrderReq",
    marketOrder({ orderType: "LIMIT", limitPrice, timeInForce, volume: 900_000 }),
  );
  await rig.pass(1_000);

  expect(kindsOf(seat).map(({ executionType }) => executionType)).toEqual(["ORDER_ACCEPTED", outcome]);
  expect(seat.events()[0]?.order?.timeInForce).toBe(timeInForce);
});

test("a market order that is to be filled or killed stays that, and is not filled in parts", async () => {
  const rig = openRig({ faults: { partialFillShare: 1 } });
  const seat = rig.sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder({ timeInForce: "FILL_OR_KILL", volume: 900_000 }));
  await rig.pass(1_000);

  expect(seat.events()).toMatchObject([
    { executionType: "ORDER_ACCEPTED", order: { timeInForce: "FILL_OR_KILL" } },
    { executionType: "ORDER_FILLED" },
  ]);
});

test("switches: an acceptance comes twice, or without its position", () => {
  const twice = openRig({ faults: { unsure: { acceptedTwice: true } } }).sit(HEDGED);
  const bare = openRig({ faults: { unsure: { acceptanceHasPosition: false } } }).sit(HEDGED);

  twice.ask("ProtoOANewOrderReq", marketOrder());
  bare.ask("ProtoOANewOrderReq", marketOrder());

  expect(twice.events()[1]).toEqual(twice.events()[0]);
  expect(bare.events()).toHaveLength(1);
  expect(bare.events()[0]).not.toHaveProperty("position");
});

test("a live deal was last changed when it was done", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);

  seat.ask("ProtoOANewOrderReq", marketOrder());
  await rig.pass(300);

  const deal = seat.events()[1]!.deal!;
  expect(deal.utcLastUpdateTimestamp).toBe(deal.executionTimestamp);
});

test.each([true, false])(
  "the switch says whether a close cancels the levels by an event (%s)",
  async (closeCancelsProtection) => {
    const { rig, seat, positionId } = await openWithPosition(
      { relativeStopLoss: 3_000, clientOrderId: "own" },
      { faults: { unsure: { closeCancelsProtection, closingInheritsId: true } } },
    );

    seat.ask("ProtoOAClosePositionReq", { positionId, volume: 300_000 });
    await rig.pass(300);

    expect(kindsOf(seat)).toHaveLength(closeCancelsProtection ? 3 : 2);
    expect(seat.events()[0]?.order?.clientOrderId).toBe("own");
    expect(
      rig.venue.truth(HEDGED).orders.filter(({ orderStatus }) => orderStatus === "ORDER_STATUS_ACCEPTED"),
    ).toEqual([]);
  },
);
