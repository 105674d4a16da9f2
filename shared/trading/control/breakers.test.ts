import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ACCOUNT,
  aPeriod,
  BOT_LEDGER,
  d,
  GOLD,
  LEDGER,
  MONDAY,
  NOW,
  RECORD,
  TODAY,
} from "../../../tests/support/risk-facts.ts";
import {
  createNotedBus,
  openTokenHouse,
  silentLog,
  type TokenHouse,
} from "../../../tests/support/token-house.ts";
import { configSchema } from "../../config/config.ts";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import { checkDocumentId } from "../../platform/store.ts";
import { botModes } from "../bot-modes.ts";
import { botLedgerId, botLedgers } from "../ledger/records.ts";
import type { Valuation } from "../ledger/value-account.ts";
import { type OrderRecord, orderId, orders, tradingStates } from "../records.ts";
import { botRiskId, botRisks, emptyBotRisk } from "../risk/records.ts";
import { tradedAccount } from "../traded-account.ts";
import { type BotStanding, type BreakerFacts, judge } from "./breakers.ts";
import type { Notice } from "./notices.ts";
import { riskEvents } from "./records.ts";
import { createBreakers } from "./trip-breakers.ts";

const CONFIG = configSchema.parse({});
const [OWN] = CONFIG.accounts;
if (OWN === undefined) throw new Error("the defaults have accounts");

const aBot = (over: Partial<BotStanding> = {}): BotStanding => ({
  bot: GOLD,
  ledger: BOT_LEDGER,
  risk: emptyBotRisk(ACCOUNT, GOLD.id),
  unrealised: d(0),
  rejectionsInRow: 0,
  ...over,
});
const facts = (over: Partial<BreakerFacts> = {}): BreakerFacts => ({
  ...{ now: NOW, record: RECORD, config: OWN, bots: [aBot()] },
  ...over,
});
const record = (over: Partial<BreakerFacts["record"]>) => facts({ record: { ...RECORD, ...over } });

const aRejection = (clientOrderId: string): OrderRecord => ({
  ...{
    connection: RECORD.account,
    clientOrderId,
    source: GOLD.id,
    bot: GOLD.id,
    state: "rejected",
    isDue: false,
  },
  ticket: { instrument: "XAUUSD", side: "buy", type: "market", quantity: d(1), timeInForce: "ioc" },
  ...{ createdAt: NOW, sendBy: NOW, changedAt: NOW, filledQuantity: d(0) },
});

test("nothing lost, nothing found", () => {
  expect(judge(facts())).toEqual({ trips: [], warnings: [] });
});

// The account may lose 5 % a day and 10 % a week, and 15 % from its peak; the bot 3, 6 and 10 %.
test.each([
  ["DAILY_LOSS", record({ equity: d(9_500) }), record({ equity: d("9500.01") })],
  [
    "WEEKLY_LOSS",
    record({ equity: d(9_000), dayEquity: d(9_000) }),
    record({ equity: d("9000.01"), dayEquity: d(9_000) }),
  ],
  [
    "DRAWDOWN",
    record({ peakEquity: d(20_000), equity: d(17_000), dayEquity: d(17_000), weekEquity: d(17_000) }),
    record({ peakEquity: d(20_000), equity: d("17000.01"), dayEquity: d(17_000), weekEquity: d(17_000) }),
  ],
  [
    "DAILY_LOSS",
    facts({ bots: [aBot({ unrealised: d(-300) })] }),
    facts({ bots: [aBot({ unrealised: d("-299.99") })] }),
  ],
  [
    "WEEKLY_LOSS",
    facts({ bots: [aBot({ ledger: { ...BOT_LEDGER, week: aPeriod(MONDAY, { realised: d(-600) }) } })] }),
    facts({
      bots: [aBot({ ledger: { ...BOT_LEDGER, week: aPeriod("2026-02-23", { realised: d(-600) }) } })],
    }),
  ],
  [
    "DRAWDOWN",
    facts({ bots: [aBot({ risk: { ...emptyBotRisk(ACCOUNT, GOLD.id), peakProfit: d(1_000) } })] }),
    facts({ bots: [aBot({ risk: { ...emptyBotRisk(ACCOUNT, GOLD.id), peakProfit: d("999.99") } })] }),
  ],
  [
    "REJECTIONS_IN_A_ROW",
    facts({ bots: [aBot({ rejectionsInRow: 5 })] }),
    facts({ bots: [aBot({ rejectionsInRow: 4 })] }),
  ],
])("%s trips at its limit, and not a cent before", (code, at, before) => {
  expect(judge(at).trips.map((one) => one.code)).toEqual([code]);
  expect(judge(before).trips).toEqual([]);
});

test("what was lost before the books have begun the day trips nothing, and a clock set back hides nothing", () => {
  const since = (day: string) =>
    facts({ bots: [aBot({ unrealised: d(-400), ledger: { ...BOT_LEDGER, day: aPeriod(day) } })] });

  expect(judge(since("2026-03-03")).trips).toEqual([]);
  expect(judge(since(TODAY)).trips.map((one) => one.code)).toEqual(["DAILY_LOSS"]);
  expect(judge(since("2026-03-30")).trips.map((one) => one.code)).toEqual(["DAILY_LOSS"]);
});

test("a loss that is no number has reached its limit", () => {
  expect(judge(record({ equity: d(Number.NaN) })).trips.map((one) => one.code)).toContain("DAILY_LOSS");
});

test.each([
  [9_751, []],
  [9_750, [50]],
  [9_601, [50]],
  [9_600, [80]],
])("at an equity of %d the day's limit of 500 is warned of by %j", (equity, reached) => {
  expect(
    judge(record({ equity: d(equity) }))
      .warnings.filter((one) => one.code === "DAILY_LOSS")
      .map((one) => one.reached),
  ).toEqual(reached);
});

test("a bot with a lot that cannot be valued is not judged by what is unknown", () => {
  expect(judge(facts({ bots: [aBot({ unrealised: undefined })] }))).toEqual({ trips: [], warnings: [] });
});

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse(NOW);
});
afterEach(() => house.close());

function breakers(config = CONFIG) {
  const [connection] = CONFIG.connections.filter((one) => one.id === GOLD.connection);
  if (connection === undefined) throw new Error("the bot's connection is configured");
  const announced: { id: string; notice: Notice }[] = [];
  const bus = createNotedBus();
  const timers = createVirtualTimers();
  const look = createBreakers({
    ...{ store: house.store, clock: house.clock, bus, timers, log: silentLog },
    account: tradedAccount(connection, "paper"),
    config,
    async announce(id, notice) {
      checkDocumentId(id);
      announced.push({ id, notice });
    },
    audit: async (fact) => void house.audited.push(fact),
  });
  const valuation: Valuation = { unrealised: d(0), byBot: new Map(), unvalued: [] };
  return {
    announced,
    bus,
    async see(equity: number, byBot = new Map()) {
      await timers.advance(1_000);
      await look({
        record: { ...RECORD, equity: d(equity) },
        ledger: LEDGER,
        valuation: { ...valuation, byBot },
      });
    },
  };
}

test("a loss lets the account only close, writes an event, wakes the workers and tells the owner, once", async () => {
  const { see, announced, bus } = breakers();

  await see(9_400);
  await see(9_300);

  expect(await house.store.get(tradingStates, ACCOUNT)).toMatchObject({
    state: "reducing",
    who: { kind: "system" },
    why: expect.stringContaining("DAILY_LOSS: The account's loss of the day is 600.00 USD"),
  });
  expect((await house.store.query(riskEvents)).filter(({ value }) => value.kind === "tripped")).toHaveLength(
    1,
  );
  expect(bus.published).toEqual([{ scope: ACCOUNT }]);
  expect(house.audited).toEqual([
    { actor: "system", action: "reduced", subject: ACCOUNT, outcome: "DAILY_LOSS" },
  ]);
  const halts = announced.filter(({ id }) => id.startsWith("halt:"));
  expect(halts).toHaveLength(1);
  expect(halts[0]?.notice.title).toContain(`Only closing by itself: the account ${ACCOUNT}`);
});

test("a trip of a bot stops that bot alone", async () => {
  const { see } = breakers();
  await house.store.transact(async (transaction) =>
    transaction.set(botLedgers, botLedgerId(ACCOUNT, GOLD.id), {
      ...BOT_LEDGER,
      day: aPeriod(TODAY, { realised: d(-100) }),
    }),
  );

  await see(10_000, new Map([[GOLD.id, d(-200)]]));

  expect((await house.store.query(tradingStates)).map(({ id }) => id)).toEqual([`bot:${GOLD.id}`]);
});

test("a live bot is judged on paper once it was switched there, and not before", async () => {
  const bots = CONFIG.bots.map((bot) => (bot.id === GOLD.id ? { ...bot, mode: "live" as const } : bot));
  const { see } = breakers({ ...CONFIG, bots });
  const day = aPeriod(TODAY, { realised: d(-400) });
  await house.store.transact(async (transaction) =>
    transaction.set(botLedgers, botLedgerId(ACCOUNT, GOLD.id), { ...BOT_LEDGER, day }),
  );
  const states = async () => (await house.store.query(tradingStates)).map(({ id }) => id);

  await see(10_000);
  const before = await states();
  await house.store.transact(async (transaction) =>
    transaction.set(botModes, GOLD.id, {
      ...{ mode: "paper", who: { kind: "page" }, why: "test", at: house.clock.now() },
    }),
  );
  await see(10_000);

  expect([before, await states()]).toEqual([[], [`bot:${GOLD.id}`]]);
});

test("refusals in a row halt, also where a loss lets only close already", async () => {
  const { see } = breakers();
  const latest = ["a", "b", "c", "d", "e"];
  await house.store.transact(async (transaction) => {
    transaction.set(botRisks, botRiskId(ACCOUNT, GOLD.id), { ...emptyBotRisk(ACCOUNT, GOLD.id), latest });
    transaction.set(botLedgers, botLedgerId(ACCOUNT, GOLD.id), {
      ...BOT_LEDGER,
      day: aPeriod(TODAY, { realised: d(-300) }),
    });
    for (const clientOrderId of latest) {
      transaction.set(orders, orderId(ACCOUNT, clientOrderId), aRejection(clientOrderId));
    }
  });

  await see(10_000);

  expect(await house.store.get(tradingStates, `bot:${GOLD.id}`)).toMatchObject({
    state: "halted",
    why: expect.stringMatching(/^REJECTIONS_IN_A_ROW: /),
  });
});

test("what a person has halted stays theirs", async () => {
  const { see, announced } = breakers();
  const mine = { state: "halted" as const, who: { kind: "telegram" as const }, why: "mine", at: NOW };
  await house.store.transact(async (transaction) => transaction.set(tradingStates, ACCOUNT, mine));

  await see(9_000);

  expect(await house.store.get(tradingStates, ACCOUNT)).toMatchObject({ why: "mine" });
  expect(announced.filter(({ id }) => id.startsWith("halt:"))).toEqual([]);
});

test("a latch that a tick has closed is told to the owner too, and a restart tells nothing of another id", async () => {
  const latch = {
    state: "halted" as const,
    who: { kind: "system" as const },
    why: "REPEAT_THROTTLE: again",
    at: NOW,
  };
  await house.store.transact(async (transaction) => transaction.set(tradingStates, `bot:${GOLD.id}`, latch));
  const first = breakers();
  const second = breakers();

  await first.see(10_000);
  await second.see(10_000);

  expect(first.announced.map(({ id }) => id)).toEqual(second.announced.map(({ id }) => id));
  expect(first.announced[0]?.notice.lines.join()).toContain("RESUME GOLD");
});

test("a half and four fifths are told once a day each", async () => {
  const { see, announced } = breakers();

  for (const equity of [9_700, 9_690, 9_590, 9_710]) await see(equity);

  expect(announced.map(({ id }) => id.replace(/^.*:(DAILY_LOSS)/, "$1"))).toEqual([
    "DAILY_LOSS:50",
    "DAILY_LOSS:80",
  ]);
});

test("what one look finds comes in one message, by whichever process, and a mark of a later look in its own", async () => {
  const first = breakers();
  const second = breakers();
  await house.store.transact(async (transaction) =>
    transaction.set(botLedgers, botLedgerId(ACCOUNT, GOLD.id), {
      ...BOT_LEDGER,
      day: aPeriod(TODAY, { realised: d(-160) }),
    }),
  );

  await first.see(9_700);
  await second.see(9_590);

  expect(first.announced).toHaveLength(1);
  expect(first.announced[0]?.notice.title).toBe("2 limits fill up, to 50 %");
  expect(first.announced[0]?.notice.lines).toEqual([
    expect.stringContaining(`50 % used, the account ${ACCOUNT}: The account's loss of the day is 300.00 USD`),
    expect.stringContaining(`50 % used, the bot ${GOLD.id}: `),
  ]);
  // What the first has told is the same message again, which goes out once; the new mark is told by itself.
  expect(second.announced).toHaveLength(2);
  const [fresh] = second.announced.filter(({ id }) => id !== first.announced[0]?.id);
  expect(fresh?.notice.title).toBe(`80 % of a limit used: the account ${ACCOUNT}`);
});
