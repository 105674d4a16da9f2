import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "./codec.ts";
import { DESCRIPTOR, type Messages, PAYLOAD_TYPES } from "./open-api.generated.ts";
import type { TypeName } from "./schema.ts";
import { anyWire } from "./testing/random-wire.ts";

const NAMES = (Object.keys(DESCRIPTOR) as (keyof typeof DESCRIPTOR)[]).filter(
  (name) => "fields" in DESCRIPTOR[name],
) as TypeName[];

test("whatever can be read is written again, and reads the same", () => {
  expect(NAMES).toContain("ProtoOASymbolByIdRes");
  const anything = fc.constantFrom(...NAMES).chain((name) => fc.tuple(fc.constant(name), anyWire(name)));
  // What the outbound side refuses on purpose, since no price of ours is one.
  const odd = (value: unknown): boolean => typeof value === "number" && !Number.isFinite(value);

  fc.assert(
    fc.property(anything, ([name, bytes]) => {
      const decoded = decodeMessage(name, bytes);
      if (!decoded.ok) throw new Error(`${name}: ${decoded.reason}`);
      fc.pre(!someValue(decoded.body, odd));

      expect(decodeMessage(name, encodeMessage(name, decoded.body))).toStrictEqual(decoded);
    }),
    { numRuns: 1_000 },
  );
}, 60_000);

test("random bytes are read or refused, never thrown at the caller", () => {
  const bytes = fc.uint8Array({ maxLength: 60 });

  fc.assert(
    fc.property(fc.constantFrom(...NAMES), bytes, (name, random) => {
      expect(decodeMessage(name, random).ok).toBeTypeOf("boolean");
    }),
    { numRuns: 5_000 },
  );
});

test("a list that is not on the wire is an empty one; an inner payload type is left out", () => {
  const withType = Uint8Array.from([0x08, ...varint(PAYLOAD_TYPES.ProtoOAReconcileRes), 0x10, 7]);

  expect(decodeMessage("ProtoOAReconcileRes", withType)).toStrictEqual({
    ok: true,
    body: { ctidTraderAccountId: 7, position: [], order: [] },
  });
});

test("a list of numbers is read in one piece and one by one", () => {
  const packed = Uint8Array.from([0x10, 1, 0x1a, 2, 5, 6]);
  const single = Uint8Array.from([0x10, 1, 0x18, 5, 0x18, 6]);
  const expected = { ok: true, body: { ctidTraderAccountId: 1, symbolId: [5, 6] } };

  expect(decodeMessage("ProtoOASubscribeSpotsReq", packed)).toStrictEqual(expected);
  expect(decodeMessage("ProtoOASubscribeSpotsReq", single)).toStrictEqual(expected);
});

test.each([
  ["the largest", "ff ff ff ff ff ff ff 0f", { ok: true, body: { userId: Number.MAX_SAFE_INTEGER } }],
  ["one more", "80 80 80 80 80 80 80 10", { ok: false, reason: "number-too-large" }],
  ["the smallest", "81 80 80 80 80 80 80 f0 ff 01", { ok: true, body: { userId: Number.MIN_SAFE_INTEGER } }],
  ["one less", "80 80 80 80 80 80 80 f0 ff 01", { ok: false, reason: "number-too-large" }],
  ["eleven bytes", "80 80 80 80 80 80 80 80 80 80 00", { ok: false, reason: "malformed" }],
  ["none", "", { ok: false, reason: "truncated" }],
  ["half of one", "80", { ok: false, reason: "truncated" }],
])("an integer of 64 bits: %s", (_, hex, expected) => {
  const bytes = Buffer.from(`08${hex.replaceAll(" ", "")}`, "hex");

  expect(decodeMessage("ProtoOACtidProfile", bytes)).toStrictEqual(expected);
});

test("an enum's number without a name counts as absent, and as unreadable where the field must be there", () => {
  const bar = Uint8Array.from([0x18, 1, 0x20, 99]);
  const tick = Uint8Array.from([0x10, 1, 0x18, 1, 0x20, 99]);

  expect(decodeMessage("ProtoOATrendbar", bar)).toStrictEqual({ ok: true, body: { volume: 1 } });
  expect(decodeMessage("ProtoOAGetTickDataReq", tick)).toStrictEqual({ ok: false, reason: "unknown-value" });
});

test.each([
  ["a text that is announced longer than it is", [0x0a, 9, 65], "truncated"],
  ["a number where a text should be", [0x10, 1], "malformed"],
  ["a number where a text should be, which could pass for a field", [0x10, 0x28, 1], "malformed"],
  ["a required field that is missing", [], "missing-field"],
  ["a group without an end", [0x53, 0x08, 1], "truncated"],
  ["a group with another's end", [0x53, 0x5c], "malformed"],
  ["groups within groups within groups", new Array(40).fill(0x53), "too-deep"],
  ["a wire type that there is not", [0x57], "malformed"],
  ["a field with the number 0", [0x00], "malformed"],
])("unreadable: %s", (_, bytes, reason) => {
  const shifted = Uint8Array.from(bytes.map((byte, index) => (index === 0 && byte === 0x0a ? 0x12 : byte)));

  expect(decodeMessage("ProtoOAVersionRes", shifted)).toStrictEqual({ ok: false, reason });
});

test("an answer keeps nothing of the bytes that it was read from", () => {
  const bytes = encodeMessage("ProtoMessage", { payloadType: 5, payload: Uint8Array.from([1, 2]) });
  const decoded = decodeMessage("ProtoMessage", bytes);

  bytes.fill(0);

  expect(decoded).toStrictEqual({ ok: true, body: { payloadType: 5, payload: Uint8Array.from([1, 2]) } });
});

test.each<[string, TypeName, unknown, ErrorConstructor]>([
  ["a missing field", "ProtoOATraderReq", {}, TypeError],
  ["a field left undefined", "ProtoOATraderReq", { ctidTraderAccountId: undefined }, TypeError],
  ["a missing list", "ProtoOASubscribeSpotsReq", { ctidTraderAccountId: 1 }, TypeError],
  ["a list that is none", "ProtoOASubscribeSpotsReq", { ctidTraderAccountId: 1, symbolId: 5 }, TypeError],
  ["an unknown field", "ProtoOATraderReq", { ctidTraderAccountId: 1, account: 1 }, TypeError],
  ["a field by an inherited name", "ProtoOATraderReq", { ctidTraderAccountId: 1, toString: 1 }, TypeError],
  ["the inner payload type", "ProtoOATraderReq", { ctidTraderAccountId: 1, payloadType: 2121 }, TypeError],
  ["a text for a number", "ProtoOATraderReq", { ctidTraderAccountId: "1" }, TypeError],
  ["a fraction for an integer", "ProtoOATraderReq", { ctidTraderAccountId: 1.5 }, RangeError],
  ["an integer beyond 2^53", "ProtoOATraderReq", { ctidTraderAccountId: 2 ** 53 }, RangeError],
  ["a negative unsigned number", "ProtoOAInterval", { startSecond: -1, endSecond: 1 }, RangeError],
  ["an unsigned number beyond 2^32", "ProtoOAInterval", { startSecond: 2 ** 32, endSecond: 1 }, RangeError],
  [
    "not a number",
    "ProtoOAMarginCall",
    { marginCallType: "MARGIN_LEVEL_THRESHOLD_1", marginLevelThreshold: Number.NaN },
    RangeError,
  ],
  [
    "an unknown word",
    "ProtoOAMarginCall",
    { marginCallType: "toString", marginLevelThreshold: 1 },
    RangeError,
  ],
  ["a number for a word", "ProtoOAMarginCall", { marginCallType: 61, marginLevelThreshold: 1 }, RangeError],
  ["no message within", "ProtoOATraderRes", { ctidTraderAccountId: 1, trader: null }, TypeError],
])("our own mistake is thrown: %s", (_, name, body, kind) => {
  expect(() => encodeMessage(name, body as Messages[TypeName])).toThrow(kind);
});

function someValue(value: unknown, test: (value: unknown) => boolean): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return test(value);
  return Object.values(value).some((one) => someValue(one, test));
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
