import { expect, test } from "vitest";
import type { Messages } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { EURUSD, HEDGED, marketOrder, openRig, PALMOIL, SATURDAY, USDJPY } from "./testing/venue-rig.ts";

const MINUTE = 60_000;

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

test("a seat that was left hears nothing more", async () => {
  const rig = openRig();
  const seat = rig.sit(HEDGED);
  seat.ask("ProtoOASubscribeSpotsReq", { symbolId: [EURUSD] });
  seat.ask("ProtoOANewOrderReq", marketOrder());
  seat.heard.length = 0;

  seat.leave();
  await rig.pass(5_000, 100);

  expect(seat.heard).toEqual([]);
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
  rig.venue.freeze(true);
  // By the distance of two levels, so that what was the second becomes the first.
  rig.venue.moveTo(EURUSD, Number((rig.sit(HEDGED).bid(EURUSD) + 0.00002).toFixed(5)));

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
