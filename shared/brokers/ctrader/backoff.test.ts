import fc from "fast-check";
import { expect, test } from "vitest";
import type { Random } from "../../platform/random.ts";
import { backoffMs } from "./backoff.ts";

const TIMINGS = { baseMs: 500, capMs: 30_000 };

const drawing = (byte: number): Random => ({ bytes: (count) => new Uint8Array(count).fill(byte) });

test("the ceiling of a pause doubles with each failure until the cap", () => {
  const longest = [0, 1, 2, 5, 6, 60, 5_000].map((failures) => backoffMs(failures, TIMINGS, drawing(255)));

  expect(longest).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
});

test("a pause is spread over the whole ceiling", () => {
  expect(backoffMs(6, TIMINGS, drawing(128))).toBe(Math.ceil(30_000 * (0x80808080 / 2 ** 32)));
});

test("no pause is longer than the cap or shorter than a twentieth of its ceiling", () => {
  const bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.nat(100), bytes, (failures, drawn) => {
      const ms = backoffMs(failures, TIMINGS, { bytes: () => drawn });
      const ceiling = Math.min(30_000, 500 * 2 ** failures);
      expect(ms).toBeGreaterThanOrEqual(ceiling / 20);
      expect(ms).toBeLessThanOrEqual(ceiling);
    }),
  );
});
