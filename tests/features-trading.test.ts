import { afterEach, expect, test, vi } from "vitest";
import { configSchema } from "../shared/config/config.ts";
import type { ConnectionId } from "../shared/config/connection.ts";
import { tradingSchema } from "../shared/console/trading-api.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { spendings } from "../shared/sentiment/records.ts";
import { tokens } from "../shared/tokens/records.ts";
import { bars, markets } from "../shared/trading/market-recorder.ts";
import { watchlists } from "../shared/trading/scan/records.ts";
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
import { connect, DEMO, heard, truthOf } from "./support/ctrader-stack.ts";
import { contentOf } from "./support/http-caller.ts";
import { openTestStack, PRODUCTION, renewByHttp, signIn } from "./support/stack.ts";
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
  signInByFreshLink,
  state,
  tapOn,
  terminal,
  told,
  toNine,
} from "./support/trading-features.ts";

afterEach(() => here.stack.close());

test("E11: each start tries a live token by a real call and chooses its account before bots trade; a dead one stops them", async () => {
  const { path: folder, remove } = makeTemporaryFolder();
  const bots = [aClockBot("euro", { mode: "live", parameters: STAYING })];
  const accounts = [anAccount(DEMO, "live")];
  await openTrading(bots, { mode: "live", folder });
  const restart = async () => {
    await here.stack.close();
    here.stack = await openBotStack({ folder, accounts, bots });
  };

  await restart();
  await waitForAccount(here.stack, DEMO);
  await vi.waitFor(() => expect(here.stack.logged()).toContain("connection-ready"), { timeout: 10_000 });
  const started = here.stack.logged();
  const { store, clock } = here.stack.app.platform;
  const token = await store.get(tokens, DEMO);
  if (token === undefined) throw new Error("there is a token");
  await store.transact(async (transaction) => {
    transaction.set(tokens, DEMO, { ...token, rejected: { at: clock.now(), code: "BROKER_TOKEN_REJECTED" } });
  });
  await restart();
  await vi.waitFor(() => expect(here.stack.logged()).toContain("connection-stopped"), { timeout: 10_000 });
  await toNine();

  const [ready = ""] = started.split("\n").filter((line) => line.includes("connection-ready"));
  expect(ready).toMatch(/"connection":"ctrader-demo"/);
  expect(ready).toMatch(/"account":"\w{4}"/);
  expect(await booksOf(here.stack, DEMO)).toMatchObject({ orders: [] });
  expect(["TOKEN_MISSING", "NO_QUOTE", "QUOTE_STALE"]).toContain(await lastReason("euro"));
  await here.stack.close();
  remove();
});

test("E12: the scan before the open makes the day's list with the fresh token, and the strategy takes it at the open", async () => {
  here.stack = await openTestStack({
    ...{ startAt: START, isHurried: true, marketSeed: "monday" },
    config: { accounts: undefined, bots: undefined },
  });
  await signIn(here.stack);
  await renewByHttp(here.stack);

  await playUntil(here.stack, at("14:40:30"));

  const list = (await here.stack.app.platform.store.query(watchlists))[0]?.value.instruments ?? [];
  const looked = (await ticksOf(here.stack, "opening-momentum")).flatMap(
    ({ instruments }) => instruments ?? [],
  );
  const leftOut = looked.filter(({ reason }) => reason === "NOT_ON_WATCHLIST");
  expect(list.length).toBeGreaterThan(0);
  expect(looked.length).toBeGreaterThan(0);
  expect(leftOut.filter(({ instrument }) => list.includes(instrument))).toEqual([]);
  expect(new Set(leftOut.map(({ instrument }) => instrument)).size).toBe(5 - list.length);
}, 40_000);

test("G3: prices and bars of both brokers' markets for a person who has no key and has entered none", async () => {
  here.stack = await openTestStack({
    startAt: START,
    isHurried: true,
    config: { accounts: undefined, bots: undefined },
  });
  const { options, platform } = here.stack.app;
  await signIn(here.stack);
  await renewByHttp(here.stack);
  await connect(here.stack);

  await playUntil(here.stack, at("13:50:30"));

  for (const connection of [DEMO, PRODUCTION]) {
    await vi.waitFor(async () => {
      const found = (await platform.store.get(markets, connection))?.symbols ?? [];
      expect(found.filter(({ bid, ask }) => bid !== undefined && ask?.gt(bid))).not.toEqual([]);
      const seen = await platform.store.query(bars, { where: { connection: connection as ConnectionId } });
      expect(seen).not.toEqual([]);
    });
  }
  // All of it comes from this machine, and no environment brings a key.
  const places = options.config.connections.map((one) =>
    one.broker === "etrade" ? options.hosts?.etrade(one).apiBaseUrl : options.hosts?.ctrader(one).socket.host,
  );
  for (const place of places) expect(place).toContain("127.0.0.1");
  expect(options.sentimentApiRoot).toContain("127.0.0.1");
  expect(Object.keys(process.env).filter((name) => /ETRADE|CTRADER|PERPLEXITY|_API_KEY/.test(name))).toEqual(
    [],
  );
}, 40_000);

test("C4: a dry run: prices and signals are the broker's and the strategy's, and no order leaves", async () => {
  await openTrading([aClockBot("euro", { parameters: STAYING })]);

  await toNine();
  const { fills } = await opened(PAPER);

  const requests = heard(here.stack, "demo").map(({ message }) => message);
  expect(fills).toHaveLength(1);
  expect(requests).toContain("ProtoOASubscribeSpotsReq");
  expect(
    requests.filter((name) => /Order|ClosePosition|AmendPosition/.test(name) && !/List|Details/.test(name)),
  ).toEqual([]);
  expect(truthOf(here.stack)).toMatchObject({ positions: [], deals: [] });
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
  here.stack = await openBotStack({
    startAt: at("06:29:30"),
    accounts: [anAccount(DEMO, "paper")],
    bots: [bot],
    config: { sentiment },
  });
  await signInByFreshLink();
  await connect(here.stack);
  await waitForAccount(here.stack, PAPER);
  // Those before the first login come with it.
  await vi.waitFor(
    async () => expect((await here.stack.app.platform.store.query(bars)).length).toBeGreaterThan(100),
    { timeout: 15_000 },
  );
  const asked = async () =>
    (await here.stack.app.platform.store.query(spendings)).map(({ value }) => value.questions);

  await playUntil(here.stack, at("06:40:30"));
  const first = await ticksOf(here.stack, "palm-oil");
  const atFirst = await asked();
  await playUntil(here.stack, at("07:20:30"));

  const looked = first.filter(({ reason }) => reason === "NO_SIGNAL" || reason === "ORDER_PROPOSED");
  expect(looked.length, JSON.stringify(first.map(({ reason, text }) => [reason, text]))).toBeGreaterThan(1);
  expect(atFirst).toEqual([1]);
  // The answer is old by now and the day's money spent: it goes on with none.
  expect(await asked()).toEqual([1]);
  expect((await ticksOf(here.stack, "palm-oil")).map(({ reason }) => reason)).not.toContain(
    "STRATEGY_FAILED",
  );
  expect(here.stack.logged()).toContain("sentiment-too-dear");
});

test("C8: live bots are switched to paper, paused and closed while they run: one from the phone, one from the page, one from the terminal", async () => {
  const surfaces = ["phone", "page", "terminal"];
  const live = { mode: "live", parameters: STAYING };
  await openTrading(
    surfaces.map((id) => aClockBot(id, live)),
    { mode: "live", hasPaperBeside: true },
  );
  await waitForAccount(here.stack, PAPER);
  await toNine();
  await opened(DEMO, 3);
  const call = await page();
  const { phone } = here.stack.simulators.telegram;
  const tap = async (question: string) => {
    const asks = () => phone.messages().some(({ text }) => text.startsWith(question));
    await vi.waitFor(() => expect(asks()).toBe(true), { timeout: 5_000 });
    expect(tapOn("do:")).toBe("tapped");
  };
  const trading = async () => contentOf(tradingSchema, await call("GET", "/api/trading"));

  phone.send("/paper phone");
  await tap("Switch what trades live");
  const requestId = "switch-to-paper";
  const switched = await call("POST", "/api/trading/paper", { body: { scope: "bot:page", requestId } });
  const typed = await terminal("paper", "terminal", "--yes");

  expect([switched.status, typed.code], typed.text).toEqual([200, 0]);
  await vi.waitFor(async () => {
    const bots = (await trading()).bots.map(({ badge, switched: by }) => [badge, by?.who]);
    expect(bots).toEqual([
      ["paper", "telegram"],
      ["paper", "page"],
      ["paper", "terminal"],
    ]);
  });
  await playUntil(here.stack, at("14:05:30"));
  await opened(PAPER, 3);
  // What they have opened live stays, with its stops, and nothing has come to it.
  const { orders, lots } = await booksOf(here.stack, DEMO);
  expect([orders.length, lots.length]).toEqual([3, 3]);

  phone.send("/reduce phone");
  const paused = await call("POST", "/api/trading/reduce", { body: { scope: "bot:page" } });
  const reduced = await terminal("reduce", "terminal");

  expect([paused.status, reduced.code], reduced.text).toEqual([200, 0]);
  await vi.waitFor(async () => {
    const states = await Promise.all(surfaces.map((id) => state(`bot:${id}`)));
    expect(states).toEqual(["reducing", "reducing", "reducing"]);
  });

  phone.send("/close phone");
  await tap("Close every position");
  const closing = await call("POST", "/api/trading/close", { body: { scope: "bot:page" } });
  const closed = await terminal("close", "terminal", "--yes");

  expect([closing.status, closed.code], closed.text).toEqual([202, 0]);
  for (const account of [DEMO, PAPER]) {
    await waitForBooks(here.stack, account, ({ lots: left, trades }) =>
      expect([left.length, trades.length]).toEqual([0, 3]),
    );
  }
});

test("C9: figures have bounds, and the phone is told once when one is left", async () => {
  const kpis = { memoryMb: 50, dayLossPercent: 0 };
  const bounds = { config: { safety: { kpis } }, workerMemoryMb: () => 60 };
  await openTrading([aClockBot("euro", { parameters: STAYING })], bounds);
  await toNine();
  await opened(PAPER);

  await playUntil(here.stack, at("14:20:30"));

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
