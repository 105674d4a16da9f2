import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceCredential } from "../../shared/config/credentials.ts";
import { failureSchema } from "../../shared/console/api.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { PERPLEXITY_API_ROOT } from "../../shared/sentiment/perplexity-client.ts";
import { dayCounts } from "../../shared/trading/watch/records.ts";
import { MASTER_KEY, openTestStack, type TestStack } from "../../tests/support/stack.ts";
import { openHome } from "./home.ts";
import { openLocalPlatform } from "./local-platform.ts";

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

test("a night that is jumped over wakes the owner with nothing but the morning's rings, however much all of this takes", async () => {
  const config = { safety: { kpis: { memoryMb: 50 } } };
  stack = await openTestStack({ config, startAt: Temporal.Instant.from("2026-11-23T13:29:30Z") });

  await stack.clock.advanceTo(Temporal.Instant.from("2026-11-24T13:30:00Z"));

  const told = await stack.owner.messages();
  const figures = await stack.app.platform.store.query(dayCounts);
  expect(figures.map(({ id }) => id)).toEqual(["2026-11-24"]);
  expect(told.filter(({ buttons }) => buttons.length === 0)).toEqual([]);
  expect(told.at(-1)?.at).toBe("2026-11-24T13:30:00.000Z");
});

test("a key of the owner's own goes to Perplexity itself, and never to the simulator", async () => {
  const folder = makeTemporaryFolder();
  const home = await openHome(folder.path, { isFresh: false });
  stack = await openTestStack({
    folder: folder.path,
    async openPlatform(parts) {
      const running = openLocalPlatform({ ...parts, home, masterKey: MASTER_KEY });
      await replaceCredential(running.platform, "perplexity", Secret.of("pplx-own"));
      return running;
    },
  });

  expect(stack.app.options.sentimentApiRoot).toBe(PERPLEXITY_API_ROOT);
  await stack.close();
  folder.remove();
  stack = await openTestStack();

  expect(stack.app.options.sentimentApiRoot).toBe(stack.simulators.perplexityRoot);
});
