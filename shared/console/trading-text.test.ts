import { expect, test } from "vitest";
import type { ApiAccount, ApiHold, ApiOrder, ApiTrade, ApiWhy } from "./trading-api.ts";
import { holdLine, ordersText, pnlText, tradesText, whyText } from "./trading-text.ts";

const STOP: ApiOrder = {
  ...{ account: "paper-etrade-production", instrument: "AMZN", side: "sell", type: "stop" },
  ...{ quantity: "42", price: "235.02", state: "working", closes: true },
};
const BOUGHT: ApiOrder = {
  ...{ account: "paper-etrade-production", clientOrderId: "o1", bot: "opening-momentum" },
  ...{ instrument: "AMZN", side: "buy", type: "market", quantity: "42", filledQuantity: "42" },
  ...{ filledPrice: "235.6", state: "filled", closes: false },
};

test("a stop that rests with a position is not said to be somebody else's order", () => {
  const text = ordersText({
    orders: { working: [STOP, { ...STOP, closes: false }], last: [], isCut: false },
  });

  expect(text).toContain("sell 42 AMZN stop 235.02: working · protects a position · paper-etrade-production");
  expect(text).toContain("sell 42 AMZN stop 235.02: working · not a bot's · paper-etrade-production");
});

test("an order that is over says at what price it was filled, where that is known", () => {
  const { filledPrice: _, ...unknown } = BOUGHT;

  const text = ordersText({ orders: { working: [], last: [BOUGHT, unknown], isCut: false } });

  expect(text).toContain("buy 42 AMZN market: filled at 235.6 · opening-momentum");
  expect(text).toContain("buy 42 AMZN market: filled · opening-momentum");
});

const SOLD: ApiTrade = {
  ...{ id: "paper-x:f1", account: "paper-x", bot: "gold", instrument: "XAUUSD", side: "buy" },
  ...{ quantity: "4", entryPrice: "2031.1", exitPrice: "2034.55", net: "12.8", currency: "USD" },
  ...{ closedAt: "2026-03-04T15:45:09.000Z", closedBy: "target" },
};

test("a closed trade tells its prices, its result, New York's time, and by what it was closed where that is known", () => {
  const { bot: _, closedBy, entryPrice, currency, ...unknown } = SOLD;
  const closed = [SOLD, { ...unknown, side: "sell" as const, net: "-3" }];

  const text = tradesText({ trades: { date: "2026-03-04", closed, isCut: false } });

  expect(text.split("\n")).toEqual([
    "2 closed today:",
    "XAUUSD long 4: 2031.1 → 2034.55 (+12.80 USD) · 10:45 ET by its target · gold · paper-x",
    "XAUUSD short 4: 2034.55 (-3.00) · 10:45 ET · not a bot's · paper-x",
  ]);
});

test("of many closed trades so many are told as a message holds, and it says how many more there are", () => {
  const closed = Array.from({ length: 50 }, (_, index) => ({ ...SOLD, id: `${index}` }));

  const lines = tradesText({ trades: { date: "2026-03-04", closed, isCut: true } }).split("\n");

  expect([lines.length, lines[0], lines.at(-1)]).toEqual([31, "50 and more closed today:", "… and 21 more"]);
});

test("money has two decimals, and nothing has no sign", () => {
  const account = (net: string): ApiAccount =>
    ({
      ...{ id: "paper-x", connection: "x", label: "X", badge: "paper", mode: "paper", state: "active" },
      money: { equity: "9937.6", currency: "USD", at: "2026-03-04T14:30:00.000Z", isCurrent: true },
      day: { net, lossLimit: "500", usedPercent: 12.5 },
      ...{ positions: { count: 0 }, workingOrders: { count: 0 }, books: { kind: "unknown" } },
    }) as unknown as ApiAccount;

  const text = pnlText({ accounts: [account("-62.4"), account("0"), account("0.5")], bots: [] });

  expect(text.split("\n")).toEqual([
    "paper-x (PAPER): equity 9,937.60 USD · today -62.40 USD, 12.5 % of the loss limit 500.00",
    "paper-x (PAPER): equity 9,937.60 USD · today 0.00 USD, 12.5 % of the loss limit 500.00",
    "paper-x (PAPER): equity 9,937.60 USD · today +0.50 USD, 12.5 % of the loss limit 500.00",
  ]);
});

test("what is stopped is named as people name it", () => {
  const hold: ApiHold = {
    ...{ scope: "bot:gold", state: "reducing", who: "telegram", why: "by /reduce" },
    ...{ at: "2026-03-04T14:30:00.000Z", resumableAt: "2026-03-04T14:30:00.000Z", phrase: "RESUME GOLD" },
  };

  expect(holdLine(hold)).toBe("The bot gold is only closing, by the phone: by /reduce");
  expect(holdLine({ ...hold, scope: "all", state: "halted", who: "terminal", why: "lunch" })).toBe(
    "Everything is halted, by the terminal: lunch",
  );
});

test("why nothing happened ends with a step only where there is one to take", () => {
  const last = { instant: "2026-03-04T14:30:00.000Z", reason: "R", text: "Calm.", orders: 0 };
  const why = (next: string): ApiWhy =>
    ({
      bot: "gold",
      date: "2026-03-04",
      due: 1,
      missed: 0,
      reasons: [],
      latest: [{ ...last, next }],
    }) as ApiWhy;

  expect(whyText(why("Nothing. The text says it."))).toBe("gold on 2026-03-04: 1 ticks due\nLast: R: Calm.");
  expect(whyText(why("Log in."))).toBe("gold on 2026-03-04: 1 ticks due\nLast: R: Calm.\nLog in.");
});
