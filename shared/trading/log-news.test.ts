import { Decimal } from "decimal.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MORNING, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import type { Fill } from "../brokers/trading-broker.ts";
import { createRecordedLog } from "../platform/local/recorded-log.ts";
import { createOrderJournal } from "./order-journal.ts";
import { type OrderRecord, orderId, orders } from "./records.ts";
import { tradedAccount } from "./traded-account.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const d = (value: number) => new Decimal(value);

function openJournal() {
  const { log, lines } = createRecordedLog();
  const account = tradedAccount(house.connection, "paper");
  const timers = { now: () => 0, after: () => () => {} };
  const journal = createOrderJournal({ ...house, timers, log, account });
  const order: OrderRecord = {
    ...{ connection: account.id, clientOrderId: "a1", source: "bot:oil", bot: "oil", isDue: false },
    ...{ state: "sending", createdAt: MORNING, sendBy: MORNING, changedAt: MORNING, filledQuantity: d(0) },
    ticket: {
      ...{ instrument: "PALMOIL", side: "buy", type: "market", quantity: d(12), timeInForce: "ioc" },
    },
  };
  const fill: Fill = {
    ...{ id: "f1", brokerOrderId: "b1", positionId: "p1", clientOrderId: "a1", instrument: "PALMOIL" },
    ...{ side: "buy", quantity: d(12), price: new Decimal("4123.50"), commission: d(0), at: MORNING },
  };
  return { journal, lines, order, fill, id: orderId(account.id, "a1") };
}

test("an order's turn and a fill have a line with what a person needs, a fill only one, however often it is told", async () => {
  const { journal, lines, order, fill, id } = openJournal();
  await house.store.transact(async (transaction) => transaction.set(orders, id, order));

  await journal.standing("a1", { kind: "accepted", brokerOrderId: "b1", fills: [] });
  await journal.fill(fill);
  await journal.fill(fill);
  await journal.standing("a1", { kind: "filled", brokerOrderId: "b1", fills: [fill] });

  const of = (event: string) => lines.filter((one) => one.event === event).map(({ fields }) => fields);
  expect(of("order-standing")).toMatchObject([
    { state: "accepted", was: "sending", source: "oil", side: "buy", quantity: "12", instrument: "PALMOIL" },
    { state: "filled", was: "filled" },
  ]);
  expect(of("fill-written")).toEqual([
    {
      ...{ connection: order.connection, fill: "f1", order: "a1", source: "oil" },
      ...{ instrument: "PALMOIL", side: "buy", quantity: "12", price: "4123.5" },
    },
  ]);
});

test("a fill of nobody's that finds its order later is told once", async () => {
  const { journal, lines, order, fill, id } = openJournal();
  const { clientOrderId: _, ...nameless } = fill;
  await journal.fill(nameless);
  await house.store.transact(async (transaction) => transaction.set(orders, id, order));
  await journal.standing("a1", { kind: "filled", brokerOrderId: "b1", fills: [fill] });

  const told = lines.filter((one) => one.event === "fill-written");
  expect(told).toHaveLength(1);
  expect(told[0]?.fields).not.toHaveProperty("source");
});
