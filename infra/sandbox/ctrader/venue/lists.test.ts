import { expect, test } from "vitest";
import { ASSET_IDS } from "./assets.ts";
import {
  EURUSD,
  HEDGED,
  marketOrder,
  openRig,
  openWithPosition,
  USDJPY,
  XAUUSD,
} from "./testing/venue-rig.ts";

test("the symbols of the list have rules, and their assets are listed", () => {
  const seat = openRig().sit(HEDGED);
  const { symbol } = seat.get("ProtoOASymbolsListReq", {}, "ProtoOASymbolsListRes");
  const symbolId = symbol.map((one) => one.symbolId);

  const rules = seat.get("ProtoOASymbolByIdReq", { symbolId }, "ProtoOASymbolByIdRes").symbol;
  const assets = seat
    .get("ProtoOAAssetListReq", {}, "ProtoOAAssetListRes")
    .asset.map(({ assetId }) => assetId);

  expect(symbol.map(({ symbolName }) => symbolName)).toEqual(
    expect.arrayContaining(["EURUSD", "USDJPY", "XAUUSD", "PALMOIL", "US500"]),
  );
  expect(rules.map((one) => one.symbolId)).toEqual(symbolId);
  for (const one of symbol)
    expect(assets).toEqual(expect.arrayContaining([one.baseAssetId, one.quoteAssetId]));
  expect(rules.find((one) => one.symbolId === EURUSD)).toMatchObject({ lotSize: 10_000_000, digits: 5 });
  expect(rules.find((one) => one.symbolId === XAUUSD)).toMatchObject({ lotSize: 10_000, stepVolume: 100 });
});

test.each([
  ["euros to dollars", ASSET_IDS.EUR, ASSET_IDS.USD, [EURUSD]],
  ["yen to euros", ASSET_IDS.JPY, ASSET_IDS.EUR, [USDJPY, EURUSD]],
  ["dollars to dollars", ASSET_IDS.USD, ASSET_IDS.USD, []],
])("the chain from %s is walked in order", (_name, firstAssetId, lastAssetId, chain) => {
  const request = { firstAssetId, lastAssetId };

  const { symbol } = openRig()
    .sit(HEDGED)
    .get("ProtoOASymbolsForConversionReq", request, "ProtoOASymbolsForConversionRes");

  expect(symbol.map(({ symbolId }) => symbolId)).toEqual(chain);
});

test("a reconciliation has protective orders only when they are asked for", async () => {
  const { seat, position } = await openWithPosition({ volume: 100_000 });
  const stopLoss = Number((position.price! - 0.01).toFixed(5));
  seat.ask("ProtoOAAmendPositionSLTPReq", { positionId: position.positionId, stopLoss });
  seat.ask("ProtoOANewOrderReq", marketOrder({ orderType: "LIMIT", limitPrice: 1 }));

  const types = (request: object) =>
    seat.get("ProtoOAReconcileReq", request, "ProtoOAReconcileRes").order.map(({ orderType }) => orderType);

  expect(types({})).toEqual(["LIMIT"]);
  expect(types({ returnProtectionOrders: true }).sort()).toEqual(["LIMIT", "STOP_LOSS_TAKE_PROFIT"]);
  const [listed] = seat.get("ProtoOAReconcileReq", {}, "ProtoOAReconcileRes").position;
  expect(listed).toMatchObject({ positionId: position.positionId, stopLoss });
});

test("deals are paged from the newest back, and each is found once", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  for (let round = 0; round < 7; round += 1) {
    seat.ask("ProtoOANewOrderReq", marketOrder());
    await rig.pass(1_000);
  }
  const found: number[] = [];
  let toTimestamp = rig.clock.now().epochMilliseconds;
  for (let hasMore = true; hasMore; ) {
    const page = seat.get("ProtoOADealListReq", { toTimestamp, maxRows: 3 }, "ProtoOADealListRes");
    found.push(...page.deal.map(({ dealId }) => dealId));
    toTimestamp = page.deal.at(-1)!.executionTimestamp - 1;
    hasMore = page.hasMore;
  }

  expect(found).toEqual(
    rig.venue
      .truth(HEDGED)
      .deals.map(({ dealId }) => dealId)
      .reverse(),
  );
  const [deal] = seat.get("ProtoOADealListReq", { maxRows: 1 }, "ProtoOADealListRes").deal;
  expect(deal?.utcLastUpdateTimestamp).toBe(deal?.createTimestamp);
});

test("the deals and orders of a position come newest first, or by the switch oldest first", async () => {
  const { rig, seat, position } = await openWithPosition();
  const { positionId } = position;
  seat.ask("ProtoOAClosePositionReq", { positionId, volume: 100_000 });
  await rig.pass(500);
  const deals = () =>
    seat
      .get("ProtoOADealListByPositionIdReq", { positionId }, "ProtoOADealListByPositionIdRes")
      .deal.map(({ dealId }) => dealId);

  const newest = deals();
  const orders = seat.get(
    "ProtoOAOrderListByPositionIdReq",
    { positionId },
    "ProtoOAOrderListByPositionIdRes",
  );
  rig.venue.setFaults({
    partialFillShare: 0,
    silentOrderShare: 0,
    lostOrderShare: 0,
    rejectedOrderShare: 0,
    fillMs: 1,
    protectionMs: 1,
    unsure: { oldestFirst: true },
  });

  expect(newest).toHaveLength(2);
  expect(newest[0]).toBeGreaterThan(newest[1]!);
  expect(deals()).toEqual(newest.toReversed());
  expect(orders.order.map(({ closingOrder }) => closingOrder)).toEqual([true, false]);
  const [opening, closing] = [newest[1]!, newest[0]!];
  const offsets = seat.get("ProtoOADealOffsetListReq", { dealId: opening }, "ProtoOADealOffsetListRes");
  expect(offsets).toMatchObject({ offsetBy: [{ dealId: closing, volume: 100_000 }], offsetting: [] });
  const details = { orderId: orders.order[0]!.orderId };
  expect(seat.get("ProtoOAOrderDetailsReq", details, "ProtoOAOrderDetailsRes").deal).toHaveLength(1);
});

test("large exposures have less leverage", () => {
  const request = { symbolId: EURUSD, volume: [400_000_000, 1_000_000_000] };

  const { margin } = openRig()
    .sit(HEDGED)
    .get("ProtoOAExpectedMarginReq", request, "ProtoOAExpectedMarginRes");

  expect(margin[1]!.buyMargin / margin[0]!.buyMargin).toBeCloseTo(2 * 2.5, 6);
});

test("what an order would bind is what it then binds", async () => {
  const { seat, position } = await openWithPosition();
  const request = { symbolId: EURUSD, volume: [300_000, 600_000] };

  const { margin } = seat.get("ProtoOAExpectedMarginReq", request, "ProtoOAExpectedMarginRes");

  expect(margin[0]).toEqual({
    volume: 300_000,
    buyMargin: position.usedMargin,
    sellMargin: position.usedMargin,
  });
  expect(margin[1]?.buyMargin).toBeGreaterThan(margin[0]!.buyMargin);
});

test("the open profit follows the price, net of what opening cost", async () => {
  const { rig, seat, position } = await openWithPosition();
  rig.venue.moveTo(EURUSD, Number((position.price! + 0.01).toFixed(5)));

  const { positionUnrealizedPnL } = seat.get(
    "ProtoOAGetPositionUnrealizedPnLReq",
    {},
    "ProtoOAGetPositionUnrealizedPnLRes",
  );

  expect(positionUnrealizedPnL).toEqual([
    {
      positionId: position.positionId,
      grossUnrealizedPnL: 3_000,
      netUnrealizedPnL: 3_000 + position.commission!,
    },
  ]);
});

test("windows upside down or too wide are refused", () => {
  const seat = openRig().sit(HEDGED);
  const code = (name: Parameters<typeof seat.get>[0], body: object) =>
    seat.get(name, body, "ProtoOAErrorRes").errorCode;
  const wide = { fromTimestamp: 1, toTimestamp: 604_800_002 };

  expect(code("ProtoOADealListReq", { fromTimestamp: 2, toTimestamp: 1 })).toBe("INCORRECT_BOUNDARIES");
  expect(code("ProtoOADealListReq", { toTimestamp: 2_147_483_646_001 })).toBe("INCORRECT_BOUNDARIES");
  expect(code("ProtoOACashFlowHistoryListReq", wide)).toBe("INCORRECT_BOUNDARIES");
  expect(code("ProtoOAGetTickDataReq", { ...wide, symbolId: EURUSD, type: "BID" })).toBe(
    "INCORRECT_BOUNDARIES",
  );
});

test("margin calls are listed, changed, and the change is told", () => {
  const rig = openRig();
  const [seat, other] = [rig.sit(HEDGED), rig.sit(HEDGED)];

  seat.ask("ProtoOAMarginCallUpdateReq", {
    marginCall: { marginCallType: "MARGIN_LEVEL_THRESHOLD_2", marginLevelThreshold: 80 },
  });

  expect(other.all("ProtoOAMarginCallUpdateEvent")[0]?.marginCall.marginLevelThreshold).toBe(80);
  const { marginCall } = seat.get("ProtoOAMarginCallListReq", {}, "ProtoOAMarginCallListRes");
  expect(marginCall.map(({ marginLevelThreshold }) => marginLevelThreshold)).toEqual([100, 80, 50]);
});
