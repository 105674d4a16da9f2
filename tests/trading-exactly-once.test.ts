/**
 * The whole way of an order, from a tick to the broker and back, in more than ten thousand seeded cases: messages
 * doubled, delayed, reordered and lost, processes that die or stand still at any of their awaits, a store that
 * fails before and after it wrote, a broker whose answers come late or not at all, ticks at the same time, trades
 * by hand, kills at any moment. `OPENBELL_TRADING_SEED=17 npx vitest run tests/trading-exactly-once.test.ts`
 * plays one case again.
 */
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createSqliteStore } from "../shared/platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import type { Store } from "../shared/platform/store.ts";
import { MEMORY, playCases, type Stage, type Tally } from "./support/trading/play-case.ts";
import { furnish } from "./support/trading/trading-config.ts";

const CASES = 10_000;
const BLOCK = 500;
const ON_SQLITE = 300;
const chosen = process.env.OPENBELL_TRADING_SEED;

const folder = makeTemporaryFolder();
const opened: Store[] = [];

afterAll(async () => {
  for (const store of opened) await store.close();
  folder.remove();
});

const SQLITE: Stage = {
  isInOrder: true,
  async store() {
    const path = join(folder.path, `${opened.length}.db`);
    const store = createSqliteStore({ path, durability: "process-death" });
    opened.push(store);
    await furnish(store);
    return store;
  },
};

const from = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);

/** Cases in which nothing happens would show nothing. */
function expectBite({ cases, arrived, filled, deaths, kills }: Tally): void {
  expect(arrived).toBeGreaterThan(cases);
  expect(filled).toBeGreaterThan(cases * 0.8);
  expect(deaths).toBeGreaterThan(cases / 10);
  // A sixth of the cases has one on the average; of five hundred, by chance, an eighth at times.
  expect(kills).toBeGreaterThan(cases / 10);
}

test.each(chosen === undefined ? from(0, CASES / BLOCK).map((block) => block * BLOCK) : [])(
  "seeds from %i on: one order a decision, none after a kill is confirmed, no limit overshot, books and broker equal to the cent",
  { timeout: 120_000 },
  async (first) => {
    expectBite(await playCases(from(first, BLOCK), MEMORY));
  },
);

test.runIf(chosen === undefined)("the same holds on SQLite", { timeout: 120_000 }, async () => {
  expectBite(await playCases(from(CASES, ON_SQLITE), SQLITE));
});

test.runIf(chosen !== undefined)("the chosen seed holds", { timeout: 60_000 }, async () => {
  const number = Number(chosen);

  const { cases } = await playCases([number], number < CASES ? MEMORY : SQLITE);

  expect(cases).toBe(1);
});
