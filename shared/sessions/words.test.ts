import fc from "fast-check";
import { expect, test } from "vitest";
import { createSeededRandom } from "../platform/local/seeded-random.ts";
import { drawWords, PROOF_WORDS } from "./words.ts";

test("there are exactly 256 words, all different, short and plain", () => {
  expect(PROOF_WORDS).toHaveLength(256);
  expect(new Set(PROOF_WORDS).size).toBe(256);
  for (const word of PROOF_WORDS) expect(word).toMatch(/^[a-z]{3,8}$/);
});

test("no two words begin alike", () => {
  const beginnings = PROOF_WORDS.map((word) => word.slice(0, 4));

  expect(new Set(beginnings).size).toBe(256);
});

test("whatever the bytes, two different words of the list are drawn", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 3, maxLength: 3 }), (bytes) => {
      const [first, second] = drawWords({ bytes: () => bytes });

      expect(PROOF_WORDS).toContain(first);
      expect(PROOF_WORDS).toContain(second);
      expect(first).not.toBe(second);
    }),
  );
});

test("many draws use most of the list in both places", () => {
  const random = createSeededRandom("words");
  const draws = Array.from({ length: 2_000 }, () => drawWords(random));

  expect(new Set(draws.map(([first]) => first)).size).toBeGreaterThan(240);
  expect(new Set(draws.map(([, second]) => second)).size).toBeGreaterThan(240);
});
