import { expect, test } from "vitest";
import type { Messages } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { ASSET_IDS } from "./assets.ts";
import {
  EURUSD,
  HEDGED,
  marketOrder,
  openRig,
  openWithPosition,
  PALMOIL,
  SATURDAY,
  USDJPY,
  XAUUSD,
} from "./testing/venue-rig.ts";

const MINUTE = 60_000;

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
  const { seat, position } = await openWithPosition(EURUSD, 100_000);
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
  const { rig, seat, position } = await openWithPosition(EURUSD, 300_000);
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

test("what an order would bind is what it then binds", async () => {
  const { seat, position } = await openWithPosition(EURUSD, 300_000);
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
  const { rig, seat, position } = await openWithPosition(EURUSD, 300_000);
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

test("spot events tell the sides that changed, and together they are the price", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD] });

  await rig.pass(20_000, 50);

  const spots = seat.all("ProtoOASpotEvent");
  const [first, ...later] = spots;
  const latest = { bid: first!.bid, ask: first!.ask };
  for (const spot of later)
    Object.assign(latest, "bid" in spot ? { bid: spot.bid } : {}, "ask" in spot ? { ask: spot.ask } : {});
  const again = rig.sit(HEDGED);
  again.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD] });
  expect(again.all("ProtoOASpotEvent")[0]).toMatchObject(latest);
  expect(later.length).toBeGreaterThan(20);
  expect(later.some((spot) => spot.bid !== undefined && spot.ask === undefined)).toBe(true);
  expect(later.some((spot) => spot.bid === undefined && spot.ask !== undefined)).toBe(true);
});

test("a closed market tells its last prices once, and no more", async () => {
  const rig = openRig({ start: SATURDAY });
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD, PALMOIL] });

  await rig.pass(5_000, 100);

  expect(seat.all("ProtoOASpotEvent").map(({ symbolId }) => symbolId)).toEqual([EURUSD, PALMOIL]);
});

test("a second subscription is refused whole, and an end of it stops the events", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD] });

  const refusal = seat.get("ProtoOASubscribeSpotsReq", { symbolId: [USDJPY, EURUSD] }, "ProtoOAErrorRes");
  seat.ask("ProtoOAUnsubscribeSpotsReq", { symbolId: [EURUSD] });
  seat.heard.length = 0;
  await rig.pass(5_000, 100);

  expect(refusal).toMatchObject({ errorCode: "ALREADY_SUBSCRIBED" });
  expect(seat.heard).toEqual([]);
});

test("live bars need the symbol's spots, have a period and no close, and agree with history", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  const request = { symbolId: EURUSD, period: "M1" } as const;
  const refusal = seat.get("ProtoOASubscribeLiveTrendbarReq", request, "ProtoOAErrorRes");
  seat.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD] });
  seat.ask("ProtoOASubscribeLiveTrendbarReq", request);

  await rig.pass(3 * MINUTE + 1_000, 50);

  expect(refusal).toMatchObject({
    errorCode: "INVALID_REQUEST",
    description: "No subscription for symbol 1.",
  });
  const seen = new Map<number, { low: number; high: number; open: number; close: number }>();
  let bid = 0;
  for (const spot of seat.all("ProtoOASpotEvent")) {
    bid = spot.bid ?? bid;
    for (const bar of spot.trendbar) {
      expect(bar.period).toBe("M1");
      expect(bar).not.toHaveProperty("deltaClose");
      const low = bar.low!;
      const [open, high] = [low + bar.deltaOpen!, low + bar.deltaHigh!];
      seen.set(bar.utcTimestampInMinutes!, { low, open, high, close: bid });
    }
  }
  const history = seat.get("ProtoOAGetTrendbarsReq", { ...request, count: 3 }, "ProtoOAGetTrendbarsRes");
  expect(history.trendbar).toHaveLength(3);
  for (const bar of history.trendbar) {
    expect(bar).not.toHaveProperty("period");
    const low = bar.low!;
    expect(seen.get(bar.utcTimestampInMinutes!)).toEqual({
      low,
      open: low + bar.deltaOpen!,
      high: low + bar.deltaHigh!,
      close: low + bar.deltaClose!,
    });
  }
});

test("bars are counted back from the end, which may open one, and pages meet without a gap or a repeat", () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  const now = rig.clock.now().epochMilliseconds;
  const bars = (request: object) =>
    seat.get(
      "ProtoOAGetTrendbarsReq",
      { symbolId: EURUSD, period: "M5", ...request },
      "ProtoOAGetTrendbarsRes",
    );
  const opens = (answer: Messages["ProtoOAGetTrendbarsRes"]) =>
    answer.trendbar.map((bar) => bar.utcTimestampInMinutes! * MINUTE);

  const toTimestamp = now - 60 * MINUTE;
  const first = bars({ toTimestamp, count: 10, fromTimestamp: toTimestamp - 1 });
  const second = bars({ toTimestamp: opens(first)[0]! - 1, count: 10 });
  const window = bars({ fromTimestamp: now - 30 * MINUTE, toTimestamp: now });
  const cut = bars({ fromTimestamp: now - 60 * 86_400_000, toTimestamp: now });

  expect(opens(first)).toHaveLength(10);
  expect(first.hasMore).toBe(true);
  expect(opens(first).at(-1)).toBe(toTimestamp);
  expect(opens(second).at(-1)).toBe(opens(first)[0]! - 5 * MINUTE);
  expect(opens(window)).toHaveLength(5);
  expect(window.hasMore).toBe(false);
  expect(cut.trendbar).toHaveLength(4_999);
  expect(cut.hasMore).toBe(true);
});

test("a bar that has just closed is history only a moment later", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  const fromTimestamp = rig.clock.now().epochMilliseconds - 2 * MINUTE;
  const request = { symbolId: EURUSD, period: "M1", fromTimestamp };
  const count = () => seat.get("ProtoOAGetTrendbarsReq", request, "ProtoOAGetTrendbarsRes").trendbar.length;

  const atOnce = count();
  await rig.pass(400);

  expect([atOnce, count()]).toEqual([1, 2]);
});

test.each(["BID", "ASK"] as const)(
  "ticks of the %s come newest first as differences, and are what was quoted",
  async (type) => {
    const rig = openRig();
    const seat = rig.sit(HEDGED);
    seat.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD], subscribeToSpotTimestamp: true });
    const from = rig.clock.now().epochMilliseconds;
    await rig.pass(30_000, 50);

    const request = { symbolId: EURUSD, type, fromTimestamp: from + 1 };
    const { tickData, hasMore } = seat.get("ProtoOAGetTickDataReq", request, "ProtoOAGetTickDataRes");

    let price = 0;
    const ticks = tickData.map((tick) => {
      price += tick.tick;
      return price;
    });
    const side = type === "BID" ? "bid" : "ask";
    const quoted = seat
      .all("ProtoOASpotEvent")
      .slice(1)
      .flatMap((spot) => (spot[side] === undefined ? [] : [spot[side]]));
    expect(ticks.reverse()).toEqual(quoted);
    expect(tickData.slice(1).every(({ timestamp }) => timestamp < 0)).toBe(true);
    expect(hasMore).toBe(false);
  },
);

test("the first depth event is the whole book, and later ones keep it right", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOASubscribeDepthQuotesReq", { symbolId: [EURUSD] });

  await rig.pass(10_000, 50);

  const book = new Map<number, Messages["ProtoOADepthEvent"]["newQuotes"][number]>();
  const events = seat.all("ProtoOADepthEvent");
  for (const event of events) {
    for (const id of event.deletedQuotes) expect(book.delete(id)).toBe(true);
    for (const quote of event.newQuotes) book.set(quote.id, quote);
  }
  const fresh = rig.sit(HEDGED);
  fresh.ask("ProtoOASubscribeDepthQuotesReq", { symbolId: [EURUSD] });
  expect(events[0]?.newQuotes).toHaveLength(10);
  expect([...book.values()].sort((a, b) => a.id - b.id)).toEqual(
    fresh.all("ProtoOADepthEvent")[0]?.newQuotes.toSorted((a, b) => a.id - b.id),
  );
  expect(Math.max(...[...book.values()].flatMap(({ bid }) => bid ?? []))).toBe(
    Math.round(fresh.bid(EURUSD) * 100_000),
  );
  expect(events.length).toBeGreaterThan(5);
});
