import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { beforeEach, expect, test } from "vitest";
import { createMemoryStore, type MemoryStore } from "../../../tests/support/trading/memory-store.ts";
import { connectionSchema } from "../../config/connection.ts";
import { newAccountLedger } from "../ledger/periods.ts";
import { accountLedgers } from "../ledger/records.ts";
import { type OrderRecord, orderId, orders } from "../records.ts";
import { newOrderRecord } from "../submit-order.ts";
import { tradedAccount } from "../traded-account.ts";
import { clearWay } from "./clear-way.ts";

const NOW = Temporal.Instant.from("2026-11-23T15:00:00Z");
const d = (value: Decimal.Value) => new Decimal(value);
const account = tradedAccount(
  connectionSchema.parse({
    ...{ id: "shares", broker: "etrade", environment: "sandbox", label: "Shares", needed: "on-demand" },
  }),
  "live",
);
let store: MemoryStore;
const clock = { now: () => NOW, sleep: async () => {} };

beforeEach(() => {
  store = createMemoryStore();
});

async function order(
  clientOrderId: string,
  quantity: number,
  over: Partial<OrderRecord> = {},
  isStop = false,
) {
  const ticket = { instrument: "AAPL", side: "sell", quantity: d(quantity), closes: "AAPL" } as const;
  const record: OrderRecord = {
    ...newOrderRecord(
      {
        ...{ connection: account.id, clientOrderId, source: "test" },
        ticket: isStop
          ? { ...ticket, type: "stop", stopPrice: d(90), timeInForce: "gtc" }
          : { ...ticket, type: "market", timeInForce: "ioc" },
      },
      NOW,
    ),
    bot: "gold",
    ...over,
  };
  await store.transact(async (transaction) =>
    transaction.set(orders, orderId(account.id, clientOrderId), record),
  );
  return record;
}

async function lot(quantity: number) {
  const lots = [
    {
      ...{
        positionId: "AAPL",
        instrument: "AAPL",
        side: "buy" as const,
        quantity: d(quantity),
        price: d(100),
      },
      ...{ openedAt: NOW, fees: d(0), bot: "gold" },
    },
  ];
  await store.transact(async (transaction) =>
    transaction.set(accountLedgers, account.id, { ...newAccountLedger(account.id, NOW), lots }),
  );
}

const read = (id: string) => store.get(orders, orderId(account.id, id));
const clear = (record: OrderRecord) => clearWay({ store, clock, account }, record);
const RESTS = { state: "accepted", isDue: false } as const;

test("a close waits until the stop of its lot is over, and asks for that", async () => {
  await lot(10);
  await order("stop", 10, RESTS, true);
  const close = await order("close", 10);

  const first = await clear(close);
  const asked = await read("stop");
  await order("stop", 10, { ...RESTS, state: "cancelled" }, true);

  expect([first, asked?.isDue, asked?.cancelRequestedAt]).toEqual([false, true, NOW]);
  expect(await clear(close)).toBe(true);
});

test("the stops of other bots, and of the rest beside a part, stay", async () => {
  await lot(10);
  await order("other", 10, { ...RESTS, bot: "oil" }, true);
  await order("rest", 6, RESTS, true);
  const close = await order("close", 4);

  expect(await clear(close)).toBe(true);
  expect((await read("other"))?.cancelRequestedAt).toBeUndefined();
  expect((await read("rest"))?.cancelRequestedAt).toBeUndefined();
});

test("a close for more than is left of its lot is cut down to that", async () => {
  await lot(3);
  const close = await order("close", 10);

  expect(await clear(close)).toBe(true);
  expect((await read("close"))?.ticket.quantity).toEqual(d(3));
});

test("a close of a lot that is gone is over without leaving", async () => {
  const close = await order("close", 10);

  expect(await clear(close)).toBe(false);
  expect(await read("close")).toMatchObject({
    state: "refused",
    isDue: false,
    refusal: { code: "POSITION_GONE" },
  });
});

test("a second close waits while another one is closing the lot", async () => {
  await lot(10);
  await order("first", 10, { state: "unknown", isDue: false });
  const second = await order("second", 10);

  expect(await clear(second)).toBe(false);
  expect(await read("second")).toMatchObject({ state: "created", isDue: true });
});

test("orders that open, and stops themselves, wait for nothing", async () => {
  await lot(10);
  await order("stop", 10, RESTS, true);
  const entry = await order("entry", 5);
  const { closes: _, ...opening } = entry.ticket;

  expect(await clear({ ...entry, ticket: opening })).toBe(true);
  expect(await clear(await order("again", 10, {}, true))).toBe(true);
  expect((await read("stop"))?.cancelRequestedAt).toBeUndefined();
});
