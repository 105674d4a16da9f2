import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decimalSchema,
  epochSecondsSchema,
  given,
  optionalDecimalSchema,
  optionalTextSchema,
  parseExactJson,
  textSchema,
  wholeNumberSchema,
} from "./json.ts";

test("an amount keeps every digit that a binary float would lose", () => {
  const parsed = parseExactJson('{"amount":12345678901234567.891,"nested":[0.1]}') as {
    amount: Decimal;
    nested: Decimal[];
  };

  expect(parsed.amount.toFixed()).toBe("12345678901234567.891");
  expect(parsed.nested[0]).toEqual(new Decimal("0.1"));
});

test("any decimal of money comes out with the digits that it was written with", () => {
  const digits = fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.stringMatching(/^[0-9]{0,8}[1-9]$/))
    .map(([whole, fraction]) => `${whole}.${fraction}`);

  fc.assert(
    fc.property(digits, (text) => {
      const parsed = parseExactJson(`[${text}]`) as Decimal[];

      expect(parsed[0]?.toFixed()).toBe(text);
    }),
  );
});

test("text, flags, null and structure stay what they are", () => {
  const text = '{"a":"1.50","b":true,"c":null,"d":[{}],"e":""}';

  expect(parseExactJson(text)).toEqual(JSON.parse(text));
});

test.each(["", "<html>", "{", "undefined", "[".repeat(200_000)])("%.20s… is no JSON", (text) => {
  expect(parseExactJson(text)).toBeUndefined();
});

test.each([
  ["1767366930", "2026-01-02T15:15:30Z"],
  ["0", undefined],
])("the second %s is the instant %s", (text, instant) => {
  expect(epochSecondsSchema.parse(parseExactJson(text))?.toString()).toBe(instant);
});

test.each(["1767366930000", "-1", "1.5"])("%s is refused as a second", (text) => {
  expect(epochSecondsSchema.safeParse(parseExactJson(text)).success).toBe(false);
});

test("a whole number is one that JavaScript can hold", () => {
  expect(wholeNumberSchema.parse(parseExactJson("1234567890123"))).toBe(1_234_567_890_123);
  expect(wholeNumberSchema.safeParse(parseExactJson("9007199254740993")).success).toBe(false);
  expect(wholeNumberSchema.safeParse(parseExactJson("0.5")).success).toBe(false);
});

test("numbers written as text are not taken for numbers, and numbers may stand for text", () => {
  expect(decimalSchema.safeParse("1.5").success).toBe(false);
  expect(textSchema.parse(parseExactJson("11112222"))).toBe("11112222");
  expect(textSchema.parse("11112222")).toBe("11112222");
});

test("what is absent or null is absent", () => {
  expect(optionalDecimalSchema.parse(null)).toBeUndefined();
  expect(optionalDecimalSchema.parse(undefined)).toBeUndefined();
  expect(optionalTextSchema.parse(null)).toBe("");
  expect(optionalTextSchema.parse(" a ")).toBe("a");
  expect(Object.keys(given({ a: 1, b: undefined, c: 0 }))).toEqual(["a", "c"]);
});
