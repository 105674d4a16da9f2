import { Decimal } from "decimal.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../../tests/support/token-house.ts";
import {
  openTradingHouse,
  rest,
  type TradingHouse,
  type TradingProcess,
} from "../../../tests/support/trading-house.ts";
import { type Config, configSchema } from "../../config/config.ts";
import { newAccountLedger } from "../ledger/periods.ts";
import { accountLedgers, type Lot } from "../ledger/records.ts";
import { createOrderExecutor } from "../order-executor.ts";
import { type OrderRecord, orderId, orders, tradingStates } from "../records.ts";
import { accountRisks, botRiskId, botRisks, emptyAccountRisk, emptyBotRisk } from "../risk/records.ts";
import { tradedAccount } from "../traded-account.ts";
import { createTradingControl } from "./command-trading.ts";
import { confirmKills } from "./confirm-kills.ts";
import { createFormerBots } from "./former-bots.ts";
import type { Notice } from "./notices.ts";
import { riskEvents } from "./records.ts";

const TERMINAL = { kind: "terminal" } as const;
const LIMIT = { type: "limit", limitPrice: new Decimal("1.08"), timeInForce: "gtc" } as const;
type TicketOver = Pick<OrderRecord["ticket"], "type" | "timeInForce"> & Partial<OrderRecord["ticket"]>;
const STOP = { type: "stop", stopPrice: new Decimal("1.01"), timeInForce: "gtc", side: "sell" } as const;

let house: TradingHouse;
let config: Config;
let told: Map<string, Notice>;

beforeEach(async () => {
  house = await openTradingHouse();
  told = new Map();
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

const account = () => tradedAccount(house.connection, "live");
const control = () =>
  createTradingControl({
    ...{ ...house, log: silentLog, config },
    audit: async () => undefined,
    newId: () => "kill-1",
  });

async function write(clientOrderId: string, bot: string, over: TicketOver = LIMIT) {
  await house.submit(clientOrderId, {
    ticket: { instrument: "EURUSD", side: "buy", quantity: new Decimal(1000), ...over },
  });
  const id = orderId(house.connection.id, clientOrderId);
  await house.store.transact(async (transaction) => {
    const order = await transaction.get(orders, id);
    if (order !== undefined) transaction.set(orders, id, { ...order, bot });
  });
}

const lot = (over: Partial<Lot> = {}): Lot => ({
  ...{ positionId: "p1", instrument: "EURUSD", side: "buy", quantity: new Decimal(1000), bot: "old" },
  ...{ price: new Decimal("1.1"), openedAt: house.clock.now(), fees: new Decimal(0) },
  ...over,
});

const hold = (...lots: Lot[]) =>
  house.store.transact(async (transaction) => {
    const id = house.connection.id;
    transaction.set(accountLedgers, id, { ...newAccountLedger(id, house.clock.now()), lots });
  });

/** A worker that looks after former bots as the composed one does. */
async function start(): Promise<TradingProcess> {
  const worker = await house.start();
  await worker.open();
  worker.executor.yield();
  const former = createFormerBots({
    ...{ ...house, log: silentLog, account: account(), config },
    announce: async (id, notice) => void told.set(id, notice),
  });
  const executor = createOrderExecutor({
    ...{ ...house, log: silentLog, account: account(), subscriber: "worker", broker: worker.broker },
    attend: former.before(async () => false),
    clearWay: (order) => former.mayLeave(order),
  });
  executor.lead({ lease: worker.lease, isSafe: () => true });
  await rest(executor);
  return { ...worker, executor };
}

const states = async (...ids: string[]) => Promise.all(ids.map(async (id) => (await house.read(id)).state));

async function look({ executor }: TradingProcess, minutes = 0): Promise<void> {
  await house.timers.advance(minutes * 60_000);
  await executor.wake();
  await rest(executor);
}

test("what would open of a bot that is gone is withdrawn; what closes, protects or is another's stays", async () => {
  const before = await house.start();
  await before.open();
  house.venue.behaviour = "rest";
  await write("entry", "old");
  await write("stop", "old", { ...STOP, closes: "p1" });
  await write("other", "gold");
  await before.executor.wake();
  await rest(before.executor);
  before.executor.yield();

  const worker = await start();
  await look(worker);

  expect(await states("entry", "stop", "other")).toEqual(["cancelled", "accepted", "accepted"]);
});

test("an order by which a bot that is gone would open never leaves, whenever it comes", async () => {
  const worker = await start();
  house.venue.behaviour = "rest";

  await write("late", "old");
  await write("close", "old", { ...STOP, closes: "p1" });
  await look(worker);
  await look(worker);

  expect(await states("late", "close")).toEqual(["cancelled", "accepted"]);
  expect(house.venue.arrived).toEqual(["close"]);
});

test("a bot that trades on another account now is gone from this one", async () => {
  config = { ...config, bots: config.bots.map((bot) => ({ ...bot, mode: "paper" })) };
  await hold(lot({ bot: "gold" }));

  await start();

  expect([...told.values()].map(({ title }) => title)).toEqual([
    `The bot gold is no longer configured on ${house.connection.id}`,
  ]);
});

test("of what a bot that trades live has left on paper nobody is told to close all that the bot has", async () => {
  config = { ...config, bots: config.bots.map((bot) => ({ ...bot, mode: "live" })) };
  const paper = tradedAccount(house.connection, "paper");
  await house.store.transact(async (transaction) => {
    const ledger = newAccountLedger(paper.id, house.clock.now());
    transaction.set(accountLedgers, paper.id, { ...ledger, lots: [lot({ bot: "gold" })] });
  });
  const { lease } = await house.start();
  const former = createFormerBots({
    ...{ ...house, log: silentLog, account: paper, config },
    announce: async (id, notice) => void told.set(id, notice),
  });

  await former.before(async () => false)(lease);

  const [notice] = [...told.values()];
  expect(notice?.title).toBe(`The bot gold trades live now, and has left something on ${paper.id}`);
  const text = notice?.lines.join(" ");
  expect(text).toContain(`/close ${paper.id}`);
  expect(text).not.toContain("/close gold");
});

test("the owner is told once, also by the next process, and again once the bot has traded and is gone again", async () => {
  const traded = (latest: string) =>
    house.store.transact(async (transaction) => {
      const id = house.connection.id;
      transaction.set(botRisks, botRiskId(id, "old"), { ...emptyBotRisk(id, "old"), latest: [latest] });
    });
  await hold(lot(), lot({ bot: "gold", positionId: "p2" }));
  await traded("a1");
  const worker = await start();
  await look(worker, 2);
  const first = [...told.values()];
  told.clear();

  await hold(lot({ quantity: new Decimal(500) }));
  await start();
  const again = [...told.keys()];
  await traded("a2");
  await start();

  expect(first).toEqual([expect.objectContaining({ sign: "warning" })]);
  expect(first[0]?.lines.join(" ")).toContain("long 1000 EURUSD");
  expect([again, told.size]).toEqual([[], 1]);
  const events = await house.store.query(riskEvents);
  expect(events.map(({ value }) => [value.code, value.bot])).toEqual([
    ["BOT_NOT_CONFIGURED", "old"],
    ["BOT_NOT_CONFIGURED", "old"],
  ]);
});

test("a process that no longer leads tells and withdraws nothing", async () => {
  await hold(lot());
  await write("entry", "old");
  const former = createFormerBots({
    ...{ ...house, log: silentLog, account: account(), config },
    announce: async (id, notice) => void told.set(id, notice),
  });
  const { lease } = await house.start();
  await house.start();

  await former.before(async () => false)(lease);

  expect(told.size).toBe(0);
  expect((await house.read("entry")).cancelRequestedAt).toBeUndefined();
});

test.each<[string, () => Promise<unknown>]>([
  ["a lot", () => hold(lot())],
  ["an order", () => write("entry", "old")],
  [
    "a reservation",
    () =>
      house.store.transact(async (transaction) => {
        const id = house.connection.id;
        const common = { clientOrderId: "a1", bot: "old", instrument: "EURUSD", side: "buy" } as const;
        const reserved = { ...common, quantity: new Decimal(1), unitValue: new Decimal(1), opens: true };
        const reservations = [{ ...reserved, at: house.clock.now() }];
        transaction.set(accountRisks, id, { ...emptyAccountRisk(id), reservations });
      }),
  ],
  [
    "a halt",
    () =>
      house.store.transact(async (transaction) => {
        const halt = { state: "halted", who: TERMINAL, why: "test", at: house.clock.now() } as const;
        transaction.set(tradingStates, "bot:old", halt);
      }),
  ],
])("a bot that is gone and has left %s is a scope", async (_what, leave) => {
  const unknown = await control().scopeOf("bot:old");
  await leave();

  expect(unknown).toMatchObject({ ok: false, code: "SCOPE_UNKNOWN" });
  expect(await control().scopeOf("bot:old")).toMatchObject({ ok: true, value: { scope: "bot:old" } });
  expect(await control().scopeOf(" OLD ")).toMatchObject({ ok: true, value: { phrase: "RESUME OLD" } });
  expect(await control().scopeOf("bot:older")).toMatchObject({ ok: false });
});

test.each(["bot:no such", "bot:", `bot:${"x".repeat(300)}`])("%j is no scope", async (name) => {
  expect(await control().scopeOf(name)).toMatchObject({ ok: false, code: "SCOPE_UNKNOWN" });
});

test("a bot that is gone can be killed, confirmed by its account's worker, and closed", async () => {
  const worker = await start();
  house.venue.behaviour = "silent";
  await hold(lot(), lot({ bot: "gold", positionId: "p2" }));

  const killed = await control().kill({ scope: "bot:old", actor: TERMINAL, why: "test" });
  await confirmKills({ ...house, log: silentLog, account: account(), broker: worker.broker }, worker.lease);
  const closed = await control().closeAll({ scope: "old", actor: TERMINAL, why: "test" });
  await worker.executor.control();
  await look(worker);

  expect(killed).toMatchObject({ ok: true, value: { kill: { parts: [{ account: house.connection.id }] } } });
  expect(await control().readKill("kill-1")).toMatchObject({ ok: true, value: { isOpen: false } });
  expect(closed).toMatchObject({ ok: true, value: { scope: "bot:old" } });
  const sent = await Promise.all(house.venue.arrived.map((id) => house.read(id)));
  expect(sent.map(({ bot, ticket }) => [bot, ticket.closes])).toEqual([["old", "p1"]]);
});
