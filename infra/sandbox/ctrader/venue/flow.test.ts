import fc from "fast-check";
import { expect, test } from "vitest";
import { EURUSD, HEDGED, NETTED, openRig, PALMOIL, type Rig, USDJPY, XAUUSD } from "./testing/venue-rig.ts";

const STEPS = { [EURUSD]: 100_000, [USDJPY]: 100_000, [XAUUSD]: 100, [PALMOIL]: 100 } as const;
type SymbolId = keyof typeof STEPS;

const side = fc.constantFrom("BUY" as const, "SELL" as const);
const symbolId = fc.constantFrom<SymbolId>(EURUSD, USDJPY, XAUUSD, PALMOIL);
const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("market" as const),
      symbolId,
      side,
      steps: fc.integer({ min: 1, max: 9 }),
      hasStop: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("rest" as const),
      symbolId,
      side,
      steps: fc.integer({ min: 1, max: 9 }),
      points: fc.integer({ min: -40, max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("close" as const),
      pick: fc.nat(20),
      steps: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), pick: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("move" as const),
      symbolId,
      points: fc.integer({ min: -400, max: 400 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 600 }) }),
  },
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

async function play(rig: Rig, accountId: number, acts: readonly Act[]) {
  const seat = rig.sit(accountId);
  for (const one of acts) {
    const { positions, orders } = rig.venue.truth(accountId);
    if (one.kind === "pass") await rig.pass(one.ms, 50);
    else if (one.kind === "move") {
      const digits = { [EURUSD]: 5, [USDJPY]: 3, [XAUUSD]: 2, [PALMOIL]: 2 }[one.symbolId];
      rig.venue.moveTo(
        one.symbolId,
        Number((seat.bid(one.symbolId) + one.points / 10 ** digits).toFixed(digits)),
      );
    } else if (one.kind === "close") {
      const position = positions[one.pick % Math.max(1, positions.length)];
      if (position === undefined) continue;
      const volume = STEPS[position.tradeData.symbolId as SymbolId] * one.steps;
      seat.ask("ProtoOAClosePositionReq", { positionId: position.positionId, volume });
    } else if (one.kind === "cancel") {
      const order = orders[one.pick % Math.max(1, orders.length)];
      if (order !== undefined) seat.ask("ProtoOACancelOrderReq", { orderId: order.orderId });
    } else {
      const bid = seat.bid(one.symbolId);
      const digits = { [EURUSD]: 5, [USDJPY]: 3, [XAUUSD]: 2, [PALMOIL]: 2 }[one.symbolId];
      const point = 10 ** -digits;
      const base = { symbolId: one.symbolId, tradeSide: one.side, volume: STEPS[one.symbolId] * one.steps };
      if (one.kind === "market") {
        const relativeStopLoss = Math.round(150 * point * 100_000);
        seat.ask("ProtoOANewOrderReq", {
          ...base,
          orderType: "MARKET",
          ...(one.hasStop ? { relativeStopLoss } : {}),
        });
      } else {
        const limitPrice = Number((bid + one.points * point).toFixed(digits));
        seat.ask("ProtoOANewOrderReq", { ...base, orderType: "LIMIT", limitPrice });
      }
    }
  }
  // Prices that stand let everything under way come to rest.
  rig.venue.freeze(true);
  await rig.pass(3_000, 100);
  return seat;
}

function checkBooks(rig: Rig, accountId: number, seat: ReturnType<Rig["sit"]>) {
  const truth = rig.venue.truth(accountId);
  const closings = truth.deals.flatMap((deal) => deal.closePositionDetail ?? []);

  for (const ids of [
    truth.deals.map(({ dealId }) => dealId),
    truth.orders.map(({ orderId }) => orderId),
    truth.positions.map(({ positionId }) => positionId),
  ]) {
    expect(new Set(ids).size).toBe(ids.length);
  }
  const told = seat.events().flatMap(({ deal }) => (deal === undefined ? [] : [deal.dealId]));
  expect(told).toEqual(truth.deals.map(({ dealId }) => dealId));

  let balance = 1_000_000;
  let version = 1;
  for (const detail of closings) {
    balance += detail.grossProfit + detail.swap + detail.commission + (detail.pnlConversionFee ?? 0);
    version += 1;
    expect(detail).toMatchObject({ balance, balanceVersion: version });
  }
  expect(truth).toMatchObject({ balance, balanceVersion: version });

  for (const position of truth.positions) {
    const deals = truth.deals.filter(({ positionId }) => positionId === position.positionId);
    const net = deals.reduce((sum, deal) => sum + deal.filledVolume * (deal.tradeSide === "BUY" ? 1 : -1), 0);
    const { volume, tradeSide } = position.tradeData;
    expect(net).toBe(tradeSide === "BUY" ? volume : 0 - volume);
    const charged = deals.reduce((sum, deal) => sum + deal.commission!, 0);
    const settled = deals.reduce((sum, deal) => sum + (deal.closePositionDetail?.commission ?? 0), 0);
    expect(settled + position.commission!).toBe(charged);
    expect(position.usedMargin).toBeGreaterThanOrEqual(0);
    if (volume === 0) expect(position).toMatchObject({ usedMargin: 0, commission: 0 });
  }
  for (const { dealId, filledVolume, closePositionDetail } of truth.deals) {
    const offsets = seat.get("ProtoOADealOffsetListReq", { dealId }, "ProtoOADealOffsetListRes");
    const sum = (rows: readonly { volume: number }[]) =>
      rows.reduce((total, { volume }) => total + volume, 0);
    const closed = closePositionDetail?.closedVolume ?? 0;
    expect(sum(offsets.offsetting)).toBe(closed);
    expect(sum(offsets.offsetBy)).toBeLessThanOrEqual(filledVolume - closed);
  }
  for (const order of truth.orders) {
    const filled = truth.deals.filter(({ orderId }) => orderId === order.orderId);
    expect(filled.reduce((sum, deal) => sum + deal.filledVolume, 0)).toBe(order.executedVolume);
    expect(order.executedVolume).toBeLessThanOrEqual(order.tradeData.volume);
    // Whatever has begun to be filled has come to its end.
    if (order.executedVolume !== 0) expect(order.orderStatus).not.toBe("ORDER_STATUS_ACCEPTED");
  }
  const protectedNow = truth.positions.filter(({ stopLoss }) => stopLoss !== undefined);
  const protective = truth.orders.filter(
    ({ orderType, orderStatus }) =>
      orderType === "STOP_LOSS_TAKE_PROFIT" && orderStatus === "ORDER_STATUS_ACCEPTED",
  );
  expect(protective.map(({ positionId, tradeData }) => [positionId, tradeData.volume]).sort()).toEqual(
    protectedNow.map(({ positionId, tradeData }) => [positionId, tradeData.volume]).sort(),
  );
}

/** Faster and slower than the looks at the market. */
const pace = fc.constantFrom(10, 130, 700);

test.each([
  ["hedged", HEDGED],
  ["netted", NETTED],
])(
  "whatever is traded on a %s account, positions, deals and balance add up to the cent",
  async (_name, accountId) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 3, maxLength: 40 }),
        fc.boolean(),
        pace,
        async (acts, inParts, fillMs) => {
          const rig = openRig({
            faults: { fillMs, ...(inParts ? { partialFillShare: 0.5, cancelledRestShare: 0.3 } : {}) },
          });

          const seat = await play(rig, accountId, acts);

          checkBooks(rig, accountId, seat);
          rig.venue.close();
        },
      ),
      { numRuns: 150 },
    );
  },
);

test("a venue that was written down and read again is the same, gives no id twice, and fills what was under way", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOANewOrderReq", {
    symbolId: EURUSD,
    orderType: "MARKET",
    tradeSide: "BUY",
    volume: 300_000,
    relativeStopLoss: 900,
    clientOrderId: "kept",
  });
  await rig.pass(300);
  seat.ask("ProtoOANewOrderReq", {
    symbolId: EURUSD,
    orderType: "LIMIT",
    tradeSide: "BUY",
    volume: 300_000,
    limitPrice: 1,
  });
  seat.ask("ProtoOANewOrderReq", {
    symbolId: EURUSD,
    orderType: "MARKET",
    tradeSide: "SELL",
    volume: 100_000,
  });
  rig.venue.moveTo(PALMOIL, 1_500);
  const before = rig.venue.truth(HEDGED);

  const saved = JSON.parse(JSON.stringify(rig.venue.snapshot()));
  rig.venue.close();
  const later = openRig({ restore: saved, start: rig.clock.now().toString() });
  const restored = later.venue.truth(HEDGED);
  const palmOil = later.sit(HEDGED).bid(PALMOIL);
  await later.pass(300);

  expect(restored).toEqual(before);
  expect(palmOil).toBe(1_500);
  const after = later.venue.truth(HEDGED);
  expect(after.deals).toHaveLength(before.deals.length + 1);
  const ids = [...before.orders, ...after.orders].map(({ orderId }) => orderId);
  expect(new Set(ids).size).toBe(after.orders.length);
  expect(after.received).toEqual({ kept: 1 });
});
