import { Decimal } from "decimal.js";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { silentLog } from "../../../tests/support/token-house.ts";
import { createMemoryStore } from "../../../tests/support/trading/memory-store.ts";
import { createShareVenue, type ShareClient } from "../../../tests/support/trading/share-venue.ts";
import { connectionSchema } from "../../config/connection.ts";
import { createLeases } from "../../platform/lease.ts";
import { createSeededRandom } from "../../platform/local/seeded-random.ts";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { Store } from "../../platform/store.ts";
import { riskEvents } from "../control/records.ts";
import { unfinishedOrders } from "../control/sweep-orders.ts";
import { accountLedgers } from "../ledger/records.ts";
import { createOrderExecutor, type OrderExecutor } from "../order-executor.ts";
import { type OrderRecord, orderId, orders, type StoredTicket, tradingStates } from "../records.ts";
import { newOrderRecord } from "../submit-order.ts";
import { exitTicket } from "../ticks/make-ticket.ts";
import { tradedAccount } from "../traded-account.ts";
import { clearWay } from "./clear-way.ts";
import { PROTECTION, protections } from "./records.ts";
import { withProtection } from "./tend-lots.ts";

const START = Temporal.Instant.from("2026-11-23T15:00:00Z");
const BOTS = ["one", "two"] as const;
type Bot = (typeof BOTS)[number];
const STOP = new Decimal(90);
const PROFIT = new Decimal(120);
const CONNECTION = connectionSchema.parse({
  ...{ id: "shares", broker: "etrade", environment: "sandbox", label: "Shares", needed: "on-demand" },
});

interface Process {
  readonly executor: OrderExecutor;
  readonly broker: ShareClient;
  kill(): void;
}

async function openWorld(options: { readonly hasProfit?: boolean } = {}) {
  const timers = createVirtualTimers();
  let skippedMs = 0;
  const clock = {
    now: () => START.add({ milliseconds: Math.floor(timers.now()) + skippedMs }),
    sleep: async () => {},
  };
  const store = createMemoryStore();
  const market = { price: new Decimal(100) };
  const venue = createShareVenue(clock.now, () => market.price);
  // On paper no token is asked for; all else is the same.
  const account = tradedAccount(CONNECTION, "paper");
  const leases = createLeases({ store, clock, random: createSeededRandom("protection") });
  const told: string[] = [];
  let serial = 0;
  let process = await start();

  /** `writes`: after so many transactions its process is gone. */
  async function start(writes = Number.POSITIVE_INFINITY): Promise<Process> {
    const lease = await leases.acquire("shares", { ttl: Temporal.Duration.from({ hours: 9 }), holder: "x" });
    if (!lease.ok) throw new Error("the lease is held");
    const broker = venue.connect();
    let left = writes;
    const kill = () => {
      left = 0;
      broker.die();
    };
    const mortal: Store = {
      ...store,
      async transact(work) {
        left -= 1;
        if (left < 0) {
          kill();
          throw new Error("this process is gone");
        }
        return store.transact(work);
      },
    };
    const deps = { store: mortal, clock, timers, log: silentLog, leases, account, broker };
    const feed = {
      quotes: () => [{ symbol: "AAPL", bid: market.price, ask: market.price, at: clock.now() }],
      instruments: () => [],
    };
    const announce = async (id: string) => void told.push(id);
    const executor = createOrderExecutor({
      ...{ ...deps, subscriber: "worker" },
      attend: withProtection({ ...deps, feed, announce }, async () => false),
      clearWay: (order) => clearWay(deps, order),
    });
    executor.lead({ lease: lease.value, isSafe: () => left > 0 });
    return { executor, broker, kill };
  }

  /** The store answers within a turn; what a process has begun that is gone never ends. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async function pass(seconds: number): Promise<void> {
    for (let at = 0; at < seconds; at += 1) {
      await timers.advance(1_000);
      await settle();
    }
  }

  async function write(bot: Bot, ticket: StoredTicket): Promise<void> {
    serial += 1;
    const clientOrderId = `${bot}${serial}`;
    const record: OrderRecord = {
      ...newOrderRecord({ connection: account.id, clientOrderId, source: bot, ticket }, clock.now()),
      bot,
    };
    await store.transact(async (transaction) =>
      transaction.set(orders, orderId(account.id, clientOrderId), record),
    );
    void process.executor.wake();
    await settle();
  }

  const lots = async () => (await store.get(accountLedgers, account.id))?.lots ?? [];
  const common = { instrument: "AAPL", side: "buy", type: "limit", timeInForce: "gtc" } as const;
  const levels = {
    stopLoss: { price: STOP },
    ...(options.hasProfit === true && { takeProfit: { price: PROFIT } }),
  };
  return {
    ...{ store, venue, market, account, told, settle, pass, lots },
    /** The market's time goes on, and nobody looks. */
    async skip(over: Temporal.DurationLike) {
      skippedMs += Temporal.Duration.from(over).total("milliseconds");
    },
    process: () => process,
    open: (bot: Bot, quantity: number) =>
      write(bot, { ...common, ...levels, limitPrice: new Decimal(100), quantity: new Decimal(quantity) }),
    async close(bot: Bot) {
      const lot = (await lots()).find((one) => one.bot === bot);
      if (lot !== undefined) await write(bot, exitTicket(lot));
    },
    async replace(writes?: number) {
      process.kill();
      await settle();
      process.executor.close();
      process = await start(writes);
      await settle();
    },
    async set(state: "active" | "halted") {
      const record = { state, who: { kind: "system" }, why: "test", at: clock.now() } as const;
      await store.transact(async (transaction) => transaction.set(tradingStates, "all", record));
      void process.executor.control();
      await settle();
    },
    stops: () => venue.working().filter((one) => one.ticket.type === "stop"),
    entries: () => venue.working().filter((one) => one.ticket.side === "buy"),
  };
}

type World = Awaited<ReturnType<typeof openWorld>>;

async function botOf({ store, account }: World, clientOrderId: string): Promise<string | undefined> {
  return (await store.get(orders, orderId(account.id, clientOrderId)))?.bot;
}

async function sharesOf(world: World, bot: string): Promise<Decimal> {
  let shares = new Decimal(0);
  for (const { ticket, fills } of world.venue.orders) {
    if ((await botOf(world, ticket.clientOrderId)) !== bot) continue;
    for (const { quantity } of fills)
      shares = ticket.side === "buy" ? shares.plus(quantity) : shares.minus(quantity);
  }
  return shares;
}

/** What holds at every moment. */
async function expectSane(world: World): Promise<void> {
  const unfinished = await unfinishedOrders(world.store, world.account);
  for (const bot of BOTS) {
    const ours = unfinished.filter(
      (one) => one.source === PROTECTION && one.bot === bot && one.ticket.type === "stop",
    );
    expect(ours.length).toBeLessThanOrEqual(1);
    const shares = await sharesOf(world, bot);
    expect(shares.gte(0)).toBe(true);
    const resting = [];
    for (const stop of world.stops()) {
      if ((await botOf(world, stop.ticket.clientOrderId)) === bot) resting.push(stop);
    }
    expect(resting.length).toBeLessThanOrEqual(1);
    for (const stop of resting) expect(world.venue.left(stop).lte(shares)).toBe(true);
  }
  expect(world.venue.short).toBe(0);
}

/** What holds once the broker has answered for long enough. */
async function expectProtected(world: World): Promise<void> {
  const lots = await world.lots();
  for (const bot of BOTS) {
    const shares = await sharesOf(world, bot);
    const lot = lots.find((one) => one.bot === bot);
    expect(lot?.quantity.toFixed() ?? "0").toBe(shares.toFixed());
    const sizes: string[] = [];
    for (const stop of world.stops()) {
      if ((await botOf(world, stop.ticket.clientOrderId)) === bot)
        sizes.push(world.venue.left(stop).toFixed());
    }
    expect(sizes).toEqual(shares.gt(0) ? [shares.toFixed()] : []);
  }
  const unfinished = await unfinishedOrders(world.store, world.account);
  expect(unfinished.filter((one) => one.ticket.type === "market")).toEqual([]);
}

type Op =
  | { readonly kind: "open"; readonly bot: Bot; readonly quantity: number }
  | { readonly kind: "close"; readonly bot: Bot }
  | { readonly kind: "fill entry" | "fill stop"; readonly which: number; readonly share: number }
  | { readonly kind: "halt" | "go on" }
  | { readonly kind: "reject stop" | "lose cancel" | "lose answer" | "part fill" | "crash" | "end stop" }
  | { readonly kind: "crash in"; readonly writes: number }
  | { readonly kind: "pass"; readonly seconds: number };

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    kind: fc.constant("open" as const),
    bot: fc.constantFrom(...BOTS),
    quantity: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ kind: fc.constant("close" as const), bot: fc.constantFrom(...BOTS) }),
  fc.record({
    kind: fc.constantFrom("fill entry" as const, "fill entry" as const, "fill stop" as const),
    which: fc.nat(3),
    share: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constantFrom(
      ...(["reject stop", "lose cancel", "lose answer", "part fill", "crash", "end stop"] as const),
    ),
  }),
  fc.record({ kind: fc.constantFrom("halt" as const, "go on" as const) }),
  fc.record({ kind: fc.constant("crash in" as const), writes: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 7 }) }),
);

async function play(world: World, one: Op): Promise<void> {
  const { venue } = world;
  switch (one.kind) {
    case "open":
      return world.open(one.bot, one.quantity);
    case "close":
      return world.close(one.bot);
    case "fill entry":
    case "fill stop": {
      const all = one.kind === "fill entry" ? world.entries() : world.stops();
      const order = all[one.which % Math.max(1, all.length)];
      if (order !== undefined)
        venue.fill(order, Decimal.min(venue.left(order), one.share === 3 ? 99 : one.share));
      return world.settle();
    }
    case "reject stop":
      venue.faults.rejectStops += 1;
      return;
    case "lose cancel":
      venue.faults.loseCancels += 1;
      return;
    case "lose answer":
      venue.faults.loseAnswers += 1;
      return;
    case "part fill":
      venue.faults.partFills += 1;
      return;
    case "end stop": {
      const [stop] = world.stops();
      if (stop !== undefined) venue.cancel(stop);
      return world.settle();
    }
    case "halt":
      return world.set("halted");
    case "go on":
      return world.set("active");
    case "crash":
      return world.replace();
    case "crash in":
      return world.replace(one.writes);
    default:
      return world.pass(one.seconds);
  }
}

test("whatever happens in whichever order, a lot has one stop at most, never for more than it has, and one at rest in the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 1, maxLength: 24 }), async (ops) => {
      const world = await openWorld();
      for (const one of ops) {
        await play(world, one);
        await expectSane(world);
      }
      Object.assign(world.venue.faults, { rejectStops: 0, loseCancels: 0, loseAnswers: 0, partFills: 0 });
      await world.replace();
      await world.pass(75);
      await expectSane(world);
      await expectProtected(world);
      const written = world.store.contents().get("orders")?.size;
      await world.pass(70);
      expect(world.store.contents().get("orders")?.size).toBe(written);
    }),
    { numRuns: Number(process.env.OPENBELL_PROTECTION_RUNS ?? 150) },
  );
}, 120_000);

test("a stop that made way for a close rests again when a halt stops the close, and follows what is filled in it", async () => {
  const world = await openWorld();
  await world.open("one", 10);
  const [entry] = world.entries();
  if (entry === undefined) throw new Error("the entry rests");
  world.venue.fill(entry, new Decimal(4));
  await world.pass(6);
  world.venue.faults.loseCancels = 1;

  await world.close("one");
  await world.set("halted");
  world.venue.fill(entry, new Decimal(6));
  await world.pass(12);
  const resting = world.stops().map((one) => world.venue.left(one).toFixed());
  await world.open("one", 3);
  await world.pass(6);

  const closes = (await world.store.query(orders)).filter(({ value }) => value.ticket.type === "market");
  expect(closes.map(({ value }) => value.refusal?.code)).toEqual(["TRADING_HALTED"]);
  expect([resting, world.entries(), world.venue.shares().toFixed()]).toEqual([["10"], [], "10"]);
});

test("a stop rests for what was filled, grows with it, and goes with the lot", async () => {
  const world = await openWorld();
  await world.open("one", 10);
  const [entry] = world.entries();
  if (entry === undefined) throw new Error("the entry rests");

  world.venue.fill(entry, new Decimal(4));
  await world.pass(6);
  const first = world.stops().map((one) => world.venue.left(one).toFixed());
  world.venue.fill(entry, new Decimal(6));
  await world.pass(6);
  const second = world.stops().map((one) => world.venue.left(one).toFixed());
  await world.close("one");
  await world.pass(6);

  expect([first, second]).toEqual([["4"], ["10"]]);
  expect(world.stops()).toEqual([]);
  expect(world.venue.shares().toFixed()).toBe("0");
  expect(world.venue.short).toBe(0);
});

test("a stop that the broker refuses is told once, is watched, and closes the lot when the price passes it", async () => {
  const world = await openWorld();
  world.venue.faults.rejectStops = 99;
  await world.open("one", 5);
  for (const entry of world.entries()) world.venue.fill(entry, new Decimal(5));
  await world.pass(20);
  const [watched] = await world.store.query(protections);
  const events = await world.store.query(riskEvents);
  const held = world.venue.shares().toFixed();

  world.market.price = STOP;
  await world.pass(6);

  expect(watched?.value).toMatchObject({ state: "watched", why: { code: "1037" } });
  expect(events.map(({ value }) => value.code)).toEqual(["STOP_NOT_RESTING"]);
  expect(world.told).toHaveLength(1);
  expect([held, world.venue.shares().toFixed()]).toEqual(["5", "0"]);
});

test("a stop that the broker goes on refusing is told once an hour, and anew after one has rested", async () => {
  const world = await openWorld();
  const fillAll = () => {
    for (const entry of world.entries()) world.venue.fill(entry, world.venue.left(entry));
  };
  world.venue.faults.rejectStops = 65;
  await world.open("one", 5);
  fillAll();
  await world.pass(50 * 60);
  const told = [world.told.length];
  await world.pass(25 * 60);
  told.push(world.told.length);
  const resting = world.stops().length;
  world.venue.faults.rejectStops = 99;
  await world.open("one", 3);
  fillAll();
  await world.pass(10);
  told.push(world.told.length);

  expect([told, resting]).toEqual([[1, 2, 3], 1]);
  expect(await world.store.query(riskEvents)).toHaveLength(3);
}, 30_000);

test("a price outside of the regular session moves nothing, and the first of the next one does", async () => {
  const world = await openWorld({ hasProfit: true });
  await world.open("one", 5);
  for (const entry of world.entries()) world.venue.fill(entry, new Decimal(5));
  await world.pass(6);

  // From 10:00 to 17:00 in New York, and to half past nine the next day.
  await world.skip({ hours: 7 });
  world.market.price = PROFIT;
  await world.pass(10);
  await world.skip({ hours: 16, minutes: 29 });
  await world.pass(10);
  const before = [world.stops().length, world.venue.shares().toFixed()];
  await world.skip({ minutes: 1 });
  await world.pass(10);

  expect([before, world.venue.shares().toFixed()]).toEqual([[1, "5"], "0"]);
});

test("a take profit is watched, and what rests makes way for it", async () => {
  const world = await openWorld({ hasProfit: true });
  await world.open("one", 5);
  for (const entry of world.entries()) world.venue.fill(entry, new Decimal(5));
  await world.pass(6);
  const resting = world.stops().length;

  world.market.price = PROFIT;
  await world.pass(8);

  expect(resting).toBe(1);
  expect(world.venue.shares().toFixed()).toBe("0");
  expect(world.stops()).toEqual([]);
  expect(world.venue.short).toBe(0);
});
