/** What a bot has closed today, from the store to its strategy. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GOLD, openTickHouse, PAPER, TEN, type TickHouse } from "../../../tests/support/tick-house.ts";
import { newBotLedger } from "../ledger/periods.ts";
import { botLedgerId, botLedgers, type Trade, trades } from "../ledger/records.ts";
import { createBarBook } from "./bar-book.ts";
import { createRecentReads } from "./recent-reads.ts";
import { createStrategyRuns } from "./strategy-runs.ts";
import { todaysTrades } from "./todays-trades.ts";

let house: TickHouse;
beforeEach(async () => {
  house = await openTickHouse();
});
afterEach(() => house.close());

async function haveClosed(all: readonly Partial<Trade>[], counted: number): Promise<void> {
  const bot = house.bot.id;
  await house.store.transact(async (transaction) => {
    const ledger = newBotLedger(PAPER, bot, TEN);
    transaction.set(botLedgers, botLedgerId(PAPER, bot), {
      ...ledger,
      day: { ...ledger.day, trades: counted },
    });
    for (const [index, over] of all.entries()) {
      const zero = new Decimal(0);
      transaction.set(trades, `${PAPER}:f${index}`, {
        ...{ account: PAPER, bot, positionId: `p${index}`, instrument: GOLD, side: "buy" },
        ...{
          quantity: new Decimal(1),
          exitPrice: new Decimal(2_400),
          closedAt: TEN,
          brokerFillId: `f${index}`,
        },
        ...{ profit: zero, fees: zero, swap: zero, net: new Decimal(-7) },
        ...over,
      });
    }
  });
}

/** What the strategy of a tick at ten is given. */
async function seen(needs: readonly ("trades" | "watchlist")[] = ["trades"]): Promise<unknown> {
  const { store, clock, timers } = house;
  const strategyOf = async () => ({ ...(await house.strategyOf()), needs });
  const reads = createRecentReads({ store, clock, timers });
  let given: unknown = "it was not asked";
  house.script.answer = (context) => {
    given = context.trades;
    return { kind: "hold", why: "it looks" };
  };
  const run = house.start({
    over: {
      runs: createStrategyRuns({ bars: createBarBook({ store, clock, timers }), strategyOf }),
      tradesOf: (bot, now) => todaysTrades({ store, reads }, bot, now),
      watchlistOf: async () => [GOLD],
    },
  });
  await run({ bot: house.bot.id, instant: TEN });
  return given;
}

test("a strategy sees what its bot has closed in the instrument today, the oldest first", async () => {
  const at = (hours: number) => TEN.subtract({ hours });
  await haveClosed(
    [
      { positionId: "late", closedAt: at(1), openedAt: at(2) },
      { positionId: "early", closedAt: at(3), net: new Decimal("12.5") },
      { positionId: "silver", closedAt: at(2), instrument: "XAGUSD" },
      { positionId: "other", closedAt: at(2), bot: "other" },
      { positionId: "yesterday", closedAt: at(11) },
    ],
    4,
  );

  expect(await seen()).toEqual([
    { positionId: "early", side: "buy", closedAt: at(3), net: 12.5 },
    { positionId: "late", side: "buy", openedAt: at(2), closedAt: at(1), net: -7 },
  ]);
});

test("a bot that has closed nothing today asks for no trades", async () => {
  await haveClosed([{ closedAt: TEN.subtract({ hours: 24 }) }], 0);
  const reads = createRecentReads(house);
  const store = { query: () => Promise.reject(new Error("It was asked.")) };

  expect(await todaysTrades({ store, reads }, house.bot, TEN)).toEqual([]);
  expect(
    await todaysTrades({ store, reads }, house.bot, Temporal.Instant.from("2027-01-05T15:00:00Z")),
  ).toEqual([]);
});

test("a strategy that does not ask for trades is given none", async () => {
  await haveClosed([{}], 1);

  expect(await seen(["watchlist"])).toBeUndefined();
});
