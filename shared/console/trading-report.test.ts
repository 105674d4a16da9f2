import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ACCOUNT,
  aLot,
  aPeriod,
  BOT_LEDGER,
  d,
  GOLD,
  LEDGER,
  MONDAY,
  NOW,
  RECORD,
  RULES,
  TICKET,
  TODAY,
} from "../../tests/support/risk-facts.ts";
import { openPlace, type TickPlace } from "../../tests/support/tick-house.ts";
import { instrumentId, instruments } from "../brokers/instrument-rules.ts";
import { configSchema } from "../config/config.ts";
import type { Connection } from "../config/connection.ts";
import { createVirtualClock } from "../platform/local/virtual-clock.ts";
import type { Collection } from "../platform/store.ts";
import { type AccountRecord, accounts } from "../trading/account-record.ts";
import { botModes } from "../trading/bot-modes.ts";
import { accountLedgers, botLedgerId, botLedgers } from "../trading/ledger/records.ts";
import { markets } from "../trading/market-recorder.ts";
import { type OrderRecord, orderId, orders, positions, tradingStates } from "../trading/records.ts";
import { botRiskId, botRisks, emptyBotRisk } from "../trading/risk/records.ts";
import { tickId, ticks } from "../trading/ticks/records.ts";
import { createLastTicks, type LastTicks } from "./last-ticks.ts";
import { createClosedToday } from "./trade-report.ts";
import { tradingSchema } from "./trading-api.ts";
import { badgeOf } from "./trading-books.ts";
import { reportTrading } from "./trading-report.ts";
import { botsText, positionsText } from "./trading-text.ts";

const defaults = configSchema.parse({});
const config = { ...defaults, bots: defaults.bots.map((bot) => ({ ...bot, afterMinutes: 0 })) };
const clock = createVirtualClock({ start: NOW });
let place: TickPlace;
let lastTicks: LastTicks;
beforeEach(() => {
  place = openPlace();
  lastTicks = createLastTicks(place.store);
});
afterEach(() => place.close());

async function put<T>(collection: Collection<T>, id: string, value: T): Promise<void> {
  await place.store.transact(async (transaction) => transaction.set(collection, id, value));
}

async function report(given = config, profile: "sandbox" | "cloud" = "cloud") {
  const { store } = place;
  const found = await reportTrading({
    store,
    clock,
    config: given,
    profile,
    lastTicks,
    closedToday: createClosedToday(store),
  });
  // What is reported is what the interface promises.
  return tradingSchema.parse(found);
}
const gold = async () => (await report()).bots.find(({ id }) => id === "gold");
const account = async () => (await report()).accounts.find(({ id }) => id === ACCOUNT);

const putRecord = (over: Partial<AccountRecord> = {}) => put(accounts, ACCOUNT, { ...RECORD, ...over });
/** Two units of gold, bought at 2,000, and a price at which they can be sold. */
async function putLot(bid?: string) {
  await put(accountLedgers, ACCOUNT, { ...LEDGER, lots: [aLot({ stopLoss: d(1_990) })] });
  await put(instruments, instrumentId(GOLD.connection, "XAUUSD"), RULES);
  const sides = bid === undefined ? {} : { bid: d(bid), ask: d(bid).plus(1) };
  const at = NOW.subtract({ seconds: 7 });
  await put(markets, GOLD.connection, {
    connection: GOLD.connection,
    symbols: [{ symbol: "XAUUSD", ...sides, at }],
    at,
  });
}
function anOrder(id: string, over: Partial<OrderRecord> = {}): OrderRecord {
  return {
    connection: ACCOUNT,
    clientOrderId: id,
    source: "gold",
    bot: "gold",
    ticket: TICKET,
    state: "accepted",
    isDue: false,
    createdAt: NOW,
    sendBy: NOW,
    changedAt: NOW,
    filledQuantity: d(0),
    ...over,
  };
}
const putOrder = (id: string, over: Partial<OrderRecord> = {}) =>
  put(orders, orderId(ACCOUNT, id), anOrder(id, over));

describe("what is not known", () => {
  test("is left out before any worker has led an account, and is no zero", async () => {
    const found = await report();

    expect(found.accounts.map(({ id, books, money, day }) => ({ id, books, money, net: day.net }))).toEqual([
      { id: "paper-etrade-production", books: "unknown", money: undefined, net: undefined },
      { id: "paper-ctrader-demo", books: "unknown", money: undefined, net: undefined },
    ]);
    expect(found.totals).toEqual([]);
    expect(found.bots[0]?.day).toEqual({ date: TODAY, net: "0", lossLimitPercent: "3" });
    expect(found.bots[0]?.lastTick).toBeUndefined();
  });

  test("a position without a price has no worth, and its bot's day none either", async () => {
    await putRecord();
    await putLot();
    await put(botLedgers, botLedgerId(ACCOUNT, "gold"), BOT_LEDGER);

    const { positions: open, bots } = await report();

    expect(open[0]).not.toHaveProperty("unrealised");
    expect(open[0]).not.toHaveProperty("mark");
    expect(bots.find(({ id }) => id === "gold")?.day).not.toHaveProperty("net");
  });

  test("the day of an account that nobody has seen today is not yesterday's", async () => {
    await putRecord({ day: "2026-03-03", dayEquity: d(9_000) });

    expect((await account())?.day).toEqual({ date: TODAY, lossLimit: "500", lossLimitPercent: "5" });
  });

  test("the day of a bot whose ledger has not begun it is unknown while it holds something", async () => {
    await putRecord();
    await putLot("2010");
    const day = aPeriod("2026-03-03", { realised: d(77) });
    await put(botLedgers, botLedgerId(ACCOUNT, "gold"), { ...BOT_LEDGER, day });
    const holding = await gold();
    await put(accountLedgers, ACCOUNT, LEDGER);
    const flat = await gold();

    expect(holding?.day).not.toHaveProperty("net");
    expect(flat?.day.net).toBe("0");
  });

  test("agreement is not claimed of books that nobody compares any more", async () => {
    await putRecord({ at: NOW.subtract({ seconds: 89 }) });
    const current = await account();
    await putRecord({ at: NOW.subtract({ seconds: 90 }) });
    const silent = await account();

    expect([current?.books, current?.money?.isCurrent]).toEqual(["agree", true]);
    expect([silent?.books, silent?.money?.isCurrent]).toEqual(["unknown", false]);
  });
});

describe("a bot's day", () => {
  test("is what was realised, with fees and what is open, against its share of the day's first equity", async () => {
    await putRecord({ dayEquity: d(8_000) });
    await putLot("1950");
    const day = aPeriod(TODAY, { realised: d(-15), fees: d("-0.5") });
    await put(botLedgers, botLedgerId(ACCOUNT, "gold"), { ...BOT_LEDGER, day });
    await put(botRisks, botRiskId(ACCOUNT, "gold"), {
      ...emptyBotRisk(ACCOUNT, "gold"),
      counts: { day: TODAY, notional: d(0), trades: 4, recent: [] },
    });

    const found = await gold();

    // Two units, 50 below their price, and 15.50 before.
    expect(found?.day).toEqual({
      date: TODAY,
      net: "-115.5",
      lossLimit: "240",
      lossLimitPercent: "3",
      usedPercent: 48.1,
    });
    expect(found?.positions).toEqual({ count: 1, limit: 1 });
    expect(found?.tradesToday).toEqual({ count: 4, limit: 50 });
  });

  test("trades of another day are not today's", async () => {
    await put(botRisks, botRiskId(ACCOUNT, "gold"), {
      ...emptyBotRisk(ACCOUNT, "gold"),
      counts: { day: MONDAY, notional: d(0), trades: 4, recent: [] },
    });

    expect((await gold())?.tradesToday.count).toBe(0);
  });
});

describe("a position", () => {
  test("is worth what closing it would bring, as of its price", async () => {
    await putRecord();
    await putLot("2010");

    expect((await report()).positions).toEqual([
      {
        account: ACCOUNT,
        positionId: "p1",
        bot: "gold",
        instrument: "XAUUSD",
        side: "buy",
        quantity: "2",
        price: "2000",
        mark: { price: "2010", at: "2026-03-04T14:59:53.000Z" },
        unrealised: "20",
        stop: { price: "1990", where: "wanted" },
        openedAt: "2026-03-04T14:00:00.000Z",
        isAtBroker: false,
      },
    ]);
  });

  test("of a bot that is not configured on its account any more says so", async () => {
    await putRecord();
    await putLot();
    const without = { ...config, bots: config.bots.filter(({ id }) => id !== "gold") };
    const elsewhere = {
      ...config,
      bots: config.bots.map((bot) => (bot.id === "gold" ? { ...bot, mode: "live" as const } : bot)),
    };

    const found = [await report(), await report(without), await report(elsewhere)];

    expect(found.map((one) => one.positions[0]?.isBotFormer)).toEqual([undefined, true, true]);
    expect(found.map(positionsText).map((text) => text.includes("gold (no longer configured)"))).toEqual([
      false,
      true,
      true,
    ]);
  });

  test("of a bot that was switched to paper says so, and the bot when, by whom and how it goes back", async () => {
    await putRecord();
    await putLot();
    const beside = LEDGER.account.replace("paper-", "") as typeof LEDGER.account;
    await put(accountLedgers, beside, { ...LEDGER, account: beside, lots: [aLot()] });
    await put(accounts, beside, { ...RECORD, account: beside });
    const live = {
      ...config,
      bots: config.bots.map((bot) => (bot.id === "gold" ? { ...bot, mode: "live" as const } : bot)),
    };
    const before = await report(live);
    const switched = { mode: "paper", who: { kind: "page" }, why: "it trades nonsense", at: NOW } as const;
    await put(botModes, "gold", switched);

    const after = await report(live);

    const gold = (found: typeof before) => found.bots.find(({ id }) => id === "gold");
    expect([gold(before)?.account, gold(before)?.switched]).toEqual([beside, undefined]);
    expect(gold(after)).toMatchObject({
      ...{ account: ACCOUNT, badge: "paper" },
      switched: { who: "page", why: "it trades nonsense", phrase: "LIVE GOLD" },
    });
    expect(gold(after)?.switched?.liveAgainAt).toBe("2026-03-04T15:05:00.000Z");
    expect(positionsText(before)).not.toContain("trades on paper now");
    expect(positionsText(after)).toContain("gold (trades on paper now)");
    expect(botsText(after)).toContain("switched to paper by page at Wed 2026-03-04 10:00 New York");
  });

  test("has its stop at the broker only where the broker says so, and a stranger's belongs to no bot", async () => {
    await putRecord();
    await putLot();
    const mirrored = {
      connection: ACCOUNT,
      instrument: "XAUUSD",
      side: "buy" as const,
      quantity: d(2),
      price: d(2_000),
      openedAt: NOW.subtract({ hours: 1 }),
      commission: d(0),
      swap: d(0),
    };
    await put(positions, `${ACCOUNT}:p1`, { ...mirrored, positionId: "p1", stopLoss: d(1_985) });
    await put(positions, `${ACCOUNT}:p2`, { ...mirrored, positionId: "p2", openedAt: NOW });

    const [own, strange] = (await report()).positions;

    expect(own).toMatchObject({ stop: { price: "1985", where: "broker" }, isAtBroker: true });
    expect(strange).toMatchObject({ positionId: "p2", isAtBroker: true });
    expect(strange).not.toHaveProperty("bot");
  });
});

describe("orders", () => {
  test("that may still trade are apart from the last that are over, and are counted against the limits", async () => {
    await putRecord();
    await putOrder("a1", { state: "created" });
    await putOrder("a2", { state: "unknown", changedAt: NOW.subtract({ minutes: 1 }) });
    await putOrder("a3", { state: "filled", filledQuantity: d(1) });
    await putOrder("a4", {
      state: "rejected",
      changedAt: NOW.add({ seconds: 1 }),
      refusal: { code: "NO_MONEY", text: "Not enough money." },
    });

    const { orders: shown, bots, accounts: all } = await report();

    expect(shown.working.map((one) => one.clientOrderId)).toEqual(["a1", "a2"]);
    expect(shown.last.map((one) => one.clientOrderId)).toEqual(["a4", "a3"]);
    expect(shown.last[0]?.refusal).toEqual({ code: "NO_MONEY", text: "Not enough money." });
    expect(shown.isCut).toBe(false);
    expect(bots.find(({ id }) => id === "gold")?.workingOrders).toEqual({ count: 2, limit: 2 });
    expect(all.find(({ id }) => id === ACCOUNT)?.workingOrders).toEqual({ count: 2, limit: 12 });
  });

  test("of the broker's that are ours are told once, and the others as nobody's", async () => {
    await putOrder("a1", { brokerOrderId: "b1" });
    const working = { instrument: "XAUUSD", side: "sell" as const, quantity: d(2) };
    await putRecord({
      working: [
        { ...working, brokerOrderId: "b1" },
        { ...working, brokerOrderId: "b2", stopPrice: d(1_990), protects: "p1" },
        { ...working, brokerOrderId: "b3", limitPrice: d(2_100) },
      ],
    });

    const shown = (await report()).orders.working;

    expect(
      shown.map(({ clientOrderId, state, type, closes }) => [clientOrderId, state, type, closes]),
    ).toEqual([
      ["a1", "accepted", "market", false],
      [undefined, "working", "stop", true],
      [undefined, "working", "limit", false],
    ]);
    expect((await account())?.workingOrders.count).toBe(3);
  });

  test("are read up to a bound, and it is said that there are more", async () => {
    await place.store.transact(async (transaction) => {
      for (let index = 0; index < 130; index += 1) {
        transaction.set(orders, orderId(ACCOUNT, `a${index}`), anOrder(`a${index}`));
      }
    });

    const shown = (await report()).orders;

    expect(shown.working).toHaveLength(100);
    expect(shown.isCut).toBe(true);
  });
});

describe("what stops trading", () => {
  const halt = (why: string) =>
    ({ state: "halted", who: { kind: "system" }, why, at: NOW.subtract({ minutes: 2 }) }) as const;

  test("is told widest first, with when and by which words it may go on", async () => {
    await put(tradingStates, "bot:gold", halt("DAILY_LOSS: much"));
    await put(tradingStates, "all", { ...halt("the owner"), who: { kind: "page" }, kill: "k1" });
    await put(tradingStates, "bot:palm-oil", { ...halt("mended"), state: "active" });

    const { state, holds, bots } = await report();

    expect(state).toBe("halted");
    expect(holds).toEqual([
      {
        ...{ scope: "all", state: "halted", who: "page", why: "the owner", kill: "k1" },
        ...{ at: "2026-03-04T14:58:00.000Z", resumableAt: "2026-03-04T15:03:00.000Z", phrase: "RESUME ALL" },
      },
      {
        ...{ scope: "bot:gold", state: "halted", who: "system", why: "DAILY_LOSS: much" },
        ...{ at: "2026-03-04T14:58:00.000Z", resumableAt: "2026-03-04T15:03:00.000Z", phrase: "RESUME GOLD" },
      },
    ]);
    expect(new Set(bots.map((bot) => bot.state))).toEqual(new Set(["halted"]));
  });

  test.each([
    ["system", "2026-03-04T15:03:00.000Z"],
    ["page", "2026-03-04T14:58:00.000Z"],
  ] as const)("what only closes by the %s may be resumed at %s", async (kind, resumableAt) => {
    await put(tradingStates, "bot:gold", { ...halt("x"), state: "reducing", who: { kind } });

    expect((await report()).holds).toMatchObject([{ state: "reducing", resumableAt }]);
  });

  test.each([
    [ACCOUNT, { "palm-oil": "halted", "opening-momentum": "active", gold: "halted" }],
    ["bot:gold", { "palm-oil": "active", "opening-momentum": "active", gold: "halted" }],
  ])("a halt of %s reaches what it is about", async (scope, states) => {
    await put(tradingStates, scope, halt("x"));

    const { bots, state } = await report();

    expect(Object.fromEntries(bots.map((bot) => [bot.id, bot.state]))).toEqual(states);
    expect(state).toBe("active");
  });

  test("a break is told as long as nobody has seen it mended, also once its worker is silent", async () => {
    const since = NOW.subtract({ minutes: 30 });
    const broken = { code: "POSITION_UNKNOWN", text: "One too many.", since };
    await putRecord({ isReconciled: false, break: broken, at: NOW.subtract({ minutes: 10 }) });

    expect(await account()).toMatchObject({
      books: "break",
      break: { code: "POSITION_UNKNOWN", text: "One too many.", since: "2026-03-04T14:30:00.000Z" },
    });
  });
});

const KINDS = [
  ["paper", "production", "paper", "paper"],
  ["paper", "live", "paper", "paper"],
  ["live", "sandbox", "demo", "demo"],
  ["live", "demo", "demo", "demo"],
  ["live", "production", "live", "simulated"],
  ["live", "live", "live", "simulated"],
  ["live", undefined, "live", "simulated"],
] as const;

test.each(KINDS)(
  "%s at %s is %s, and where the brokers are simulated it is %s",
  (mode, environment, real, simulated) => {
    const connection = environment && ({ ...GOLD, environment } as unknown as Connection);

    expect(badgeOf({ mode, connection }, "cloud")).toBe(real);
    expect(badgeOf({ mode, connection }, "sandbox")).toBe(simulated);
  },
);

test("no account, bot or sum of a sandbox is called live, and none of real money anything else", async () => {
  const live = "etrade-production" as typeof ACCOUNT;
  await put(accounts, live, { ...RECORD, account: live, mode: "live", environment: "production" });
  const bots = config.bots.map((bot) => (bot.connection === live ? { ...bot, mode: "live" as const } : bot));

  const kinds = async (profile: "sandbox" | "cloud") => {
    const found = await report({ ...config, bots }, profile);
    const badge = found.accounts.find(({ id }) => id === live)?.badge;
    return [badge, found.totals.at(-1)?.badge, found.bots.find(({ account: of }) => of === live)?.badge];
  };

  expect(await kinds("cloud")).toEqual(["live", "live", "live"]);
  expect(await kinds("sandbox")).toEqual(["simulated", "simulated", "simulated"]);
});

test("money is added up by kind and currency, and a day only where every account's is known", async () => {
  await putRecord({ equity: d("10100.5") });
  const other = "paper-etrade-production" as typeof ACCOUNT;
  await put(accounts, other, { ...RECORD, account: other, equity: d(9_900) });
  const live = GOLD.connection;
  await put(accounts, live, { ...RECORD, account: live, mode: "live", environment: "demo", day: MONDAY });

  const { totals, accounts: all } = await report();

  expect(totals).toContainEqual({
    ...{ badge: "paper", currency: "USD", equity: "20000.5", dayNet: "0.5", accounts: 2 },
  });
  expect(totals).toContainEqual({ badge: "demo", currency: "USD", equity: "10000", accounts: 1 });
  expect(all.find(({ id }) => id === live)?.positions).toEqual({ count: 0 });
});

test("the last tick is told with what its reason means; of a reason of another release, only its words", async () => {
  const at = Temporal.Instant.from("2026-03-04T14:30:00Z");
  const tick = { bot: "gold", orders: [], tookMs: 1, at, keptUntil: at.add({ hours: 1 }) };
  await put(ticks, tickId("gold", at), { ...tick, instant: at, reason: "NO_SIGNAL", text: "Calm." });
  const known = await gold();
  const late = at.add({ minutes: 30 });
  await put(ticks, tickId("gold", late), { ...tick, instant: late, reason: "MOON_FULL", text: "It was." });
  const strange = await gold();

  expect(known?.lastTick).toEqual({
    instant: "2026-03-04T14:30:00.000Z",
    reason: "NO_SIGNAL",
    summary: "The strategy looked and wants nothing.",
    next: "Nothing. The tick's text says what was missing.",
    text: "Calm.",
    orders: 0,
  });
  expect(strange?.lastTick).toMatchObject({ reason: "MOON_FULL", text: "It was." });
  expect(strange?.lastTick).not.toHaveProperty("summary");
  expect(strange?.nextTick).toBe("2026-03-04T15:00:00.000Z");
});
