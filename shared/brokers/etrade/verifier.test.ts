import { expect, test } from "vitest";
import { normalizeVerifier } from "./verifier.ts";

test.each([
  ["AB12C", "AB12C"],
  ["  ab12c\n", "AB12C"],
  ["A1B2", "A1B2"],
  ["ABCDE12345", "ABCDE12345"],
])("%j is taken as the PIN %s", (text, pin) => {
  expect(normalizeVerifier(text)).toEqual({ ok: true, value: pin });
});

test.each(["", "   ", "ABC", "ABCDE123456", "AB 12C", "AB-12C", "ÄB12C", "AB12C\nAB12C", "A".repeat(10_000)])(
  "%j is malformed, and the failure does not repeat it",
  (text) => {
    expect(normalizeVerifier(text)).toEqual({ ok: false, code: "PIN_MALFORMED", detail: {} });
  },
);
