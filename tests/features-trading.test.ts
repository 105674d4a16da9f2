/** Rows of the list of features that are about trading: each shown once, end to end, in its own words. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startCommand } from "../infra/cli/testing/running-command.ts";
import { alerts } from "../shared/alerts/records.ts";
import { auditEntries } from "../shared/audit/audit-log.ts";
import { configSchema } from "../shared/config/config.ts";
import { tradingSchema, whySchema } from "../shared/console/trading-api.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { spendings } from "../shared/sentiment/records.ts";
import { tokens } from "../shared/tokens/records.ts";
import { kills, riskEvents } from "../shared/trading/control/records.ts";
import { equityPoints } from "../shared/trading/ledger/records.ts";
import { bars, markets } from "../shared/trading/market-recorder.ts";
import { tradingStates } from "../shared/trading/records.ts";
import { watchlists } from "../shared/trading/scan/records.ts";
import {
  aClockBot,
  anAccount,
  type BotStackOptions,
  booksOf,
  openBotStack,
  playUntil,
  ticksOf,
  waitForAccount,
  waitForBooks,
} from "./support/bot-stack.ts";
import { connect, DEMO, heard, truthOf } from "./support/ctrader-stack.ts";
import { freshSession } from "./support/fresh-session.ts";
import { type Caller, contentOf, createCaller } from "./support/http-caller.ts";
import { moveClock, setFaults } from "./support/sandbox-orders.ts";
import { MASTER_KEY, openTestStack, renewByHttp, signIn, type TestStack } from "./support/stack.ts";

const PAPER = `paper-${DEMO}`;
const at = (time: string) => Temporal.Instant.from(`2026-11-23T${time}Z`);
const START = at("13:29:30");
/** In from 09:00 in New York on, and not out before the evening. */
const STAYING = { enterAt: "09:00", exitAt: "23:00" };

let stack: TestStack;
/** What the terminal reads as `openbell.yaml`. */
let written: object = {};
afterEach(() => stack.close());

/** A stack with the owner signed in, cTrader's demo connected, and its account compared. */
async function openTrading(
  bots: BotStackOptions["bots"],
  {
    mode = "paper",
    limits = {},
    ...over
  }: { mode?: "paper" | "live"; limits?: object; config?: object; folder?: string } = {},
): Promise<string> {
  const accounts = [anAccount(DEMO, mode, limits)];
  written = { accounts, bots };
  stack = await openBotStack({ ...over, startAt: START, accounts, bots });
  await signIn(stack);
  await connect(stack);
  const account = mode === "paper" ? PAPER : DEMO;
  await waitForAccount(stack, account);
  return account;
}

/** Past the tick of 09:00 in New York. */
const toNine = () => playUntil(stack, at("14:00:30"));
const opened = (account: string, count = 1) =>
  waitForBooks(stack, account, ({ lots }) => expect(lots).toHaveLength(count));
const state = async (scope: string) => (await stack.app.platform.store.get(tradingStates, scope))?.state;
const lastReason = async (bot: string) => (await ticksOf(stack, bot)).at(-1)?.reason;

/** Calls as the page of a signed-in owner. */
async function page(): Promise<Caller> {
  const { origin } = new URL(stack.addresses.console);
  return createCaller(origin, { cookie: await freshSession(stack), origin });
}

async function events(kind: string): Promise<readonly string[]> {
  const found = await stack.app.platform.store.query(riskEvents);
  return found.flatMap(({ value }) =>
    value.kind === kind ? [`${value.bot ?? value.account} ${value.code}`] : [],
  );
}

async function told(text: string): Promise<readonly string[]> {
  const found = await stack.app.platform.store.query(alerts);
  return found.map(({ value }) => JSON.stringify(value)).filter((one) => one.includes(text));
}

/** Signs in at whatever time of the day. */
async function signInByFreshLink(): Promise<void> {
  await createCaller(new URL(stack.addresses.console).origin)("POST", "/api/session/link", { body: {} });
  await stack.owner.openLink(
    await stack.owner.waitForMessage((one) => one.text.includes("fresh link"), 5_000),
  );
}

/** `openbell` on the stack's own home; what it printed, and how it ended. */
async function terminal(...argv: readonly string[]) {
  writeFileSync(`${stack.folder}.yaml`, JSON.stringify(written));
  // Notes the clock, by which a process beside the stack goes.
  await moveClock(stack, { advance: "PT1S" });
  writeFileSync(
    join(stack.folder, "master.key"),
    `${Buffer.from(MASTER_KEY).toString("base64")}
`,
    { mode: 0o600 },
  );
  const { code, out, err } = await startCommand(argv, { home: stack.folder }).ended();
  return { code, text: out + err };
}

test("E11: each start tries a live token by a real call and chooses its account before bots trade; a dead one stops them", async () => {
  const { path: folder, remove } = makeTemporaryFolder();
  const bots = [aClockBot("euro", { mode: "live", parameters: STAYING })];
  const accounts = [anAccount(DEMO, "live")];
  await openTrading(bots, { mode: "live", folder });
  const restart = async () => {
    await stack.close();
    stack = await openBotStack({ folder, accounts, bots });
  };

  await restart();
  await waitForAccount(stack, DEMO);
  await vi.waitFor(() => expect(stack.logged()).toContain("connection-ready"), { timeout: 10_000 });
  const started = stack.logged();
  const { store, clock } = stack.app.platform;
  const token = await store.get(tokens, DEMO);
  if (token === undefined) throw new Error("there is a token");
  await store.transact(async (transaction) => {
    transaction.set(tokens, DEMO, { ...token, rejected: { at: clock.now(), code: "BROKER_TOKEN_REJECTED" } });
  });
  await restart();
  await vi.waitFor(() => expect(stack.logged()).toContain("connection-stopped"), { timeout: 10_000 });
  await toNine();

  const [ready = ""] = started.split("\n").filter((line) => line.includes("connection-ready"));
  expect(ready).toMatch(/"connection":"ctrader-demo"/);
  expect(ready).toMatch(/"account":"\w{4}"/);
  expect(await booksOf(stack, DEMO)).toMatchObject({ orders: [] });
  expect(["TOKEN_MISSING", "NO_QUOTE", "QUOTE_STALE"]).toContain(await lastReason("euro"));
  await stack.close();
  remove();
});

test("E12: the scan before the open makes the day's list with the fresh token, and the strategy takes it at the open", async () => {
  stack = await openTestStack({
    ...{ startAt: START, isHurried: true, marketSeed: "monday" },
    config: { accounts: undefined, bots: undefined },
  });
  await signIn(stack);
  await renewByHttp(stack);

  await playUntil(stack, at("14:40:30"));

  const list = (await stack.app.platform.store.query(watchlists))[0]?.value.instruments ?? [];
  const looked = (await ticksOf(stack, "opening-momentum")).flatMap(({ instruments }) => instruments ?? []);
  const leftOut = looked.filter(({ reason }) => reason === "NOT_ON_WATCHLIST");
  expect(list.length).toBeGreaterThan(0);
  expect(looked.length).toBeGreaterThan(0);
  expect(leftOut.filter(({ instrument }) => list.includes(instrument))).toEqual([]);
  expect(new Set(leftOut.map(({ instrument }) => instrument)).size).toBe(5 - list.length);
}, 40_000);

test("C4: a dry run: prices and signals are the broker's and the strategy's, and no order leaves", async () => {
  await openTrading([aClockBot("euro", { parameters: STAYING })]);

  await toNine();
  const { fills } = await opened(PAPER);

  const requests = heard(stack, "demo").map(({ message }) => message);
  expect(fills).toHaveLength(1);
  expect(requests).toContain("ProtoOASubscribeSpotsReq");
  expect(
    requests.filter((name) => /Order|ClosePosition|AmendPosition/.test(name) && !/List|Details/.test(name)),
  ).toEqual([]);
  expect(truthOf(stack)).toMatchObject({ positions: [], deals: [] });
});

test("C5: a day's loss, lots, breakers that live cannot go without, a stop with every order, one position a bot", async () => {
  const bot = aClockBot("euro", {
    instruments: ["EURUSD", "USDJPY"],
    parameters: STAYING,
    limits: { openPositions: 1 },
  });
  await openTrading([bot, aClockBot("big", { parameters: STAYING, limits: { orderQuantity: 999 } })]);
  const faults = (limits: object) => {
    const live = aClockBot("euro", { mode: "live", limits });
    return configSchema
      .safeParse({ accounts: [anAccount(DEMO, "live")], bots: [live] })
      .error?.issues.map(({ path }) => path.join("."));
  };

  await toNine();
  const { orders } = await opened(PAPER);

  expect(orders.map(({ bot: by }) => by)).toEqual(["euro"]);
  // Never more than its lots: where that is less than the smallest order, nothing.
  expect(await lastReason("big")).toBe("NO_SIZE");
  expect(orders.every(({ ticket }) => ticket.stopLoss !== undefined)).toBe(true);
  expect(await events("denied")).toEqual(expect.arrayContaining(["euro OPEN_POSITIONS"]));
  expect(faults({ stopRequired: false })).toEqual(["bots.0.limits"]);
  for (const limit of ["dailyLossPercent", "orderQuantity", "rejectionsInRow", "repeats"]) {
    expect(faults({ [limit]: undefined })).toEqual([`bots.0.limits.${limit}`]);
  }
});

test("C6: palm oil by RSI and sentiment: asked once while an answer is fresh, never beyond the day's money, neutral without one", async () => {
  const bot = aClockBot("palm-oil", {
    ...{ strategy: "rsi-sentiment", parameters: {}, instruments: ["PALMOIL"], bars: "M5" },
    size: { quantity: 1 },
  });
  const sentiment = { dailyCost: 0.01, costPerQuestion: 0.01, cacheMinutes: 10 };
  stack = await openBotStack({
    startAt: at("06:29:30"),
    accounts: [anAccount(DEMO, "paper")],
    bots: [bot],
    config: { sentiment },
  });
  await signInByFreshLink();
  await connect(stack);
  await waitForAccount(stack, PAPER);
  // Those before the first login come with it.
  await vi.waitFor(
    async () => expect((await stack.app.platform.store.query(bars)).length).toBeGreaterThan(100),
    { timeout: 15_000 },
  );
  const asked = async () =>
    (await stack.app.platform.store.query(spendings)).map(({ value }) => value.questions);

  await playUntil(stack, at("06:40:30"));
  const first = await ticksOf(stack, "palm-oil");
  const atFirst = await asked();
  await playUntil(stack, at("07:20:30"));

  const looked = first.filter(({ reason }) => reason === "NO_SIGNAL" || reason === "ORDER_PROPOSED");
  expect(looked.length, JSON.stringify(first.map(({ reason, text }) => [reason, text]))).toBeGreaterThan(1);
  expect(atFirst).toEqual([1]);
  // The answer is old by now and the day's money spent: it goes on with none.
  expect(await asked()).toEqual([1]);
  expect((await ticksOf(stack, "palm-oil")).map(({ reason }) => reason)).not.toContain("STRATEGY_FAILED");
  expect(stack.logged()).toContain("sentiment-too-dear");
});

describe("C8: pause and close everything; the demo in place of live", () => {
  const bots = [aClockBot("euro", { parameters: STAYING })];

  async function openOne(): Promise<void> {
    await openTrading(bots);
    await toNine();
    await opened(PAPER);
  }

  async function expectClosed(): Promise<void> {
    await waitForBooks(stack, PAPER, ({ lots, trades }) =>
      expect([lots.length, trades.length]).toEqual([0, 1]),
    );
    expect(await state("all")).toBe("reducing");
  }

  test("C8: from the page", async () => {
    await openOne();
    const call = await page();

    const reduced = await call("POST", "/api/trading/reduce", { body: { reason: "pause" } });
    const closed = await call("POST", "/api/trading/close", { body: {} });

    expect([reduced.status, closed.status]).toEqual([200, 202]);
    await expectClosed();
  });

  test("C8: from the terminal", async () => {
    await openOne();

    const reduced = await terminal("reduce", "--reason", "pause");
    const closed = await terminal("close", "--yes");

    expect([reduced.code, closed.code], reduced.text + closed.text).toEqual([0, 0]);
    await expectClosed();
  });

  test("C8: from the phone", async () => {
    await openOne();
    const { phone } = stack.simulators.telegram;

    phone.send("/reduce");
    await vi.waitFor(async () => expect(await state("all")).toBe("reducing"), { timeout: 5_000 });
    phone.send("/close");
    await vi.waitFor(() => expect(tapOn("do:")).toBe("tapped"), { timeout: 5_000 });

    await expectClosed();
  });

  test("C8: the demo in place of live is one word of the configuration", async () => {
    await openOne();
    const of = (mode: string) =>
      configSchema.safeParse({
        accounts: [anAccount(DEMO, "live"), anAccount(DEMO, "paper")],
        bots: [aClockBot("euro", { mode })],
      }).success;

    expect([of("live"), of("paper")]).toEqual([true, true]);
  });
});

/** Presses the newest button whose data begin so. */
function tapOn(begin: string): string {
  const { phone } = stack.simulators.telegram;
  for (const { id, buttons } of phone.messages().toReversed()) {
    for (const button of buttons.flat()) {
      if ("callbackData" in button && button.callbackData?.startsWith(begin))
        return phone.tap(id, button.callbackData);
    }
  }
  return "none";
}

test("C9: figures have bounds, and the phone is told once when one is left", async () => {
  const kpis = { memoryMb: 50, dayLossPercent: 0 };
  await openTrading([aClockBot("euro", { parameters: STAYING })], { config: { safety: { kpis } } });
  await toNine();
  await opened(PAPER);

  await playUntil(stack, at("14:20:30"));

  const alarms = await told("A figure is out of bounds");
  expect(alarms.filter((one) => one.includes("MB of memory"))).toHaveLength(1);
  expect(alarms.filter((one) => one.includes("has lost"))).toHaveLength(1);
});

test("C10: each bot has its badge, its day's loss against the limit, its positions against theirs", async () => {
  await openTrading([aClockBot("euro", { mode: "live", parameters: STAYING })], { mode: "live" });
  await toNine();
  await opened(DEMO);
  const call = await page();

  const { bots, accounts } = contentOf(tradingSchema, await call("GET", "/api/trading"));

  expect(bots).toMatchObject([{ id: "euro", badge: "demo", positions: { count: 1, limit: 5 } }]);
  expect(bots[0]?.day).toMatchObject({ lossLimitPercent: "40", lossLimit: expect.stringMatching(/^4000/) });
  expect(bots[0]?.day.usedPercent).toBeLessThan(50);
  expect(accounts).toMatchObject([
    { id: DEMO, badge: "demo", books: "agree", positions: { count: 1, limit: 20 } },
  ]);
});

/** A limit that is too tight for the bot's order, and the control or the limit by which it is refused. */
const TIGHT: readonly (readonly [told: string, limits: object, parameters?: object])[] = [
  ["The limit orderQuantity allows", { orderQuantity: 999 }],
  ["The limit orderNotional allows", { orderNotional: 1_000 }],
  ["The limit riskPerTradePercent allows", { riskPerTradePercent: 0.0001 }],
  ["DAILY_NOTIONAL: ", { dailyNotional: 1_000 }],
  ["POSITION_TOO_LARGE: ", { positionQuantity: 999 }],
  ["REWARD_TO_RISK: ", { rewardToRisk: 5 }],
  ["SPREAD_TOO_WIDE: ", { spreadPercent: "0.0000001" }],
  ["SLIPPAGE: ", { slippagePercent: "0.0000001" }],
  ["ORDER_TYPE: ", { orderTypes: ["limit"] }],
  ["PRICE_OUTSIDE_COLLAR: ", { collarPercent: 0.0001 }, { limitPrice: 0.9 }],
];

test("R2: each order is checked before it is sent, and what refuses it is named: size, money, risk, price, pace, loss", async () => {
  const bots = TIGHT.map(([, limits, parameters], index) =>
    aClockBot(`tight-${index}`, { parameters: { ...STAYING, ...parameters }, limits }),
  );
  const once = aClockBot("once", {
    parameters: { enterAt: "09:00", exitAt: "09:05" },
    limits: { tradesPerDay: 1 },
  });
  await openTrading([...bots, once]);

  await toNine();
  const { orders } = await opened(PAPER);

  const texts = await Promise.all(
    bots.map(async ({ id }) => (await ticksOf(stack, String(id))).at(-1)?.text),
  );
  expect(texts).toEqual(TIGHT.map(([told]) => expect.stringMatching(new RegExp(`^${told}`))));
  expect(orders.map(({ bot }) => bot)).toEqual(["once"]);
});

test("R5: one schema for bots, orders, fills, trades, equity and the audit; all of it can be taken out", async () => {
  await openTrading([aClockBot("euro", { parameters: { enterAt: "09:00", exitAt: "09:05" } })]);
  await toNine();
  await opened(PAPER);
  await playUntil(stack, at("14:05:30"));
  await waitForBooks(stack, PAPER, ({ trades }) => expect(trades).toHaveLength(1));
  expect((await stack.app.platform.store.query(equityPoints)).length).toBeGreaterThan(0);

  for (const what of ["orders", "fills", "trades", "equity", "ticks", "audit"]) {
    const { code, text } = await terminal("export", "--what", what, "--format", "json");
    expect([what, code]).toEqual([what, 0]);
    expect((JSON.parse(text) as unknown[]).length, what).toBeGreaterThan(0);
  }
}, 40_000);

describe("R8: a kill by hand and by itself", () => {
  test("R8: by hand, from the page", async () => {
    await openTrading([aClockBot("euro", { parameters: { ...STAYING, limitPrice: 0.9 } })]);
    await toNine();
    await waitForBooks(stack, PAPER, ({ orders }) => expect(orders[0]?.state).toBe("accepted"));
    const call = await page();

    const killed = await call("POST", "/api/trading/kill", { body: { requestId: "a-request-of-its-own" } });

    expect(killed.status).toBe(202);
    await waitForBooks(stack, PAPER, ({ orders }) => expect(orders[0]?.state).toBe("cancelled"));
    expect(await state("all")).toBe("halted");
  });

  test("R8: by itself, at the limit of a day's loss, and what is open can still be closed", async () => {
    const limits = { dailyLossPercent: 0.0001 };
    await openTrading([aClockBot("euro", { parameters: { enterAt: "09:00", exitAt: "09:10" } })], { limits });
    await toNine();

    await vi.waitFor(async () => expect(await state(PAPER)).toBe("reducing"), { timeout: 15_000 });
    await playUntil(stack, at("14:10:30"));

    await waitForBooks(stack, PAPER, ({ lots, trades }) =>
      expect([lots.length, trades.length]).toEqual([0, 1]),
    );
    expect(await events("tripped")).toEqual([`${PAPER} DAILY_LOSS`]);
    expect(await told("Only closing by itself")).toHaveLength(1);
  });
});

test("R9: a simulated broker and the broker's own account are traded through one contract, with the same records", async () => {
  const parameters = { enterAt: "09:00", exitAt: "09:05" };
  stack = await openBotStack({
    startAt: START,
    accounts: [anAccount(DEMO, "live"), anAccount(DEMO, "paper")],
    bots: [aClockBot("real", { mode: "live", parameters }), aClockBot("paper", { parameters })],
  });
  await signIn(stack);
  await connect(stack);
  await Promise.all([waitForAccount(stack, DEMO), waitForAccount(stack, PAPER)]);
  await toNine();
  await Promise.all([opened(DEMO), opened(PAPER)]);
  await playUntil(stack, at("14:05:30"));

  const [live, paper] = await Promise.all(
    [DEMO, PAPER].map((account) =>
      waitForBooks(stack, account, ({ trades }) => expect(trades).toHaveLength(1)),
    ),
  );

  const shape = (value: object | undefined) => Object.keys(value ?? {}).sort();
  expect(shape(paper?.fills[0])).toEqual(shape(live?.fills[0]));
  expect(shape(paper?.trades[0])).toEqual(shape(live?.trades[0]));
  expect(paper?.orders.map((one) => one.state)).toEqual(live?.orders.map((one) => one.state));
});

test("L5: with everything halted the preflight still runs, nothing new is ordered, and what works is cancelled", async () => {
  await openTrading(
    [
      aClockBot("resting", { mode: "live", parameters: { ...STAYING, limitPrice: 0.9 } }),
      aClockBot("later", { mode: "live", instruments: ["USDJPY"], parameters: { enterAt: "09:05" } }),
    ],
    { mode: "live" },
  );
  await toNine();
  await waitForBooks(stack, DEMO, ({ orders }) => expect(orders[0]?.state).toBe("accepted"));

  const control = await stack.app.control();
  await control.kill({ actor: { kind: "terminal" }, why: "test" });
  await waitForBooks(stack, DEMO, ({ orders }) => expect(orders[0]?.state).toBe("cancelled"));
  await playUntil(stack, at("14:10:30"));
  const generation = await renewByHttp(stack);

  expect(generation).toBe(1);
  expect([await lastReason("resting"), await lastReason("later")]).toEqual(["HALTED", "HALTED"]);
  expect((await booksOf(stack, DEMO)).orders).toHaveLength(1);
  expect(truthOf(stack).orders.map(({ orderStatus }) => orderStatus)).toEqual(["ORDER_STATUS_CANCELLED"]);
  expect((await stack.owner.messages()).filter(({ text }) => text.includes("is active"))).not.toEqual([]);
});

test("L6: the risk file names no secret: instruments, half a percent a trade, one a day, five open, limit orders only, slippage 0.3", async () => {
  const careful = {
    ...{ riskPerTradePercent: 0.5, dailyLossPercent: 1, slippagePercent: 0.3, orderTypes: ["limit"] },
  };
  const parameters = { ...STAYING, stopShare: 0.001 };
  const bots = [
    aClockBot("market", { parameters, limits: careful }),
    aClockBot("limit", {
      parameters: { ...parameters, limitPrice: 1.1 },
      size: { quantity: 1_000 },
      limits: careful,
    }),
    aClockBot("large", {
      parameters: { ...parameters, limitPrice: 1.1 },
      limits: careful,
      size: { quantity: 2_000 },
    }),
  ];
  await openTrading(bots, { limits: { grossExposurePercent: 15, dailyLossPercent: 1 } });

  await toNine();
  const { orders } = await waitForBooks(stack, PAPER, (books) => expect(books.orders).not.toEqual([]));

  expect(orders.map(({ bot, ticket }) => [bot, ticket.type])).toEqual([["limit", "limit"]]);
  expect(await events("denied")).toEqual(
    expect.arrayContaining(["market ORDER_TYPE", "large GROSS_EXPOSURE"]),
  );
  expect(JSON.stringify(configSchema.parse({ accounts: [anAccount(DEMO, "paper")], bots }))).not.toMatch(
    /secret|password|token"|apiKey/i,
  );
});

test("G4: paper unless said otherwise: slippage of 0.1 to 0.2 %, 3 % rejections, a fee, and trades recorded as live ones are", async () => {
  const { bots, accounts } = configSchema.parse({});
  await openTrading([aClockBot("euro", { parameters: { enterAt: "09:00", exitAt: "09:05" } })]);
  await setFaults(stack, "ctrader", { freezePrices: true });
  await toNine();
  const { fills } = await opened(PAPER);
  const market = await stack.app.platform.store.get(markets, DEMO);
  await playUntil(stack, at("14:05:30"));
  const { trades } = await waitForBooks(stack, PAPER, (books) => expect(books.trades).toHaveLength(1));

  expect(new Set(bots.map(({ mode }) => mode))).toEqual(new Set(["paper"]));
  expect(accounts[0]?.paper).toMatchObject({ slippagePercent: [0.1, 0.2], rejectedPercent: 3 });
  const [fill] = fills;
  const ask = market?.symbols.find(({ symbol }) => symbol === "EURUSD")?.ask ?? new Decimal(0);
  const slipped = fill?.price.div(ask).minus(1).times(100).toNumber();
  expect(slipped).toBeGreaterThan(0.09);
  expect(slipped).toBeLessThan(0.21);
  expect(fill?.commission.lt(0)).toBe(true);
  expect(trades).toMatchObject([{ bot: "euro", instrument: "EURUSD", account: PAPER }]);
});

test("G6: guards hold in every mode: size, a daily loss of 5 %, open trades, 50 a day, and a stop that always works", async () => {
  const { accounts, bots } = configSchema.parse({});
  await openTrading([
    aClockBot("euro", { parameters: STAYING }),
    aClockBot("once", {
      instruments: ["USDJPY"],
      parameters: { ...STAYING, limitPrice: 100 },
      limits: { tradesPerDay: 1, repeats: 3 },
    }),
  ]);
  await toNine();
  await opened(PAPER);
  await setFaults(stack, "ctrader", { refuseConnections: true, disconnectNow: "silently" });

  const control = await stack.app.control();
  const killed = await control.kill({ actor: { kind: "terminal" }, why: "emergency" });

  expect(killed.ok).toBe(true);
  expect(await state("all")).toBe("halted");
  await waitForBooks(stack, PAPER, ({ orders }) =>
    expect(orders.filter(({ state: one }) => one === "accepted")).toEqual([]),
  );
  expect(accounts.map(({ limits }) => limits.dailyLossPercent.toNumber())).toEqual([5, 5]);
  expect(bots.map(({ limits }) => limits.tradesPerDay)).toEqual([50, 50, 50]);
  for (const { limits } of bots) for (const value of Object.values(limits)) expect(value).toBeDefined();
});

test("G9: what people and Openbell decide stands in the audit log; the page sends its headers, and no other page may ask", async () => {
  await openTrading([aClockBot("euro", { parameters: STAYING })], { limits: { dailyLossPercent: 0.0001 } });
  await toNine();
  await vi.waitFor(async () => expect(await state(PAPER)).toBe("reducing"), { timeout: 15_000 });
  const control = await stack.app.control();
  await control.kill({ actor: { kind: "terminal" }, why: "test" });
  const { origin } = new URL(stack.addresses.console);

  const answer = await createCaller(origin, { origin: "https://elsewhere.example" })("GET", "/api/trading");

  const audited = (await stack.app.platform.store.query(auditEntries)).map(
    ({ value }) => `${value.actor} ${value.action} ${value.subject} ${value.outcome}`,
  );
  expect(audited).toEqual(
    expect.arrayContaining([`system reduced ${PAPER} DAILY_LOSS`, "terminal killed all ok"]),
  );
  expect((await stack.app.audit.verify()).isIntact).toBe(true);
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  expect(answer.headers.get("content-security-policy")).toContain("default-src");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test("B4: before midnight it is looked whether every open position has a resting stop, and one that has none is told", async () => {
  const bot = (id: string, instrument: string, enterAt: string, quantity: number) =>
    aClockBot(id, {
      mode: "live",
      instruments: [instrument],
      size: { quantity },
      parameters: { enterAt, exitAt: "24:00" },
    });
  await openTrading([bot("safe", "EURUSD", "09:00", 1_000), bot("bare", "XAUUSD", "23:00", 1)], {
    mode: "live",
  });
  await toNine();
  await opened(DEMO);
  await playUntil(stack, at("20:45:30"));
  const beforeTheClose = await told("Not safe to leave");

  // From now on the broker takes its time to attach a stop.
  await setFaults(stack, "ctrader", { protectionMs: 600_000 });
  const eleven = Temporal.Instant.from("2026-11-24T04:00:30Z");
  await stack.clock.advanceTo(eleven);
  await opened(DEMO, 2);
  await stack.clock.advanceTo(eleven.add({ minutes: 30 }));

  expect(beforeTheClose).toEqual([]);
  const [warning, ...others] = await told("Not safe to leave");
  expect(warning).toContain("XAUUSD");
  expect(warning).not.toContain("EURUSD");
  expect(others).toEqual([]);
}, 60_000);

test("B10: a kill's receipt: asked again at the broker, nothing works any more, in so many seconds; also after a restart", async () => {
  const { path: folder, remove } = makeTemporaryFolder();
  const bots = [aClockBot("resting", { mode: "live", parameters: { ...STAYING, limitPrice: 0.9 } })];
  await openTrading(bots, { mode: "live", folder });
  await toNine();
  await waitForBooks(stack, DEMO, ({ orders }) => expect(orders[0]?.state).toBe("accepted"));
  const control = await stack.app.control();
  await control.kill({ actor: { kind: "terminal" }, why: "test" });
  const receipt = () =>
    vi.waitFor(
      async () => {
        const [found] = await stack.app.platform.store.query(kills);
        expect(found?.value).toMatchObject({ isOpen: false });
        return found?.value;
      },
      { timeout: 15_000 },
    );
  const first = await receipt();

  await stack.close();
  stack = await openBotStack({ folder, accounts: [anAccount(DEMO, "live")], bots });
  await playUntil(stack, at("14:10:30"));

  expect(first?.parts).toMatchObject([{ account: DEMO, state: "confirmed", cancelled: 1, filled: 0 }]);
  expect(first?.confirmedAt).toBeDefined();
  expect(await receipt()).toEqual(first);
  expect([await state("all"), await lastReason("resting")]).toEqual(["halted", "HALTED"]);
  await stack.close();
  remove();
});

test("B12: why nothing happened: each tick ends with one reason, and a day's are counted", async () => {
  await openTrading([aClockBot("euro", { parameters: { enterAt: "09:20" } })]);
  await playUntil(stack, at("14:10:30"));
  const call = await page();

  const day = contentOf(whySchema, await call("GET", "/api/trading/why?bot=euro"));
  const printed = await terminal("why", "--bot", "euro");

  const counted = day.reasons.reduce((sum, { count }) => sum + count, 0);
  expect(counted).toBe((await ticksOf(stack, "euro")).length);
  expect(day.reasons).toContainEqual(
    expect.objectContaining({ reason: "NO_SIGNAL", next: expect.any(String) }),
  );
  expect(printed.text).toContain("NO_SIGNAL");
});

test("B16: every message, call and broker's event doubled and reordered: no order, fill or tick is there twice", async () => {
  const parameters = { enterAt: "09:00", exitAt: "09:15" };
  const pair = (instrument: string, quantity: number) =>
    (["live", "paper"] as const).map((mode) =>
      aClockBot(`${mode}-${instrument.toLowerCase()}`, {
        ...{ mode, instruments: [instrument], parameters, everyMinutes: 1, size: { quantity } },
      }),
    );
  const bots = [...pair("EURUSD", 1_000), ...pair("USDJPY", 1_000), ...pair("XAUUSD", 1)];
  stack = await openBotStack({
    startAt: START,
    accounts: [anAccount(DEMO, "live"), anAccount(DEMO, "paper")],
    bots,
  });
  await signIn(stack);
  await connect(stack);
  await Promise.all([waitForAccount(stack, DEMO), waitForAccount(stack, PAPER)]);
  await setFaults(stack, "delivery", { deliverTwice: true, delayMs: 4_000 });
  await setFaults(stack, "ctrader", { duplicateEventShare: 1, acceptedTwice: true, answerJitterMs: 20 });

  await playUntil(stack, at("14:05:30"));
  await Promise.all([opened(DEMO, 3), opened(PAPER, 3)]);
  await playUntil(stack, at("14:20:30"));
  const all = await Promise.all(
    [DEMO, PAPER].map((account) =>
      waitForBooks(stack, account, ({ trades, lots }) =>
        expect([trades.length, lots.length]).toEqual([3, 0]),
      ),
    ),
  );

  for (const { orders, fills } of all) {
    expect(orders.map(({ state: one }) => one)).toEqual(Array.from({ length: 6 }, () => "filled"));
    expect(fills).toHaveLength(6);
  }
  const { received, positions } = truthOf(stack);
  expect(new Set(Object.values(received))).toEqual(new Set([1]));
  expect(positions).toHaveLength(3);
  for (const { id } of stack.app.options.config.bots) {
    const instants = (await ticksOf(stack, id)).map(({ instant }) => instant.epochMilliseconds);
    expect(new Set(instants).size).toBe(instants.length);
  }
}, 60_000);
