import { expect, test } from "vitest";
import { createSeededRandom } from "./seeded-random.ts";
import { createSystemRandom } from "./system-random.ts";

test("the system's generator gives as many bytes as asked, and others each time", () => {
  const random = createSystemRandom();

  expect(random.bytes(0).length).toBe(0);
  expect(random.bytes(32).length).toBe(32);
  expect(random.bytes(32)).not.toEqual(random.bytes(32));
});

test("a seed gives the same bytes again, however they are taken", () => {
  const [one, two] = [createSeededRandom("a"), createSeededRandom("a")];

  const whole = one.bytes(100);
  const parts = [two.bytes(1), two.bytes(60), two.bytes(0), two.bytes(39)];

  expect(Buffer.concat(parts)).toEqual(Buffer.from(whole));
  expect(one.bytes(16)).not.toEqual(whole.subarray(0, 16));
});

test("another seed gives other bytes", () => {
  expect(createSeededRandom("a").bytes(16)).not.toEqual(createSeededRandom("b").bytes(16));
});
