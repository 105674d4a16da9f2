import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failureSchema } from "../../shared/console/api.ts";
import { openTestStack, type TestStack } from "../../tests/support/stack.ts";

let stack: TestStack | undefined;
beforeEach(() => {
  stack = undefined;
});
afterEach(() => stack?.close());

test("a fault on the clock's way is an id for the caller, and its place for the log, but never its message", async () => {
  stack = await openTestStack();
  stack.clock.at(stack.clock.now().add(Temporal.Duration.from({ seconds: 1 })), async () => {
    throw new Error("CANARY");
  });

  const answer = await fetch(`${stack.addresses.sandbox}/clock`, {
    method: "POST",
    body: '{"advance":"PT2S"}',
  });

  const text = await answer.text();
  const { error } = failureSchema.parse(JSON.parse(text));
  expect([answer.status, error.code]).toEqual([500, "INTERNAL"]);
  expect(stack.logged()).toContain(String(error.detail.id));
  expect(text + stack.logged()).not.toContain("CANARY");
});

test("the page comes through the same door as the interface, each with its own headers", async () => {
  stack = await openTestStack();

  const page = await fetch(stack.addresses.console);
  const status = await fetch(new URL("api/status", stack.addresses.console));

  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect([status.status, status.headers.get("cache-control")]).toEqual([401, "no-store"]);
});
