import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClosedBar } from "./bars.ts";
import type { ProtoOATrendbar } from "./protocol/open-api.generated.ts";
import { NOON_MS, readySession, type WiredSession } from "./testing/session-on-a-wire.ts";
import { ACCOUNT, error } from "./testing/wired-server.ts";

const NOON = NOON_MS / 60_000;

interface Ticking extends WiredSession {
  readonly told: ClosedBar[];
  /** A price as the broker tells it, with the bar so far. */
  tick(bid: number, bar?: Partial<ProtoOATrendbar>): void;
}

async function ticking(): Promise<Ticking> {
  const wired = await readySession();
  const told: ClosedBar[] = [];
  wired.session.bars.listen((bar) => told.push(bar));
  wired.session.bars.subscribe(1, "M1");
  await wired.timers.advance(1_000);
  const spot = { ctidTraderAccountId: ACCOUNT, symbolId: 1 };
  return {
    ...wired,
    told,
    tick(bid, bar) {
      const trendbar = bar === undefined ? [] : [{ volume: 1, period: "M1" as const, ...bar }];
      wired.link().say("ProtoOASpotEvent", { ...spot, ...(bid > 0 && { bid }), trendbar });
    },
  };
}

const live = (minute: number, low: number, over: Partial<ProtoOATrendbar> = {}) => ({
  utcTimestampInMinutes: NOON + minute,
  low,
  deltaOpen: 1,
  deltaHigh: 10,
  volume: 3,
  ...over,
});

const past = (minute: number, low: number): ProtoOATrendbar => ({
  utcTimestampInMinutes: NOON + minute,
  low,
  deltaOpen: 2,
  deltaHigh: 9,
  deltaClose: 4,
  volume: 5,
});

const minutesOf = (bars: readonly ClosedBar[]) => bars.map(({ openMinute }) => openMinute - NOON);

test("a bar closes when the next one begins, at the bid before it", async () => {
  const { told, tick } = await ticking();

  tick(105, live(0, 100));
  tick(104, live(0, 100, { volume: 4 }));
  tick(109);
  expect(told).toEqual([]);
  tick(120, live(1, 120));

  expect(told).toEqual([
    {
      symbolId: 1,
      period: "M1",
      openMinute: NOON,
      open: 101,
      high: 110,
      low: 100,
      close: 109,
      volume: 4,
    },
  ]);
});

test("an ask alone, or a close that a live bar claims, does not move a bar's close", async () => {
  const { told, tick, link } = await ticking();

  tick(105, live(0, 100, { deltaClose: 9 }));
  link().say("ProtoOASpotEvent", { ctidTraderAccountId: ACCOUNT, symbolId: 1, ask: 300, trendbar: [] });
  tick(120, live(1, 120));

  expect(told[0]?.close).toBe(105);
});

test("a close outside of its own bar is brought back to its edge", async () => {
  const { told, tick } = await ticking();

  tick(105, live(0, 100));
  tick(500);
  tick(120, live(1, 120));

  expect(told[0]).toMatchObject({ close: 110, high: 110 });
});

test("minutes without a tick have no bar, and an older bar changes nothing", async () => {
  const { told, tick } = await ticking();

  tick(105, live(0, 100));
  tick(205, live(5, 200));
  tick(90, live(3, 90));
  tick(305, live(6, 300));

  expect(minutesOf(told)).toEqual([0, 5]);
});

test("a bar in which the connection was lost is told as history has it, with those missed, once and in order", async () => {
  const { told, tick, link, server, timers } = await ticking();
  tick(105, live(0, 100));
  tick(106, live(1, 105));
  link().end("reset");
  server.bars = [past(0, 1), past(1, 2), past(2, 3), past(4, 5), past(5, 6)];

  await timers.advance(5_000);
  await timers.advance(240_000);
  tick(130, live(5, 130));
  await timers.advance(3_000);
  tick(140, live(6, 140));

  expect(minutesOf(told)).toEqual([0, 1, 2, 4, 5]);
  expect(told[1]).toMatchObject({ low: 2, open: 4, high: 11, close: 6, volume: 5 });
  // The bar that ran while live bars came again is told by those.
  expect(told[4]).toMatchObject({ low: 130, close: 130 });
});

test("a connection that comes back within the same bar needs no history", async () => {
  const { told, tick, link, server, timers } = await ticking();
  tick(105, live(0, 100));

  link().end("reset");
  await timers.advance(800);
  tick(107, live(0, 100, { volume: 9 }));
  await timers.advance(3_000);
  tick(120, live(1, 120));

  expect(server.count("ProtoOAGetTrendbarsReq")).toBe(0);
  expect(told).toMatchObject([{ openMinute: NOON, volume: 9, close: 107 }]);
});

test("a bar that history does not show yet is waited for, and live ones after it wait with it", async () => {
  const { told, tick, link, server, timers } = await ticking();
  tick(105, live(0, 100));
  link().end("reset");
  await timers.advance(54_500);
  tick(120, live(1, 120));
  await timers.advance(500);
  tick(130, live(2, 130));
  await timers.advance(700);
  expect(told).toEqual([]);

  server.bars = [past(0, 1), past(1, 2)];
  await timers.advance(3_000);

  expect(minutesOf(told)).toEqual([0, 1]);
  expect(told[1]).toMatchObject({ low: 120 });
});

test("a bar that history never shows keeps the others no longer than a few looks", async () => {
  const { told, tick, link, timers } = await ticking();
  tick(105, live(0, 100));
  link().end("reset");
  await timers.advance(60_000);
  tick(120, live(1, 120));
  await timers.advance(8_000);
  tick(130, live(2, 130));

  expect(minutesOf(told)).toEqual([1]);
});

test("a market that is closed after a reconnect is not asked about for ever", async () => {
  const { tick, link, server, timers } = await ticking();
  tick(105, live(0, 100));
  link().end("reset");

  await timers.advance(120_000);
  const early = server.count("ProtoOAGetTrendbarsReq");
  await timers.advance(3_600_000);

  expect(early).toBeLessThanOrEqual(8);
  expect(server.count("ProtoOAGetTrendbarsReq")).toBe(early);
});

test("missed bars are told before the first live one comes, except the one that may still run", async () => {
  const { told, tick, link, server, timers } = await ticking();
  tick(105, live(0, 100));
  link().end("reset");
  server.bars = [past(0, 1), past(1, 2)];

  await timers.advance(100_000);
  const before = minutesOf(told);
  server.bars.push(past(2, 3));
  await timers.advance(120_000);
  tick(130, live(3, 130));
  await timers.advance(5_000);

  expect(before).toEqual([0]);
  expect(minutesOf(told)).toEqual([0, 1, 2]);
});

test("live bars that begin while history is on its way say where it ends", async () => {
  const { told, tick, link, server, timers, session } = await ticking();
  tick(105, live(0, 100));
  server.fail("ProtoOAApplicationAuthReq", error("CONNECTIONS_LIMIT_EXCEEDED"));
  link().end("reset");
  server.bars = [past(0, 1), past(1, 2)];
  while (session.state().phase !== "ready") await timers.advance(10);
  const now = Math.floor(timers.now() / 60_000);
  server.bars.push(past(now, 7));

  for (let asked = 0; asked === 0; asked = server.count("ProtoOAGetTrendbarsReq")) await timers.advance(10);
  tick(130, live(now, 130));
  await timers.advance(5_000);

  expect(now).toBeGreaterThan(0);
  expect(minutesOf(told)).toEqual(now === 1 ? [0] : [0, 1]);
  tick(140, live(now + 1, 140));
  expect(told.at(-1)).toMatchObject({ openMinute: NOON + now, low: 130 });
});

test("history that fails is asked again, and nothing is told out of order meanwhile", async () => {
  const { told, tick, link, server, timers } = await ticking();
  tick(105, live(0, 100));
  link().end("reset");
  server.bars = [past(0, 1)];
  server.fail("ProtoOAGetTrendbarsReq", error("TIMEOUT_ERROR"), error("TIMEOUT_ERROR"));
  await timers.advance(60_000);

  tick(120, live(1, 120));
  tick(130, live(2, 130));
  await timers.advance(10_000);

  expect(minutesOf(told)).toEqual([0, 1]);
});

test("a lost account session is a gap like a lost connection", async () => {
  const { told, tick, link, server, timers } = await ticking();
  await timers.advance(10_000);
  tick(105, live(0, 100));
  server.disconnectAccount(link());
  server.bars = [past(0, 1)];
  await timers.advance(60_000);
  tick(120, live(1, 120));
  await timers.advance(3_000);

  expect(told).toMatchObject([{ openMinute: NOON, low: 1, close: 5 }]);
});

test("a period subscribed twice is asked for once, and its symbol's prices with it", async () => {
  const { session, server, timers, link } = await ticking();
  const before = server.count("ProtoOASubscribeLiveTrendbarReq");

  session.bars.subscribe(1, "M1");
  session.bars.subscribe(2, "H1");
  await timers.advance(1_000);

  expect(server.count("ProtoOASubscribeLiveTrendbarReq") - before).toBe(1);
  expect(server.isSubscribed(link(), 2)).toBe(true);
});

interface Tick {
  readonly minute: number;
  readonly price: number;
}

/** The bars of all ticks as the broker keeps them. */
function barsOf(ticks: readonly Tick[]): ProtoOATrendbar[] {
  const minutes = [...new Set(ticks.map(({ minute }) => minute))].toSorted((a, b) => a - b);
  return minutes.map((minute) => {
    const prices = ticks.filter((tick) => tick.minute === minute).map(({ price }) => price);
    const low = Math.min(...prices);
    return {
      utcTimestampInMinutes: NOON + minute,
      low,
      deltaOpen: (prices[0] ?? 0) - low,
      deltaHigh: Math.max(...prices) - low,
      deltaClose: (prices.at(-1) ?? 0) - low,
      volume: prices.length,
    };
  });
}

const closedOf = (bar: ProtoOATrendbar): Omit<ClosedBar, "symbolId" | "period"> => {
  const { low = 0, deltaOpen = 0, deltaHigh = 0, deltaClose = 0, volume } = bar;
  const openMinute = bar.utcTimestampInMinutes ?? 0;
  return { openMinute, open: low + deltaOpen, high: low + deltaHigh, low, close: low + deltaClose, volume };
};

test("whenever the connection is lost, the bars told are the broker's own, each once and in order", async () => {
  const beat = fc.record({
    waitMs: fc.constantFrom(500, 5_000, 20_000, 61_000, 130_000),
    price: fc.integer({ min: 100, max: 120 }),
    isCut: fc.integer({ min: 0, max: 3 }).map((draw) => draw === 0),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(beat, { minLength: 3, maxLength: 25 }), async (beats) => {
      const { told, tick, link, server, timers } = await ticking();
      const ticks: Tick[] = [];
      for (const { waitMs, price, isCut } of beats) {
        await timers.advance(waitMs);
        const minute = Math.floor(timers.now() / 60_000);
        ticks.push({ minute, price });
        server.bars = barsOf(ticks);
        const { deltaClose: _, ...running } = server.bars.at(-1) ?? { volume: 0 };
        const latest = link();
        if (!latest.isEnded() && server.isSubscribed(latest, 1)) tick(price, running);
        if (isCut && !latest.isEnded()) latest.end("reset");
      }
      await timers.advance(120_000);
      ticks.push({ minute: Math.floor(timers.now() / 60_000), price: 1 });
      server.bars = barsOf(ticks);
      tick(1, server.bars.at(-1));
      await timers.advance(10_000);

      const first = told[0]?.openMinute ?? Number.POSITIVE_INFINITY;
      const truth = server.bars.slice(0, -1).map(closedOf);
      const known = truth.filter(({ openMinute }) => openMinute >= first);
      expect(told.map(({ symbolId: _, period: __, ...bar }) => bar)).toEqual(known);
    }),
    { numRuns: 150 },
  );
});
