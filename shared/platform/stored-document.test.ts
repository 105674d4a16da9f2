import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { z } from "zod";
import { collection } from "./store.ts";
import { decodeDocument, encodeDocument, toStoredQuery, toStoredValue } from "./stored-document.ts";

const people = collection(
  "people",
  z.strictObject({ name: z.string().max(3), deep: z.strictObject({ pin: z.enum(["a", "b"]) }).optional() }),
);

test("a document that does not fit says where, and shows no value", () => {
  const misfit = { name: "CANARY", deep: { pin: "CANARY" }, extra: "CANARY" };

  for (const attempt of [
    () => decodeDocument(people, "id-1", misfit),
    () => encodeDocument(people, "id-1", misfit as never),
  ]) {
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(/^people\/id-1 .*name: too_big.*deep\.pin: invalid_value/);
    expect(attempt).not.toThrow(/CANARY/);
  }
});

const words = { name: "words" };
const days = { name: "days", indexes: [{ where: ["n", "day", "at"], orderBy: ["at", "desc"] as const }] };

test("instants and dates are compared as they are stored", () => {
  const query = toStoredQuery<{ at: Temporal.Instant; day: Temporal.PlainDate; n: number }>(days, {
    where: {
      at: Temporal.Instant.from("2026-03-09T08:00:00-04:00"),
      day: Temporal.PlainDate.from("2026-03-09"),
      n: 5,
    },
    orderBy: ["at", "desc"],
  });

  expect(query).toEqual({
    where: [
      ["at", "2026-03-09T12:00:00.000Z"],
      ["day", "2026-03-09"],
      ["n", 5],
    ],
    orderBy: ["at", "desc"],
    limit: 1_000,
  });
});

test("what has no stored form of its own cannot be compared", () => {
  for (const value of [undefined, {}, [], Number.NaN, 1n, Number.POSITIVE_INFINITY, new Date(0)]) {
    expect(() => toStoredValue("field", value)).toThrow(TypeError);
  }
});

test("a field's name cannot carry a path or a quote", () => {
  expect(() => toStoredQuery<Record<string, string>>(words, { where: { "a.b": "x" } })).toThrow(RangeError);
  expect(() => toStoredQuery<Record<string, string>>(words, { orderBy: ["a' OR 1", "asc"] })).toThrow(
    RangeError,
  );
});
