/** Whatever fills come, in whatever order and however often: the books are what the set of fills comes to. */
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { Fill, Side } from "../../brokers/trading-broker.ts";
import type { AccountId } from "../../config/account.ts";
import type { OrderRecord } from "../records.ts";
import { type Books, foldFill, newPositionBook } from "./fold-fill.ts";
import { newAccountLedger } from "./periods.ts";
import type { PositionBook } from "./position-book.ts";
import type { BotLedger, Trade } from "./records.ts";

const ACCOUNT = "paper-test" as AccountId;
const START = Temporal.Instant.from("2026-11-23T14:30:00Z");
const Wide = Decimal.clone({ precision: 200 });
const BOTS = [undefined, "one", "two"] as const;

interface Told {
  readonly fill: Fill;
  readonly bot: string | undefined;
}

interface World {
  books: Omit<Books, "position">;
  readonly positions: Map<string, PositionBook>;
  readonly trades: Map<string, Trade>;
}

function emptyWorld(): World {
  return {
    books: { account: newAccountLedger(ACCOUNT, START), bots: new Map<string, BotLedger>() },
    positions: new Map(),
    trades: new Map(),
  };
}

function orderOf({ fill, bot }: Told): OrderRecord | undefined {
  if (bot === undefined) return undefined;
  const { instrument, side, quantity } = fill;
  return {
    connection: ACCOUNT,
    clientOrderId: `o${fill.id}`,
    source: bot,
    bot,
    ticket: { instrument, side, type: "market", quantity, timeInForce: "ioc" },
    state: "accepted",
    isDue: false,
    createdAt: START,
    sendBy: START,
    changedAt: START,
    filledQuantity: new Decimal(0),
  };
}

function tell(world: World, told: Told, options: { now?: Temporal.Instant; isKnown?: boolean } = {}): void {
  const { fill } = told;
  const position = world.positions.get(fill.positionId) ?? newPositionBook(ACCOUNT, fill);
  const { now = START, isKnown = false } = options;
  const folded = foldFill({ ...world.books, position }, fill, orderOf(told), { now, isKnown });
  world.books = { account: folded.account, bots: folded.bots };
  world.positions.set(fill.positionId, folded.position);
  for (const [id, trade] of folded.trades) {
    if (trade === undefined) world.trades.delete(id);
    else world.trades.set(id, trade);
  }
}

const money = fc.integer({ min: -500, max: 0 }).map((cents) => new Decimal(cents).div(100));

/** Fills of netted positions: opens, enlargements, partial closes and flips, by bots and by hand. */
const fillsOf = (withFigures: boolean) =>
  fc
    .array(
      fc.record({
        bot: fc.constantFrom(...BOTS),
        positionId: fc.constantFrom("P", "Q"),
        side: fc.constantFrom<Side>("buy", "sell"),
        quantity: fc.integer({ min: 1, max: 40 }).map((n) => new Decimal(n).div(4)),
        price: fc.integer({ min: 10_000, max: 11_999 }).map((n) => new Decimal(n).div(1000)),
        commission: money,
        gross: fc.integer({ min: -9_999, max: 9_999 }).map((cents) => new Decimal(cents).div(100)),
        swap: money,
        closing: money,
      }),
      { minLength: 1, maxLength: 14 },
    )
    .map((drawn) => {
      const net = new Map<string, Decimal>();
      return drawn.map(({ bot, gross, swap, closing, ...rest }, index): Told => {
        const before = net.get(rest.positionId) ?? new Decimal(0);
        const signed = rest.side === "buy" ? rest.quantity : rest.quantity.neg();
        net.set(rest.positionId, before.plus(signed));
        const against = before.isZero() || before.isPos() === signed.isPos() ? new Decimal(0) : before.abs();
        const figures = {
          grossProfit: gross,
          swap,
          commission: closing,
          balanceAfter: new Decimal(0),
          quantity: Decimal.min(against, rest.quantity),
        };
        const fill: Fill = {
          id: String(100 + index),
          brokerOrderId: String(index),
          instrument: rest.positionId,
          at: START.add({ seconds: index }),
          ...rest,
          ...(withFigures && against.gt(0) && { closed: figures }),
        };
        return { fill, bot };
      });
    });

const figure = (...parts: readonly Decimal[]): string =>
  parts.reduce((total, one) => new Wide(total).plus(one), new Wide(0)).toFixed();

/** Everything that the books say, as text, without what depends on the order of telling. */
function said({ books, trades }: World) {
  const sums = ({ total }: { total: BotLedger["total"] }) => ({
    realised: total.realised.toFixed(),
    fees: total.fees.toFixed(),
    swap: total.swap.toFixed(),
    trades: total.trades,
    wins: total.wins,
  });
  return {
    total: sums(books.account),
    bots: Object.fromEntries([...books.bots].map(([name, one]) => [name, sums(one)])),
    lots: new Set(books.account.lots.map((lot) => JSON.stringify(lot))),
    trades: Object.fromEntries([...trades].map(([id, trade]) => [id, JSON.stringify(trade)])),
  };
}

const inOrder = (told: readonly Told[]): World => {
  const world = emptyWorld();
  for (const one of told) tell(world, one);
  return world;
};

/** Each fill up to three times, some at first without their orders, shuffled. */
const deliveriesOf = (told: readonly Told[]) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.boolean()), {
        minLength: told.length,
        maxLength: told.length,
      }),
      fc.infiniteStream(fc.nat(1_000_000)),
    )
    .map(([fates, keys]) => {
      const copies = told.flatMap((one, index) => {
        const [count, isLateKnown] = fates[index] ?? [1, false];
        const list = Array.from({ length: count }, () => one);
        return isLateKnown ? [{ fill: one.fill, bot: undefined }, ...list] : list;
      });
      return copies
        .map((one) => ({ one, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one);
    });

test.each([true, false])("money adds up to the last digit, with the broker's figures: %s", (withFigures) => {
  fc.assert(
    fc.property(fillsOf(withFigures), (told) => {
      const { books, trades } = inOrder(told);
      const all = [...trades.values()];
      const owners = [...books.bots].map(([name, one]) => ({ name, total: one.total }));
      for (const { name, total } of [{ name: undefined, total: books.account.total }, ...owners]) {
        const isIts = (one: { bot?: string | undefined }) => name === undefined || one.bot === name;
        const lots = books.account.lots.filter(isIts);
        const own = all.filter(isIts);
        expect(figure(total.realised, total.fees, total.swap)).toBe(
          figure(...own.map((one) => one.net), ...lots.map((one) => one.fees)),
        );
        expect(total.trades).toBe(own.length);
      }
      for (const positionId of ["P", "Q"]) {
        const of = told.filter(({ fill }) => fill.positionId === positionId).map(({ fill }) => fill);
        const lots = books.account.lots.filter((lot) => lot.positionId === positionId);
        const signed = (one: { side: Side; quantity: Decimal }) =>
          one.side === "buy" ? one.quantity : one.quantity.neg();
        expect(new Set(lots.map((lot) => lot.side)).size).toBeLessThan(2);
        expect(figure(...lots.map(signed))).toBe(figure(...of.map(signed)));
      }
    }),
    { numRuns: 600 },
  );
});

test("without figures the profit and fees of a position that is flat are those of its fills alone", () => {
  fc.assert(
    fc.property(fillsOf(false), (drawn) => {
      const last = drawn.at(-1)?.fill;
      if (last === undefined) throw new Error("at least one");
      const flats = ["P", "Q"].flatMap((positionId, index): Told[] => {
        const of = drawn.filter(({ fill }) => fill.positionId === positionId);
        const net = of.reduce(
          (sum, { fill }) => (fill.side === "buy" ? sum.plus(fill.quantity) : sum.minus(fill.quantity)),
          new Decimal(0),
        );
        if (net.isZero()) return [];
        const side = net.isPos() ? "sell" : "buy";
        const id = String(900 + index);
        return [
          {
            bot: "one",
            fill: {
              ...last,
              id,
              positionId,
              instrument: positionId,
              side,
              quantity: net.abs(),
              at: START.add({ minutes: 5 }),
            },
          },
        ];
      });
      const told = [...drawn, ...flats];

      const { books } = inOrder(told);

      const naive = told.reduce((sum, { fill }) => {
        const worth = new Wide(fill.quantity).times(fill.price);
        return fill.side === "buy" ? sum.minus(worth) : sum.plus(worth);
      }, new Wide(0));
      expect(books.account.lots).toEqual([]);
      expect(books.account.total.realised.toFixed()).toBe(naive.toFixed());
      expect(books.account.total.fees.toFixed()).toBe(figure(...told.map(({ fill }) => fill.commission)));
    }),
    { numRuns: 600 },
  );
});

test.each([true, false])(
  "doubled, reordered and at first ownerless fills give the same books, with figures: %s",
  (withFigures) => {
    fc.assert(
      fc.property(
        fillsOf(withFigures).chain((told) => fc.tuple(fc.constant(told), deliveriesOf(told))),
        ([told, deliveries]) => {
          const world = emptyWorld();
          const seen = new Map<string, boolean>();
          for (const one of deliveries) {
            const isNamed = seen.get(one.fill.id);
            // As the journal does it: what is written with its owner is not folded again.
            if (isNamed === true || (isNamed === false && one.bot === undefined)) continue;
            tell(world, one, { isKnown: isNamed !== undefined });
            seen.set(one.fill.id, one.bot !== undefined);
          }

          expect(said(world)).toEqual(said(inOrder(told)));
        },
      ),
      { numRuns: 600 },
    );
  },
);

test("telling everything again changes nothing, also without the journal's memory", () => {
  fc.assert(
    fc.property(fillsOf(true), (told) => {
      const world = inOrder(told);
      const before = said(world);
      const { edition } = world.books.account;

      for (const one of told) tell(world, one);

      expect(said(world)).toEqual(before);
      expect(world.books.account.edition).toBe(edition);
    }),
    { numRuns: 500 },
  );
});

test("the sums of the days add up to those of all time, whenever the fills come", () => {
  fc.assert(
    fc.property(
      fillsOf(true),
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 14, maxLength: 14 }),
      (told, pauses) => {
        const world = emptyWorld();
        const days = new Map<string, BotLedger["day"]>();
        let now = START;
        for (const [index, one] of told.entries()) {
          now = now.add({ hours: pauses[index] ?? 0 });
          tell(world, one, { now });
          days.set(world.books.account.day.date, world.books.account.day);
        }

        const all = [...days.values()];
        const { total } = world.books.account;
        expect(figure(...all.map((day) => day.realised))).toBe(total.realised.toFixed());
        expect(figure(...all.map((day) => day.fees))).toBe(total.fees.toFixed());
        expect(all.reduce((sum, day) => sum + day.trades, 0)).toBe(total.trades);
      },
    ),
    { numRuns: 500 },
  );
});
