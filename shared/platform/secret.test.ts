import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "./secret.ts";

test("a secret gives its text only when it is revealed", () => {
  const text = " exact\ttext 🚀 ";

  expect(Secret.of(text).reveal()).toBe(text);
});

test.each<[string, (secret: Secret) => string]>([
  ["a template", (secret) => `${secret}`],
  ["a concatenation", (secret) => `a${String(secret)}`],
  ["String()", (secret) => String(secret)],
  ["JSON", (secret) => JSON.stringify({ deep: [{ secret }] })],
  ["inspect", (secret) => inspect({ secret }, { showHidden: true, depth: 9 })],
  ["console's format", (secret) => format("%s %o %O %j %d", secret, secret, secret, secret, secret)],
  ["an error", (secret) => inspect(new Error("failed", { cause: secret }))],
])("a secret prints as [secret] in %s", (_place, print) => {
  const printed = print(Secret.of("CANARY"));

  expect(printed).toContain("[secret]");
  expect(printed).not.toContain("CANARY");
});

test("a secret has nothing to enumerate, copy or look into", () => {
  const secret = Secret.of("CANARY");

  expect(Object.keys(secret)).toEqual([]);
  expect(Reflect.ownKeys(secret)).toEqual([]);
  expect({ ...secret }).toEqual({});
  expect(structuredClone(secret)).toEqual({});
});

test("an empty secret throws a RangeError", () => {
  expect(() => Secret.of("")).toThrow(RangeError);
});
