import { expect, test } from "vitest";
import { closesAmong, closing, isImmediate, oldest, submitted } from "./order-subject.ts";
import { anOrder, aProtection, aTrade } from "./testing/messages.ts";

const entry = { symbolId: 1, orderType: "MARKET", tradeSide: "BUY", volume: 1_000 } as const;
const own = { clientOrderId: "o1" };

test("an order is ours by its id or by its comment, and not where it only inherited them", () => {
  const subject = submitted("o1", entry);

  expect(subject.isOurs(anOrder(own))).toBe(true);
  expect(subject.isOurs(anOrder({ tradeData: aTrade({ comment: "o1" }) }))).toBe(true);
  expect(subject.isOurs(anOrder({ clientOrderId: "o2" }))).toBe(false);
  expect(subject.isOurs(aProtection(own))).toBe(false);
  expect(subject.isOurs(anOrder({ ...own, tradeData: aTrade({ tradeSide: "SELL" }) }))).toBe(false);
});

test("an answer is ours where it names no other id, however the broker writes that it has none", () => {
  const subject = submitted("o1", entry);

  expect(subject.canAnswer(anOrder())).toBe(true);
  expect(subject.canAnswer(anOrder({ clientOrderId: "" }))).toBe(true);
  expect(subject.canAnswer(anOrder({ clientOrderId: "o2" }))).toBe(false);
  expect(subject.canAnswer(aProtection())).toBe(false);
  expect(closing({ positionId: 5, volume: 1 }).canAnswer(anOrder())).toBe(true);
  expect(closing({ positionId: 6, volume: 1 }).canAnswer(anOrder())).toBe(false);
});

test("levels count as asked for by price or by distance, and a zero as none", () => {
  expect(submitted("o1", { ...entry, relativeTakeProfit: 1 }).asksLevels).toBe(true);
  expect(submitted("o1", { ...entry, stopLoss: 1 }).asksLevels).toBe(true);
  expect(submitted("o1", { ...entry, stopLoss: 0 }).asksLevels).toBe(false);
  expect(submitted("o1").asksLevels).toBe(false);
});

test("of the orders of a position those may be the close that are of its volume, since then, and nothing else explains: the oldest first", () => {
  const close = (orderId: number, volume = 300, openTimestamp = 2_000) =>
    anOrder({ orderId, closingOrder: true, tradeData: aTrade({ tradeSide: "SELL", volume, openTimestamp }) });
  const orders = [
    close(20),
    close(19),
    close(18, 200),
    close(17, 300, 500),
    close(16),
    anOrder(),
    aProtection(),
  ];

  const found = closesAmong(
    orders,
    { positionId: 5, volume: 300 },
    { sinceMs: 1_000, isKnown: (id) => id === 16 },
  );

  expect(found.map(({ orderId }) => orderId)).toEqual([19, 20]);
  expect(oldest([])).toBeUndefined();
});

test("a market order that waits for the opening is at rest", () => {
  expect(isImmediate(anOrder())).toBe(true);
  expect(isImmediate(anOrder({ timeInForce: "MARKET_ON_OPEN" }))).toBe(false);
  expect(isImmediate(anOrder({ orderType: "LIMIT", timeInForce: "FILL_OR_KILL" }))).toBe(true);
  expect(isImmediate(anOrder({ orderType: "LIMIT", timeInForce: "GOOD_TILL_CANCEL" }))).toBe(false);
});
