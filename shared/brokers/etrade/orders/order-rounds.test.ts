import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { quietLog } from "../../../../infra/local/quiet-log.ts";
import { succeed } from "../../../platform/result.ts";
import { aToken } from "../testing/client.ts";
import { unpackTokenPair } from "../token.ts";
import { createOrderBook } from "./order-book.ts";
import type { OrderAccess, OrderQuery } from "./order-calls.ts";
import { createOrderRounds } from "./order-rounds.ts";
import type { EtradeOrder } from "./order-schemas.ts";

const START = Temporal.Instant.from("2026-11-23T16:00:00Z");
const access = { token: unpackTokenPair(aToken()), accountIdKey: "key" } as unknown as OrderAccess;

/** An account's orders at the broker, and what a process knows of them that looks now and then. */
function anAccount() {
  let now = START;
  const clock = { now: () => now, sleep: async () => undefined };
  const atBroker = new Map<string, EtradeOrder>();
  const memory = { ownerOf: async () => undefined, cut: async () => [], cuts: async () => [] };
  const book = createOrderBook({ memory, clock, log: quietLog, lastFour: () => "1234" });
  const calls = {
    list: async (_access: OrderAccess, { status }: OrderQuery) => {
      const orders = [...atBroker.values()].filter((one) => status === undefined || one.status === status);
      return succeed({ orders: orders.toReversed(), rows: orders.length, unreadable: 0 });
    },
    details: async (_access: OrderAccess, orderId: string) => succeed(atBroker.get(orderId)),
  };
  const rounds = createOrderRounds({ calls, book, clock, log: quietLog, access: () => access, since: START });
  return {
    book,
    put: (order: Partial<EtradeOrder>) => {
      const before = atBroker.get("402") ?? {
        ...{ orderId: "402", status: "OPEN", symbol: "AAPL", action: "SELL", quantity: new Decimal(10) },
        ...{ filled: new Decimal(0), costs: new Decimal(0), priceType: "STOP", term: "GOOD_UNTIL_CANCEL" },
        ...{ session: "REGULAR", legs: 1, stopPrice: new Decimal(95), placedAt: now },
      };
      atBroker.set("402", { ...before, ...order });
    },
    async lookAfter(minutes: number) {
      now = now.add({ minutes });
      expect((await rounds.look()).ok).toBe(true);
    },
  };
}

test.each(["CANCELLED", "EXPIRED", "REJECTED"])(
  "an order that rested for an hour is seen to be %s",
  async (status) => {
    const account = anAccount();
    account.put({});
    for (let looks = 0; looks < 12; looks += 1) await account.lookAfter(5);

    account.put({ status });
    await account.lookAfter(1);

    expect(account.book.working()).toEqual([]);
  },
);

test("an order is seen to be filled, whenever the broker says that this was", async () => {
  const account = anAccount();
  account.put({});
  for (let looks = 0; looks < 12; looks += 1) await account.lookAfter(5);

  account.put({
    ...{ status: "EXECUTED", filled: new Decimal(10), averagePrice: new Decimal(95) },
    executedAt: START.subtract({ hours: 24 * 365 }),
  });
  await account.lookAfter(1);

  expect(account.book.get("402")?.filled.toNumber()).toBe(10);
});
