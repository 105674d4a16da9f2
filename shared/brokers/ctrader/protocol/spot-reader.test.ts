import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "./codec.ts";
import { emptySpotReading, readSpot } from "./spot-reader.ts";
import { anyWire } from "./testing/random-wire.ts";

const NAME = "ProtoOASpotEvent";

test("on any spot without bars, the hand-written reader gives what the codec gives", () => {
  fc.assert(
    fc.property(anyWire(NAME, { without: ["trendbar", "sessionClose"] }), (bytes) => {
      const reading = emptySpotReading();
      const decoded = decodeMessage(NAME, bytes);

      expect(readSpot(bytes, 0, bytes.length, reading)).toBeUndefined();
      if (!decoded.ok) throw new Error(decoded.reason);
      const { symbolId, bid = 0, ask = 0, timestamp = 0 } = decoded.body;
      expect(reading).toEqual({ symbolId, bid, ask, timestamp, hasMore: false });
    }),
    { numRuns: 1_000 },
  );
});

test("both find the same spots unreadable", () => {
  let unreadable = 0;

  fc.assert(
    fc.property(anyWire(NAME, { withFaults: true, without: ["trendbar"] }), (bytes) => {
      const reason = readSpot(bytes, 0, bytes.length, emptySpotReading());

      if (reason !== undefined) unreadable += 1;
      expect(reason === undefined).toBe(decodeMessage(NAME, bytes).ok);
    }),
    { numRuns: 1_000 },
  );

  expect(unreadable).toBeGreaterThan(10);
});

test.each([
  ["bars", { trendbar: [{ volume: 1 }] }],
  ["a session close, be it zero", { trendbar: [], sessionClose: 0 }],
])("a spot with %s says that it has more", (_, more) => {
  const reading = emptySpotReading();
  const bytes = encodeMessage(NAME, { ctidTraderAccountId: 1, symbolId: 2, bid: 3, ...more });

  expect(readSpot(bytes, 0, bytes.length, reading)).toBeUndefined();
  expect(reading).toEqual({ symbolId: 2, bid: 3, ask: 0, timestamp: 0, hasMore: true });
});

test("nothing of the last spot is left in the next", () => {
  const reading = emptySpotReading();
  const full = { bid: 1, ask: 2, timestamp: 3, sessionClose: 4 };
  const first = encodeMessage(NAME, { ctidTraderAccountId: 1, symbolId: 9, ...full, trendbar: [] });
  const second = encodeMessage(NAME, { ctidTraderAccountId: 1, symbolId: 8, trendbar: [] });

  readSpot(first, 0, first.length, reading);
  readSpot(second, 0, second.length, reading);

  expect(reading).toEqual({ symbolId: 8, bid: 0, ask: 0, timestamp: 0, hasMore: false });
});
