/**
 * Processes that trade on one paper account and die, hang or lose the store's answers at any of its calls:
 * whatever happens, nothing is filled twice, nothing is lost, and the money adds up.
 */
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Store } from "../../platform/store.ts";
import type { Fill, OrderStanding, OrderTicket } from "../trading-broker.ts";
import type { PaperBroker } from "./open-paper-broker.ts";
import { type PaperAccount, type PaperFill, paperAccounts, paperFills, paperOrders } from "./records.ts";
import { openPaperHouse, PAPER, type PaperHouse, settle } from "./testing/paper-house.ts";
import { fillOf, standingOf } from "./views.ts";

const BASE = new Decimal("1.1");
const TICK = new Decimal("0.0005");
const SPREAD = new Decimal("0.0001");

/** What one process was told. */
interface Process {
  readonly broker: PaperBroker;
  readonly fills: Fill[];
  readonly standings: Map<string, OrderStanding[]>;
  readonly mayLeave: Map<string, boolean>;
  readonly strike: (blow: Blow) => void;
  readonly kill: () => void;
}

/** What happens at a call to the store. `die`: nothing is answered from then on. `fail`: this one throws. */
interface Blow {
  readonly how: "die" | "fail";
  readonly when: "before" | "after";
  readonly calls: number;
}

type Step =
  | { readonly kind: "move"; readonly ticks: number }
  | { readonly kind: "place"; readonly order: Wish }
  | { readonly kind: "cancel"; readonly pick: number }
  | { readonly kind: "strike"; readonly blow: Blow }
  | { readonly kind: "restart"; readonly isKilled: boolean }
  | { readonly kind: "rest" };

interface Wish {
  readonly side: "buy" | "sell";
  readonly type: "market" | "limit" | "stop";
  readonly timeInForce: "gtc" | "ioc" | "gtd";
  readonly ticks: number;
  readonly hundreds: number;
  readonly stop: number;
  readonly profit: number;
  readonly closes: number;
  readonly mayLeave: boolean;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  side: fc.constantFrom("buy", "sell"),
  type: fc.constantFrom("market", "limit", "stop"),
  timeInForce: fc.constantFrom("gtc", "ioc", "gtd"),
  ticks: fc.integer({ min: -6, max: 6 }),
  hundreds: fc.integer({ min: 1, max: 30 }),
  stop: fc.integer({ min: 0, max: 8 }),
  profit: fc.integer({ min: 0, max: 8 }),
  closes: fc.integer({ min: 0, max: 3 }),
  mayLeave: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn > 0),
});

const blow: fc.Arbitrary<Blow> = fc.record({
  how: fc.constantFrom("die", "fail"),
  when: fc.constantFrom("before", "after"),
  calls: fc.integer({ min: 1, max: 6 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("place"), order: wish }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("move"), ticks: fc.integer({ min: -10, max: 10 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel"), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("strike"), blow }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart"), isKilled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rest") }) },
);

/** A store that is struck at one of its calls. */
function createStruckStore(store: Store) {
  let isDead = false;
  let calls = 0;
  let next: (Blow & { readonly at: number }) | undefined;
  const never = () => new Promise<never>(() => {});
  async function run<R>(call: () => Promise<R>): Promise<R> {
    if (isDead) return never();
    calls += 1;
    const hit = next?.at === calls ? next : undefined;
    const fall = (): Promise<never> => {
      next = undefined;
      if (hit?.how === "fail") throw new Error("the store is away");
      isDead = true;
      return never();
    };
    if (hit?.when === "before") return fall();
    const result = await call();
    if (hit?.when === "after") return fall();
    return isDead ? never() : result;
  }
  const struck: Store = {
    get: (...given) => run(() => store.get(...given)),
    query: (...given) => run(() => store.query(...given)),
    transact: (work) => run(() => store.transact(work)),
    close: async () => undefined,
  };
  return {
    struck,
    isDead: () => isDead,
    kill() {
      isDead = true;
    },
    strike(one: Blow) {
      next = { ...one, at: calls + one.calls };
    },
  };
}

class Run {
  readonly house: PaperHouse;
  readonly processes: Process[] = [];
  #orders = 0;
  #ticks = 0;

  constructor(house: PaperHouse) {
    this.house = house;
  }

  get current(): Process {
    const last = this.processes.at(-1);
    if (last === undefined) throw new Error("no process has started");
    return last;
  }

  show(): void {
    const bid = BASE.plus(TICK.times(this.#ticks));
    this.house.market.set(bid, bid.plus(SPREAD));
  }

  async start(): Promise<void> {
    const { struck, isDead, kill, strike } = createStruckStore(this.house.store);
    const { timers } = this.house;
    const alive = {
      now: timers.now,
      after: (ms: number, run: () => void) => timers.after(ms, () => !isDead() && run()),
    };
    const broker = this.house.make({ store: struck, timers: alive });
    const fills: Fill[] = [];
    broker.onFill((fill) => fills.push(fill));
    this.processes.push({ broker, fills, strike, kill, standings: new Map(), mayLeave: new Map() });
    void broker.start(this.house.nextFence());
    await this.rest(0);
  }

  async rest(ms: number): Promise<void> {
    for (let passed = 0; passed <= ms; passed += 1_000) {
      if (passed > 0) await this.house.timers.advance(1_000);
      await settle(2);
    }
  }

  async take(one: Step): Promise<void> {
    const { broker, strike, kill } = this.current;
    switch (one.kind) {
      case "move":
        this.#ticks = Math.max(-100, Math.min(100, this.#ticks + one.ticks));
        this.show();
        // Not always does everything come to rest before the next thing happens.
        return one.ticks % 2 === 0 ? this.rest(0) : undefined;
      case "place":
        this.#place(one.order);
        return one.order.hundreds % 2 === 0 ? this.rest(0) : undefined;
      case "cancel": {
        const working = broker.workingOrders();
        const picked = working[one.pick % Math.max(1, working.length)];
        if (picked !== undefined) void broker.cancel(picked.brokerOrderId, () => true);
        return this.rest(0);
      }
      case "strike":
        return strike(one.blow);
      case "restart":
        // One that is not killed goes on without knowing that it is late.
        if (one.isKilled) kill();
        return this.start();
      case "rest":
        return this.rest(3_000);
      default:
        return one satisfies never;
    }
  }

  #place(wanted: Wish): void {
    // Processes that are late trade on as well.
    const process = wanted.ticks === 6 ? (this.processes.at(-2) ?? this.current) : this.current;
    const ticket = this.#ticketOf(wanted, process);
    const told: OrderStanding[] = [];
    process.standings.set(ticket.clientOrderId, told);
    process.mayLeave.set(ticket.clientOrderId, wanted.mayLeave);
    process.broker.place(
      ticket,
      () => wanted.mayLeave,
      (standing) => told.push(standing),
    );
  }

  #ticketOf(wanted: Wish, { broker }: Process): OrderTicket {
    this.#orders += 1;
    const { type, timeInForce, side, hundreds } = wanted;
    const price = BASE.plus(TICK.times(this.#ticks + wanted.ticks));
    const level = (steps: number) => (steps === 0 ? undefined : { distance: TICK.times(steps) });
    const [stopLoss, takeProfit] = [level(wanted.stop), level(wanted.profit)];
    const about = {
      clientOrderId: `c${this.#orders}`,
      ...{ instrument: "EURUSD", type, timeInForce: type === "market" ? "ioc" : timeInForce },
      ...(type === "limit" && { limitPrice: price }),
      ...(type === "stop" && { stopPrice: price }),
      ...(type !== "market" &&
        timeInForce === "gtd" && { expiresAt: this.house.clock.now().add({ seconds: 4 }) }),
    } as const;
    const quantity = new Decimal(hundreds * 100);
    const closed = wanted.closes === 1 ? broker.positions().at(0) : undefined;
    if (closed === undefined) {
      return {
        ...{ ...about, side, quantity },
        ...(stopLoss !== undefined && { stopLoss }),
        ...(takeProfit !== undefined && { takeProfit }),
      };
    }
    const against = closed.side === "buy" ? "sell" : "buy";
    return { ...about, side: against, closes: closed.id, quantity: Decimal.min(quantity, closed.quantity) };
  }
}

function expectMoney(account: PaperAccount, all: readonly PaperFill[]): void {
  const brought = all.reduce(
    (sum, { commission, closed }) => sum.plus(commission).plus(closed?.grossProfit ?? 0),
    account.startBalance,
  );
  expect(account.balance.toFixed()).toBe(brought.toFixed());
  expect(all.map(({ id }) => id)).toEqual(Array.from({ length: account.lastFill }, (_, n) => `f${n + 1}`));
}

function expectPositions({ positions }: PaperAccount, all: readonly PaperFill[]): void {
  const sums = new Map<string, Decimal>();
  for (const { positionId, side, quantity } of all) {
    const signed = side === "buy" ? quantity : quantity.negated();
    sums.set(positionId, (sums.get(positionId) ?? new Decimal(0)).plus(signed));
  }
  const open = [...sums].filter(([, sum]) => !sum.isZero()).map(([id, sum]) => [id, sum.toFixed()] as const);
  const held = positions.map(({ id, side, quantity }) => {
    const signed = side === "buy" ? quantity : quantity.negated();
    return [id, signed.toFixed()] as const;
  });
  expect(new Map(held)).toEqual(new Map(open));
}

async function expectOrders({ house, processes }: Run, all: readonly PaperFill[]): Promise<void> {
  const stored = (await house.store.query(paperOrders)).map(({ value }) => value);
  for (const { ticket, state, fills, brokerOrderId } of stored) {
    const own = all.filter((fill) => fill.brokerOrderId === brokerOrderId);
    expect(fills.map(({ id }) => id)).toEqual(own.map(({ id }) => id));
    const sum = own.reduce((total, { quantity }) => total.plus(quantity), new Decimal(0));
    expect(sum.lte(ticket.quantity)).toBe(true);
    expect(sum.eq(ticket.quantity)).toBe(state === "filled");
    const { limitPrice, side } = ticket;
    for (const { price } of limitPrice === undefined ? [] : own) {
      expect(side === "buy" ? price.lte(limitPrice ?? 0) : price.gte(limitPrice ?? 0)).toBe(true);
    }
  }
  expect(new Set(stored.map(({ brokerOrderId }) => brokerOrderId)).size).toBe(stored.length);
  const byId = new Map(stored.map((order) => [order.ticket.clientOrderId, order]));
  for (const { standings, mayLeave } of processes) {
    for (const [id, told] of standings) {
      const order = byId.get(id);
      const finals = told.filter(({ kind }) => kind !== "accepted" && kind !== "unknown");
      expect(finals.length).toBeLessThanOrEqual(1);
      if (mayLeave.get(id) === false) expect(order).toBeUndefined();
      const last = finals[0];
      if (last === undefined) continue;
      if (last.kind === "not-sent" || last.kind === "absent") expect(order).toBeUndefined();
      else if (order !== undefined) expect(last).toEqual(standingOf(order));
      else expect(last).toMatchObject({ kind: "rejected", brokerCode: "TICKET_INVALID" });
    }
  }
}

/** What was told is what lies in the store, once, and in its order. */
function expectTold({ processes }: Run, all: readonly PaperFill[]): void {
  for (const { fills } of processes) {
    const told = fills.map(({ id }) => Number(id.slice(1)));
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(new Set(told).size).toBe(told.length);
    for (const fill of fills) expect(fill).toEqual(fillOf(all[Number(fill.id.slice(1)) - 1]!));
  }
}

async function expectTruth(run: Run): Promise<void> {
  const { store } = run.house;
  const account = await store.get(paperAccounts, PAPER);
  if (account === undefined) throw new Error("the account was never opened");
  const all = (await store.query(paperFills))
    .map(({ value: { account: _, ...fill } }) => fill)
    .toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));
  expectMoney(account, all);
  expectPositions(account, all);
  await expectOrders(run, all);
  expectTold(run, all);
  // The last process, which came to rest, was told all there is.
  expect(run.current.fills).toHaveLength(all.length);
  expect(run.current.broker.money()?.balance).toEqual(account.balance);
}

const RUNS = Number(process.env.OPENBELL_PAPER_RUNS ?? 150);

test("processes that die, hang, or miss the store's answers leave an account that adds up", async () => {
  let filled = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const house = openPaperHouse({ terms: { rejectedPercent: 8, partialPercent: 40 } });
      try {
        const run = new Run(house);
        run.show();
        await run.start();
        for (const one of steps) await run.take(one);
        await run.rest(3_000);
        for (const { kill } of run.processes) kill();
        await run.start();
        run.show();
        await run.rest(15_000);
        await expectTruth(run);
        filled += run.current.fills.length;
      } finally {
        await house.close();
      }
    }),
    { numRuns: RUNS },
  );
  // A run in which nothing happens would prove nothing.
  expect(filled).toBeGreaterThan(RUNS);
}, 120_000);
