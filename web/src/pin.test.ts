import fc from "fast-check";
import { expect, test } from "vitest";
import { isPin, normalisePin } from "./pin.ts";

test("what was pasted loses its spaces and becomes capitals", () => {
  expect(normalisePin(" ab1 2c\n")).toBe("AB12C");
});

test.each(["AB12", "AB12C", "1234567890"])("%s is a PIN", (pin) => {
  expect(isPin(pin)).toBe(true);
});

test.each(["", "AB1", "12345678901", "AB-12", "ÄB12C", "AB12C!"])("“%s” is no PIN", (pin) => {
  expect(isPin(pin)).toBe(false);
});

test("normalising never makes a long text into a PIN, and twice is as good as once", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const once = normalisePin(text);
      expect(once.length <= 120 && !/\s/u.test(once)).toBe(true);
      if (text.replace(/\s+/gu, "").length > 10) expect(isPin(once)).toBe(false);
    }),
  );
});
