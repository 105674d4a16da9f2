import { join } from "node:path";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, describe, expect, test, vi } from "vitest";
import { auditEntries } from "../shared/audit/audit-log.ts";
import { configSchema } from "../shared/config/config.ts";
import { whySchema } from "../shared/console/trading-api.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { kills } from "../shared/trading/control/records.ts";
import { equityPoints } from "../shared/trading/ledger/records.ts";
import { markets } from "../shared/trading/market-recorder.ts";
import {
  aClockBot,
  anAccount,
  booksOf,
  openBotStack,
  playUntil,
  ticksOf,
  waitForAccount,
  waitForBooks,
} from "./support/bot-stack.ts";
import { connect, DEMO, truthOf } from "./support/ctrader-stack.ts";
import { contentOf, createCaller } from "./support/http-caller.ts";
import { setFaults } from "./support/sandbox-orders.ts";
import { renewByHttp, signIn } from "./support/stack.ts";
import {
  at,
  events,
  here,
  lastReason,
  opened,
  openTrading,
  PAPER,
  page,
  START,
  STAYING,
  state,
  terminal,
  told,
  toNine,
} from "./support/trading-features.ts";

afterEach(() => here.stack.close());

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

test("R2: each order is checked before it is sent, and what refuses it is named: size, money, risk, price, pace, trades a day", async () => {
  const bots = TIGHT.map(([, limits, parameters], index) =>
    aClockBot(`tight-${index}`, { parameters: { ...STAYING, ...parameters }, limits }),
  );
  const once = aClockBot("once", {
    parameters: { enterAt: "09:00", exitAt: "09:05" },
    limits: { tradesPerDay: 1 },
  });
  const two = { instruments: ["EURUSD", "USDJPY"], parameters: STAYING };
  const fast = aClockBot("fast", { ...two, limits: { ordersPerMinute: 1 } });
  const often = aClockBot("often", { ...two, limits: { tradesPerDay: 1 } });
  await openTrading([...bots, once, fast, often]);

  await toNine();
  const { orders } = await opened(PAPER, 3);

  const texts = await Promise.all(
    bots.map(async ({ id }) => (await ticksOf(here.stack, String(id))).at(-1)?.text),
  );
  expect(texts).toEqual(TIGHT.map(([told]) => expect.stringMatching(new RegExp(`^${told}`))));
  expect(orders.map(({ bot }) => bot).toSorted((one = "", other = "") => (one < other ? -1 : 1))).toEqual([
    "fast",
    "often",
    "once",
  ]);
  expect(await events("denied")).toEqual(expect.arrayContaining(["fast ORDER_RATE", "often TRADES_PER_DAY"]));
});

test("R5: one schema for bots, orders, fills, positions, trades, equity and the audit; all of it can be taken out and kept", async () => {
  await openTrading([aClockBot("euro", { parameters: { enterAt: "09:00", exitAt: "09:05" } })]);
  await toNine();
  await opened(PAPER);
  const held = await terminal("export", "--what", "positions", "--format", "json");
  expect(JSON.parse(held.text)).toMatchObject([{ connection: PAPER, instrument: "EURUSD" }]);
  await playUntil(here.stack, at("14:05:30"));
  await waitForBooks(here.stack, PAPER, ({ trades }) => expect(trades).toHaveLength(1));
  expect((await here.stack.app.platform.store.query(equityPoints)).length).toBeGreaterThan(0);

  for (const what of ["orders", "fills", "trades", "equity", "ticks", "audit"]) {
    const { code, text } = await terminal("export", "--what", what, "--format", "json");
    expect([what, code]).toEqual([what, 0]);
    expect((JSON.parse(text) as unknown[]).length, what).toBeGreaterThan(0);
  }
  const kept = await terminal("backup", join(here.stack.folder, "kept.backup"));
  expect([kept.code, kept.text]).toEqual([0, expect.stringMatching(/^\d+ records and \d+ sealed secrets/)]);
}, 40_000);

describe("R8: a kill by hand and by itself", () => {
  test("R8: by hand, from the page", async () => {
    await openTrading([aClockBot("euro", { parameters: { ...STAYING, limitPrice: 0.9 } })]);
    await toNine();
    await waitForBooks(here.stack, PAPER, ({ orders }) => expect(orders[0]?.state).toBe("accepted"));
    const call = await page();

    const killed = await call("POST", "/api/trading/kill", { body: { requestId: "a-request-of-its-own" } });

    expect(killed.status).toBe(202);
    await waitForBooks(here.stack, PAPER, ({ orders }) => expect(orders[0]?.state).toBe("cancelled"));
    expect(await state("all")).toBe("halted");
  });

  test("R8: by itself, at the limit of a day's loss, and what is open can still be closed", async () => {
    const limits = { dailyLossPercent: 0.0001 };
    await openTrading([aClockBot("euro", { parameters: { enterAt: "09:00", exitAt: "09:10" } })], { limits });
    await toNine();

    await vi.waitFor(async () => expect(await state(PAPER)).toBe("reducing"), { timeout: 15_000 });
    await playUntil(here.stack, at("14:10:30"));

    await waitForBooks(here.stack, PAPER, ({ lots, trades }) =>
      expect([lots.length, trades.length]).toEqual([0, 1]),
    );
    expect(await events("tripped")).toEqual([`${PAPER} DAILY_LOSS`]);
    expect(await told("Only closing by itself")).toHaveLength(1);
  });
});

test("R9: a simulated broker and the broker's own account are traded through one contract, with the same records", async () => {
  const parameters = { enterAt: "09:00", exitAt: "09:05" };
  here.stack = await openBotStack({
    startAt: START,
    accounts: [anAccount(DEMO, "live"), anAccount(DEMO, "paper")],
    bots: [aClockBot("real", { mode: "live", parameters }), aClockBot("paper", { parameters })],
  });
  await signIn(here.stack);
  await connect(here.stack);
  await Promise.all([waitForAccount(here.stack, DEMO), waitForAccount(here.stack, PAPER)]);
  await toNine();
  await Promise.all([opened(DEMO), opened(PAPER)]);
  await playUntil(here.stack, at("14:05:30"));

  const [live, paper] = await Promise.all(
    [DEMO, PAPER].map((account) =>
      waitForBooks(here.stack, account, ({ trades }) => expect(trades).toHaveLength(1)),
    ),
  );

  const shape = (value: object | undefined) => new Set(Object.keys(value ?? {}));
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
  await waitForBooks(here.stack, DEMO, ({ orders }) => expect(orders[0]?.state).toBe("accepted"));

  const control = await here.stack.app.control();
  await control.kill({ actor: { kind: "terminal" }, why: "test" });
  await waitForBooks(here.stack, DEMO, ({ orders }) => expect(orders[0]?.state).toBe("cancelled"));
  await playUntil(here.stack, at("14:10:30"));
  const generation = await renewByHttp(here.stack);

  expect(generation).toBe(1);
  expect([await lastReason("resting"), await lastReason("later")]).toEqual(["HALTED", "HALTED"]);
  expect((await booksOf(here.stack, DEMO)).orders).toHaveLength(1);
  expect(truthOf(here.stack).orders.map(({ orderStatus }) => orderStatus)).toEqual([
    "ORDER_STATUS_CANCELLED",
  ]);
  expect((await here.stack.owner.messages()).filter(({ text }) => text.includes("is active"))).not.toEqual(
    [],
  );
});

test("L6: the risk file names no secret: instruments, 0.5 % a trade, a loss of 1 % a day, 5 % exposed, limit orders only, slippage 0.3 %", async () => {
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
      size: { quantity: 5_000 },
    }),
  ];
  await openTrading(bots, {
    limits: { grossExposurePercent: 5, dailyLossPercent: 1 },
    balance: 100_000,
  });

  await toNine();
  const { orders } = await waitForBooks(here.stack, PAPER, (books) => expect(books.orders).not.toEqual([]));

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
  await setFaults(here.stack, "ctrader", { freezePrices: true });
  await toNine();
  const { fills } = await opened(PAPER);
  const market = await here.stack.app.platform.store.get(markets, DEMO);
  await playUntil(here.stack, at("14:05:30"));
  const { trades } = await waitForBooks(here.stack, PAPER, (books) => expect(books.trades).toHaveLength(1));

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
  await setFaults(here.stack, "ctrader", { refuseConnections: true, disconnectNow: "silently" });

  const control = await here.stack.app.control();
  const killed = await control.kill({ actor: { kind: "terminal" }, why: "emergency" });

  expect(killed.ok).toBe(true);
  expect(await state("all")).toBe("halted");
  await waitForBooks(here.stack, PAPER, ({ orders }) =>
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
  const control = await here.stack.app.control();
  await control.kill({ actor: { kind: "terminal" }, why: "test" });
  const { origin } = new URL(here.stack.addresses.console);

  const answer = await createCaller(origin, { origin: "https://elsewhere.example" })("GET", "/api/trading");

  const audited = (await here.stack.app.platform.store.query(auditEntries)).map(
    ({ value }) => `${value.actor} ${value.action} ${value.subject} ${value.outcome}`,
  );
  expect(audited).toEqual(
    expect.arrayContaining([`system reduced ${PAPER} DAILY_LOSS`, "terminal killed all ok"]),
  );
  expect((await here.stack.app.audit.verify()).isIntact).toBe(true);
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
  await playUntil(here.stack, at("20:45:30"));
  const beforeTheClose = await told("Not safe to leave");

  // From now on the broker takes its time to attach a stop.
  await setFaults(here.stack, "ctrader", { protectionMs: 600_000 });
  const eleven = Temporal.Instant.from("2026-11-24T04:00:30Z");
  await here.stack.clock.advanceTo(eleven);
  await opened(DEMO, 2);
  await here.stack.clock.advanceTo(eleven.add({ minutes: 30 }));

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
  await waitForBooks(here.stack, DEMO, ({ orders }) => expect(orders[0]?.state).toBe("accepted"));
  const control = await here.stack.app.control();
  await control.kill({ actor: { kind: "terminal" }, why: "test" });
  const receipt = () =>
    vi.waitFor(
      async () => {
        const [found] = await here.stack.app.platform.store.query(kills);
        expect(found?.value).toMatchObject({ isOpen: false });
        return found?.value;
      },
      { timeout: 15_000 },
    );
  const first = await receipt();

  await here.stack.close();
  here.stack = await openBotStack({ folder, accounts: [anAccount(DEMO, "live")], bots });
  await playUntil(here.stack, at("14:10:30"));

  expect(first?.parts).toMatchObject([{ account: DEMO, state: "confirmed", cancelled: 1, filled: 0 }]);
  expect(first?.confirmedAt).toBeDefined();
  expect(await receipt()).toEqual(first);
  expect([await state("all"), await lastReason("resting")]).toEqual(["halted", "HALTED"]);
  await here.stack.close();
  remove();
});

test("B12: why nothing happened: each tick ends with one reason, and a day's are counted", async () => {
  await openTrading([aClockBot("euro", { parameters: { enterAt: "09:20" } })]);
  await playUntil(here.stack, at("14:10:30"));
  const call = await page();

  const day = contentOf(whySchema, await call("GET", "/api/trading/why?bot=euro"));
  const printed = await terminal("why", "--bot", "euro");

  const counted = day.reasons.reduce((sum, { count }) => sum + count, 0);
  expect(counted).toBe((await ticksOf(here.stack, "euro")).length);
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
  here.stack = await openBotStack({
    startAt: START,
    accounts: [anAccount(DEMO, "live"), anAccount(DEMO, "paper")],
    bots,
  });
  await signIn(here.stack);
  await connect(here.stack);
  await Promise.all([waitForAccount(here.stack, DEMO), waitForAccount(here.stack, PAPER)]);
  await setFaults(here.stack, "delivery", { deliverTwice: true, delayMs: 4_000 });
  await setFaults(here.stack, "ctrader", { duplicateEventShare: 1, acceptedTwice: true, answerJitterMs: 20 });

  await playUntil(here.stack, at("14:05:30"));
  await Promise.all([opened(DEMO, 3), opened(PAPER, 3)]);
  await playUntil(here.stack, at("14:20:30"));
  const all = await Promise.all(
    [DEMO, PAPER].map((account) =>
      waitForBooks(here.stack, account, ({ trades, lots }) =>
        expect([trades.length, lots.length]).toEqual([3, 0]),
      ),
    ),
  );

  for (const { orders, fills } of all) {
    expect(orders.map(({ state: one }) => one)).toEqual(Array.from({ length: 6 }, () => "filled"));
    expect(fills).toHaveLength(6);
  }
  const { received, positions } = truthOf(here.stack);
  expect(new Set(Object.values(received))).toEqual(new Set([1]));
  expect(positions).toHaveLength(3);
  for (const { id } of here.stack.app.options.config.bots) {
    const instants = (await ticksOf(here.stack, id)).map(({ instant }) => instant.epochMilliseconds);
    expect(new Set(instants).size).toBe(instants.length);
  }
}, 60_000);
