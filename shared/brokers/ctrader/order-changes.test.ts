import { expect, test } from "vitest";
import { fillAmend, fillProtect } from "./order-changes.ts";
import { anOrder, aPosition, aTrade } from "./testing/messages.ts";

const pending = anOrder({
  orderType: "LIMIT",
  limitPrice: 1.1,
  stopPrice: 0,
  relativeStopLoss: 200,
  takeProfit: 1.3,
  expirationTimestamp: 9_000,
  stopTriggerMethod: "OPPOSITE",
  tradeData: aTrade({ guaranteedStopLoss: false }),
});

test("an amend sends every value of the order, so that none is cleared by leaving it out", () => {
  expect(fillAmend({ orderId: 11, limitPrice: 1.2 }, pending)).toEqual({
    orderId: 11,
    volume: 1_000,
    limitPrice: 1.2,
    relativeStopLoss: 200,
    takeProfit: 1.3,
    expirationTimestamp: 9_000,
    stopTriggerMethod: "OPPOSITE",
    guaranteedStopLoss: false,
  });
});

test("a level that is given takes the place of the one held, by price or by distance, and may be taken away", () => {
  const changed = fillAmend({ orderId: 11, stopLoss: 1, takeProfit: "remove" }, pending);

  expect(changed).toMatchObject({ stopLoss: 1 });
  expect(changed).not.toHaveProperty("relativeStopLoss");
  expect(changed).not.toHaveProperty("takeProfit");
});

test("an amend of an order that the book does not have is sent as it is", () => {
  expect(fillAmend({ orderId: 11, limitPrice: 1.2 }, undefined)).toEqual({ orderId: 11, limitPrice: 1.2 });
});

test("a change of one level keeps the other, its trigger and its guarantee, and leaves trailing alone", () => {
  const position = aPosition({
    stopLoss: 1,
    takeProfit: 2,
    trailingStopLoss: true,
    guaranteedStopLoss: true,
    stopLossTriggerMethod: "TRADE",
  });

  expect(fillProtect({ positionId: 5, takeProfit: 2.5 }, position)).toEqual({
    positionId: 5,
    stopLoss: 1,
    takeProfit: 2.5,
    guaranteedStopLoss: true,
    stopLossTriggerMethod: "TRADE",
  });
});

test("a removed stop takes what belongs to it along", () => {
  const position = aPosition({ stopLoss: 1, takeProfit: 2, stopLossTriggerMethod: "TRADE" });

  expect(fillProtect({ positionId: 5, stopLoss: "remove" }, position)).toEqual({
    positionId: 5,
    takeProfit: 2,
  });
});

test("a bare position gets its first levels", () => {
  const bare = aPosition({ stopLoss: 0, takeProfit: 0 });

  expect(fillProtect({ positionId: 5, stopLoss: 1, trailingStopLoss: true }, bare)).toEqual({
    positionId: 5,
    stopLoss: 1,
    trailingStopLoss: true,
  });
});
