import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { decimalSchema } from "./decimal.ts";

test("a decimal is stored as plain text and comes back equal, however many digits it has", () => {
  const digits = fc.stringMatching(/^[1-9]\d{0,15}$/);
  fc.assert(
    fc.property(fc.boolean(), digits, fc.stringMatching(/^\d{1,12}$/), (isNegative, whole, part) => {
      const decimal = new Decimal(`${isNegative ? "-" : ""}${whole}.${part}`);

      const text = z.encode(decimalSchema, decimal);

      expect(text).not.toMatch(/e/i);
      expect(z.decode(decimalSchema, text).equals(decimal)).toBe(true);
    }),
  );
});

test.each(["1e3", "Infinity", "NaN", "", "1,5", "0x10", ".5", "1.", "+1", " 1"])(
  "%j is no decimal",
  (text) => {
    expect(decimalSchema.safeParse(text).success).toBe(false);
  },
);

test.each([
  new Decimal("Infinity"),
  new Decimal(Number.NaN),
  5 as unknown as Decimal,
  undefined as unknown as Decimal,
])("%s is not stored", (value) => {
  expect(z.safeEncode(decimalSchema, value).success).toBe(false);
});
