import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { collection, type Store, StoreContention } from "../platform/store.ts";
import { createConsoleLimits } from "./console-limits.ts";
import { createLinkRequests } from "./link-requests.ts";
import { createMemoryLimiter, createStoredLimiter, type Limiter } from "./rate-limit.ts";
import { createHarness, type Harness } from "./testing/harness.ts";

const ALLOWED = { isAllowed: true };
const MINUTE = { limit: 10, windowMs: 60_000 };
const rawLimits = collection("rateLimits", z.looseObject({}));

let harness: Harness;

beforeEach(() => {
  harness = createHarness();
});
afterEach(() => harness.close());

/** How many of `count` hits in a row are allowed. */
async function take(limiter: Limiter, key: string, count: number): Promise<number> {
  let allowed = 0;
  for (let i = 0; i < count; i += 1) if ((await limiter.take(key)).isAllowed) allowed += 1;
  return allowed;
}

test("the general limit is 100 requests a minute an address", async () => {
  const { requests } = createConsoleLimits(harness);

  expect(await take(requests, "192.0.2.1", 120)).toBe(100);
  expect(await requests.take("192.0.2.1")).toEqual({ isAllowed: false, retryAfterSeconds: 60 });
  expect(await requests.take("192.0.2.2")).toEqual(ALLOWED);

  await harness.pass(59);
  expect(await requests.take("192.0.2.1")).toEqual({ isAllowed: false, retryAfterSeconds: 1 });
  await harness.pass(1);
  expect(await take(requests, "192.0.2.1", 120)).toBe(100);
});

test("all addresses together get 1,000 requests a minute, and refused ones use none of them up", async () => {
  const { requests } = createConsoleLimits(harness);
  expect(await take(requests, "greedy", 2_000)).toBe(100);

  let allowed = 0;
  for (let i = 0; i < 1_000; i += 1) allowed += await take(requests, `address-${i}`, 1);

  expect(allowed).toBe(900);
});

test("the memory limiter forgets the address seen longest ago, not one in use", async () => {
  const overall = { limit: 1_000, windowMs: 60_000 };
  const limiter = createMemoryLimiter(harness, { each: { limit: 2, windowMs: 60_000 }, overall, maxKeys: 2 });
  await take(limiter, "kept", 1);
  await take(limiter, "forgotten", 2);
  await take(limiter, "kept", 1);
  await take(limiter, "newest", 1);

  expect(await take(limiter, "kept", 1)).toBe(0);
  expect(await take(limiter, "forgotten", 1)).toBe(1);
});

test("sign-ins and PINs are limited to 10 a minute an address, each by itself", async () => {
  const { signIns, pins } = createConsoleLimits(harness);

  expect(await take(signIns, "192.0.2.1", 12)).toBe(10);
  expect(await take(pins, "192.0.2.1", 12)).toBe(10);
  expect(await take(pins, "192.0.2.2", 12)).toBe(10);
});

test("a stored limit holds over a restart and over instances", async () => {
  await take(createStoredLimiter(harness, { name: "pin", rules: [MINUTE] }), "192.0.2.1", 10);
  const store = harness.anotherStore();
  const later = createStoredLimiter({ store, clock: harness.clock }, { name: "pin", rules: [MINUTE] });

  await harness.pass(20);

  expect(await later.take("192.0.2.1")).toEqual({ isAllowed: false, retryAfterSeconds: 40 });
});

test("of 15 hits at once over two instances no more than the limit are allowed", async () => {
  const here = createStoredLimiter(harness, { name: "pin", rules: [MINUTE] });
  const there = createStoredLimiter(
    { store: harness.anotherStore(), clock: harness.clock },
    { name: "pin", rules: [MINUTE] },
  );

  const all = await Promise.all(
    Array.from({ length: 15 }, (_, i) => (i % 2 === 0 ? here : there).take("192.0.2.1")),
  );

  const allowed = all.filter((one) => one.isAllowed).length;
  expect(allowed).toBeGreaterThan(0);
  expect(allowed).toBeLessThanOrEqual(10);
});

test("when the store gives up because so many race, the hit is refused for a second", async () => {
  const contended: Store = { ...harness.store, transact: () => Promise.reject(new StoreContention()) };
  const limiter = createStoredLimiter(
    { store: contended, clock: harness.clock },
    { name: "pin", rules: [MINUTE] },
  );

  expect(await limiter.take("192.0.2.1")).toEqual({ isAllowed: false, retryAfterSeconds: 1 });
});

test("a store that is broken is not mistaken for a limit", async () => {
  const broken: Store = { ...harness.store, transact: () => Promise.reject(new Error("disk")) };
  const limiter = createStoredLimiter(
    { store: broken, clock: harness.clock },
    { name: "pin", rules: [MINUTE] },
  );

  await expect(limiter.take("192.0.2.1")).rejects.toThrow("disk");
});

test("the store holds no address, and the record may be removed after the window", async () => {
  await createStoredLimiter(harness, { name: "pin", rules: [MINUTE] }).take("192.0.2.1");

  const [stored] = await harness.store.query(rawLimits);

  expect(JSON.stringify(stored)).not.toContain("192.0.2.1");
  expect(stored?.value).toMatchObject({ expiresAt: "2026-11-23T13:31:00.000Z" });
});

test("a fresh link may be asked for once a minute and five times an hour, whoever asks", async () => {
  const linkRequests = createLinkRequests(harness);
  const answers: boolean[] = [];

  for (let minute = 0; minute < 62; minute += 1) {
    answers.push(await linkRequests.allow(), await linkRequests.allow());
    await harness.pass(60);
  }

  const inMinute = Array.from({ length: 62 }, (_, i) => answers.slice(2 * i, 2 * i + 2));
  expect(inMinute.map(([first]) => first)).toEqual([
    ...Array(5).fill(true),
    ...Array(55).fill(false),
    true,
    true,
  ]);
  expect(inMinute.every(([, second]) => second === false)).toBe(true);
});
