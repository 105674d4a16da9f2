import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "./codec.ts";
import { readExecution } from "./execution-reader.ts";
import { anyWire } from "./testing/random-wire.ts";

const NAME = "ProtoOAExecutionEvent";

test("on any event that can be read, the hand-written reader gives what the codec gives", () => {
  fc.assert(
    fc.property(anyWire(NAME), (bytes) => {
      const read = readExecution(bytes, 0, bytes.length);

      expect(read.ok).toBe(true);
      expect(read).toStrictEqual(decodeMessage(NAME, bytes));
    }),
    { numRuns: 400 },
  );
}, 60_000);

test("both find the same events unreadable: too large a number, an unknown word, a missing field", () => {
  let unreadable = 0;

  fc.assert(
    fc.property(anyWire(NAME, { withFaults: true }), (bytes) => {
      const read = readExecution(bytes, 0, bytes.length);
      const decoded = decodeMessage(NAME, bytes);

      if (!read.ok) unreadable += 1;
      expect(read.ok).toBe(decoded.ok);
      if (read.ok) expect(read).toStrictEqual(decoded);
    }),
    { numRuns: 400 },
  );

  expect(unreadable).toBeGreaterThan(10);
}, 60_000);

test("both agree on events with damaged bytes", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });

  fc.assert(
    fc.property(anyWire(NAME), damage, fc.nat(), (sound, changes, cut) => {
      const bytes = sound.slice(0, cut % 2 === 0 ? sound.length : cut % (sound.length + 1));
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;

      const read = readExecution(bytes, 0, bytes.length);
      const decoded = decodeMessage(NAME, bytes);

      expect(read.ok).toBe(decoded.ok);
      if (read.ok) expect(read).toStrictEqual(decoded);
    }),
    { numRuns: 800 },
  );
}, 60_000);

test("an event within other bytes is read to its end and no further", () => {
  const event = { ctidTraderAccountId: 1, executionType: "SWAP", errorCode: "é" } as const;
  const payload = encodeMessage(NAME, event);
  const around = Uint8Array.from([255, 255, ...payload, 255, 255]);

  expect(readExecution(around, 2, 2 + payload.length)).toStrictEqual({ ok: true, body: event });
});

test("explicit zeros stand, and no default of the schema takes the place of what is absent", () => {
  const event = {
    ctidTraderAccountId: 1,
    executionType: "ORDER_ACCEPTED",
    order: {
      orderId: 5,
      tradeData: { symbolId: 1, volume: 0, tradeSide: "SELL", guaranteedStopLoss: false, label: "" },
      orderType: "MARKET",
      orderStatus: "ORDER_STATUS_ACCEPTED",
      executedVolume: 0,
      slippageInPoints: -3,
    },
  } as const;
  const payload = encodeMessage(NAME, event);

  expect(readExecution(payload, 0, payload.length)).toStrictEqual({ ok: true, body: event });
});
