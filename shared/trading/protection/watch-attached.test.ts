import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { beforeEach, expect, test } from "vitest";
import { silentLog } from "../../../tests/support/token-house.ts";
import { createMemoryStore } from "../../../tests/support/trading/memory-store.ts";
import type { OpenPosition, WorkingOrder } from "../../brokers/trading-broker.ts";
import { type CtraderConnection, connectionSchema } from "../../config/connection.ts";
import type { Lease } from "../../platform/lease.ts";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { Notice } from "../control/notices.ts";
import { riskEvents } from "../control/records.ts";
import { newAccountLedger } from "../ledger/periods.ts";
import { accountLedgers, type Lot } from "../ledger/records.ts";
import { orders } from "../records.ts";
import { tradedAccount } from "../traded-account.ts";
import { protections } from "./records.ts";
import { withAttachedStops } from "./watch-attached.ts";

const START = Temporal.Instant.from("2026-11-23T16:00:00Z");
const CONNECTION = connectionSchema.parse({
  ...{
    id: "ctrader-demo",
    label: "cTrader",
    broker: "ctrader",
    environment: "demo",
    needed: "every-morning",
  },
}) as CtraderConnection;
const d = (value: Decimal.Value) => new Decimal(value);

let world: ReturnType<typeof openWorld>;
beforeEach(async () => {
  world = openWorld();
  await world.hold({ stopLoss: d(1_990) });
});

/** A bot's lot in gold, and the broker's position for it. */
function openWorld() {
  const timers = createVirtualTimers();
  const clock = { now: () => START.add({ milliseconds: Math.round(timers.now()) }), sleep: async () => {} };
  const store = createMemoryStore();
  const account = tradedAccount(CONNECTION, "live");
  const told: Notice[] = [];
  const at = { price: d(2_000), stop: d(1_990) as Decimal | undefined, working: [] as WorkingOrder[] };
  const about = { instrument: "XAUUSD", side: "buy", quantity: d(2), price: d(2_000) } as const;
  const position = (): OpenPosition => ({
    ...{ ...about, id: "p1", openedAt: START, commission: d(0), swap: d(0) },
    ...(at.stop !== undefined && { stopLoss: at.stop }),
  });
  const start = () =>
    withAttachedStops(
      {
        ...{ store, clock, timers, log: silentLog, account, leases: { isHeld: async () => true } },
        broker: { positions: () => [position()], workingOrders: () => at.working, isReady: () => true },
        feed: {
          quotes: () => [{ symbol: "XAUUSD", bid: at.price, ask: at.price, at: clock.now() }],
          instruments: () => [],
        },
        announce: async (_id, notice) => void told.push(notice),
      },
      async () => false,
    );
  let look = start();
  return {
    ...{ store, at, told },
    restart: () => {
      look = start();
    },
    async hold(over: Partial<Lot>) {
      const lot = { ...about, positionId: "p1", bot: "gold", fees: d(0), openedAt: START, ...over };
      await store.transact(async (transaction) =>
        transaction.set(accountLedgers, account.id, { ...newAccountLedger(account.id, START), lots: [lot] }),
      );
    },
    async pass(seconds: number) {
      for (let passed = 0; passed < seconds; passed += 5) {
        await look({} as Lease);
        await timers.advance(5_000);
      }
    },
    closes: async () => (await store.query(orders)).map(({ value }) => value.ticket),
  };
}

test("a stop that hangs on the position, or rests beside it, needs nothing", async () => {
  await world.pass(60);
  world.at.stop = undefined;
  const { side, ...stop } = { side: "sell" as const, stopPrice: d(1_990), protects: "p1" };
  world.at.working = [{ brokerOrderId: "b", instrument: "XAUUSD", side, quantity: d(2), ...stop }];
  world.at.price = d(1_980);
  await world.pass(60);

  expect([world.told, await world.store.query(protections), await world.closes()]).toEqual([[], [], []]);
});

test("a lot that wants no stop, and one that is bare for a moment, are told of by nobody", async () => {
  world.at.stop = undefined;
  await world.pass(15);
  world.at.stop = d(1_990);
  await world.pass(15);
  world.at.stop = undefined;
  await world.pass(15);
  await world.hold({});
  await world.pass(60);

  expect(world.told).toEqual([]);
});

test("a stop that is missing is told once, and its price closes the lot", async () => {
  world.at.stop = undefined;
  await world.pass(120);
  const before = await world.closes();
  world.at.price = d(1_990);
  await world.pass(30);

  expect(before).toEqual([]);
  expect(world.told.map((one) => one.lines[0])).toEqual([
    "STOP_NOT_ATTACHED: The broker shows the position without it.",
  ]);
  expect((await world.store.query(riskEvents)).map(({ value }) => value.code)).toEqual(["STOP_NOT_RESTING"]);
  const [close, ...others] = await world.closes();
  expect(close).toMatchObject({ type: "market", side: "sell", closes: "p1", quantity: d(2) });
  expect(others).toEqual([]);
});

test("one that hangs there again and goes once more is told anew, also by another process", async () => {
  world.at.stop = undefined;
  await world.pass(30);
  world.at.stop = d(1_985);
  world.restart();
  await world.pass(30);
  world.at.stop = undefined;
  await world.pass(30);

  expect(world.told).toHaveLength(2);
});
