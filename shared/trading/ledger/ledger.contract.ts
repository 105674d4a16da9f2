/** What the ledger holds once the journal has written everything, on whatever store. */
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../../tests/support/token-house.ts";
import type { Fill, Side } from "../../brokers/trading-broker.ts";
import type { AccountId } from "../../config/account.ts";
import type { CtraderConnection } from "../../config/connection.ts";
import { createVirtualClock } from "../../platform/local/virtual-clock.ts";
import type { Store } from "../../platform/store.ts";
import { createOrderJournal, type OrderJournal } from "../order-journal.ts";
import { type FillRecord, fills, type OrderRecord, orderId, orders } from "../records.ts";
import type { TradedAccount } from "../traded-account.ts";
import { type Books, foldFill, newPositionBook } from "./fold-fill.ts";
import { newAccountLedger } from "./periods.ts";
import type { PositionBook } from "./position-book.ts";
import {
  type AccountLedger,
  accountLedgers,
  type BotLedger,
  botLedgers,
  type Trade,
  trades,
} from "./records.ts";

const START = Temporal.Instant.from("2026-11-23T15:00:00Z");
const BOTS = ["gold", "oil"] as const;
let accounts = 0;

export interface StoreOfLedger {
  readonly name: string;
  make(): Promise<Store>;
  /** How many drawn courses are run. */
  readonly courses: number;
}

interface Drawn {
  readonly bot: (typeof BOTS)[number] | undefined;
  readonly side: Side;
  readonly parts: readonly number[];
  readonly price: number;
  /** Told by the fill alone, by a standing alone, or by both; the first with or without our id. */
  readonly told: "fill" | "nameless-fill" | "standing" | "both" | "nameless-both";
  readonly copies: number;
}

const drawnOrders = fc.array(
  fc.record<Drawn>({
    bot: fc.constantFrom(...BOTS, undefined),
    side: fc.constantFrom("buy", "sell"),
    parts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    price: fc.integer({ min: 1_000, max: 1_200 }),
    told: fc.constantFrom("fill", "nameless-fill", "standing", "both", "nameless-both"),
    copies: fc.integer({ min: 1, max: 2 }),
  }),
  { minLength: 1, maxLength: 5 },
);

/** A store whose every third transaction runs its work twice, and every fourth keeps what it wrote and loses its answer. */
function createUnsteadyStore(store: Store): Store {
  let calls = 0;
  return {
    ...{ get: store.get.bind(store), query: store.query.bind(store), close: async () => undefined },
    async transact(work) {
      calls += 1;
      const isLost = calls % 4 === 0;
      let isFirst = calls % 3 === 0;
      const result = await store.transact(async (transaction) => {
        if (isFirst) {
          isFirst = false;
          const forgotten = {
            get: transaction.get.bind(transaction),
            set: () => undefined,
            delete: () => undefined,
          };
          await work(forgotten);
        }
        return work(transaction);
      });
      if (isLost) throw new Error("the answer did not come");
      return result;
    },
  };
}

/** The ledger's promises, whatever store it lies in. */
export function ledgerContract(under: StoreOfLedger): void {
  describe(`ledger in ${under.name}`, () => {
    let store: Store;
    let account: TradedAccount;

    beforeEach(async () => {
      store = await under.make();
      anew();
    });
    afterEach(() => store.close());

    /** Another account of the same store. */
    function anew(): void {
      accounts += 1;
      const id = `paper-ledger-${accounts}` as AccountId;
      account = { id, mode: "paper", connection: { id: "ctrader-demo" } as unknown as CtraderConnection };
    }

    const openJournal = (over: Store = store): OrderJournal =>
      createOrderJournal({
        store: over,
        clock: createVirtualClock({ start: START, flowing: false }),
        timers: {
          now: () => 0,
          after(_, run) {
            const waiting = setImmediate(run);
            return () => clearImmediate(waiting);
          },
        },
        log: silentLog,
        account,
      });

    const anOrder = (clientOrderId: string, over: Partial<OrderRecord> = {}): OrderRecord => ({
      connection: account.id,
      clientOrderId,
      source: "test",
      ticket: {
        instrument: "GOLD",
        side: "buy",
        type: "market",
        quantity: new Decimal(10),
        timeInForce: "ioc",
      },
      state: "sending",
      isDue: false,
      createdAt: START,
      sendBy: START,
      changedAt: START,
      filledQuantity: new Decimal(0),
      ...over,
    });

    const put = (...records: readonly OrderRecord[]) =>
      store.transact(async (transaction) => {
        for (const one of records) transaction.set(orders, orderId(one.connection, one.clientOrderId), one);
      });

    const aFill = (id: string, over: Partial<Fill> = {}): Fill => ({
      id,
      brokerOrderId: "b1",
      positionId: "GOLD",
      instrument: "GOLD",
      side: "buy",
      quantity: new Decimal(10),
      price: new Decimal(100),
      commission: new Decimal("-0.1"),
      at: START,
      ...over,
    });

    test("a fill is in its order, in the lots and in the bot's sums by one write", async () => {
      await put(anOrder("a1", { bot: "gold" }));

      await openJournal().fill(aFill("f1", { clientOrderId: "a1" }));

      expect(await store.get(orders, `${account.id}:a1`)).toMatchObject({ state: "filled" });
      const ledger = await store.get(accountLedgers, account.id);
      expect(ledger?.lots).toMatchObject([{ bot: "gold", clientOrderId: "a1" }]);
      expect((await store.get(botLedgers, `${account.id}:gold`))?.total.fees.toString()).toBe("-0.1");
    });

    test("a write that fails in the end leaves neither the fill nor the money", async () => {
      await put(anOrder("a1", { bot: "gold" }));
      const failing: Store = {
        ...{ get: store.get.bind(store), query: store.query.bind(store), close: async () => undefined },
        transact: (work) =>
          store.transact(async (transaction) => {
            await work(transaction);
            throw new Error("no");
          }),
      };
      const journal = openJournal(failing);
      journal.close();

      await journal.fill(aFill("f1", { clientOrderId: "a1" }));

      expect(await store.get(fills, `${account.id}:f1`)).toBeUndefined();
      expect(await store.get(accountLedgers, account.id)).toBeUndefined();
      expect(await store.get(orders, `${account.id}:a1`)).toMatchObject({ state: "sending" });
    });

    test("one standing that names a fill twice counts it once", async () => {
      await put(anOrder("a1", { bot: "gold" }));
      const fill = aFill("f1", { quantity: new Decimal(5) });

      await openJournal().standing("a1", { kind: "accepted", brokerOrderId: "b1", fills: [fill, fill] });

      expect((await store.get(orders, `${account.id}:a1`))?.filledQuantity.toString()).toBe("5");
      expect((await store.get(accountLedgers, account.id))?.lots[0]?.quantity.toString()).toBe("5");
    });

    test("a fill that came as nobody's moves to its bot when its order is recognised", async () => {
      await put(anOrder("a1", { bot: "gold" }));
      const journal = openJournal();
      await journal.fill(aFill("f1"));
      const before = await store.get(accountLedgers, account.id);

      await journal.standing("a1", { kind: "filled", brokerOrderId: "b1", fills: [aFill("f1")] });

      expect(before?.lots[0]).not.toHaveProperty("bot");
      const after = await store.get(accountLedgers, account.id);
      expect(after?.lots).toMatchObject([{ bot: "gold", clientOrderId: "a1" }]);
      expect(after?.lots[0]?.quantity.toString()).toBe("10");
      expect(after?.total.fees.toString()).toBe("-0.1");
      expect((await store.get(botLedgers, `${account.id}:gold`))?.total.fees.toString()).toBe("-0.1");
    });

    test("a fill that came as nobody's moves to its bot when its order's number becomes known", async () => {
      await put(anOrder("a1", { bot: "gold" }));
      const journal = openJournal();
      await journal.fill(aFill("f1"));

      await journal.standing("a1", { kind: "filled", brokerOrderId: "b1", fills: [] });

      const ledger = await store.get(accountLedgers, account.id);
      expect(ledger?.lots).toMatchObject([{ bot: "gold", clientOrderId: "a1" }]);
      expect((await store.get(orders, `${account.id}:a1`))?.filledQuantity.toString()).toBe("10");
    });

    test("a fill finds its bot whose order's number becomes known while it is being written", async () => {
      await put(anOrder("a1", { bot: "gold" }));
      let journal: OrderJournal | undefined;
      let asked = 0;
      const slow: Store = {
        ...{ get: store.get.bind(store), transact: store.transact.bind(store), close: async () => undefined },
        async query(...given) {
          const found = await store.query(...given);
          asked += 1;
          if (asked === 1) await journal?.standing("a1", { kind: "filled", brokerOrderId: "b1", fills: [] });
          return found;
        },
      };
      journal = openJournal(slow);

      await journal.fill(aFill("f1"));

      const ledger = await store.get(accountLedgers, account.id);
      expect(ledger?.lots).toMatchObject([{ bot: "gold", clientOrderId: "a1" }]);
      expect((await store.get(orders, `${account.id}:a1`))?.filledQuantity.toString()).toBe("10");
    });

    test("whatever two processes are told, doubled, reordered and over transactions that run twice or lose their answer, the ledger is what the fills come to", {
      timeout: 120_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(drawnOrders, fc.infiniteStream(fc.nat(1_000)), async (drawn, keys) => {
          anew();
          const course = courseOf(drawn);
          await put(...course.map(({ order }) => order));
          const journals = [openJournal(createUnsteadyStore(store)), openJournal(createUnsteadyStore(store))];
          const key = () => keys.next().value as number;
          const deliveries = course
            .flatMap(({ deliver }) => deliver)
            .map((deliver) => ({ deliver, key: key() }))
            .sort((one, other) => one.key - other.key);

          for (const { deliver } of deliveries) void deliver(journals[key() % 2] as OrderJournal);
          for (const journal of journals) await journal.written();
          // What was told of an order that could not be recognised then is told again by a look at it.
          const [journal] = journals;
          for (const { settle } of course) await settle(journal as OrderJournal);

          await expectLedgerOfFills();
          const filled = (await store.query(orders, { where: { connection: account.id } })).map(
            ({ value }) => [value.clientOrderId, value.filledQuantity.toString()],
          );
          expect(Object.fromEntries(filled)).toEqual(
            Object.fromEntries(course.map(({ order, quantity }) => [order.clientOrderId, String(quantity)])),
          );
        }),
        { numRuns: under.courses },
      );
    });

    function courseOf(drawn: readonly Drawn[]) {
      let count = 0;
      return drawn.map(({ bot, side, parts, price, told, copies }, index) => {
        const quantity = parts.reduce((sum, part) => sum + part, 0);
        const clientOrderId = `a${index}`;
        const brokerOrderId = `b${index}`;
        const ticket = { ...anOrder("x").ticket, side, quantity: new Decimal(quantity) };
        const order = anOrder(clientOrderId, { ticket, ...(bot !== undefined && { bot }) });
        const own = parts.map((part) => {
          count += 1;
          const [at, amount] = [START.add({ seconds: count }), new Decimal(part)];
          return aFill(`f${count}`, {
            brokerOrderId,
            side,
            quantity: amount,
            price: new Decimal(price).div(10),
            at,
          });
        });
        const standing = { kind: "filled", brokerOrderId, fills: own } as const;
        const settle = (journal: OrderJournal) => journal.standing(clientOrderId, standing);
        const byFill = own.map((fill) => (journal: OrderJournal) => {
          const isNamed = told === "fill" || told === "both";
          return journal.fill(isNamed ? { ...fill, clientOrderId } : fill);
        });
        const once = [...(told === "standing" ? [] : byFill), ...(told.includes("fill") ? [] : [settle])];
        return { order, quantity, settle, deliver: Array.from({ length: copies }, () => once).flat() };
      });
    }

    async function expectLedgerOfFills(): Promise<void> {
      const ofAccount = { where: { connection: account.id } };
      const stored = (await store.query(fills, ofAccount)).map(({ value }) => value);
      const records = (await store.query(orders, ofAccount)).map(({ value }) => value);
      const expected = recomputed(stored, records);
      const ledger = (await store.get(accountLedgers, account.id)) as AccountLedger;
      const bots = await store.query(botLedgers, { where: { account: account.id } });
      const closed = await store.query(trades, { where: { account: account.id } });

      expect(said(ledger)).toEqual(said(expected.books.account));
      expect(new Set(ledger.lots.map(plain))).toEqual(new Set(expected.books.account.lots.map(plain)));
      expect(Object.fromEntries(bots.map(({ value }) => [value.bot, said(value)]))).toEqual(
        Object.fromEntries([...expected.books.bots].map(([bot, value]) => [bot, said(value)])),
      );
      expect(Object.fromEntries(closed.map(({ id, value }) => [id, plain(value)]))).toEqual(
        Object.fromEntries([...expected.trades].map(([id, value]) => [id, plain(value)])),
      );
    }

    function recomputed(stored: readonly FillRecord[], records: readonly OrderRecord[]) {
      let books: Omit<Books, "position"> = { account: newAccountLedger(account.id, START), bots: new Map() };
      let position: PositionBook | undefined;
      const found = new Map<string, Trade>();
      const inOrder = stored.toSorted((one, other) => Temporal.Instant.compare(one.at, other.at));
      for (const { connection: _, brokerFillId: id, ...fill } of inOrder) {
        const order = records.find((one) => one.clientOrderId === fill.clientOrderId);
        const told = { id, ...fill } as Fill;
        const folded = foldFill(
          { ...books, position: position ?? newPositionBook(account.id, told) },
          told,
          order,
          {
            now: START,
          },
        );
        books = { account: folded.account, bots: folded.bots };
        position = folded.position;
        for (const [trade, value] of folded.trades) if (value !== undefined) found.set(trade, value);
      }
      return { books, trades: found };
    }
  });
}

const plain = (value: object): string =>
  JSON.stringify(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));

function said({ total }: AccountLedger | BotLedger) {
  const { realised, fees, swap, trades: count, wins } = total;
  return { realised: realised.toFixed(), fees: fees.toFixed(), swap: swap.toFixed(), count, wins };
}
