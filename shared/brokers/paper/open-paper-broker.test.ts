import { Decimal } from "decimal.js";
import { afterEach, expect, test } from "vitest";
import type { Store } from "../../platform/store.ts";
import type { Fill, OrderStanding, OrderTicket } from "../trading-broker.ts";
import type { PaperBroker } from "./open-paper-broker.ts";
import { paperAccounts, paperFills, paperOrders } from "./records.ts";
import {
  openPaperHouse,
  PAPER,
  type PaperHouse,
  type PaperHouseOptions,
  settle,
  someRules,
} from "./testing/paper-house.ts";

let house: PaperHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

/** A house with a price, and a client that leads its account. */
async function aHouse(options: PaperHouseOptions = {}) {
  const opened = openPaperHouse(options);
  house = opened;
  opened.market.set("1.1", "1.1001");
  const broker = await opened.start();
  const fills: Fill[] = [];
  broker.onFill((fill) => fills.push(fill));
  return { ...opened, broker, fills };
}

let count = 0;
function aTicket(over: Partial<OrderTicket> = {}): OrderTicket {
  count += 1;
  const quantity = new Decimal(1_000);
  const ticket = { instrument: "EURUSD", side: "buy", type: "market", quantity, timeInForce: "ioc" } as const;
  return { clientOrderId: `t${count}`, ...ticket, ...over };
}

async function placed(broker: PaperBroker, over: Partial<OrderTicket> = {}): Promise<OrderStanding[]> {
  const standings: OrderStanding[] = [];
  broker.place(
    aTicket(over),
    () => true,
    (now) => standings.push(now),
  );
  await settle();
  return standings;
}

const kinds = (standings: readonly OrderStanding[]) => standings.map(({ kind }) => kind);
const codeOf = (standings: readonly OrderStanding[]) =>
  standings.map((one) => (one.kind === "rejected" ? one.brokerCode : one.kind));
const limit = (price: string) =>
  ({ type: "limit", limitPrice: new Decimal(price), timeInForce: "gtc" }) as const;

test("a market order slips by what is drawn between the two shares, and costs its fee", async () => {
  const { broker, fills } = await aHouse({ terms: { slippagePercent: [0.1, 0.2], feePercent: 0.01 } });

  for (let order = 0; order < 20; order += 1) await placed(broker);

  const worse = fills.map(({ price }) => price.div("1.1001").minus(1).times(100).toNumber());
  expect(Math.min(...worse)).toBeGreaterThanOrEqual(0.1);
  // One step of price is 0.0009 percent.
  expect(Math.max(...worse)).toBeLessThanOrEqual(0.201);
  expect(new Set(worse).size).toBeGreaterThan(15);
  expect(fills.map(({ commission }) => commission.toFixed())).toEqual(fills.map(() => "-0.11"));
});

test("of many orders three in a hundred are rejected, and a tenth comes in two parts", async () => {
  const { broker, market } = await aHouse({ terms: { rejectedPercent: 3, partialPercent: 10 } });
  const all: OrderStanding[][] = [];
  for (let order = 0; order < 300; order += 1) all.push(await placed(broker));
  market.repeat();
  await settle();

  const rejected = all.filter((one) => codeOf(one).includes("REJECTED_BY_CHANCE")).length;
  const parted = all.filter((one) => kinds(one).length === 3).length;

  expect(rejected).toBeGreaterThan(2);
  expect(rejected).toBeLessThan(20);
  expect(parted).toBeGreaterThan(12);
  expect(parted).toBeLessThan(50);
  expect(all.filter((one) => kinds(one).at(-1) === "filled")).toHaveLength(300 - rejected);
});

test("the same seed and the same quotes give the same fills", async () => {
  const fillsOf = async (seed: string) => {
    const { broker, fills, market } = await aHouse({
      terms: { seed, partialPercent: 50, rejectedPercent: 20 },
    });
    count = 0;
    for (let order = 0; order < 20; order += 1) {
      await placed(broker);
      market.set(1.1 + order / 1_000, 1.1001 + order / 1_000);
      await settle();
    }
    await house?.close();
    house = undefined;
    return fills;
  };

  const [one, same, other] = [await fillsOf("a"), await fillsOf("a"), await fillsOf("b")];

  expect(one.length).toBeGreaterThan(15);
  expect(same).toEqual(one);
  expect(other).not.toEqual(one);
});

test("what cannot be traded now is rejected with the reason's own code", async () => {
  const { broker, hours, market, pass, rules } = await aHouse();
  const codes: string[] = [];
  const note = async (over: Partial<OrderTicket> = {}) => codes.push(...codeOf(await placed(broker, over)));

  hours.isOpen = false;
  await note();
  hours.isOpen = true;
  market.forget();
  await note();
  market.set("1.1", "1.1001");
  await house?.timers.advance(121_000);
  await note();
  await pass(500);
  await note({ closes: "p999", side: "sell" });
  rules.set("EURUSD", someRules({ currency: "JPY" }));
  await note();
  rules.set("EURUSD", someRules({ isTradable: false }));
  await note();
  rules.set("EURUSD", someRules({ canSell: false }));
  await note({ side: "sell" });

  expect(codes).toEqual([
    ...["MARKET_CLOSED", "QUOTE_MISSING", "QUOTE_STALE", "POSITION_NOT_FOUND"],
    ...["CONVERSION_MISSING", "NOT_TRADABLE", "TICKET_INVALID"],
  ]);
});

test("an order may rest while the market is closed, and is filled once it is open", async () => {
  const { broker, hours, market } = await aHouse();
  hours.isOpen = false;
  const standings = await placed(broker, limit("1.2"));
  market.repeat();
  await settle();
  const before = kinds(standings);

  hours.isOpen = true;
  market.repeat();
  await settle();

  expect(before).toEqual(["accepted"]);
  expect(kinds(standings)).toEqual(["accepted", "filled"]);
});

test("profits, fees and what is open are money of the account, whatever the price's currency", async () => {
  const { broker, fills, market, rates } = await aHouse({
    rules: [someRules({ instrument: "USDJPY", currency: "JPY", priceStep: new Decimal("0.001") })],
    terms: { slippagePercent: [0, 0], feePercent: 0.01, balance: new Decimal(10_000) },
  });
  rates.set("JPY", new Decimal("0.01"));
  market.set("150.000", "150.000", "USDJPY");
  await placed(broker, { instrument: "USDJPY" });
  market.set("151.000", "151.000", "USDJPY");
  const open = broker.money();

  await placed(broker, { instrument: "USDJPY", side: "sell", closes: fills[0]?.positionId ?? "" });

  expect(open).toEqual({ currency: "USD", balance: new Decimal("9999.85"), unrealised: new Decimal(10) });
  expect(fills[1]?.closed).toEqual({
    grossProfit: new Decimal(10),
    swap: new Decimal(0),
    commission: new Decimal("-0.30"),
    balanceAfter: new Decimal("10009.7"),
  });
  expect(broker.money()).toEqual({
    ...{ currency: "USD", balance: new Decimal("10009.7"), unrealised: new Decimal(0) },
  });
});

test("two orders of one side open two positions, each with its own price", async () => {
  const { broker, market } = await aHouse();
  await placed(broker);
  market.set("1.2", "1.2001");
  await placed(broker);
  await placed(broker, { side: "sell" });

  expect(broker.positions().map(({ side }) => side)).toEqual(["buy", "buy", "sell"]);
  expect(new Set(broker.positions().map(({ price }) => price.toFixed())).size).toBe(3);
});

test("an ioc limit order that comes in parts keeps the first, and the rest is cancelled", async () => {
  const { broker, fills, market } = await aHouse({ terms: { partialPercent: 100 } });

  const standings = await placed(broker, { ...limit("1.2"), timeInForce: "ioc" });
  market.repeat();
  await settle();

  expect(kinds(standings)).toEqual(["accepted", "accepted", "cancelled"]);
  expect(fills).toHaveLength(1);
  expect(fills[0]?.quantity.lt(1_000)).toBe(true);
});

test("a resting order that would close a position is cancelled with the position's end", async () => {
  const { broker, fills } = await aHouse();
  await placed(broker);
  const position = fills[0]?.positionId ?? "";
  const profit = await placed(broker, { ...limit("1.3"), side: "sell", closes: position });

  await placed(broker, { side: "sell", closes: position });

  expect(kinds(profit)).toEqual(["accepted", "cancelled"]);
  expect(broker.workingOrders()).toEqual([]);
});

test("a level that is cancelled protects no more, and the other one stays", async () => {
  const { broker, market } = await aHouse();
  const distance = new Decimal("0.05");
  await placed(broker, { stopLoss: { distance }, takeProfit: { distance } });
  const stop = broker.workingOrders().find(({ stopPrice }) => stopPrice !== undefined);

  await broker.cancel(stop?.brokerOrderId ?? "", () => true);
  market.set("1.0", "1.0001");
  await settle();

  expect(broker.positions()).toHaveLength(1);
  expect(broker.workingOrders().map(({ limitPrice }) => limitPrice !== undefined)).toEqual([true]);
});

test("an order that is given again arrives once, and is told as it stands", async () => {
  const { broker, fills, start, store } = await aHouse();
  const first = await placed(broker, { clientOrderId: "same" });

  const second = await placed(broker, { clientOrderId: "same" });
  const third = await placed(await start(), { clientOrderId: "same" });

  expect([kinds(first), kinds(second), kinds(third)]).toEqual([
    ["accepted", "filled"],
    ["filled"],
    ["filled"],
  ]);
  expect(fills).toHaveLength(1);
  expect(await store.query(paperFills)).toHaveLength(1);
});

test("a process that comes late changes nothing and gets to know it", async () => {
  const { broker, start, store, market } = await aHouse();
  const resting = await placed(broker, limit("1.05"));
  const next = await start();
  const before = await store.get(paperAccounts, PAPER);

  const late = await placed(broker);
  const cancelled = await broker.cancel("o1", () => true);
  const refreshed = await broker.refresh();

  expect(kinds(late)).toEqual(["not-sent"]);
  expect([cancelled.ok, refreshed.ok, broker.isReady(), next.isReady()]).toEqual([false, false, false, true]);
  expect(await store.get(paperAccounts, PAPER)).toEqual(before);
  expect(await store.query(paperOrders)).toHaveLength(1);
  market.set("1.04", "1.0401");
  await settle();
  expect(next.positions()).toHaveLength(1);
  expect(kinds(resting)).toEqual(["accepted"]);
});

test("a lower fence is refused", async () => {
  const { make, nextFence } = await aHouse();
  nextFence();
  const [late, next] = [make(), make()];
  const isNext = await next.start(9);

  const isLate = await late.start(8);

  expect([isNext, isLate, late.isReady(), next.isReady()]).toEqual([true, false, false, true]);
});

test("a resting order is filled by the price that is there when somebody leads the account again", async () => {
  const { broker, market, start } = await aHouse();
  await placed(broker, limit("1.05"));
  broker.drop();
  market.set("1.04", "1.0401");
  await settle();
  const alone = broker.positions();

  const next = await start();
  await settle();

  expect(alone).toEqual([]);
  expect(next.positions()).toMatchObject([{ price: new Decimal("1.0401") }]);
});

/** A store that fails its next call, before or after it has done it. */
function createFailingStore(store: Store) {
  const trouble: { next?: "before" | "after" } = {};
  const failing: Store = {
    ...store,
    get: (...given) => store.get(...given),
    query: (...given) => store.query(...given),
    async transact(work) {
      const { next } = trouble;
      delete trouble.next;
      if (next === "before") throw new Error("the store is away");
      const result = await store.transact(work);
      if (next === "after") throw new Error("the answer was lost");
      return result;
    },
    close: async () => undefined,
  };
  return { failing, trouble };
}

test.each([
  ["before", ["unknown", "absent"], 0],
  ["after", ["unknown", "filled"], 1],
] as const)(
  "a store that fails %s the write leaves the order unknown, until it is read again",
  async (when, told, filled) => {
    const { make, store, pass, nextFence } = await aHouse();
    const { failing, trouble } = createFailingStore(store);
    const broker = make({ store: failing });
    const fills: Fill[] = [];
    broker.onFill((fill) => fills.push(fill));
    await broker.start(nextFence());
    trouble.next = when;

    const standings = await placed(broker);
    const between = [broker.isReady(), kinds(standings)];
    await pass(2_000);

    expect(between).toEqual([false, ["unknown"]]);
    expect(kinds(standings)).toEqual(told);
    expect([fills.length, broker.positions().length]).toEqual([filled, filled]);
    expect(broker.isReady()).toBe(true);
  },
);

test("an account keeps the money that it began with, whatever the terms become", async () => {
  const { broker, setTerms, start } = await aHouse({ terms: { balance: new Decimal(500) } });
  setTerms({ balance: new Decimal(9_000) });
  const richer = await start();
  setTerms({ currency: "EUR" });
  const other = await start();

  const refused = await placed(other);

  expect([broker.money()?.balance, richer.money()?.balance]).toEqual([new Decimal(500), new Decimal(500)]);
  expect(other.money()?.currency).toBe("USD");
  expect(codeOf(refused)).toEqual(["CONVERSION_MISSING"]);
});

test("a listener that throws keeps nobody else from hearing, and no order from being filled", async () => {
  const { broker, fills } = await aHouse();
  broker.onChange(() => {
    throw new Error("a fault of the listener");
  });

  const standings = await placed(broker);

  expect(kinds(standings)).toEqual(["accepted", "filled"]);
  expect(fills).toHaveLength(1);
  expect(broker.isReady()).toBe(true);
});

test("a client that has stopped hears no prices and starts no more", async () => {
  const { broker, market, nextFence } = await aHouse();

  await broker.stop();

  expect(market.listeners()).toBe(0);
  expect(await broker.start(nextFence())).toBe(false);
  expect(kinds(await placed(broker))).toEqual(["not-sent"]);
});

test("an order whose time is over expires without a quote", async () => {
  const { broker, clock, timers } = await aHouse();
  const expiresAt = clock.now().add({ seconds: 30 });
  const standings = await placed(broker, { ...limit("1.05"), timeInForce: "gtd", expiresAt });

  await timers.advance(29_000);
  await settle();
  const before = kinds(standings);
  await timers.advance(3_000);
  await settle();

  expect(before).toEqual(["accepted"]);
  expect(kinds(standings)).toEqual(["accepted", "expired"]);
});

test("a resting order that closes more than is left closes what is left, and its rest is cancelled", async () => {
  const { broker, fills, market } = await aHouse();
  await placed(broker);
  const position = fills[0]?.positionId ?? "";
  const resting = await placed(broker, { ...limit("1.3"), side: "sell", closes: position });
  await placed(broker, { side: "sell", closes: position, quantity: new Decimal(600) });

  market.set("1.31", "1.3101");
  await settle();

  expect(fills.map(({ quantity }) => quantity.toNumber())).toEqual([1_000, 600, 400]);
  expect(kinds(resting)).toEqual(["accepted", "accepted", "cancelled"]);
  expect(broker.positions()).toEqual([]);
});

test("a stop that is hit between the two parts of an order ends the second", async () => {
  const { broker, fills, market } = await aHouse({ terms: { partialPercent: 100 } });
  const standings = await placed(broker, { stopLoss: { distance: new Decimal("0.01") } });

  market.set("1.05", "1.0501");
  await settle();
  market.repeat();
  await settle();

  expect(fills.map(({ side, quantity }) => [side, quantity.toFixed()])).toEqual([
    ["buy", fills[0]?.quantity.toFixed()],
    ["sell", fills[0]?.quantity.toFixed()],
  ]);
  expect(fills[0]?.quantity.lt(1_000)).toBe(true);
  expect(kinds(standings).at(-1)).toBe("cancelled");
  expect(broker.positions()).toEqual([]);
});

test("the second part of an order adds to its position, and leaves the levels where the first put them", async () => {
  const { broker, fills, market } = await aHouse({ terms: { partialPercent: 100 } });
  await placed(broker, { stopLoss: { distance: new Decimal("0.05") } });
  const [first] = broker.positions();
  const levels = broker.workingOrders().filter(({ protects }) => protects !== undefined);

  market.set("1.12", "1.1201");
  await settle();

  const [whole] = broker.positions();
  expect(fills).toHaveLength(2);
  expect(whole?.quantity).toEqual(new Decimal(1_000));
  expect(whole?.stopLoss).toEqual(first?.stopLoss);
  expect(whole?.price.gt(first?.price ?? 0)).toBe(true);
  expect(broker.workingOrders()).toEqual(levels.map((one) => ({ ...one, quantity: new Decimal(1_000) })));
});

test("a client that is dropped while it takes the account up does not lead it, and tells nothing", async () => {
  const { broker, make, nextFence, store } = await aHouse();
  await placed(broker);
  const trouble = { isDropped: true as boolean };
  const dropping: Store = {
    ...store,
    get: (...given) => store.get(...given),
    async transact(work) {
      const result = await store.transact(work);
      if (trouble.isDropped) next.drop();
      return result;
    },
  };
  const next = make({ store: dropping });
  const heard: unknown[] = [];
  next.onFill((fill) => heard.push(fill));
  next.onChange(() => heard.push("change"));

  const isLeading = await next.start(nextFence());
  await settle();
  const early = [isLeading, next.isReady(), heard.length];
  trouble.isDropped = false;

  expect(early).toEqual([false, false, 0]);
  expect(await next.start(nextFence())).toBe(true);
  expect(heard).toHaveLength(2);
});
