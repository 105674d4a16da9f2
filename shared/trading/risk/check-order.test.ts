import { expect, test } from "vitest";
import {
  ACCOUNT,
  aLot,
  anOrder,
  aPeriod,
  aQuestion,
  aReservation,
  BOT_LEDGER,
  d,
  GOLD,
  goldWith,
  LEDGER,
  NOW,
  RECORD,
  RULES,
  someFacts,
  TODAY,
} from "../../../tests/support/risk-facts.ts";
import { accountId } from "../../config/account.ts";
import type { StoredTicket } from "../records.ts";
import { checkOrder, type RiskFacts, type RiskQuestion } from "./check-order.ts";
import { CONTROLS, type ControlCode } from "./controls.ts";
import { emptyAccountRisk, emptyBotRisk } from "./records.ts";

const counts = (over: Partial<RiskFacts["risk"]["counts"]>) => ({
  day: TODAY,
  notional: d(0),
  trades: 0,
  recent: [],
  ...over,
});
const risk = (over: Partial<RiskFacts["risk"]>) => ({ ...emptyAccountRisk(ACCOUNT), ...over });
const botRisk = (over: Partial<RiskFacts["botRisk"]>) => ({ ...emptyBotRisk(ACCOUNT, GOLD.id), ...over });
const denied = (question: RiskQuestion, facts: RiskFacts) => {
  const verdict = checkOrder(question, facts);
  if (verdict.kind === "passed") throw new Error("it passed");
  return verdict;
};
const passed = (question: RiskQuestion, facts: RiskFacts) => {
  const verdict = checkOrder(question, facts);
  if (verdict.kind === "denied") throw new Error(JSON.stringify(verdict.denials));
  return verdict;
};
const codes = (question: RiskQuestion, facts: RiskFacts) => {
  const verdict = checkOrder(question, facts);
  return verdict.kind === "passed" ? [] : verdict.denials.map(({ code }) => code);
};
const ALIKE = "XAUUSD buy 1 market";

test("what passes is reserved at the ask, counted, and remembered", () => {
  const before = someFacts({
    risk: risk({
      reservations: [aReservation({ bot: "other" })],
      counts: counts({ notional: d(5), recent: [NOW.subtract({ seconds: 61 })] }),
    }),
  });

  const verdict = passed(aQuestion({ bot: goldWith({ workingOrders: 9 }) }), before);

  expect(verdict.warnings).toEqual([]);
  expect(verdict.risk).toEqual({
    account: ACCOUNT,
    reservations: [
      aReservation({ bot: "other" }),
      {
        clientOrderId: "n1",
        bot: "gold",
        instrument: "XAUUSD",
        side: "buy",
        quantity: d(1),
        unitValue: d("2000.1"),
        opens: true,
        at: NOW,
      },
    ],
    counts: { day: TODAY, notional: d("2005.1"), trades: 1, recent: [NOW] },
  });
  expect(verdict.botRisk).toEqual({
    account: ACCOUNT,
    bot: "gold",
    counts: { day: TODAY, notional: d("2000.1"), trades: 1, recent: [NOW] },
    last: { likeness: ALIKE, at: NOW },
    repeats: 1,
    alike: ALIKE,
  });
});

test("a new day begins its counts anew, and one from ahead of a clock that was set back goes on", () => {
  const day = (of: string) =>
    passed(aQuestion(), someFacts({ botRisk: botRisk({ counts: counts({ day: of, trades: 7 }) }) }));

  expect(day("2026-03-03").botRisk.counts).toMatchObject({ day: TODAY, trades: 1 });
  expect(day("2026-03-05").botRisk.counts).toMatchObject({ day: "2026-03-05", trades: 8 });
});

test("reservations are dropped once their orders are over, and kept while they may trade", () => {
  const states = [
    "created",
    "sending",
    "unknown",
    "accepted",
    "partially-filled",
    "cancelled",
    "rejected",
    "absent",
    "not-sent",
    "expired",
    "refused",
  ] as const;
  const facts = someFacts({
    risk: risk({ reservations: states.map((state) => aReservation({ clientOrderId: state, bot: "other" })) }),
    reserved: new Map(states.map((state) => [state, anOrder({ state })])),
  });

  const { reservations } = passed(aQuestion(), facts).risk;

  expect(reservations.map(({ clientOrderId }) => clientOrderId)).toEqual([
    "created",
    "sending",
    "unknown",
    "accepted",
    "partially-filled",
    "n1",
  ]);
});

const at = (share: number): Readonly<Partial<Record<ControlCode, Partial<RiskFacts>>>> => {
  const base = someFacts();
  const config = base.config as NonNullable<typeof base.config>;
  const ticket = d("2000.1");
  return {
    POSITION_TOO_LARGE: {
      ledger: {
        ...LEDGER,
        lots: [aLot({ quantity: d(10 * share - 1), bot: undefined, clientOrderId: undefined })],
      },
    },
    GROSS_EXPOSURE: {
      config: { ...config, limits: { ...config.limits, grossExposurePercent: ticket.div(100).div(share) } },
    },
    DAILY_NOTIONAL: { botRisk: botRisk({ counts: counts({ notional: d(100_000 * share).minus(ticket) }) }) },
    TRADES_PER_DAY: { botRisk: botRisk({ counts: counts({ trades: 50 * share - 1 }) }) },
    REPEAT_THROTTLE: { botRisk: botRisk({ counts: counts({}), repeats: 20 * share - 1, alike: ALIKE }) },
    REJECTIONS_IN_A_ROW: { rejectionsInRow: share === 0.5 ? 3 : 4 },
    DAILY_LOSS: { botLedger: { ...BOT_LEDGER, day: aPeriod(TODAY, { realised: d(-300 * share) }) } },
    WEEKLY_LOSS: {
      record: {
        ...RECORD,
        weekEquity: d(10_000),
        dayEquity: d(10_000 - 1_000 * share),
        equity: d(10_000 - 1_000 * share),
      },
    },
    DRAWDOWN: { botRisk: botRisk({ peakProfit: d(1_000 * share) }) },
  };
};
const LIMIT: Partial<StoredTicket> = {
  ...{ type: "limit", limitPrice: d("2000.1") },
  ...{ stopLoss: { price: d("1990.1") }, takeProfit: { price: d("2020.1") } },
};
const secondsAgo = (count: number) =>
  Array.from({ length: count }, (_, index) => NOW.subtract({ seconds: index + 1 }));
const others = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aReservation({ ...{ clientOrderId: `r${index}`, instrument: `I${index}`, unitValue: d("0.01") } }),
  );
const LIVE = accountId(GOLD.connection, "live");
/** An order whose bot has limits of which it takes this share. */
const asking = (share: number): Readonly<Partial<Record<ControlCode, [RiskQuestion, RiskFacts]>>> => {
  const base = someFacts();
  const config = base.config as NonNullable<typeof base.config>;
  const havingLimits = (
    limits: Partial<typeof GOLD.limits>,
    facts: Partial<RiskFacts> = {},
    ticket: Partial<StoredTicket> = {},
  ): [RiskQuestion, RiskFacts] => [aQuestion({ bot: goldWith(limits) }, ticket), someFacts(facts)];
  const most = 10 * share - 1;
  return {
    QUANTITY_INVALID: havingLimits({ orderQuantity: d(1).div(share) }),
    NOTIONAL_TOO_LARGE: havingLimits({ orderNotional: d("2000.1").div(share) }),
    PRICE_OUTSIDE_COLLAR: havingLimits({ collarPercent: d("0.002499").div(share) }, {}, LIMIT),
    QUOTE_STALE: havingLimits(
      {},
      { quote: { bid: d(2_000), ask: d("2000.1"), at: NOW.subtract({ seconds: 60 * share }) } },
    ),
    SPREAD_TOO_WIDE: havingLimits({ spreadPercent: d("0.004999").div(share) }),
    ORDER_RATE: havingLimits(
      { ordersPerMinute: 10 },
      { botRisk: botRisk({ counts: counts({ recent: secondsAgo(most) }) }) },
    ),
    WORKING_ORDERS: havingLimits({ workingOrders: 10, openPositions: 99 }, manyOf(config, others(most))),
    OPEN_POSITIONS: havingLimits({ openPositions: 10, workingOrders: 99 }, manyOf(config, others(most))),
    RISK_PER_TRADE: havingLimits({ riskPerTradePercent: d("0.1").div(share) }),
    SLIPPAGE: [
      aQuestion({ bot: { ...GOLD, mode: "live" }, account: LIVE }),
      someFacts({
        config: { ...config, mode: "live" },
        record: { ...RECORD, account: LIVE, mode: "live", environment: "demo" },
        ledger: { ...LEDGER, account: LIVE },
        botLedger: { ...BOT_LEDGER, account: LIVE },
        risk: emptyAccountRisk(LIVE),
        botRisk: emptyBotRisk(LIVE, GOLD.id),
        slippagePercent: d("0.3").times(share),
      }),
    ],
  };
};
/** An account that may have many orders has these. */
const manyOf = (
  config: NonNullable<RiskFacts["config"]>,
  reservations: ReturnType<typeof others>,
): Partial<RiskFacts> => ({
  config: { ...config, limits: { ...config.limits, workingOrders: 99, openPositions: 99 } },
  risk: risk({ reservations }),
});
const near = (code: ControlCode, share: number): [RiskQuestion, RiskFacts] =>
  asking(share)[code] ?? [aQuestion(), someFacts(at(share)[code])];
const WARNED = Object.entries(CONTROLS)
  .filter(([, { warns }]) => warns)
  .map(([code]) => code as ControlCode);

test.each(
  WARNED.flatMap(
    (code) =>
      [
        [code, 50],
        [code, 80],
      ] as const,
  ),
)("%s warns at %i percent, and not before", (code, reached) => {
  const told = (share: number) => passed(...near(code, share)).warnings.map((one) => [one.code, one.reached]);

  expect(told(reached / 100)).toContainEqual([code, reached]);
  if (code === "REJECTIONS_IN_A_ROW") return;
  expect(told(Math.round(reached - 10) / 100)).not.toContainEqual([code, reached]);
});

test("a warning says whose limit it is, and one of one is none that is neared", () => {
  const base = someFacts();
  const config = base.config as NonNullable<typeof base.config>;
  const facts = someFacts({ config: { ...config, limits: { ...config.limits, ordersPerMinute: 2 } } });
  const question = aQuestion({ bot: goldWith({ ordersPerMinute: 1 }) });

  expect(passed(question, facts).warnings.filter(({ code }) => code === "ORDER_RATE")).toEqual([
    {
      ...{ code: "ORDER_RATE", reached: 50, scope: "account" },
      text: "It is order 1 of the account within a minute; 2 are allowed.",
    },
  ]);
});

test("what fills up by orders warns of the order that crosses the mark, and of none after it", () => {
  const question = aQuestion({ bot: goldWith({ workingOrders: 9 }) });
  const trades = (before: number) =>
    passed(question, someFacts({ botRisk: botRisk({ counts: counts({ trades: before }) }) })).warnings.map(
      ({ reached }) => reached,
    );
  const money = (before: number) =>
    passed(
      question,
      someFacts({ botRisk: botRisk({ counts: counts({ notional: d(before) }) }) }),
    ).warnings.map(({ reached }) => reached);

  expect([23, 24, 25, 38, 39, 40].map(trades)).toEqual([[], [50], [], [], [80], []]);
  expect([47_999, 48_000, 50_000, 77_999, 78_000, 80_000].map(money)).toEqual([[], [50], [], [], [80], []]);
});

test("every control that says no is told, the state of trading first", () => {
  const facts = someFacts({
    tradingState: "halted",
    closedBecause: "The exchange is closed.",
    clockDriftMs: 5_000,
  });

  expect(codes(aQuestion({}, { quantity: d("0.5") }), facts)).toEqual([
    "TRADING_STATE",
    "MARKET_CLOSED",
    "CLOCK_DRIFT",
    "QUANTITY_INVALID",
    "QUANTITY_INVALID",
  ]);
});

type LatchRow = readonly [ControlCode, "account" | "bot", "halted" | "reducing", Partial<RiskFacts>];
const LATCHES: readonly LatchRow[] = [
  [
    "REPEAT_THROTTLE",
    "bot",
    "halted",
    { botRisk: botRisk({ counts: counts({}), repeats: 20, alike: ALIKE }) },
  ],
  ["REJECTIONS_IN_A_ROW", "bot", "halted", { rejectionsInRow: 5 }],
  [
    "DAILY_LOSS",
    "bot",
    "reducing",
    { botLedger: { ...BOT_LEDGER, day: aPeriod(TODAY, { realised: d(-300) }) } },
  ],
  ["DAILY_LOSS", "account", "reducing", { record: { ...RECORD, equity: d(9_500) } }],
  [
    "WEEKLY_LOSS",
    "bot",
    "reducing",
    { botLedger: { ...BOT_LEDGER, week: aPeriod("2026-03-02", { realised: d(-600) }) } },
  ],
  ["WEEKLY_LOSS", "account", "reducing", { record: { ...RECORD, equity: d(9_000), dayEquity: d(9_000) } }],
  ["DRAWDOWN", "bot", "reducing", { botRisk: botRisk({ peakProfit: d(1_000) }) }],
  ["DRAWDOWN", "account", "reducing", { record: { ...RECORD, peakEquity: d(12_000) } }],
];

test.each(LATCHES)("%s latches the %s to %s", (code, scope, state, over) => {
  expect(denied(aQuestion(), someFacts(over)).latch).toMatchObject({ code, scope, state });
});

test("the controls that latch are those that the table names, to the states that it names", () => {
  const named = Object.entries(CONTROLS).flatMap(([code, { latches }]) =>
    latches === "none" ? [] : [`${code} ${latches}`],
  );

  expect(new Set(LATCHES.map(([code, , state]) => `${code} ${state}`))).toEqual(new Set(named));
});

test("an open loss that may be yesterday's refuses an order at midnight, and latches nothing", () => {
  const verdict = denied(
    aQuestion(),
    someFacts({
      ledger: { ...LEDGER, lots: [aLot({ instrument: "XAUUSD", side: "buy", price: d(2_150) })] },
      botLedger: { ...BOT_LEDGER, day: aPeriod("2026-03-03") },
    }),
  );

  expect(verdict.denials.map(({ code }) => code)).toContain("DAILY_LOSS");
  expect(verdict.latch).toBeUndefined();
});

test("a loss of a day that could not be measured yet refuses an order, and latches nothing", () => {
  const lost = aPeriod(TODAY, { realised: d(-900) });
  const of = (day: typeof lost) => denied(aQuestion(), someFacts({ botLedger: { ...BOT_LEDGER, day } }));

  expect(of({ ...lost, isUnpriced: true })).toMatchObject({ denials: [{ code: "DAILY_LOSS" }] });
  expect(of({ ...lost, isUnpriced: true }).latch).toBeUndefined();
  expect(of(lost).latch).toMatchObject({ code: "DAILY_LOSS" });
});

test("of two latches the account's is told, and none that is no stricter than what holds already", () => {
  const both = someFacts({ rejectionsInRow: 5, record: { ...RECORD, equity: d(9_500) } });
  const latchIn = (tradingState: RiskFacts["tradingState"]) =>
    denied(aQuestion(), { ...both, tradingState }).latch;

  expect(latchIn("active")).toMatchObject({ scope: "account", state: "reducing" });
  expect(latchIn("reducing")).toMatchObject({ scope: "bot", state: "halted" });
  expect(latchIn("halted")).toBeUndefined();
});

test("repeats are counted whatever is said to them, until they halt the bot; then they begin anew", () => {
  const run = (repeats: number, over: Partial<RiskFacts>) =>
    denied(
      aQuestion(),
      someFacts({ botRisk: botRisk({ counts: counts({}), repeats, alike: ALIKE }), ...over }),
    ).botRisk.repeats;

  expect(run(4, { closedBecause: "It is closed." })).toBe(5);
  expect(run(20, {})).toBe(0);
  expect(run(4, { tradingState: "halted" })).toBe(4);
  expect(run(4, { tradingState: "reducing" })).toBe(4);
});

test("a refused order is none that a duplicate is measured by", () => {
  const last = { likeness: ALIKE, at: NOW.subtract({ seconds: 20 }) };

  expect(denied(aQuestion(), someFacts({ botRisk: botRisk({ last }) })).botRisk.last).toEqual(last);
});

test("the highest profit is remembered from an order that passes and from one that does not, and never falls", () => {
  const facts = someFacts({
    botLedger: { ...BOT_LEDGER, total: aPeriod("2026-03-02", { realised: d(60), fees: d(-2) }) },
    ledger: { ...LEDGER, lots: [aLot({ side: "sell", price: d("2010.1") })] },
  });
  const question = aQuestion({ bot: goldWith({ openPositions: 2 }) });

  // 58 were realised, and two units sold 10 above the ask bring 20.
  expect(passed(question, facts).botRisk.peakProfit).toEqual(d(78));
  expect(denied(question, { ...facts, rejectionsInRow: 9 }).botRisk.peakProfit).toEqual(d(78));
  expect(passed(question, { ...facts, botRisk: botRisk({ peakProfit: d(79) }) }).botRisk.peakProfit).toEqual(
    d(79),
  );
});

test.each([
  ["what its owner holds by hand", undefined, "in which you have by hand a position"],
  ["what a bot holds", "other", "in which a bot has a position"],
])(
  "without a price of %s nothing opens, and the refusal says whose it is and what to do",
  (_what, bot, text) => {
    const facts = someFacts({ ledger: { ...LEDGER, lots: [aLot({ instrument: "DAX", bot })] } });

    const [first] = denied(aQuestion(), facts).denials;

    expect(first).toMatchObject({ code: "LIMIT_MISSING", text: expect.stringContaining(text) });
    expect(first.text).toContain("no price of DAX");
    expect(first.text).toContain("close it at the broker");
  },
);

test("a profit with an unpriced position in it is not remembered", () => {
  const facts = someFacts({
    botLedger: { ...BOT_LEDGER, total: aPeriod("2026-03-02", { realised: d(60) }) },
    ledger: { ...LEDGER, lots: [aLot({ instrument: "EURUSD" })] },
  });

  expect(
    denied(aQuestion({ bot: goldWith({ openPositions: 2 }) }), facts).botRisk.peakProfit,
  ).toBeUndefined();
});

test("an account's record of another day or week is where this one begins", () => {
  const record = { ...RECORD, equity: d(9_000), peakEquity: d(9_000) };

  expect(
    codes(aQuestion(), someFacts({ record: { ...record, day: "2026-03-03", week: "2026-02-23" } })),
  ).toEqual([]);
  expect(codes(aQuestion(), someFacts({ record: { ...record, day: "2026-03-03" } }))).toEqual([
    "WEEKLY_LOSS",
  ]);
  expect(codes(aQuestion(), someFacts({ record: { ...record, week: "2026-02-23" } }))).toEqual([
    "DAILY_LOSS",
  ]);
});

test.each([
  ["a market order to buy", {}, "2000.1"],
  // It becomes a position that is worth the ask.
  ["a market order to sell", { side: "sell" }, "2000.1"],
  ["a limit to buy below the market", { type: "limit", limitPrice: d(1_995) }, "1995"],
  ["a limit to sell above the market", { type: "limit", side: "sell", limitPrice: d(2_005) }, "2005"],
  ["a limit to sell below the market", { type: "limit", side: "sell", limitPrice: d(1_995) }, "2000.1"],
  ["a stop to buy above the market", { type: "stop", stopPrice: d(2_005) }, "2005"],
  ["a stop to buy that the market has passed", { type: "stop", stopPrice: d(1_995) }, "2000.1"],
] satisfies readonly (readonly [string, Partial<StoredTicket>, string])[])(
  "%s is weighed by %s",
  (_of, ticket, value) => {
    const bot = goldWith({ orderTypes: ["market", "limit", "stop"] });

    const { risk: after } = passed(aQuestion({ bot }, ticket), someFacts());

    expect(after.reservations.at(-1)?.unitValue.toFixed()).toBe(value);
  },
);

test("the risk of a stop order is measured from the worse of its price and the market", () => {
  const bot = goldWith({ orderTypes: ["stop"], riskPerTradePercent: d("0.1"), rewardToRisk: 0 });
  const stop = (side: "buy" | "sell", stopPrice: number, stopLoss: string) =>
    codes(
      aQuestion({ bot }, { type: "stop", side, stopPrice: d(stopPrice), stopLoss: { price: d(stopLoss) } }),
      someFacts(),
    );

  expect(stop("buy", 1_999, "1990.1")).toEqual([]);
  expect(stop("buy", 1_999, "1990")).toEqual(["RISK_PER_TRADE"]);
  expect(stop("sell", 2_005, "2010")).toEqual([]);
  expect(stop("sell", 2_005, "2010.01")).toEqual(["RISK_PER_TRADE"]);
});

const CLOSE = {
  side: "sell",
  quantity: d(2),
  closes: "p1",
  stopLoss: undefined,
  takeProfit: undefined,
} as unknown as Partial<StoredTicket>;
const holding = (over: Partial<RiskFacts> = {}) =>
  someFacts({ ledger: { ...LEDGER, lots: [aLot()] }, ...over });
const closing = (over: Partial<Parameters<typeof aReservation>[0]> = {}) =>
  aReservation({ side: "sell", opens: false, quantity: d(1), ...over });

test("a close passes and is kept for its count, adds to no limit, and ends a run of orders alike", () => {
  const before = { counts: counts({ notional: d(5), trades: 3, recent: [NOW] }), repeats: 9, alike: ALIKE };

  const verdict = passed(aQuestion({}, CLOSE), holding({ botRisk: botRisk(before) }));

  expect(verdict.risk.reservations).toMatchObject([{ clientOrderId: "n1", opens: false }]);
  expect(verdict.risk.counts).toMatchObject({ trades: 0, recent: [] });
  expect(verdict.botRisk).toMatchObject({ counts: before.counts, repeats: 0 });
});

test("trading that reduces lets a close go; trading that is halted lets no order of a bot go", () => {
  expect(codes(aQuestion({}, CLOSE), holding({ tradingState: "reducing" }))).toEqual([]);
  expect(codes(aQuestion({}, CLOSE), holding({ tradingState: "halted" }))).toEqual(["TRADING_STATE"]);
});

test.each<[string, Partial<StoredTicket>, Partial<RiskFacts>]>([
  ["is larger than its position", { quantity: d(3) }, {}],
  ["is nothing", { quantity: d(0) }, {}],
  ["is on the position's own side", { side: "buy" }, {}],
  ["is of another instrument", { instrument: "EURUSD" }, { rules: undefined }],
  ["closes what is not there", { closes: "p2" }, {}],
  ["closes another bot's position", {}, { ledger: { ...LEDGER, lots: [aLot({ bot: "other" })] } }],
  ["closes what was opened by hand", {}, { ledger: { ...LEDGER, lots: [aLot({ bot: undefined })] } }],
  ["closes a position of an unknown ledger", {}, { ledger: undefined }],
  ["is a part that is off the step", { quantity: d("0.5") }, {}],
  ["is more than others leave to close", {}, { risk: risk({ reservations: [closing()] }) }],
  [
    "is more than others leave to close, whose order is read",
    {},
    {
      risk: risk({ reservations: [closing()] }),
      reserved: new Map([["r1", anOrder({ ticket: { ...aQuestion({}, CLOSE).ticket, quantity: d(1) } })]]),
    },
  ],
])("a close is refused that %s", (_that, ticket, over) => {
  expect(codes(aQuestion({}, { ...CLOSE, ...ticket }), holding(over))).toEqual(["QUANTITY_INVALID"]);
});

test.each<[string, Partial<StoredTicket>, Partial<RiskFacts>, Partial<RiskQuestion>]>([
  [
    "all of it, whatever the step",
    { quantity: d("2.5") },
    { ledger: { ...LEDGER, lots: [aLot({ quantity: d("2.5") })] } },
    {},
  ],
  ["what others leave", { quantity: d(1) }, { risk: risk({ reservations: [closing()] }) }, {}],
  [
    "it while another position is closed",
    {},
    {
      risk: risk({ reservations: [closing()] }),
      reserved: new Map([["r1", anOrder({ ticket: { ...aQuestion({}, CLOSE).ticket, closes: "p9" } })]]),
    },
    {},
  ],
  [
    "it once another close is over",
    {},
    {
      risk: risk({ reservations: [closing()] }),
      reserved: new Map([["r1", anOrder({ state: "rejected" })]]),
    },
    {},
  ],
  [
    "it while another bot closes its own share of the position",
    {},
    {
      ledger: { ...LEDGER, lots: [aLot(), aLot({ bot: "other" })] },
      risk: risk({ reservations: [closing({ bot: "other", quantity: d(2) })] }),
      reserved: new Map([["r1", anOrder({ ticket: aQuestion({}, CLOSE).ticket, bot: "other" })]]),
    },
    {},
  ],
  [
    "it in place of another close",
    {},
    { risk: risk({ reservations: [closing({ quantity: d(2) })] }) },
    { amends: "r1" },
  ],
])("a close may take %s", (_what, ticket, over, question) => {
  expect(codes(aQuestion(question, { ...CLOSE, ...ticket }), holding(over))).toEqual([]);
});

test("a close at a price that the broker would not take is refused", () => {
  const at = (limitPrice: string) =>
    codes(aQuestion({}, { ...CLOSE, type: "limit", limitPrice: d(limitPrice) }), holding());

  expect(at("2000.01")).toEqual([]);
  expect(at("2000.001")).toEqual(["PRICE_OFF_STEP"]);
});

test("a close on the wrong account is refused", () => {
  expect(codes(aQuestion({}, CLOSE), holding({ record: { ...RECORD, environment: "live" } }))).toEqual([
    "ENVIRONMENT_MISMATCH",
  ]);
});

const old = aReservation({ quantity: d(10), unitValue: d(2_000) });
const amending = (over: Partial<RiskFacts> = {}) =>
  someFacts({ risk: risk({ reservations: [old] }), reserved: new Map([["r1", anOrder()]]), ...over });
const amend = (over: Partial<RiskQuestion> = {}) => aQuestion({ amends: "r1", ...over }, { quantity: d(10) });

test("an order that replaces another is weighed without it, and both are kept until the old one is over", () => {
  const last = { likeness: "XAUUSD buy 10 market", at: NOW };

  const verdict = passed(amend(), amending({ botRisk: botRisk({ last }) }));

  expect(verdict.risk.reservations).toMatchObject([
    { clientOrderId: "r1", replacedBy: "n1" },
    { clientOrderId: "n1" },
  ]);
});

test("a day's money grows by what the new order is worth more, and its trades not at all", () => {
  const before = risk({ reservations: [old], counts: counts({ notional: d(20_000), trades: 1 }) });

  expect(passed(amend(), amending({ risk: before })).risk.counts).toMatchObject({
    notional: d(20_001),
    trades: 1,
  });
  const smaller = aQuestion({ amends: "r1" }, { quantity: d(4) });
  expect(passed(smaller, amending({ risk: before })).risk.counts).toMatchObject({
    notional: d(20_000),
    trades: 1,
  });
});

test("an order of another day was not counted in this one, so its replacement is", () => {
  const before = risk({ reservations: [{ ...old, at: NOW.subtract({ hours: 24 }) }], counts: counts({}) });

  expect(passed(amend(), amending({ risk: before })).risk.counts).toMatchObject({
    notional: d(20_001),
    trades: 1,
  });
});

test("an order is replaced only once, unless what was to replace it is over", () => {
  const both = risk({ reservations: [{ ...old, replacedBy: "r2" }, aReservation({ clientOrderId: "r2" })] });
  const replaced = (state: "accepted" | "rejected") =>
    amending({
      risk: both,
      reserved: new Map([
        ["r1", anOrder()],
        ["r2", anOrder({ clientOrderId: "r2", state })],
      ]),
    });

  const wide = {
    bot: goldWith({ positionQuantity: d(12), openPositions: 9, workingOrders: 9, addsToPosition: true }),
  };

  expect(codes(amend(wide), replaced("accepted"))).toEqual(["POSITION_TOO_LARGE", "GROSS_EXPOSURE"]);
  expect(codes(amend(wide), replaced("rejected"))).toEqual([]);
});

test.each<[string, Partial<Parameters<typeof aReservation>[0]>]>([
  ["another bot's", { bot: "other" }],
  ["on the other side", { side: "sell" }],
  ["of another instrument", { instrument: "EURUSD" }],
  ["one that closes", { opens: false }],
])("what an order says it replaces is counted where it is %s", (_what, over) => {
  const facts = amending({ risk: risk({ reservations: [{ ...old, ...over }] }) });
  const bot = goldWith({ workingOrders: 1 }, { id: "gold" });
  const config = facts.config as NonNullable<typeof facts.config>;

  expect(
    codes(amend({ bot }), {
      ...facts,
      config: { ...config, limits: { ...config.limits, workingOrders: 1 } },
    }),
  ).toContain("WORKING_ORDERS");
});

test("an instrument in large steps is checked by division, one in decimals by its decimals", () => {
  const quantity = (units: string, step: string) =>
    codes(
      aQuestion({}, { quantity: d(units) }),
      someFacts({ rules: { ...RULES, quantityStep: d(step), minimumQuantity: d("0.001") } }),
    );

  expect([quantity("6", "3"), quantity("1.5", "0.25"), quantity("1.25", "0.01"), quantity("2", "1")]).toEqual(
    [[], [], [], []],
  );
  for (const [units, step] of [
    ["4", "3"],
    ["1.4", "0.25"],
    ["1.255", "0.01"],
    ["1.5", "1"],
    ["1", "0"],
  ] as const) {
    expect(quantity(units, step)).toEqual(["QUANTITY_INVALID"]);
  }
});

test("a level on the wrong side of the price is none, however far away it is", () => {
  const { minimumLevelDistance: _none, ...rules } = RULES;
  const bot = goldWith({ stopRequired: false, riskPerTradePercent: d(50) });
  const levels = (stopLoss: number, takeProfit: number) =>
    codes(
      aQuestion({ bot }, { stopLoss: { price: d(stopLoss) }, takeProfit: { price: d(takeProfit) } }),
      someFacts({ rules }),
    );

  expect(levels(1_990, 2_020)).toEqual([]);
  expect(levels(2_010, 2_020)).toEqual(["STOP_MISSING", "REWARD_TO_RISK"]);
  expect(levels(1_990, 1_980)).toEqual(["REWARD_TO_RISK"]);
});
