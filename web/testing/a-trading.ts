import type { ApiKillReceipt } from "../../shared/console/control-api.ts";
import type { ApiAccount, ApiBot, ApiEquity, ApiTrading, ApiWhy } from "../../shared/console/trading-api.ts";
import { NOW } from "./a-status.ts";

const DATE = "2026-03-23";

/** A bot on paper that waits for a signal. */
export function aBot(over: Partial<ApiBot> = {}): ApiBot {
  return {
    id: "palm-oil",
    strategy: "rsi-sentiment",
    instruments: ["PALMOIL"],
    account: "paper-ctrader-demo",
    badge: "paper",
    currency: "USD",
    session: { isOpen: true },
    state: "active",
    lastTick: {
      instant: "2026-03-23T12:30:00.000Z",
      reason: "NO_SIGNAL",
      summary: "The strategy looked and wants nothing.",
      next: "Nothing. The tick's text says what was missing.",
      text: "The RSI stands at 48.2, between 30 and 70.",
      orders: 0,
    },
    nextTick: "2026-03-23T12:35:00.000Z",
    day: { date: DATE, net: "-84.1", lossLimit: "300", lossLimitPercent: "3", usedPercent: 28 },
    positions: { count: 1, limit: 1 },
    workingOrders: { count: 0, limit: 2 },
    tradesToday: { count: 4, limit: 50 },
    ...over,
  };
}

/** A paper account whose books agree. */
export function anAccount(over: Partial<ApiAccount> = {}): ApiAccount {
  return {
    id: "paper-ctrader-demo",
    label: "cTrader demo",
    badge: "paper",
    state: "active",
    money: {
      currency: "USD",
      equity: "10042.17",
      balance: "10012.4",
      unrealised: "29.77",
      at: "2026-03-23T12:30:48.000Z",
      isCurrent: true,
    },
    books: "agree",
    day: { date: DATE, net: "42.17", lossLimit: "500", lossLimitPercent: "5", usedPercent: 0 },
    positions: { count: 2, limit: 6 },
    workingOrders: { count: 1, limit: 12 },
    ...over,
  };
}

const ETRADE = "paper-etrade-production";

const someBots = (): ApiBot[] => [
  aBot(),
  aBot({
    id: "opening-momentum",
    strategy: "premarket-momentum",
    instruments: ["AAPL", "AMZN", "MSFT", "NVDA", "TSLA"],
    account: ETRADE,
    session: { isOpen: false, text: "The session begins at Mon 2026-03-23 09:30 ET." },
    lastTick: {
      instant: "2026-03-20T19:59:00.000Z",
      reason: "NO_WATCHLIST",
      text: "There is no list of today's pre-market scan.",
      orders: 0,
    },
    nextTick: "2026-03-23T13:30:00.000Z",
    day: { date: DATE, net: "0", lossLimit: "300", lossLimitPercent: "3", usedPercent: 0 },
    positions: { count: 0, limit: 3 },
    tradesToday: { count: 0, limit: 50 },
  }),
  aBot({
    id: "gold",
    strategy: "trend-breakout",
    instruments: ["XAUUSD"],
    day: { date: DATE, net: "126.27", lossLimit: "300", lossLimitPercent: "3", usedPercent: 0 },
    lastTick: {
      instant: "2026-03-23T12:30:00.000Z",
      reason: "POSITION_HELD",
      text: "It would buy again above 2,034.55, and has a position in XAUUSD already, which it keeps until its stop or its target is met.",
      orders: 0,
    },
  }),
];

const someAccounts = (): ApiAccount[] => [
  anAccount({ id: "etrade-production", label: "E*TRADE production", badge: "live" }),
  anAccount({ id: "ctrader-demo", badge: "demo" }),
  anAccount(),
  anAccount({
    id: "paper-etrade-production",
    label: "E*TRADE production",
    money: {
      currency: "USD",
      equity: "10000",
      balance: "10000",
      unrealised: "0",
      at: "2026-03-23T12:30:51.000Z",
      isCurrent: true,
    },
    day: { date: DATE, net: "0", lossLimit: "500", lossLimitPercent: "5", usedPercent: 0 },
    positions: { count: 0, limit: 6 },
    workingOrders: { count: 0, limit: 12 },
  }),
];

const somePositions = (): ApiTrading["positions"] => [
  {
    account: "paper-ctrader-demo",
    positionId: "p1",
    bot: "gold",
    instrument: "XAUUSD",
    side: "buy",
    quantity: "4",
    price: "2031.1",
    mark: { price: "2034.55", at: "2026-03-23T12:30:50.000Z" },
    unrealised: "13.8",
    stop: { price: "2019.4", where: "broker" },
    takeProfit: "2051.9",
    openedAt: "2026-03-23T11:45:02.000Z",
    isAtBroker: true,
  },
  {
    account: "paper-ctrader-demo",
    positionId: "p2",
    bot: "old-palm",
    isBotFormer: true,
    instrument: "PALMOIL",
    side: "sell",
    quantity: "12.5",
    price: "971.2",
    mark: { price: "969.92", at: "2026-03-23T12:30:50.000Z" },
    unrealised: "15.97",
    openedAt: "2026-03-23T12:05:01.000Z",
    isAtBroker: true,
  },
];

const someOrders = (): ApiTrading["orders"] => ({
  working: [
    {
      account: "paper-ctrader-demo",
      clientOrderId: "og1",
      bot: "palm-oil",
      instrument: "PALMOIL",
      side: "buy",
      type: "limit",
      quantity: "12.5",
      filledQuantity: "0",
      price: "964.5",
      state: "accepted",
      why: "Cover the short at the middle of the range.",
      closes: true,
      at: "2026-03-23T12:25:03.000Z",
    },
  ],
  isCut: false,
  last: [
    {
      account: "paper-ctrader-demo",
      clientOrderId: "og0",
      bot: "gold",
      instrument: "XAUUSD",
      side: "buy",
      type: "market",
      quantity: "4",
      filledQuantity: "4",
      filledPrice: "2031.5",
      state: "filled",
      why: "The price broke out of the last 20 bars.",
      closes: false,
      at: "2026-03-23T11:45:02.000Z",
    },
    {
      account: "paper-ctrader-demo",
      clientOrderId: "og00",
      bot: "gold",
      instrument: "XAUUSD",
      side: "buy",
      type: "market",
      quantity: "4",
      filledQuantity: "0",
      state: "rejected",
      refusal: { code: "SIMULATED_REJECTION", text: "The broker did not take it." },
      closes: false,
      at: "2026-03-23T11:30:02.000Z",
    },
  ],
});

const someTrades = (): ApiTrading["trades"] => ({
  date: DATE,
  closed: [
    {
      ...{ id: "paper-ctrader-demo:f9", account: "paper-ctrader-demo", bot: "gold", instrument: "XAUUSD" },
      ...{ side: "buy", quantity: "4", entryPrice: "2019.2", exitPrice: "2051.9", net: "130.07" },
      ...{ currency: "USD", openedAt: "2026-03-23T08:05:01.000Z", closedAt: "2026-03-23T11:40:02.000Z" },
      closedBy: "target",
    },
    {
      ...{ id: "paper-ctrader-demo:f7", account: "paper-ctrader-demo", bot: "palm-oil" },
      ...{ instrument: "PALMOIL", side: "sell", quantity: "12.5", entryPrice: "969.8", exitPrice: "976.5" },
      ...{ net: "-84.1", currency: "USD", closedAt: "2026-03-23T09:12:40.000Z", closedBy: "stop" },
    },
    {
      ...{ id: "ctrader-demo:f3", account: "ctrader-demo", instrument: "XAUUSD", side: "sell" },
      ...{ quantity: "1", exitPrice: "2024.5", net: "0", closedAt: "2026-03-23T08:30:00.000Z" },
    },
  ],
  isCut: false,
});

/** Three bots at work: two positions, a working order and a few that are over. */
export function aTrading(over: Partial<ApiTrading> = {}): ApiTrading {
  return {
    now: NOW,
    state: "active",
    holds: [],
    bots: someBots(),
    accounts: someAccounts(),
    positions: somePositions(),
    orders: someOrders(),
    trades: someTrades(),
    totals: [{ badge: "paper", currency: "USD", equity: "20042.17", dayNet: "42.17", accounts: 2 }],
    ...over,
  };
}

/** The same after a kill on the page. */
export function aStoppedTrading(): ApiTrading {
  const trading = aTrading();
  return {
    ...trading,
    state: "halted",
    holds: [
      {
        scope: "all",
        state: "halted",
        who: "page",
        why: "the Stop button was pressed",
        at: NOW,
        kill: "k1",
        resumableAt: "2026-03-23T12:36:00.000Z",
        phrase: "RESUME ALL",
      },
    ],
    bots: trading.bots.map((bot) => ({ ...bot, state: "halted" })),
    accounts: trading.accounts.map((account) => ({ ...account, state: "halted" })),
    orders: { ...trading.orders, working: [] },
  };
}

/** The bot gold trades with a broker's play money, and holds its position there. */
export function aLiveTrading(): ApiTrading {
  const { bots, positions, ...rest } = aTrading();
  const account = "ctrader-demo";
  return {
    ...rest,
    bots: bots.map((bot) => (bot.id === "gold" ? { ...bot, account, badge: "demo" } : bot)),
    positions: positions.map((one) => (one.bot === "gold" ? { ...one, account } : one)),
  };
}

/** The same after a switch to paper on the phone: the position has stayed. */
export function aSwitchedTrading(): ApiTrading {
  const { bots, positions, ...rest } = aLiveTrading();
  const switched = {
    ...{ at: "2026-03-23T12:24:00.000Z", who: "telegram", why: "by /paper", phrase: "LIVE GOLD" },
    liveAgainAt: "2026-03-23T12:29:00.000Z",
  };
  return {
    ...rest,
    bots: bots.map((bot) =>
      bot.id === "gold" ? { ...bot, account: "paper-ctrader-demo", badge: "paper", switched } : bot,
    ),
    positions: positions.map((one) =>
      one.bot === "gold" ? { ...one, isBotFormer: true, isBotSwitched: true } : one,
    ),
  };
}

/** The same accounts and bots: books that disagree, an account without a worker, and a bot that was stopped. */
export function aBrokenTrading(): ApiTrading {
  const { bots, accounts, ...rest } = aTrading();
  const changes: Record<string, Partial<ApiBot>> = {
    "palm-oil": {
      state: "halted",
      day: { date: DATE, net: "-300.4", lossLimit: "300", lossLimitPercent: "3", usedPercent: 100.1 },
    },
    "opening-momentum": { day: { date: DATE, lossLimitPercent: "3" } },
  };
  const broken = {
    code: "POSITION_UNKNOWN",
    text: "The broker has 10 XAUUSD more than our fills have made, in the position 4711. Look at the broker's own page.",
    since: "2026-03-23T12:14:09.000Z",
  };
  return {
    ...rest,
    holds: [
      {
        scope: "bot:palm-oil",
        state: "halted",
        who: "system",
        why: "DAILY_LOSS: The bot's loss of the day is 300.00 USD, 3.0 %; it may not reach 3 %.",
        at: "2026-03-23T12:11:00.000Z",
        resumableAt: "2026-03-23T12:16:00.000Z",
        phrase: "RESUME PALM-OIL",
      },
    ],
    bots: bots.map((bot) => ({ ...bot, ...changes[bot.id] })),
    accounts: accounts.map((account): ApiAccount => {
      const { money: _, ...silent } = account;
      if (account.id === "ctrader-demo") return { ...account, books: "break", break: broken };
      if (account.badge !== "live") return account;
      return { ...silent, books: "unknown", day: { date: DATE, lossLimitPercent: "5" } };
    }),
  };
}

/** A curve of a day that fell and rose again. */
export function anEquity(account: string): ApiEquity {
  const points = Array.from({ length: 90 }, (_, minute) => ({
    at: new Date(Date.parse(NOW) - (90 - minute) * 60_000).toISOString(),
    equity: (10_000 + Math.sin(minute / 9) * 40 + minute / 2).toFixed(2),
  }));
  return { account, currency: "USD", from: "2026-03-22T12:31:00.000Z", points };
}

export const WHY: ApiWhy = {
  bot: "palm-oil",
  date: DATE,
  due: 102,
  missed: 1,
  reasons: [
    { reason: "NO_SIGNAL", count: 88, summary: "The strategy looked and wants nothing." },
    {
      reason: "RISK_DENIED",
      count: 9,
      summary: "The strategy wanted an order, and a control of the risk engine refused it.",
    },
    { reason: "ORDER_PROPOSED", count: 4, summary: "An order passed every control." },
  ],
  latest: [
    {
      instant: "2026-03-23T12:30:00.000Z",
      reason: "NO_SIGNAL",
      text: "The RSI stands at 48.2, between 30 and 70.",
      orders: 0,
    },
  ],
};

/** A kill that one account has confirmed and the other has not. */
export function aReceipt(over: Partial<ApiKillReceipt> = {}): ApiKillReceipt {
  const part = { found: 0, cancelled: 0, filled: 0, positions: 0, protective: 0 };
  return {
    id: "k1",
    scope: "all",
    at: NOW,
    isOpen: true,
    parts: [
      {
        ...{ ...part, account: "paper-ctrader-demo", state: "confirmed", confirmedAt: NOW },
        ...{ found: 1, cancelled: 1, positions: 2, protective: 1 },
      },
      { ...part, account: "paper-etrade-production", state: "waiting" },
    ],
    ...over,
  };
}

/** The same once all have confirmed. */
export function aConfirmedReceipt(): ApiKillReceipt {
  const { parts } = aReceipt();
  return aReceipt({
    isOpen: false,
    confirmedAt: "2026-03-23T12:31:00.412Z",
    seconds: 0.412,
    parts: parts.map((part) => ({ ...part, state: "confirmed", confirmedAt: NOW })),
  });
}
