/** Whoever looks at an order, whenever and how often, makes the same fills of it. */
import { join } from "node:path";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quietLog } from "../../../../infra/local/quiet-log.ts";
import { connectionIdSchema } from "../../../config/connection.ts";
import { createSqliteStore } from "../../../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../../platform/local/temporary-folder.ts";
import type { Store } from "../../../platform/store.ts";
import type { Fill } from "../../trading-broker.ts";
import { createOrderBook } from "./order-book.ts";
import { createOrderMemory } from "./order-memory.ts";
import type { EtradeOrder } from "./order-schemas.ts";

const START = Temporal.Instant.from("2026-11-23T16:00:00Z");
const folder = makeTemporaryFolder();
let store: Store;
let round = 0;

beforeAll(() => {
  store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

interface Step {
  readonly shares: number;
  readonly cents: number;
}

/** An order after each of its fills, with the average that the broker tells of them. */
function courseOf(steps: readonly Step[]): readonly EtradeOrder[] {
  const quantity = new Decimal(steps.reduce((total, { shares }) => total + shares, 0));
  let filled = new Decimal(0);
  let money = new Decimal(0);
  const blank = {
    ...{ orderId: "402", symbol: "AAPL", action: "BUY", quantity, costs: new Decimal("4.95"), legs: 1 },
    ...{ priceType: "LIMIT", term: "GOOD_FOR_DAY", session: "REGULAR", placedAt: START },
  };
  const course: EtradeOrder[] = [{ ...blank, filled, status: "OPEN" }];
  for (const { shares, cents } of steps) {
    filled = filled.plus(shares);
    money = money.plus(new Decimal(shares).times(cents).div(100));
    const averagePrice = money.div(filled).toDecimalPlaces(4);
    const status = filled.eq(quantity) ? "EXECUTED" : "PARTIAL";
    course.push({ ...blank, filled, averagePrice, status });
  }
  return course;
}

const stepsArb = fc.array(
  fc.record({ shares: fc.integer({ min: 1, max: 500 }), cents: fc.integer({ min: 100, max: 50_000 }) }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

/** Processes that look, each at some moment of the course; a process may look again, also at what is older. */
const looksArb = fc.array(fc.record({ process: fc.nat(2), moment: fc.nat(6), isTogether: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

test("any processes at any moments tell the same fills, each once, that add up to what the broker told", async () => {
  await fc.assert(
    fc.asyncProperty(stepsArb, looksArb, async (steps, looks) => {
      round += 1;
      const course = courseOf(steps);
      const connection = connectionIdSchema.parse(`etrade-r${round}`);
      const clock = { now: () => START.add({ seconds: 5 }), sleep: async () => undefined };
      const memory = createOrderMemory({ store, clock }, connection);
      const told: Fill[][] = [[], [], []];
      const books = told.map((fills) => {
        const book = createOrderBook({ memory, clock, log: quietLog, lastFour: () => "1111" });
        book.onFill((fill) => fills.push(fill));
        return book;
      });
      const open: Promise<unknown>[] = [];
      for (const { process, moment, isTogether } of looks) {
        const order = course[Math.min(moment, course.length - 1)];
        if (order !== undefined) open.push(books[process]?.take([order]) ?? Promise.resolve());
        if (!isTogether) await Promise.all(open.splice(0));
      }
      const last = course.at(-1);
      if (last === undefined) throw new Error("a course has an end");
      open.push(...books.map((book) => book.take([last])));
      await Promise.all(open);

      const [first = [], ...others] = told;
      expect(new Set(first.map(({ id }) => id)).size).toBe(first.length);
      const total = first.reduce((sum, { quantity }) => sum.plus(quantity), new Decimal(0));
      expect(total.toNumber()).toBe(last.quantity.toNumber());
      const money = first.reduce(
        (sum, { quantity, price }) => sum.plus(quantity.times(price)),
        new Decimal(0),
      );
      const average = last.averagePrice?.times(last.quantity) ?? new Decimal(0);
      expect(money.minus(average).abs().lt("0.0001")).toBe(true);
      expect(first.reduce((sum, { commission }) => sum.plus(commission), new Decimal(0)).toFixed(2)).toBe(
        "-4.95",
      );
      for (const fills of others) expect(fills).toEqual(first);
      const standing = books[0]?.standing("402");
      expect(standing).toMatchObject({ kind: "filled", fills: first });
    }),
    { numRuns: 300 },
  );
});

test("an order of the broker's belongs to one order of ours, whoever asks first and however many ask", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 12 }),
      async (claims) => {
        round += 1;
        const connection = connectionIdSchema.parse(`etrade-o${round}`);
        const clock = { now: () => START, sleep: async () => undefined };
        const memory = createOrderMemory({ store, clock }, connection);
        for (const ours of [0, 1, 2]) {
          await memory.sending({
            ...{ clientOrderId: `ours${ours}`, symbol: "AAPL", action: "BUY", quantity: new Decimal(1) },
            ...{ priceType: "MARKET", term: "GOOD_FOR_DAY" },
          });
        }

        const won = await Promise.all(
          claims.map(async ([ours, broker]) => ({
            pair: `${broker} ours${ours}`,
            isWon: await memory.own(`1111-${broker}`, `ours${ours}`),
          })),
        );

        const pairs = [...new Set(won.filter(({ isWon }) => isWon).map(({ pair }) => pair))];
        expect(new Set(pairs.map((pair) => pair.split(" ")[0])).size).toBe(pairs.length);
        expect(new Set(pairs.map((pair) => pair.split(" ")[1])).size).toBe(pairs.length);
        expect(pairs.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 200 },
  );
});
