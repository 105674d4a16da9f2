import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../../tests/support/token-house.ts";
import {
  openTradingHouse,
  rest,
  type TradingHouse,
  type TradingProcess,
} from "../../../tests/support/trading-house.ts";
import { type Config, configSchema } from "../../config/config.ts";
import type { Store } from "../../platform/store.ts";
import { newAccountLedger } from "../ledger/periods.ts";
import { accountLedgers, type Lot } from "../ledger/records.ts";
import { type OrderRecord, orderId, orders, tradingStates } from "../records.ts";
import { accountRisks, botRiskId, botRisks, emptyBotRisk } from "../risk/records.ts";
import { createTradingControl, type TradingControl } from "./command-trading.ts";
import { confirmKills } from "./confirm-kills.ts";
import { kills, riskEvents } from "./records.ts";

const TERMINAL = { kind: "terminal" } as const;
const GTC = { type: "limit", limitPrice: new Decimal("1.08"), timeInForce: "gtc" } as const;

let house: TradingHouse;
let config: Config;
let audited: { actor: string; action: string; subject: string; outcome: string }[];

beforeEach(async () => {
  house = await openTradingHouse();
  audited = [];
  const all = configSchema.parse({});
  const [account] = all.accounts;
  const [bot] = all.bots;
  if (account === undefined || bot === undefined) throw new Error("the defaults have accounts and bots");
  const connection = house.connection.id;
  config = {
    ...all,
    connections: [house.connection],
    accounts: [{ ...account, connection, mode: "live" }],
    bots: [{ ...bot, id: "gold", connection, mode: "live" }],
  };
});
afterEach(() => house.close());

let ids = 0;
function control(over: { store?: Store } = {}): TradingControl {
  return createTradingControl({
    ...house,
    store: over.store ?? house.store,
    log: silentLog,
    config,
    audit: async (fact) => void audited.push(fact),
    newId() {
      ids += 1;
      return `kill-${ids}`;
    },
  });
}

const anAccount = () => ({ id: house.connection.id, mode: "live" as const, connection: house.connection });

async function resting(worker: TradingProcess, ...names: string[]): Promise<void> {
  house.venue.behaviour = "rest";
  for (const name of names) {
    await house.submit(name, {
      ticket: { instrument: "EURUSD", side: "buy", quantity: new Decimal(1000), ...GTC },
    });
  }
  await worker.executor.wake();
  await rest(worker.executor);
}

/** The worker's look after a wake-up, and its confirmation. */
async function attend(worker: TradingProcess): Promise<void> {
  await worker.executor.control();
  await rest(worker.executor);
  await confirmKills({ ...house, log: silentLog, account: anAccount(), broker: worker.broker }, worker.lease);
}

async function hold(...lots: Partial<Lot>[]): Promise<void> {
  const account = house.connection.id;
  await house.store.transact(async (transaction) => {
    transaction.set(accountLedgers, account, {
      ...newAccountLedger(account, house.clock.now()),
      lots: lots.map((lot, index) => ({
        positionId: `p${index}`,
        instrument: "EURUSD",
        side: "buy" as const,
        quantity: new Decimal(1000),
        price: new Decimal("1.1"),
        openedAt: house.clock.now(),
        fees: new Decimal(0),
        bot: "gold",
        ...lot,
      })),
    });
  });
}

const closes = async (): Promise<readonly OrderRecord[]> =>
  (await house.store.query(orders))
    .map(({ value }) => value)
    .filter((one) => one.ticket.closes !== undefined);

test("a kill halts, cancels what works, and is confirmed by the broker's own word, with its receipt", async () => {
  const worker = await house.start();
  await worker.open();
  await resting(worker, "a1", "a2");

  const killed = await control().kill({ actor: TERMINAL, why: "test" });
  await attend(worker);

  expect(killed).toMatchObject({ ok: true, value: { isNew: true } });
  const [written] = await house.store.query(kills);
  expect(written?.value).toMatchObject({
    isOpen: false,
    parts: [
      { account: house.connection.id, state: "confirmed", found: ["a1", "a2"], cancelled: 2, filled: 0 },
    ],
  });
  expect(await house.read("a1")).toMatchObject({ state: "cancelled" });
  expect(house.bus.published).toContainEqual({ scope: "all" });
  expect(audited).toEqual([{ actor: "terminal", action: "killed", subject: "all", outcome: "ok" }]);
});

test("an order that was written down before the kill and not sent yet is never sent", async () => {
  const worker = await house.start();
  await worker.open();
  await house.submit("a1");

  await control().kill({ actor: TERMINAL, why: "test" });
  await attend(worker);

  expect(house.venue.arrived).toEqual([]);
  expect(await house.read("a1")).toMatchObject({ state: "refused", refusal: { code: "TRADING_HALTED" } });
});

test("a kill that is delivered twice, and a second kill while one is open, are one", async () => {
  const first = await control().kill({ actor: TERMINAL, why: "test", requestId: "update:7" });
  const again = await control().kill({ actor: TERMINAL, why: "test", requestId: "update:7" });
  const second = await control().kill({ actor: TERMINAL, why: "still" });

  expect([first, again, second].map((one) => one.ok && one.value.kill.id)).toEqual(Array(3).fill("update:7"));
  expect(await house.store.query(kills)).toHaveLength(1);
});

test("a delivery of a kill that comes after trading was resumed halts nothing", async () => {
  const worker = await house.start();
  await worker.open();
  await control().kill({ actor: TERMINAL, why: "test", requestId: "update:7" });
  await attend(worker);
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));
  await control().resume({ actor: TERMINAL, phrase: "RESUME ALL", reason: "it was a drill" });

  await control().kill({ actor: TERMINAL, why: "test", requestId: "update:7" });

  expect(await house.store.get(tradingStates, "all")).toMatchObject({ state: "active" });
});

test("a kill halts although no bus, no audit log and no list of orders can be had", async () => {
  const deaf: Store = {
    get: (of, id) => house.store.get(of, id),
    query: async () => {
      throw new Error("no index");
    },
    transact: (work) => house.store.transact(work),
    close: async () => undefined,
  };
  const broken = createTradingControl({
    ...house,
    store: deaf,
    bus: { ...house.bus, publish: () => Promise.reject(new Error("no bus")) },
    log: silentLog,
    config,
    audit: () => Promise.reject(new Error("no audit")),
    newId: () => "k",
  });

  expect(await broken.kill({ actor: TERMINAL, why: "test" })).toMatchObject({ ok: true });
  expect(await house.store.get(tradingStates, "all")).toMatchObject({ state: "halted", kill: "k" });
});

test("a kill of one bot leaves the orders of others working", async () => {
  const worker = await house.start();
  await worker.open();
  await resting(worker, "a1", "a2");
  await house.store.transact(async (transaction) => {
    const id = orderId(house.connection.id, "a1");
    const order = await transaction.get(orders, id);
    if (order !== undefined) transaction.set(orders, id, { ...order, bot: "gold" });
  });

  await control().kill({ actor: TERMINAL, why: "test", scope: "gold" });
  await attend(worker);

  expect((await house.read("a1")).state).toBe("cancelled");
  expect((await house.read("a2")).state).toBe("accepted");
  expect((await house.store.query(kills))[0]?.value).toMatchObject({
    scope: "bot:gold",
    isOpen: false,
    parts: [{ found: ["a1"], cancelled: 1 }],
  });
});

test("a scope that nobody knows is refused with the names that there are", async () => {
  const killed = await control().kill({ actor: TERMINAL, why: "test", scope: "glod" });

  expect(killed).toMatchObject({ ok: false, code: "SCOPE_UNKNOWN" });
  expect(!killed.ok && killed.detail.known).toContain("gold");
});

test.each([
  ["what a person lets only close goes on at once", { kind: "terminal" }, "active"],
  ["what a loss lets only close holds as long as a halt", { kind: "system" }, "RESUME_TOO_SOON"],
] as const)("%s", async (_, who, expected) => {
  const at = house.clock.now();
  await house.store.transact(async (transaction) =>
    transaction.set(tradingStates, "all", { state: "reducing", who, why: "DAILY_LOSS: much", at }),
  );

  const resumed = await control().resume({ actor: TERMINAL, phrase: "RESUME ALL", reason: "seen" });

  expect(resumed.ok ? resumed.value.state : resumed.code).toBe(expected);
});

test("trading goes on by the phrase, a reason, the hold time and the confirmed kill, and by nothing less", async () => {
  const worker = await house.start();
  await worker.open();
  await resting(worker, "a1");
  await control().kill({ actor: TERMINAL, why: "test" });
  const wish = { actor: TERMINAL, phrase: "resume  all ", reason: "settled" };

  const wrong = await control().resume({ ...wish, phrase: "RESUME" });
  const speechless = await control().resume({ ...wish, reason: " " });
  const early = await control().resume(wish);
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));
  const unconfirmed = await control().resume(wish);
  await attend(worker);
  const done = await control().resume(wish);
  const again = await control().resume(wish);

  expect([wrong, speechless, early, unconfirmed, again].map((one) => !one.ok && one.code)).toEqual([
    "RESUME_PHRASE_WRONG",
    "RESUME_REASON_MISSING",
    "RESUME_TOO_SOON",
    "KILL_UNCONFIRMED",
    "TRADING_ACTIVE",
  ]);
  expect(early).toMatchObject({ detail: { seconds: 300 } });
  expect(unconfirmed).toMatchObject({ detail: { accounts: house.connection.id } });
  expect(done).toMatchObject({ ok: true, value: { state: "active" } });
  expect(audited.map((one) => one.outcome)).toContain("RESUME_TOO_SOON");
  expect((await house.store.query(riskEvents))[0]?.value).toMatchObject({ kind: "resumed" });
});

test("an account that is in the configuration no more keeps nothing from going on: nobody confirms it any more", async () => {
  const [account] = config.accounts;
  const other = { ...house.connection, id: "ctrader-gone" as typeof house.connection.id };
  const before = config;
  config = {
    ...config,
    connections: [...config.connections, other],
    accounts: [...config.accounts, { ...account!, connection: other.id }],
  };
  const worker = await house.start();
  await worker.open();
  await control().kill({ actor: TERMINAL, why: "test" });
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));
  const wish = { actor: TERMINAL, phrase: "RESUME ALL", reason: "settled" };

  const waiting = await control().resume(wish);
  await attend(worker);
  config = before;
  const done = await control().resume(wish);

  const accounts = `${house.connection.id}, ctrader-gone`;
  expect(waiting).toMatchObject({ code: "KILL_UNCONFIRMED", detail: { accounts } });
  expect(done).toEqual({ ok: true, value: { scope: "all", state: "active", isChanged: true } });
});

test("a bot that goes on begins its latch counters anew", async () => {
  const account = house.connection.id;
  await house.store.transact(async (transaction) => {
    transaction.set(botRisks, botRiskId(account, "gold"), {
      ...emptyBotRisk(account, "gold"),
      repeats: 20,
      alike: "EURUSD buy 1 market",
      peakProfit: new Decimal(500),
    });
    const at = house.clock.now().subtract({ minutes: 6 });
    transaction.set(tradingStates, "bot:gold", { state: "halted", who: { kind: "system" }, why: "x", at });
  });

  await control().resume({ actor: TERMINAL, scope: "bot:gold", phrase: "RESUME GOLD", reason: "mended" });

  const book = await house.store.get(botRisks, botRiskId(account, "gold"));
  expect(book).toMatchObject({ repeats: 0 });
  expect(book?.alike).toBeUndefined();
  expect(book?.peakProfit?.toNumber()).toBe(0);
});

test("what is halted is not loosened by letting it only close", async () => {
  await control().kill({ actor: TERMINAL, why: "test" });

  expect(await control().reduce({ actor: TERMINAL, why: "test" })).toMatchObject({
    value: { state: "halted", isChanged: false },
  });
});

test("closing all writes one order a lot however often it is asked for, and a bot's tick sees them", async () => {
  await hold({}, { bot: undefined, clientOrderId: "x1" }, { bot: undefined });
  const wish = { actor: TERMINAL, why: "enough" };

  const first = await control().closeAll(wish);
  const again = await control().closeAll(wish);

  const written = await closes();
  expect(written.map((one) => [one.ticket.closes, one.ticket.side, one.ticket.quantity.toNumber()])).toEqual(
    expect.arrayContaining([
      ["p0", "sell", 1000],
      ["p1", "sell", 1000],
    ]),
  );
  expect(written).toHaveLength(2);
  expect(first).toEqual(again);
  expect(first).toMatchObject({ value: { accounts: [{ left: 1 }] } });
  expect(await house.store.get(tradingStates, "all")).toMatchObject({ state: "reducing" });
  const risk = await house.store.get(accountRisks, house.connection.id);
  expect(risk?.reservations.map((one) => one.opens)).toEqual([false, false]);
});

test("what was opened by hand is closed only where that is asked for", async () => {
  await hold({ bot: undefined });

  await control().closeAll({ actor: TERMINAL, why: "enough", includesOthers: true });

  expect(await closes()).toHaveLength(1);
});

test("a lot of which a part is being closed has only the rest closed, and a close that failed is given anew", async () => {
  await hold({});
  const account = house.connection.id;
  await control().closeAll({ actor: TERMINAL, why: "one" });
  const [first] = await closes();
  if (first === undefined) throw new Error("nothing was closed");
  await house.store.transact(async (transaction) =>
    transaction.set(orders, orderId(account, first.clientOrderId), {
      ...first,
      state: "rejected",
      isDue: false,
    }),
  );

  await control().closeAll({ actor: TERMINAL, why: "two" });

  const written = await closes();
  expect(written.map((one) => one.state).sort()).toEqual(["created", "rejected"]);
});

test("in a halt the owner's close leaves, and a bot's does not", async () => {
  const worker = await house.start();
  await worker.open();
  await hold({});
  await control().kill({ actor: TERMINAL, why: "stop" });
  await attend(worker);
  house.venue.behaviour = "silent";
  await house.submit("botclose", {
    ticket: {
      ...{ instrument: "EURUSD", side: "sell", type: "market", timeInForce: "ioc" },
      ...{ quantity: new Decimal(1000), closes: "p0" },
    },
  });

  await control().closeAll({ actor: TERMINAL, why: "and out" });
  await worker.executor.control();
  await rest(worker.executor);

  const [close] = (await closes()).filter((one) => one.byOwner !== undefined);
  expect(await house.read("botclose")).toMatchObject({ state: "refused" });
  // The bot's close was on its way when the owner asked: what it would have closed is the next asking's.
  expect(close).toBeUndefined();
  await control().closeAll({ actor: TERMINAL, why: "and out" });
  await worker.executor.control();
  await rest(worker.executor);
  expect(house.venue.arrived).toEqual([(await closes()).find((one) => one.byOwner)?.clientOrderId]);
});

test("a kill that comes after the owner's closes stops those that have not left", async () => {
  const worker = await house.start();
  await worker.open();
  await hold({});
  await control().kill({ actor: TERMINAL, why: "stop" });
  await attend(worker);
  await control().closeAll({ actor: TERMINAL, why: "out" });
  await control().kill({ actor: TERMINAL, why: "no, stop" });

  await attend(worker);

  expect(house.venue.arrived).toEqual([]);
  expect((await closes())[0]).toMatchObject({ state: "refused" });
});
