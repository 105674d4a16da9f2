import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { z } from "zod";
import { instantSchema, plainDateSchema, toIso } from "./instant.ts";

const anyInstant = fc
  .bigInt({ min: -62_167_219_200_000n, max: 253_402_300_799_999n })
  .map((milliseconds) => Temporal.Instant.fromEpochMilliseconds(Number(milliseconds)));

test("instants are written in UTC with exactly three decimals", () => {
  expect(toIso(Temporal.Instant.from("2026-03-09T08:00:00-04:00"))).toBe("2026-03-09T12:00:00.000Z");
  expect(toIso(Temporal.Instant.from("2026-03-09T12:00:00.1Z"))).toBe("2026-03-09T12:00:00.100Z");
});

test("parts finer than a millisecond are cut off, never rounded up", () => {
  expect(toIso(Temporal.Instant.from("2026-12-31T23:59:59.999999999Z"))).toBe("2026-12-31T23:59:59.999Z");
});

test("an instant comes back from its text, and text order is time order", () => {
  fc.assert(
    fc.property(anyInstant, anyInstant, (a, b) => {
      const [textA, textB] = [z.encode(instantSchema, a), z.encode(instantSchema, b)];

      expect(instantSchema.parse(textA).equals(a)).toBe(true);
      expect(Math.sign(Temporal.Instant.compare(a, b))).toBe(textA < textB ? -1 : textA > textB ? 1 : 0);
    }),
  );
});

test.each([
  "",
  "yesterday",
  "2026-03-09",
  "2026-03-09T12:00:00",
  "2026-02-30T12:00:00Z",
  1_773_057_600_000,
  null,
])("%s is no stored instant", (value) => {
  expect(instantSchema.safeParse(value).success).toBe(false);
});

test("instants with an offset are read as the same moment", () => {
  expect(instantSchema.parse("2026-03-09T08:00:00-04:00").toString()).toBe("2026-03-09T12:00:00Z");
});

test("a date comes back from its text", () => {
  const date = Temporal.PlainDate.from("2028-02-29");

  expect(z.encode(plainDateSchema, date)).toBe("2028-02-29");
  expect(plainDateSchema.parse("2028-02-29").equals(date)).toBe(true);
});

test.each(["2026-02-29", "2026-3-9", "2026-03-09T12:00:00Z", 20_260_309])("%s is no stored date", (value) => {
  expect(plainDateSchema.safeParse(value).success).toBe(false);
});
