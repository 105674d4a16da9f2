import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFakeTradingBroker, type FakeTradingBroker } from "../../tests/support/fake-trading-broker.ts";
import { silentLog } from "../../tests/support/token-house.ts";
import { openTradingHouse, type TradingHouse } from "../../tests/support/trading-house.ts";
import type { AccountMoney, OpenPosition } from "../brokers/trading-broker.ts";
import type { Lease } from "../platform/lease.ts";
import { createAccountKeeper, unrealisedBy } from "./account-keeper.ts";
import { accounts } from "./account-record.ts";
import { accountLedgers, botLedgerId, botLedgers, equityPoints } from "./ledger/records.ts";
import { createOrderJournal } from "./order-journal.ts";
import { orderId, orders } from "./records.ts";
import { tradedAccount } from "./traded-account.ts";

let house: TradingHouse;
let broker: FakeTradingBroker;
let term: Lease;
let money: AccountMoney | undefined;

beforeEach(async () => {
  house = await openTradingHouse();
  broker = createFakeTradingBroker(house.venue);
  broker.setReady(true);
  money = { currency: "USD", balance: new Decimal(10_000) };
  broker.money = () => money;
  term = await lease("x");
});
afterEach(() => house.close());

async function lease(holder: string): Promise<Lease> {
  const ttl = Temporal.Duration.from({ minutes: 30 });
  const held = await house.leases.acquire("socket:kept", { ttl, holder });
  if (!held.ok) throw new Error("the lease is held");
  return held.value;
}

const quote = { symbol: "EURUSD", bid: new Decimal("1.09"), ask: new Decimal("1.0902") };
const rules = () => ({
  connection: house.connection.id,
  instrument: "EURUSD",
  minimumQuantity: new Decimal(1_000),
  quantityStep: new Decimal(1_000),
  priceStep: new Decimal("0.00001"),
  currency: "USD",
  canSell: true,
  isTradable: true,
  at: house.clock.now(),
});
const account = () => tradedAccount(house.connection, "live");
const shared = () => ({ ...house, log: silentLog, account: account(), broker });
const keeper = (over: Partial<Parameters<typeof createAccountKeeper>[0]> = {}) =>
  createAccountKeeper({
    ...shared(),
    feed: { quotes: () => [{ ...quote, at: house.clock.now() }], instruments: () => [rules()] },
    build: "test",
    ...over,
  });
const record = () => house.store.get(accounts, account().id);
const ledger = () => house.store.get(accountLedgers, account().id);

const position = (over: Partial<OpenPosition> = {}): OpenPosition => ({
  id: "p9",
  instrument: "EURUSD",
  side: "buy",
  quantity: new Decimal(2_000),
  price: new Decimal("1.08"),
  openedAt: house.clock.now(),
  commission: new Decimal(0),
  swap: new Decimal(0),
  ...over,
});

/** A fill of a bot's own order, as the broker tells it. */
async function botBuys(quantity: number): Promise<void> {
  const journal = createOrderJournal(shared());
  await house.submit("a1");
  const id = orderId(house.connection.id, "a1");
  await house.store.transact(async (transaction) => {
    const order = await transaction.get(orders, id);
    if (order !== undefined) transaction.set(orders, id, { ...order, bot: "gold" });
  });
  house.venue.behaviour = "rest";
  broker.place(
    { clientOrderId: "a1", ...(await house.read("a1")).ticket } as Parameters<typeof broker.place>[0],
    () => true,
    () => undefined,
  );
  await journal.fill({ ...house.venue.fill("a1", quantity), positionId: "p9" });
}

test("an account whose books agree is reconciled, with its money by the broker's word", async () => {
  await keeper()(term);

  expect(await record()).toMatchObject({
    isReconciled: true,
    mode: "live",
    currency: "USD",
    epoch: term.fence,
  });
  expect((await record())?.equity.toFixed()).toBe("10000");
  expect(await house.store.query(equityPoints, {})).toHaveLength(1);
});

test("nothing is written while the broker has not told of the money", async () => {
  money = undefined;

  await keeper()(term);

  expect(await record()).toBeUndefined();
});

test("a position of nobody's is taken over once it has lasted ten seconds, and not before", async () => {
  house.venue.positions.push(position());
  const attend = keeper();

  await attend(term);
  expect([(await record())?.isReconciled, await ledger()]).toEqual([false, undefined]);
  await house.timers.advance(10_000);
  await attend(term);
  await attend(term);

  expect((await ledger())?.lots.map((lot) => [lot.positionId, lot.quantity.toFixed(), lot.bot])).toEqual([
    ["p9", "2000", undefined],
  ]);
  expect(await record()).toMatchObject({ isReconciled: true });
  expect((await record())?.unrealised.toFixed()).toBe("20");
});

test("what is held by hand is followed for its price, and the pair that its currency is converted by", async () => {
  house.venue.positions.push(position(), position({ id: "p10", instrument: "DAX" }));
  const followed: (readonly string[])[] = [];
  const feed = {
    quotes: () => [{ ...quote, at: house.clock.now() }],
    instruments: () => [rules(), { ...rules(), instrument: "DAX", currency: "CHF" }],
    follow: (symbols: readonly string[]) => void followed.push(symbols),
  };

  await keeper({ feed })(term);

  expect(followed).toEqual([["EURUSD", "DAX", "CHFUSD", "USDCHF"]]);
});

test("a position of nobody's that the broker has no more goes without a trade", async () => {
  house.venue.positions.push(position());
  const attend = keeper();
  await attend(term);
  await house.timers.advance(10_000);
  await attend(term);
  house.venue.positions.length = 0;

  await attend(term);
  await house.timers.advance(10_000);
  await attend(term);
  await attend(term);

  expect((await ledger())?.lots).toEqual([]);
  expect(await record()).toMatchObject({ isReconciled: true });
});

test("a position of ours that the broker does not have is a break that says so, and nothing is corrected", async () => {
  await botBuys(1_000);
  const attend = keeper();

  await attend(term);
  await house.timers.advance(10_000);
  await attend(term);

  const kept = await record();
  expect(kept).toMatchObject({ isReconciled: false, break: { code: "POSITION_MISSING" } });
  expect(kept?.break?.text).toBe(
    "Position p9 in EURUSD is long 1000 by our fills and not there at the broker.",
  );
  expect((await ledger())?.lots).toHaveLength(1);
});

test("a break ends by itself when the books agree again", async () => {
  await botBuys(1_000);
  const attend = keeper();
  await attend(term);
  await house.timers.advance(10_000);
  await attend(term);

  house.venue.positions.push(position({ quantity: new Decimal(1_000) }));
  await attend(term);

  expect(await record()).toMatchObject({ isReconciled: true });
  expect((await record())?.break).toBeUndefined();
});

test("what differs in the first moment of a term is not reconciled, whatever the term before had found", async () => {
  await keeper()(term);
  house.venue.positions.push(position());
  await house.leases.release(term);
  const next = await lease("y");

  await keeper()(next);

  expect(await record()).toMatchObject({ isReconciled: false, epoch: next.fence });
});

test("what differs for a moment changes nothing on an account that was reconciled", async () => {
  const attend = keeper();
  await attend(term);
  house.venue.positions.push(position());

  const isLookingSoon = await attend(term);

  expect(isLookingSoon).toBe(true);
  expect(await record()).toMatchObject({ isReconciled: true });
});

test("a process whose term is over writes nothing any more", async () => {
  const attend = keeper();
  await house.leases.release(term);
  await lease("y");
  house.venue.positions.push(position());

  await attend(term);
  await house.timers.advance(10_000);
  await attend(term);

  expect([await record(), await ledger()]).toEqual([undefined, undefined]);
});

test("a bot's position without a price yet counts as it last stood: a restart moves no mark of the equity", async () => {
  await botBuys(2_000);
  house.venue.positions.push(position({ clientOrderId: "a1" }));
  const losing = (bid: string) => ({
    quotes: () => [{ symbol: "EURUSD", bid: new Decimal(bid), ask: new Decimal(bid), at: house.clock.now() }],
    instruments: () => [rules()],
  });
  const judged: string[] = [];
  const judge = async ({ record: { equity } }: { record: { equity: Decimal } }) =>
    void judged.push(equity.toFixed());
  await keeper({ feed: losing("0.5"), judge })(term);
  const before = await record();

  await keeper({ feed: { quotes: () => [], instruments: () => [rules()] }, judge })(term);

  const after = await record();
  expect(before?.unrealised.lt(-100)).toBe(true);
  expect([after?.equity, after?.peakEquity, after?.unrealised].map(String)).toEqual(
    [before?.equity, before?.peakEquity, before?.unrealised].map(String),
  );
  expect(judged).toEqual([before?.equity.toFixed(), before?.equity.toFixed()]);
});

test("what lots of bots stand at is not known without a price, and is nothing where there are none", async () => {
  await botBuys(2_000);
  const lots = (await ledger())?.lots ?? [];
  const byHand = lots.map(({ bot: _, ...lot }) => lot);
  const without = unrealisedBy(broker, { quotes: () => [], instruments: () => [rules()] });
  const at = house.clock.now();
  const within = unrealisedBy(broker, { quotes: () => [{ ...quote, at }], instruments: () => [rules()] });

  expect(lots).toHaveLength(1);
  expect([without(lots), without([])?.toFixed(), without(byHand)?.toFixed()]).toEqual([undefined, "0", "0"]);
  expect(within(lots)?.toFixed()).toBe("9.76");
});

test("a bot's day begins before its losses are judged, and is measured from a price, not from none", async () => {
  await botBuys(2_000);
  house.venue.positions.push(position({ clientOrderId: "a1" }));
  const days: (string | undefined)[] = [];
  const judge = async () => {
    const book = await house.store.get(botLedgers, botLedgerId(account().id, "gold"));
    days.push(`${book?.day.date} ${book?.day.unrealisedBefore.isZero()}`);
  };
  const priced = [{ ...quote, bid: new Decimal("0.5"), at: house.clock.now() }];
  let quotes = priced;
  const feed = {
    quotes: () => quotes,
    instruments: () => [rules()],
  };
  const attend = keeper({ feed, judge });
  await attend(term);
  const first = house.clock.now().toZonedDateTimeISO("America/New_York");

  await house.clock.advanceTo(first.add({ days: 1 }).toInstant());
  term = await lease("x");
  quotes = [];
  await attend(term);
  quotes = priced;
  await attend(term);

  const [today, tomorrow] = [first, first.add({ days: 1 })].map((at) => at.toPlainDate().toString());
  expect(days).toEqual([`${today} true`, `${today} true`, `${tomorrow} false`]);
});
