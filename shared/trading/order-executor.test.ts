import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "../../tests/support/token-house.ts";
import {
  openTradingHouse,
  pass,
  rest,
  type TradingHouse,
  type TradingProcess,
} from "../../tests/support/trading-house.ts";
import type { Fill } from "../brokers/trading-broker.ts";
import type { Store } from "../platform/store.ts";
import { fills, orderId, orders, positions, tradingStates } from "./records.ts";
import { requestCancel } from "./submit-order.ts";

let house: TradingHouse;

beforeEach(async () => {
  house = await openTradingHouse();
});
afterEach(() => house.close());

const states = async () =>
  Object.fromEntries(
    (await house.store.query(orders)).map(({ value }) => [value.clientOrderId, value.state]),
  );

const set = (scope: string, state: "active" | "reducing" | "halted") =>
  house.store.transact(async (transaction) =>
    transaction.set(tradingStates, scope, {
      state,
      who: { kind: "terminal" },
      why: "test",
      at: house.clock.now(),
    }),
  );

/** Has a process die in the moment in which an order's turn to leave has come. */
function dieSending({ broker, executor }: TradingProcess): Promise<void> {
  return new Promise((resolve) => {
    broker.beforeLeaving = () => {
      broker.die();
      resolve();
    };
    void executor.wake();
  });
}

test("an order that was written down is sent on the wake-up, and its fill is counted once", async () => {
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");

  await worker.executor.wake();
  await rest(worker.executor);

  const order = await house.read("a1");
  expect(house.venue.arrived).toEqual(["a1"]);
  expect(order).toMatchObject({ state: "filled", epoch: worker.lease.fence, generation: 1, isDue: false });
  expect(order.filledQuantity.toString()).toBe("1000");
  expect(await house.store.query(fills)).toHaveLength(1);
});

test("a lost wake-up costs five seconds", async () => {
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");

  await pass(house.timers, worker.executor, 4);
  const early = [...house.venue.arrived];
  await pass(house.timers, worker.executor, 1);

  expect(early).toEqual([]);
  expect(house.venue.arrived).toEqual(["a1"]);
});

test("the oldest goes first", async () => {
  const worker = await house.start();
  await house.submit("z");
  await house.clock.advanceBy(Temporal.Duration.from({ seconds: 1 }));
  await house.submit("a");
  await house.submit("b");

  await worker.open();

  expect(house.venue.arrived).toEqual(["z", "a", "b"]);
});

test("nothing goes while the socket is not ready, and the order waits", async () => {
  const worker = await house.start();
  await house.submit("a1");

  await worker.executor.wake();
  await pass(house.timers, worker.executor, 6);

  expect(house.venue.arrived).toEqual([]);
  expect(await states()).toEqual({ a1: "created" });
});

test.each([
  ["all", "halted", "TRADING_HALTED"],
  ["connection", "halted", "TRADING_HALTED"],
  ["all", "reducing", "TRADING_REDUCING"],
] as const)("with %s %s an order is refused", async (scope, state, code) => {
  const worker = await house.start();
  await worker.open();
  await set(scope === "all" ? "all" : house.connection.id, state);
  await house.submit("a1");

  await worker.executor.wake();

  expect(house.venue.arrived).toEqual([]);
  expect(await house.read("a1")).toMatchObject({ state: "refused", refusal: { code }, isDue: false });
});

test("while trading is reduced an order that closes goes", async () => {
  const worker = await house.start();
  await worker.open();
  await set("all", "reducing");
  const ticket = {
    instrument: "EURUSD",
    side: "sell",
    type: "market",
    quantity: new Decimal(500),
    timeInForce: "ioc",
    closes: "p1",
  } as const;
  await house.submit("c1", { ticket });

  await worker.executor.wake();

  expect(house.venue.arrived).toEqual(["c1"]);
});

test("a halt that becomes known after the claim stops the order before its bytes leave", async () => {
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");
  worker.broker.beforeLeaving = () => void worker.executor.control();

  await worker.executor.wake();
  await rest(worker.executor);

  expect(house.venue.arrived).toEqual([]);
  expect(await states()).toEqual({ a1: "not-sent" });
});

/** The house's store, with something that happens when a read or a transaction is done and its answer still on its way. */
function storeWith(happen: (answer: unknown) => Promise<void>): Store {
  const { store } = house;
  const after = async <R>(answer: Promise<R>): Promise<R> => {
    const value = await answer;
    await happen(value);
    return value;
  };
  return {
    get: (from, id) => after(store.get(from, id)),
    query: (from, query) => store.query(from, query),
    transact: (work) => after(store.transact(work)),
    close: () => store.close(),
  };
}

test("a halt that comes while the claim's answer is on its way is not forgotten over that answer", async () => {
  let claims = 0;
  const store = storeWith(async (answer) => {
    if ((answer as { readonly kind?: string } | undefined)?.kind !== "claimed") return;
    claims += 1;
    await set("all", "halted");
    void worker.executor.control();
  });
  const worker: TradingProcess = await house.start({ store });
  await worker.open();
  await house.submit("a1");

  await worker.executor.wake();
  await rest(worker.executor);

  expect(claims).toBe(1);
  expect(house.venue.arrived).toEqual([]);
  expect(await states()).toEqual({ a1: "not-sent" });
});

test("a halt that comes while the trading state is being read is not forgotten over the older answer", async () => {
  const turns: (() => boolean)[] = [];
  const halt = { isDue: false as boolean };
  const store = storeWith(async () => {
    if (!halt.isDue) return;
    halt.isDue = false;
    await set("all", "halted");
    void worker.executor.control();
  });
  const worker: TradingProcess = await house.start({ store });
  await worker.open();
  await house.submit("a1");
  worker.broker.place = (_ticket, mayLeave) => void turns.push(mayLeave);
  const woken = worker.executor.wake();
  await vi.waitFor(() => expect(turns).toHaveLength(1));
  expect(turns[0]?.()).toBe(true);
  await woken;
  // The state is old enough to be read again; the halt comes when the first of its two records has been read.
  halt.isDue = true;
  await pass(house.timers, worker.executor, 35);

  expect(halt.isDue).toBe(false);
  expect(turns.map((mayLeave) => mayLeave())).toEqual([false]);
});

test("an order that was claimed does not leave once its token has reached its end", async () => {
  const worker = await house.start();
  await worker.open();
  const sendBy = house.clock.now().add({ hours: 48 });
  await house.submit("a1", { sendBy });
  const turns: (() => boolean)[] = [];
  worker.broker.place = (_ticket, mayLeave) => void turns.push(mayLeave);
  const woken = worker.executor.wake();
  await vi.waitFor(() => expect(turns).toHaveLength(1));
  const before = turns.map((mayLeave) => mayLeave());
  await woken;

  await house.clock.advanceBy(Temporal.Duration.from({ hours: 24 }));

  expect(before).toEqual([true]);
  expect(turns.map((mayLeave) => mayLeave())).toEqual([false]);
});

test("positions that cannot be stored keep no order from leaving", async () => {
  const worker = await house.start();
  worker.broker.positions = () => {
    throw new Error("a position that no record can hold");
  };
  await worker.open();
  await house.submit("a1");

  await worker.executor.wake();
  await rest(worker.executor);

  expect(house.venue.arrived).toEqual(["a1"]);
});

test.each([
  ["the lease may end", (worker: Awaited<ReturnType<TradingHouse["start"]>>) => worker.setSafe(false)],
  ["leadership was lost", (worker) => worker.executor.yield()],
  ["the process stops", (worker) => void worker.executor.stop()],
  ["the socket came back and is not settled", (worker) => worker.executor.opened()],
])("an order that was claimed does not leave once %s", async (_, happen) => {
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");
  worker.broker.beforeLeaving = () => happen(worker);

  await worker.executor.wake();
  await rest(worker.executor);

  expect(house.venue.arrived).toEqual([]);
  expect(await states()).toEqual({ a1: "not-sent" });
});

test("an order whose time ran out after its claim does not leave", async () => {
  const worker = await house.start();
  await worker.open();
  await house.submit("a1", { sendBy: house.clock.now() });
  const claimed: string[] = [];
  worker.broker.beforeLeaving = (id) => {
    claimed.push(id);
    void house.clock.advanceBy(Temporal.Duration.from({ milliseconds: 1 }));
  };
  // The clock moves in a later turn; the broker's client may take its time to ask.
  const { place } = worker.broker;
  worker.broker.place = (ticket, mayLeave, standing) => {
    worker.broker.beforeLeaving?.(ticket.clientOrderId);
    delete worker.broker.beforeLeaving;
    setImmediate(() => setImmediate(() => setImmediate(() => place(ticket, mayLeave, standing))));
  };

  await worker.executor.wake();
  await rest(worker.executor);

  expect(claimed).toEqual(["a1"]);
  expect(house.venue.arrived).toEqual([]);
  expect(await states()).toEqual({ a1: "not-sent" });
});

test("a claim whose answer was lost is finished by the next look, with one order at the broker", async () => {
  const fate = { losesNext: new Set<string>() };
  const store = {
    ...house.store,
    get: house.store.get.bind(house.store),
    query: house.store.query.bind(house.store),
    transact: async <R>(work: Parameters<typeof house.store.transact<R>>[0]): Promise<R> => {
      const result = await house.store.transact(work);
      if (fate.losesNext.delete("answer")) throw new Error("the answer was lost");
      return result;
    },
  };
  const worker = await house.start({ store });
  await worker.open();
  await house.submit("a1");
  fate.losesNext.add("answer");

  await worker.executor.wake();
  const before = await states();
  await pass(house.timers, worker.executor, 5);

  expect(before).toEqual({ a1: "sending" });
  expect(house.venue.arrived).toEqual(["a1"]);
  expect(await states()).toEqual({ a1: "filled" });
});

test("a process whose lease was taken over claims nothing, though it thinks itself safe", async () => {
  const late = await house.start();
  await late.open();
  await house.start();
  await house.submit("a1");

  await late.executor.wake();

  expect(house.venue.arrived).toEqual([]);
  expect(await states()).toEqual({ a1: "created" });
});

test("without an acknowledged token an order waits, and goes once there is one", async () => {
  const worker = await house.start();
  await worker.open();
  const { acknowledgements } = await import("../tokens/records.ts");
  const id = `${house.connection.id}:worker`;
  const acknowledgement = await house.store.get(acknowledgements, id);
  await house.store.transact(async (transaction) => transaction.delete(acknowledgements, id));
  await house.submit("a1");
  await worker.executor.wake();
  const before = [...house.venue.arrived];

  await house.store.transact(async (transaction) => {
    if (acknowledgement !== undefined) transaction.set(acknowledgements, id, acknowledgement);
  });
  await worker.executor.wake();

  expect(before).toEqual([]);
  expect(house.venue.arrived).toEqual(["a1"]);
});

test("an order that nobody could send in two minutes is refused, not sent late", async () => {
  const worker = await house.start();
  await house.submit("a1");
  await house.clock.advanceBy(Temporal.Duration.from({ seconds: 121 }));

  await worker.open();

  expect(house.venue.arrived).toEqual([]);
  expect(await house.read("a1")).toMatchObject({ state: "refused", refusal: { code: "ORDER_TOO_LATE" } });
});

test("what an earlier process left is asked for before the first new order", async () => {
  house.venue.behaviour = "silent";
  const first = await house.start();
  await first.open();
  await house.submit("a1");
  await first.executor.wake();
  first.broker.die();
  house.venue.fill("a1");
  house.venue.behaviour = "fill";
  await house.submit("b1");

  const second = await house.start();
  const arrivedAtFind: string[][] = [];
  second.broker.beforeFind = () => {
    arrivedAtFind.push([...house.venue.arrived]);
  };
  await second.open();

  expect(arrivedAtFind).toEqual([["a1"]]);
  expect(house.venue.arrived).toEqual(["a1", "b1"]);
  expect(await states()).toEqual({ a1: "filled", b1: "filled" });
  expect((await house.read("a1")).filledQuantity.toString()).toBe("1000");
});

test("an order that this process has just given out is not called absent by a search that came too early", async () => {
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");
  worker.broker.place = (_ticket, mayLeave) => void mayLeave();
  await worker.executor.wake();

  worker.executor.opened();
  await pass(house.timers, worker.executor, 6);

  expect(worker.broker.asked).toContain("find a1");
  expect(await states()).toEqual({ a1: "sending" });
});

test("an order is claimed only when the turn of the one before it has come, so that a kill costs one at most", async () => {
  const worker = await house.start();
  await worker.open();
  for (const id of ["a1", "b1", "c1"]) await house.submit(id);
  const turns: (() => boolean)[] = [];
  worker.broker.place = (_ticket, mayLeave) => void turns.push(mayLeave);

  const woken = worker.executor.wake();
  await vi.waitFor(() => expect(turns).toHaveLength(1));
  const atFirst = await states();
  turns[0]?.();
  await vi.waitFor(() => expect(turns).toHaveLength(2));
  const atSecond = await states();
  // One whose turn does not come is not waited for without an end.
  await house.timers.advance(1_000);
  await vi.waitFor(() => expect(turns).toHaveLength(3));
  turns[2]?.();
  await woken;

  expect([atFirst, atSecond]).toEqual([
    { a1: "sending", b1: "created", c1: "created" },
    { a1: "sending", b1: "sending", c1: "created" },
  ]);
});

test("as long as the broker does not answer for an open order, no new one goes", async () => {
  house.venue.behaviour = "silent";
  const first = await house.start();
  await first.open();
  await house.submit("a1");
  await first.executor.wake();
  first.broker.die();
  const second = await house.start();
  second.broker.isCutOff = true;
  await house.submit("b1");

  await second.open();
  await pass(house.timers, second.executor, 10);
  const before = [...house.venue.arrived];
  second.broker.isCutOff = false;
  await pass(house.timers, second.executor, 5);

  expect(before).toEqual(["a1"]);
  expect(house.venue.arrived).toEqual(["a1", "b1"]);
});

test("an order that was claimed and never left is absent once the broker has said so", async () => {
  const first = await house.start();
  await first.open();
  await house.submit("a1");
  await dieSending(first);
  const before = await states();
  const second = await house.start();

  await second.open();
  await pass(house.timers, second.executor, 15);

  expect(house.venue.arrived).toEqual([]);
  expect([before, await states()]).toEqual([{ a1: "sending" }, { a1: "absent" }]);
});

test("a fill of an order that was held for absent is believed", async () => {
  const first = await house.start();
  await first.open();
  await house.submit("a1");
  await dieSending(first);
  const second = await house.start();
  await second.open();

  const { ticket } = await house.read("a1");
  const { instrument, side, type, quantity, timeInForce } = ticket;
  house.venue.orders.set("a1", {
    ticket: { clientOrderId: "a1", instrument, side, type, quantity, timeInForce },
    brokerOrderId: "o-a1",
    state: "accepted",
    fills: [],
  });
  second.broker.tell(house.venue.fill("a1"));
  await rest(second.executor);

  expect(await house.read("a1")).toMatchObject({ state: "filled", brokerOrderId: "o-a1" });
});

test("a close is asked for by the position that it closes", async () => {
  const ticket = {
    instrument: "EURUSD",
    side: "sell",
    type: "market",
    quantity: new Decimal(500),
    timeInForce: "ioc",
    closes: "p1",
  } as const;
  const first = await house.start();
  await first.open();
  await house.submit("c1", { ticket });
  await dieSending(first);

  const second = await house.start();
  await second.open();

  expect(second.broker.asked).toEqual(["find c1 closing 500 of p1"]);
});

test("a close is told which orders at the broker are other closes, and known numbers are asked for", async () => {
  const worker = await house.start();
  const ticket = {
    instrument: "EURUSD",
    side: "sell",
    type: "market",
    quantity: new Decimal(500),
    timeInForce: "ioc",
    closes: "p1",
  } as const;
  for (const id of ["c1", "c2"]) await house.submit(id, { ticket });
  const [done, open] = [await house.read("c1"), await house.read("c2")];
  await house.store.transact(async (transaction) => {
    const id = (clientOrderId: string) => orderId(house.connection.id, clientOrderId);
    const known = { ...done, state: "accepted", isDue: false, brokerOrderId: "77" } as const;
    transaction.set(orders, id("c1"), known);
    transaction.set(orders, id("c2"), { ...open, state: "sending", isDue: false });
  });
  const asked: unknown[] = [];
  worker.broker.find = async (id, _since, closing, brokerOrderId) => {
    asked.push([id, brokerOrderId, await closing?.isOthers?.("77"), await closing?.isOthers?.("78")]);
    return { ok: true, value: { kind: "absent" } };
  };

  await worker.open();

  expect(asked).toContainEqual(["c1", "77", false, false]);
  expect(asked).toContainEqual(["c2", undefined, true, false]);
});

test("a resting order of an earlier process is followed: its fill and its end are written down", async () => {
  house.venue.behaviour = "rest";
  const first = await house.start();
  await first.open();
  await house.submit("a1");
  await first.executor.wake();
  first.broker.die();
  const second = await house.start();
  await second.open();

  second.broker.tell(house.venue.fill("a1", 400));
  await rest(second.executor);
  const partly = await house.read("a1");
  second.broker.tell(house.venue.fill("a1"));
  second.broker.change();
  await rest(second.executor);

  const whole = await house.read("a1");
  expect([partly.state, partly.filledQuantity.toString()]).toEqual(["partially-filled", "400"]);
  expect([whole.state, whole.filledQuantity.toString()]).toEqual(["filled", "1000"]);
  expect(await house.store.query(fills)).toHaveLength(2);
});

test("a fill that is told twice, by two processes and by the answer to a question is counted once", async () => {
  house.venue.behaviour = "rest";
  const first = await house.start();
  await first.open();
  await house.submit("a1");
  await first.executor.wake();
  const fill = house.venue.fill("a1", 250);

  first.broker.tell(fill);
  first.broker.tell(fill);
  const second = await house.start();
  await second.open();
  second.broker.tell(fill);
  await rest(first.executor);
  await rest(second.executor);

  expect((await house.read("a1")).filledQuantity.toString()).toBe("250");
});

test("the fill of a stop loss that carries the id of its entry is not counted for the entry", async () => {
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");
  await worker.executor.wake();
  const entry = house.venue.orders.get("a1")?.fills[0] as Fill;

  worker.broker.tell({ ...entry, id: "sl", brokerOrderId: "o-stop", side: "sell" });
  await rest(worker.executor);

  expect((await house.read("a1")).filledQuantity.toString()).toBe("1000");
  const stored = await house.store.get(fills, `${house.connection.id}:sl`);
  expect(stored?.brokerOrderId).toBe("o-stop");
  expect(stored?.clientOrderId).toBeUndefined();
});

test("a fill that came before its order was known to be ours is counted when it is", async () => {
  house.venue.behaviour = "silent";
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");
  await worker.executor.wake();
  const { clientOrderId: _, ...fill } = house.venue.fill("a1");

  worker.broker.tell(fill);
  await rest(worker.executor);
  const before = (await house.read("a1")).filledQuantity.toString();
  worker.broker.stand("a1", { kind: "filled", brokerOrderId: "o-a1", fills: [fill] });
  await rest(worker.executor);

  expect([before, (await house.read("a1")).filledQuantity.toString()]).toEqual(["0", "1000"]);
  expect((await house.read("a1")).state).toBe("filled");
});

test("positions are those of the broker, and a late process does not bring back a closed one", async () => {
  const position = {
    id: "p1",
    instrument: "EURUSD",
    side: "buy",
    quantity: new Decimal(1000),
    price: new Decimal("1.1"),
    openedAt: house.clock.now(),
    commission: new Decimal(0),
    swap: new Decimal(0),
  } as const;
  house.venue.positions.push(position);
  const late = await house.start();
  await late.open();
  const before = (await house.store.query(positions)).map(({ id }) => id);
  const next = await house.start();
  house.venue.positions.splice(0);
  await next.open();
  const after = await house.store.query(positions);
  house.venue.positions.push(position);
  late.broker.change();
  await rest(late.executor);

  expect(before).toEqual([`${house.connection.id}:p1`]);
  expect(after).toEqual([]);
  expect(await house.store.query(positions)).toEqual([]);
});

test("an order that was cancelled before it was sent is never sent", async () => {
  const worker = await house.start();
  await house.submit("a1");
  await requestCancel({ ...house, log: silentLog }, { connection: house.connection.id, clientOrderId: "a1" });

  await worker.open();

  expect(house.venue.arrived).toEqual([]);
  expect(await states()).toEqual({ a1: "cancelled" });
});

test("a resting order is cancelled when that is asked for, also while trading is halted", async () => {
  house.venue.behaviour = "rest";
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");
  await worker.executor.wake();
  await set("all", "halted");
  await worker.executor.control();

  await requestCancel({ ...house, log: silentLog }, { connection: house.connection.id, clientOrderId: "a1" });
  await worker.executor.wake();

  expect(await house.read("a1")).toMatchObject({ state: "cancelled", isDue: false });
});

test("what a halt stops is cancelled at once, also while the broker is still asked for what another process left", async () => {
  house.venue.behaviour = "rest";
  const first = await house.start();
  await first.open();
  await house.submit("rests");
  await first.executor.wake();
  house.venue.behaviour = "silent";
  await house.submit("lost");
  await first.executor.wake();
  first.broker.die();
  const second = await house.start();
  const answer = Promise.withResolvers<void>();
  const isAsked = Promise.withResolvers<void>();
  second.broker.beforeFind = (id) => {
    if (id !== "lost") return undefined;
    isAsked.resolve();
    return answer.promise;
  };
  const opened = second.open();
  await isAsked.promise;

  await set("all", "halted");
  const controlled = second.executor.control();
  await vi.waitFor(async () => expect(await states()).toEqual({ rests: "cancelled", lost: "sending" }));

  answer.resolve();
  await Promise.all([opened, controlled]);
});

test("a cancel that comes too late leaves the order filled, with the broker's word for it", async () => {
  house.venue.behaviour = "rest";
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");
  await worker.executor.wake();
  await rest(worker.executor);
  house.venue.fill("a1");

  await requestCancel({ ...house, log: silentLog }, { connection: house.connection.id, clientOrderId: "a1" });
  await worker.executor.wake();
  await rest(worker.executor);

  expect(await house.read("a1")).toMatchObject({ state: "filled", isDue: false });
});

test("an order that is over and still due is cancelled no more", async () => {
  house.venue.behaviour = "rest";
  const worker = await house.start();
  const { broker, executor } = worker;
  await worker.open();
  await house.submit("a1");
  await executor.wake();
  await rest(executor);
  broker.tell(house.venue.fill("a1"));
  await rest(executor);
  const id = orderId(house.connection.id, "a1");
  await house.store.transact(async (transaction) => {
    const order = await transaction.get(orders, id);
    if (order !== undefined) {
      transaction.set(orders, id, { ...order, isDue: true, cancelRequestedAt: order.changedAt });
    }
  });

  await executor.wake();
  await rest(executor);

  expect(await house.read("a1")).toMatchObject({ state: "filled", isDue: false });
  expect(broker.asked.filter((one) => one.startsWith("cancel"))).toHaveLength(1);
});

test("a cancel that does not reach the broker is tried again", async () => {
  house.venue.behaviour = "rest";
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");
  await worker.executor.wake();
  await rest(worker.executor);
  worker.broker.isCutOff = true;
  await requestCancel({ ...house, log: silentLog }, { connection: house.connection.id, clientOrderId: "a1" });
  await worker.executor.wake();
  const before = await states();

  worker.broker.isCutOff = false;
  await pass(house.timers, worker.executor, 5);

  expect([before, await states()]).toEqual([{ a1: "accepted" }, { a1: "cancelled" }]);
});
