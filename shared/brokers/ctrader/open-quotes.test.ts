import fc from "fast-check";
import { expect, test } from "vitest";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { SpotReading } from "./channel.ts";
import { openQuotes } from "./open-quotes.ts";
import type { Quote } from "./quotes.ts";

function aBoard() {
  const timers = createVirtualTimers(1_000);
  let asked = 0;
  const quotes = openQuotes({
    timers,
    subscribed: () => {
      asked += 1;
    },
  });
  const spot = (symbolId: number, bid: number, ask: number, timestamp = 0) =>
    quotes.take({ symbolId, bid, ask, timestamp, hasMore: false });
  return { timers, quotes, spot, asked: () => asked };
}

test("a side that did not change keeps its last price", () => {
  const { quotes, spot, timers } = aBoard();

  spot(1, 100, 110, 5_000);
  spot(1, 0, 112, 6_000);
  spot(1, 99, 0);

  expect(quotes.get(1)).toEqual({ symbolId: 1, bid: 99, ask: 112, receivedAt: timers.now(), timestamp: 0 });
});

test("a side that was never seen is 0, and a symbol without any price has no quote", () => {
  const { quotes, spot } = aBoard();

  spot(1, 100, 0);
  spot(2, 0, 0);

  expect(quotes.get(1)).toMatchObject({ bid: 100, ask: 0 });
  expect(quotes.get(2)).toBeUndefined();
});

test("prices of a connection that is over are forgotten, and no side of them comes back with the next", () => {
  const { quotes, spot } = aBoard();
  spot(1, 100, 110);

  quotes.forget();
  const between = quotes.get(1);
  spot(1, 0, 120);

  expect(between).toBeUndefined();
  expect(quotes.get(1)).toMatchObject({ bid: 0, ask: 120 });
});

test("every change is told in its order, in the turn in which it was read; a message without a price is none", () => {
  const { quotes, spot } = aBoard();
  const heard: [number, number, number][] = [];
  const leave = quotes.listen(({ symbolId, bid, ask }) => heard.push([symbolId, bid, ask]));

  spot(1, 100, 0);
  spot(2, 0, 7);
  spot(2, 0, 0);
  spot(1, 0, 110);
  leave();
  spot(1, 5, 5);

  expect(heard).toEqual([
    [1, 100, 0],
    [2, 0, 7],
    [1, 100, 110],
  ]);
});

test("a quote that was fetched stays as it was", () => {
  const { quotes, spot } = aBoard();
  spot(1, 100, 110);

  const fetched = quotes.get(1);
  spot(1, 200, 210);

  expect(fetched).toMatchObject({ bid: 100, ask: 110 });
});

test("a symbol is asked for once", () => {
  const { quotes, asked } = aBoard();

  quotes.subscribe([1, 2]);
  quotes.subscribe([2]);
  quotes.subscribe([2, 3]);

  expect(asked()).toBe(2);
  expect([...quotes.wanted()]).toEqual([1, 2, 3]);
});

test("a slow reader takes the latest of each symbol that changed, and waits where nothing did", async () => {
  const { quotes, spot } = aBoard();
  const slow = quotes.conflated();
  for (let bid = 1; bid <= 1_000; bid += 1) spot(1 + (bid % 2), bid, bid + 1);

  const first = await slow.take();
  const second = slow.take();
  await Promise.resolve();
  spot(3, 9, 10);

  expect(first.map(({ symbolId, bid }) => [symbolId, bid]).toSorted()).toEqual([
    [1, 1_000],
    [2, 999],
  ]);
  expect(await second).toMatchObject([{ symbolId: 3, bid: 9, ask: 10 }]);
});

test("closing a reader ends its wait with nothing, and it is told no more", async () => {
  const { quotes, spot } = aBoard();
  const slow = quotes.conflated();
  const waiting = slow.take();

  slow.close();
  spot(1, 5, 6);

  expect(await waiting).toEqual([]);
  expect(await slow.take()).toEqual([]);
});

test("a slow reader is not given prices of a connection that is over", async () => {
  const { quotes, spot } = aBoard();
  const slow = quotes.conflated();
  spot(1, 5, 6);

  quotes.forget();
  const taken = slow.take();
  await Promise.resolve();
  spot(2, 7, 8);

  expect((await taken).map(({ symbolId }) => symbolId)).toEqual([2]);
});

test("whatever is read, the board and a slow reader end with the last price of each side", async () => {
  const reading = fc.record({
    symbolId: fc.integer({ min: 1, max: 4 }),
    bid: fc.nat(3),
    ask: fc.nat(3),
    timestamp: fc.nat(9),
    hasMore: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(reading, { minLength: 1 }), fc.nat(5), async (readings, every) => {
      const { quotes } = aBoard();
      const slow = quotes.conflated();
      const seen = new Map<number, Quote>();
      const read = async () => {
        quotes.take({ symbolId: 99, bid: 1, ask: 1, timestamp: 0, hasMore: false });
        for (const quote of await slow.take()) seen.set(quote.symbolId, quote);
      };
      for (const [at, one] of readings.entries()) {
        quotes.take(one);
        if (every > 0 && at % every === 0) await read();
      }
      await read();

      for (let symbolId = 1; symbolId <= 4; symbolId += 1) {
        const own = readings.filter((one) => one.symbolId === symbolId);
        const bid = own.findLast((one) => one.bid !== 0)?.bid ?? 0;
        const ask = own.findLast((one) => one.ask !== 0)?.ask ?? 0;
        const expected = bid === 0 && ask === 0 ? undefined : { symbolId, bid, ask };
        if (expected === undefined) expect(quotes.get(symbolId)).toBeUndefined();
        else expect(quotes.get(symbolId)).toMatchObject(expected);
        expect(seen.get(symbolId)).toEqual(quotes.get(symbolId));
      }
    }),
  );
});

test("a million prices take less than a second, with a listener and a slow reader", () => {
  const { quotes } = aBoard();
  let sum = 0;
  quotes.listen(({ bid }) => {
    sum += bid;
  });
  quotes.conflated();
  const reading: SpotReading = { symbolId: 0, bid: 0, ask: 0, timestamp: 0, hasMore: false };
  const spots = (count: number) => {
    for (let at = 0; at < count; at += 1) {
      reading.symbolId = at & 63;
      reading.bid = 1 + (at & 1023);
      reading.ask = 2 + (at & 1023);
      quotes.take(reading);
    }
  };
  spots(100_000);

  const startedAt = performance.now();
  spots(1_000_000);

  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(sum).toBeGreaterThan(0);
});
