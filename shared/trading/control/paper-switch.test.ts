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
import { asTheyTrade, botModes } from "../bot-modes.ts";
import { newAccountLedger } from "../ledger/periods.ts";
import { accountLedgers } from "../ledger/records.ts";
import { type OrderRecord, orderId, orders } from "../records.ts";
import { tradedAccount } from "../traded-account.ts";
import { createTradingControl, type TradingControl } from "./command-trading.ts";
import { createFormerBots } from "./former-bots.ts";
import type { Notice } from "./notices.ts";

const PHONE = { kind: "telegram" } as const;
const LIMIT = { type: "limit", limitPrice: new Decimal("1.08"), timeInForce: "gtc" } as const;
const WISH = { actor: PHONE, why: "it trades nonsense" } as const;

let house: TradingHouse;
let config: Config;
let audited: (readonly [action: string, subject: string, outcome: string])[];

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
    accounts: (["live", "paper"] as const).map((mode) => ({ ...account, connection, mode })),
    bots: (["gold", "oil"] as const).map((id) => ({ ...bot, id, connection, mode: "live" })),
  };
});
afterEach(() => house.close());

let ids = 0;
const control = (): TradingControl =>
  createTradingControl({
    ...{ ...house, log: silentLog, config },
    audit: async ({ action, subject, outcome }) => void audited.push([action, subject, outcome]),
    newId() {
      ids += 1;
      return `id-${ids}`;
    },
  });

const modes = async () =>
  Object.fromEntries((await asTheyTrade(house.store, config.bots)).map(({ id, mode }) => [id, mode]));

async function order(clientOrderId: string, over: Partial<OrderRecord["ticket"]> = {}, bot = "gold") {
  await house.submit(clientOrderId, {
    ticket: { instrument: "EURUSD", side: "buy", quantity: new Decimal(1000), ...LIMIT, ...over },
  });
  const id = orderId(house.connection.id, clientOrderId);
  await house.store.transact(async (transaction) => {
    const found = await transaction.get(orders, id);
    if (found !== undefined) transaction.set(orders, id, { ...found, bot });
  });
}

async function work(worker: TradingProcess): Promise<void> {
  await worker.executor.control();
  await rest(worker.executor);
  await rest(worker.executor);
}

async function started(): Promise<TradingProcess> {
  const worker = await house.start();
  await worker.open();
  house.venue.behaviour = "rest";
  return worker;
}

const hold = (bot: string) =>
  house.store.transact(async (transaction) => {
    const account = house.connection.id;
    transaction.set(accountLedgers, account, {
      ...newAccountLedger(account, house.clock.now()),
      lots: [
        {
          ...{ positionId: "p1", instrument: "EURUSD", side: "buy", bot, fees: new Decimal(0) },
          ...{ quantity: new Decimal(1000), price: new Decimal("1.1"), openedAt: house.clock.now() },
        },
      ],
    });
  });

const holdTime = () => house.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));
const back = (over: { phrase?: string; reason?: string; scope?: string } = {}) =>
  control().backToLive({ scope: "gold", actor: PHONE, phrase: "LIVE GOLD", reason: "mended", ...over });

test("what a switched bot would open does not leave, what works is withdrawn; closes, stops and other bots go on", async () => {
  const worker = await started();
  await order("works");
  await order("stop", { type: "stop", stopPrice: new Decimal("1.01"), limitPrice: undefined, closes: "p1" });
  await order("others", {}, "oil");
  await work(worker);
  await order("waits");
  await order("close", { type: "market", timeInForce: "ioc", limitPrice: undefined, closes: "p1" });

  const switched = await control().switchToPaper({ scope: "gold", ...WISH });
  await work(worker);

  expect(switched).toMatchObject({ ok: true, value: { switched: ["gold"], already: [] } });
  const states = ["works", "stop", "others", "waits", "close"].map(
    async (id) => (await house.read(id)).state,
  );
  expect(await Promise.all(states)).toEqual(["cancelled", "accepted", "accepted", "refused", "accepted"]);
  expect((await house.read("waits")).refusal?.code).toBe("BOT_ON_PAPER");
  expect(house.venue.arrived).not.toContain("waits");
  expect(audited).toEqual([["switched-to-paper", "bot:gold", "ok"]]);
});

test("an order that was claimed and has not left does not leave after the switch", async () => {
  const worker = await house.start();
  await worker.open();
  const turns: (() => boolean)[] = [];
  worker.broker.place = (_ticket, mayLeave) => void turns.push(mayLeave);
  await order("claimed");
  const waking = worker.executor.wake();
  for (let turn = 0; turn < 50 && turns.length === 0; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }

  await control().switchToPaper({ scope: "gold", ...WISH });
  // What a worker does first when it hears of it.
  void worker.executor.control();

  expect(turns.map((mayLeave) => mayLeave())).toEqual([false]);
  await worker.executor.stop();
  await waking;
});

test.each<[string, string, readonly string[]]>([
  ["everything", "all", ["gold", "oil"]],
  ["an account", "ACCOUNT", ["gold", "oil"]],
  ["a bot", "oil", ["oil"]],
  ["an account that is on paper", "PAPER", []],
])("the scope may be %s", async (_what, name, meant) => {
  const { id } = house.connection;
  const scope = name.replace("ACCOUNT", id).replace("PAPER", `paper-${id}`);

  const switched = await control().switchToPaper({ scope, ...WISH });

  expect(switched).toMatchObject({ ok: true, value: { switched: meant } });
  const now = await modes();
  expect(Object.keys(now).filter((bot) => now[bot] === "paper")).toEqual(meant);
});

test("without a paper account beside it nothing is switched, and the refusal names the connection", async () => {
  config = { ...config, accounts: config.accounts.filter(({ mode }) => mode === "live") };

  const refused = await control().switchToPaper({ scope: "all", ...WISH });

  const { id } = house.connection;
  expect(refused).toMatchObject({ ok: false, code: "PAPER_ACCOUNT_MISSING", detail: { connections: id } });
  expect(await modes()).toEqual({ gold: "live", oil: "live" });
});

test("a request that comes twice is one switch, and one that comes after the way back switches nothing", async () => {
  const wish = { scope: "gold", ...WISH, requestId: "telegram-77" };
  await Promise.all([control().switchToPaper(wish), control().switchToPaper(wish)]);
  const at = (await house.store.get(botModes, "gold"))?.at;
  await holdTime();
  await control().switchToPaper(wish);
  const unchanged = (await house.store.get(botModes, "gold"))?.at;
  await back();

  const late = await control().switchToPaper(wish);

  expect(unchanged).toEqual(at);
  expect(late).toMatchObject({ ok: true, value: { switched: ["gold"], backSince: ["gold"] } });
  expect(await modes()).toEqual({ gold: "live", oil: "live" });
  expect(audited.map(([action]) => action)).toEqual(["switched-to-paper", "switched-to-live"]);
});

test("back to live goes by the phrase, with a reason, after the hold time, and where there is something to bring back", async () => {
  const answers: unknown[] = [];
  const ask = async (over?: Parameters<typeof back>[0]) => {
    const answer = await back(over);
    answers.push(answer.ok ? answer.value.bots : answer.code);
  };
  await ask();
  await control().switchToPaper({ scope: "gold", ...WISH });
  await ask({ phrase: "RESUME GOLD" });
  await ask({ reason: " " });
  await ask();
  await holdTime();
  await ask({ scope: "oil", phrase: "LIVE OIL" });
  await ask();
  await ask();

  const [no, wrong, empty, soon, other, good, again] = answers;
  expect([no, other, again]).toEqual(["BOT_NOT_ON_PAPER", "BOT_NOT_ON_PAPER", "BOT_NOT_ON_PAPER"]);
  expect([wrong, empty, soon]).toEqual(["RESUME_PHRASE_WRONG", "RESUME_REASON_MISSING", "RESUME_TOO_SOON"]);
  expect(good).toEqual(["gold"]);
  expect(await house.store.get(botModes, "gold")).toMatchObject({ mode: "live", who: PHONE, why: "mended" });
});

test("a bot that the configuration has on paper is never made live, whatever was written down before", async () => {
  await control().switchToPaper({ scope: "gold", ...WISH });
  await holdTime();
  await back();
  config = { ...config, bots: config.bots.map((bot) => ({ ...bot, mode: "paper" })) };

  expect(await modes()).toEqual({ gold: "paper", oil: "paper" });
  expect(await back()).toMatchObject({ ok: false, code: "BOT_NOT_ON_PAPER" });
});

test("what a switched bot has left at its broker is told in the answer, and by the account's worker within one look", async () => {
  const { lease } = await started();
  await hold("gold");
  const told: Notice[] = [];
  const former = createFormerBots({
    ...{ ...house, log: silentLog, config, account: tradedAccount(house.connection, "live") },
    announce: async (_id, notice) => void told.push(notice),
  });
  const look = () => former.before(async () => false)(lease);
  await look();

  const switched = await control().switchToPaper({ scope: "all", ...WISH });
  await look();
  await look();

  const { id } = house.connection;
  expect(switched).toMatchObject({ value: { left: [{ bot: "gold", account: id, positions: 1 }] } });
  expect(told.map(({ title }) => title)).toEqual([
    `The bot gold trades on paper now, and has left something on ${id}`,
  ]);
  expect(told[0]?.lines.join(" ")).toMatch(/long 1000 EURUSD.*\/close gold.*\/live gold/);
});

test("a bot that was switched is closed at its broker, and killed on both of its accounts", async () => {
  await hold("gold");
  await control().switchToPaper({ scope: "gold", ...WISH });

  const closed = await control().closeAll({ scope: "gold", ...WISH });
  const killed = await control().kill({ scope: "gold", ...WISH });

  const { id } = house.connection;
  expect(closed).toMatchObject({
    ok: true,
    value: { accounts: [{ account: id, orders: [expect.any(String)] }] },
  });
  const parts = killed.ok ? killed.value.kill.parts.map(({ account }) => account) : [];
  expect(parts.toSorted()).toEqual([id, `paper-${id}`].toSorted());
});
