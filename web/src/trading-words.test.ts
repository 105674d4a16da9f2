import { expect, test } from "vitest";
import { NOW } from "../testing/a-status.ts";
import {
  aBot,
  aBrokenTrading,
  aConfirmedReceipt,
  anAccount,
  aReceipt,
  aStoppedTrading,
  aTrading,
} from "../testing/a-trading.ts";
import { createTradingState } from "./trading-state.ts";
import {
  closedText,
  describeBar,
  describeBot,
  describeTrading,
  noTickText,
  receiptLine,
  receiptTitle,
  scopeName,
} from "./trading-words.ts";

const nowMs = Date.parse(NOW);

test.each([
  ["at work", aTrading(), "good", "trading is on"],
  ["stopped", aStoppedTrading(), "trouble", "trading is stopped"],
  ["only closing", aTrading({ state: "reducing" }), "pending", "only closing"],
  ["with a bot that was stopped", aBrokenTrading(), "pending", "partly stopped"],
  ["without a bot", aTrading({ bots: [] }), "neutral", "no bots"],
  ["not known", undefined, "neutral", "Not known yet"],
])("trading that is %s reads so", (_case, report, tone, title) => {
  expect(describeTrading(report, nowMs)).toEqual({ tone, title });
});

test("an old answer is never green, and says that it is old", () => {
  expect(describeTrading(aTrading(), nowMs + 45_001)).toEqual({
    tone: "neutral",
    title: "Last known: trading is on",
  });
});

test.each([
  ["at work", aBot(), anAccount(), "good", "Trading"],
  ["stopped", aBot({ state: "halted" }), anAccount({ books: "break" }), "trouble", "Stopped"],
  ["of an account whose books disagree", aBot(), anAccount({ books: "break" }), "trouble", "Books disagree"],
  ["of an account that nobody knows", aBot(), undefined, "pending", "No worker"],
  ["only closing", aBot({ state: "reducing" }), anAccount(), "pending", "Only closing"],
  [
    "outside its session",
    aBot({ session: { isOpen: false } }),
    anAccount(),
    "neutral",
    "Outside its session",
  ],
  [
    "whose market is shut",
    aBot({ lastTick: { instant: NOW, reason: "MARKET_CLOSED", text: "", orders: 0 } }),
    anAccount(),
    "neutral",
    "Market closed",
  ],
])("a bot that is %s reads so", (_case, bot, account, tone, title) => {
  expect(describeBot(bot, account)).toMatchObject({ tone, title });
});

test("a bot whose worker is silent is not told to be trading", () => {
  const { money } = anAccount();
  const account = anAccount(money && { money: { ...money, isCurrent: false } });

  expect(describeBot(aBot(), account)).toMatchObject({ tone: "pending", title: "No worker" });
});

test("a receipt counts what waits, and rounds no time down to nothing", () => {
  expect(receiptTitle(aReceipt())).toBe("Stopped. 1 account of 2 not confirmed yet.");
  expect(receiptTitle(aConfirmedReceipt())).toBe("Stopped. No order works any more: confirmed within 0.5 s.");
  expect(receiptTitle({ ...aConfirmedReceipt(), seconds: 0.004 })).toContain("within 0.1 s");
  expect(aReceipt().parts.map(receiptLine)).toEqual([
    "1 order: 1 cancelled, 0 filled; 2 positions open, 1 stop or target left resting.",
    "Waiting for its worker.",
  ]);
});

test("by what a trade was closed is said where it is known", () => {
  const said = aTrading().trades.closed.map(closedText);

  expect(said).toEqual(["gold · closed by its target", "palm-oil · closed by its stop", "Not a bot’s"]);
});

test("scopes have names", () => {
  expect(["all", "paper-ctrader-demo", "bot:gold"].map(scopeName)).toEqual([
    "Everything",
    "The account paper-ctrader-demo",
    "The bot gold",
  ]);
});

function bar(over: Partial<Parameters<typeof describeBar>[0]> = {}, report = aTrading()) {
  const trading = createTradingState();
  trading.report.value = report;
  return describeBar({ trading, door: "inside", isOnline: true, nowMs, ...over });
}

test.each([
  ["signed out", bar({ door: "outside" }), "none", "Signed out"],
  ["offline", bar({ isOnline: false }), "off", "Offline"],
  ["out of reach", bar({ door: "unreachable" }), "none", "Openbell does not answer"],
  ["stopped already", bar({}, aStoppedTrading()), "details", "Trading is stopped"],
  ["at work", bar(), "stop", "Trading is on"],
])(
  "the button of a page that is %s says truly whether it can stop anything",
  (_case, words, button, title) => {
    expect(words).toMatchObject({ button, title });
  },
);

test("a stop may be tried although the last answer was lost, with no promise", () => {
  const trading = createTradingState();
  trading.problem.value = { kind: "unreachable" };
  const words = describeBar({ trading, door: "inside", isOnline: true, nowMs });

  expect(words).toMatchObject({ button: "stop", tone: "trouble", note: "A stop may not get through." });
});

test("a bot that was added today has no tick yet; one that was there for four days has had none in them", () => {
  const nowMs = Date.parse("2026-03-23T12:31:00Z");

  expect(noTickText({}, nowMs)).toBe("No tick yet");
  expect(noTickText({ firstSeen: "2026-03-23T12:30:00.000Z" }, nowMs)).toBe("No tick yet");
  expect(noTickText({ firstSeen: "2026-03-19T12:30:00.000Z" }, nowMs)).toBe("No tick in four days");
});
