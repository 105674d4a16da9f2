import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { createSeededRandom } from "../platform/local/seeded-random.ts";
import { collection, type Store } from "../platform/store.ts";
import { createLinks, type Links } from "./links.ts";
import { createHarness, type Harness, OPEN_TIME } from "./testing/harness.ts";

const NOT_VALID = { ok: false, code: "LINK_NOT_VALID", detail: {} };
const rawLinks = collection("links", z.looseObject({}));

let harness: Harness;
let links: Links;

beforeEach(() => {
  harness = createHarness();
  links = createLinks(harness);
});
afterEach(() => harness.close());

const issue = () => links.issue({ chatId: "4711", expiresAt: OPEN_TIME });

test("a code gives back the chat and the words it was issued with", async () => {
  const { code, words } = await issue();

  const redeemed = await links.redeem(code.reveal());

  expect(redeemed).toEqual({ ok: true, value: { chatId: "4711", words } });
});

test("a code has 256 random bits in base64url and does not print", async () => {
  const first = await issue();
  const second = await issue();

  expect(first.code.reveal()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(first.code.reveal()).not.toBe(second.code.reveal());
  expect(`${first.code}`).toBe("[secret]");
});

test("a code works once", async () => {
  const { code } = await issue();
  await links.redeem(code.reveal());

  const again = await links.redeem(code.reveal());

  expect(again).toEqual(NOT_VALID);
});

test("of 24 redemptions at once over two instances exactly one succeeds", async () => {
  const { code, words } = await issue();
  const elsewhere = createLinks({
    store: harness.anotherStore(),
    clock: harness.clock,
    random: createSeededRandom("elsewhere"),
  });

  const all = await Promise.all(
    Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? links : elsewhere).redeem(code.reveal())),
  );

  expect(all.filter((one) => one.ok)).toEqual([{ ok: true, value: { chatId: "4711", words } }]);
  expect(all.filter((one) => !one.ok)).toEqual(Array(23).fill(NOT_VALID));
});

test("a burn whose transaction runs again after it was applied still counts as this one's", async () => {
  const { code } = await issue();
  const forgetful: Store = {
    ...delegate(harness.store),
    async transact(work) {
      await harness.store.transact(work);
      return harness.store.transact(work);
    },
  };
  const unlucky = createLinks({ ...harness, store: forgetful });

  const redeemed = await unlucky.redeem(code.reveal());
  const again = await links.redeem(code.reveal());

  expect(redeemed.ok).toBe(true);
  expect(again).toEqual(NOT_VALID);
});

test("a code is good until the last millisecond before the open and not at the open", async () => {
  const early = await issue();
  const late = await issue();

  await harness.clock.advanceTo(OPEN_TIME.subtract(Temporal.Duration.from({ milliseconds: 1 })));
  const justInTime = await links.redeem(early.code.reveal());
  await harness.clock.advanceTo(OPEN_TIME);
  const tooLate = await links.redeem(late.code.reveal());

  expect(justInTime.ok).toBe(true);
  expect(tooLate).toEqual(NOT_VALID);
});

test("an issued code stays good when another is issued", async () => {
  const first = await issue();
  await issue();

  expect((await links.redeem(first.code.reveal())).ok).toBe(true);
});

test("whatever text comes as a code fails like a spent one", async () => {
  await issue();

  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.base64String({ minLength: 40, maxLength: 48 })),
      async (text) => {
        expect(await links.redeem(text)).toEqual(NOT_VALID);
      },
    ),
    { numRuns: 50 },
  );
});

test("the store holds neither the code nor any part of it", async () => {
  const { code } = await issue();

  const [stored] = await harness.store.query(rawLinks);

  const text = JSON.stringify(stored);
  expect(stored?.value).toMatchObject({ chatId: "4711", expiresAt: "2026-11-23T14:30:00.000Z" });
  for (let start = 0; start + 12 <= 43; start += 1) {
    expect(text).not.toContain(code.reveal().slice(start, start + 12));
  }
});

function delegate(store: Store): Store {
  return {
    get: (of, id) => store.get(of, id),
    query: (of, query) => store.query(of, query),
    transact: (work) => store.transact(work),
    close: () => store.close(),
  };
}
