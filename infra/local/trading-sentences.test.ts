import { beforeEach, expect, test } from "vitest";
import { createRecordedLog } from "../../shared/platform/local/recorded-log.ts";
import type { Log, LogFields } from "../../shared/platform/log.ts";
import { createNarrator } from "./narrator.ts";
import { tradingSentences } from "./trading-sentences.ts";

let lines: string[];
let log: Log;
beforeEach(() => {
  lines = [];
  log = createNarrator((line) => lines.push(line), tradingSentences()).listen(createRecordedLog().log);
});

const ORDER = {
  ...{ connection: "paper-ctrader-demo", order: "a1", source: "oil", side: "buy", quantity: "12" },
  ...{ instrument: "PALMOIL", was: "sending", state: "accepted" },
};
const FILL = {
  ...{ connection: "paper-ctrader-demo", fill: "f1", source: "oil", side: "sell", quantity: "12" },
  ...{ instrument: "PALMOIL", price: "4123.5" },
};
const STOP = { action: "killed", scope: "all", by: "telegram", outcome: "ok" };

test.each<[string, LogFields, string]>([
  ["order-standing", ORDER, "📝 oil: buy 12 PALMOIL is accepted, paper-ctrader-demo."],
  [
    "order-standing",
    { ...ORDER, state: "rejected", refusal: "PAPER_REJECTED", isClosing: true },
    "❕ oil: close by buy 12 PALMOIL is rejected (PAPER_REJECTED), paper-ctrader-demo.",
  ],
  [
    "order-standing",
    { ...ORDER, state: "unknown" },
    "❕ oil: buy 12 PALMOIL is unknown, paper-ctrader-demo.",
  ],
  ["fill-written", FILL, "✅ oil sold 12 PALMOIL at 4123.5, paper-ctrader-demo."],
  [
    "fill-written",
    { ...FILL, source: undefined, isClosing: true },
    "🎯 A stop, a target or another hand sold 12 PALMOIL at 4123.5, paper-ctrader-demo.",
  ],
  ["trading-controlled", STOP, "🛑 Everything: stopped by the phone; what works is being cancelled."],
  [
    "trading-controlled",
    { ...STOP, action: "halted", scope: "bot:oil", by: "system", outcome: "DAILY_LOSS" },
    "🛑 The bot oil: stopped by itself (DAILY_LOSS).",
  ],
  [
    "trading-controlled",
    { ...STOP, action: "resumed", scope: "paper-x", by: "page" },
    "▶️  The account paper-x: trading goes on, by the page.",
  ],
  [
    "trading-controlled",
    { ...STOP, action: "resumed", scope: "bot:oil", outcome: "HOLD_TIME" },
    "❕ The bot oil: going on was asked for by the phone and refused (HOLD_TIME).",
  ],
  [
    "symbol-unknown",
    { symbol: "GOLDBAR" },
    "❕ The broker knows no instrument GOLDBAR: look at its name in openbell.yaml.",
  ],
  [
    "kill-confirmed",
    { scope: "all", cancelled: 3, positions: 1, protective: 2 },
    "🛑 Everything: the brokers say that nothing works any more. 3 cancelled, 1 positions open, 2 protective stops left.",
  ],
])("%s with %j is one line", (event, fields, expected) => {
  log.info(event, fields);

  expect(lines).toEqual([expected]);
});

test("what says nothing new, and what fills tell, has no line", () => {
  log.info("order-standing", { ...ORDER, was: "accepted" });
  for (const state of ["sending", "partially-filled", "filled"])
    log.info("order-standing", { ...ORDER, state });

  expect(lines).toEqual([]);
});

test("of each bot's ticks only the first of a run has a line", () => {
  const events = ["oil", "gold", "oil", "oil"];
  for (const bot of events) log.info("tick", { bot, reason: "HALTED", instant: "2026-11-23T15:00:00Z" });

  expect(lines).toEqual([
    "👀 oil looks at its market for the first time. Trading is halted for everything, the account or the bot.",
    "👀 gold looks at its market for the first time. Trading is halted for everything, the account or the bot.",
  ]);
});
