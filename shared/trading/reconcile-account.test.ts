import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { OpenPosition } from "../brokers/trading-broker.ts";
import type { Lot } from "./ledger/records.ts";
import { differences, takeOverOthers } from "./reconcile-account.ts";

const openedAt = Temporal.Instant.from("2026-11-20T15:00:00Z");
const lot = (positionId: string, over: Partial<Lot> = {}): Lot => ({
  positionId,
  instrument: "XAUUSD",
  side: "buy",
  quantity: new Decimal(5),
  price: new Decimal(2650),
  openedAt,
  fees: new Decimal(0),
  bot: "gold",
  ...over,
});
const position = (id: string, over: Partial<OpenPosition> = {}): OpenPosition => ({
  id,
  instrument: "XAUUSD",
  side: "buy",
  quantity: new Decimal(5),
  price: new Decimal(2651),
  openedAt,
  commission: new Decimal(0),
  swap: new Decimal(0),
  ...over,
});
const nobodys = () => false;
const brief = (found: ReturnType<typeof differences>) =>
  found.map(({ positionId, isOurs, code }) => [positionId, isOurs, code]);

test("books that agree in side and quantity agree, whatever the price", () => {
  expect(differences([lot("1")], [position("1")], nobodys)).toEqual([]);
});

test("a bot's position that the broker does not have is ours to explain", () => {
  expect(brief(differences([lot("1")], [], nobodys))).toEqual([["1", true, "POSITION_MISSING"]]);
});

test.each([
  ["less", { quantity: new Decimal(4) }],
  ["the other side", { side: "sell" as const }],
])("a position of which the broker tells %s than a bot has is ours to explain", (_what, over) => {
  expect(brief(differences([lot("1")], [position("1", over)], nobodys))).toEqual([
    ["1", true, "POSITION_DIFFERS"],
  ]);
});

test("what was added by hand to a bot's position is nobody's, and the bot keeps its share", () => {
  const open = [position("1", { quantity: new Decimal(9) })];

  const found = differences([lot("1")], open, nobodys);
  const after = takeOverOthers([lot("1")], open, found);

  expect(brief(found)).toEqual([["1", false, "POSITION_DIFFERS"]]);
  expect(after.map((one) => [one.quantity.toFixed(), one.bot])).toEqual([
    ["5", "gold"],
    ["4", undefined],
  ]);
  expect(differences(after, open, nobodys)).toEqual([]);
});

test("a position that nobody of ours opened is the broker's to say", () => {
  const { bot: _, ...others } = lot("2", { quantity: new Decimal(1) });

  const found = differences([others], [position("1"), position("2")], nobodys);

  expect(brief(found)).toEqual([
    ["1", false, "POSITION_UNEXPLAINED"],
    ["2", false, "POSITION_DIFFERS"],
  ]);
});

test("a position of an order of ours without any fill is ours to explain", () => {
  const found = differences([], [position("1", { clientOrderId: "a1" })], ({ id }) => id === "1");

  expect(brief(found)).toEqual([["1", true, "POSITION_UNEXPLAINED"]]);
});

test("what is not ours becomes what the broker says, and what is ours stays as it is", () => {
  const { bot: _, ...gone } = lot("3");
  const lots = [lot("1"), gone];
  const open = [position("1", { quantity: new Decimal(3) }), position("2", { side: "sell" })];

  const found = differences(lots, open, nobodys);
  const after = takeOverOthers(lots, open, found);

  expect(after.map((one) => [one.positionId, one.side, one.quantity.toFixed(), one.bot])).toEqual([
    ["1", "buy", "5", "gold"],
    ["2", "sell", "5", undefined],
  ]);
  expect(brief(differences(after, open, nobodys))).toEqual([["1", true, "POSITION_DIFFERS"]]);
});

test("the owner reads what is open by whom", () => {
  const [difference] = differences([lot("1")], [position("1", { side: "sell" })], nobodys);

  expect(difference?.text).toBe("Position 1 in XAUUSD is long 5 by our fills and short 5 at the broker.");
});
