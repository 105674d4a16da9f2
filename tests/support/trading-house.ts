import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { createLeases, type Lease } from "../../shared/platform/lease.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createVirtualTimers, type VirtualTimers } from "../../shared/platform/local/virtual-timers.ts";
import { acknowledgeToken } from "../../shared/tokens/acknowledger.ts";
import {
  createOrderExecutor,
  type ExecutorDeps,
  type OrderExecutor,
} from "../../shared/trading/order-executor.ts";
import { type OrderRecord, orderId, orders } from "../../shared/trading/records.ts";
import { type OrderRequest, submitOrder } from "../../shared/trading/submit-order.ts";
import { tradedAccount } from "../../shared/trading/traded-account.ts";
import { createFakeTradingBroker, createFakeVenue, type FakeTradingBroker } from "./fake-trading-broker.ts";
import { logIn, openTokenHouse, silentLog } from "./token-house.ts";

export interface TradingProcess {
  readonly broker: FakeTradingBroker;
  readonly executor: OrderExecutor;
  readonly lease: Lease;
  /** Whether the lease's end is still far enough; a test may say no. */
  setSafe(isSafe: boolean): void;
  /** Opens the socket and lets everything come to rest. */
  open(): Promise<void>;
}

/** One connection with a token that the worker has proved, a venue, and processes that trade on it. */
export async function openTradingHouse(
  options: { readonly start?: Temporal.Instant; readonly broker?: "etrade" | "ctrader" } = {},
) {
  const house = openTokenHouse(options.start, options.broker);
  const timers = createVirtualTimers();
  const venue = createFakeVenue();
  const random = createSeededRandom("trading");
  const leases = createLeases({ store: house.store, clock: house.clock, random });
  await logIn(house);
  await acknowledgeToken(house.parts(), house.connection);
  const running: OrderExecutor[] = [];

  /** A process that takes the lease over from whoever had it; `over` may be a store that dies. */
  async function start(
    over: Partial<Pick<ExecutorDeps, "store" | "clock" | "heldGeneration">> = {},
  ): Promise<TradingProcess> {
    const lease = await takeLease();
    const broker = createFakeTradingBroker(venue);
    const executor = createOrderExecutor({
      store: over.store ?? house.store,
      clock: over.clock ?? house.clock,
      ...(over.heldGeneration !== undefined && { heldGeneration: over.heldGeneration }),
      timers,
      log: silentLog,
      leases,
      account: tradedAccount(house.connection, "live"),
      subscriber: "worker",
      broker,
    });
    running.push(executor);
    const safety = { isSafe: true };
    executor.lead({ lease, isSafe: () => safety.isSafe });
    return {
      broker,
      executor,
      lease,
      setSafe(isSafe) {
        safety.isSafe = isSafe;
      },
      async open() {
        broker.setReady(true);
        executor.opened();
        await rest(executor);
      },
    };
  }

  async function takeLease(): Promise<Lease> {
    const ttl = Temporal.Duration.from({ minutes: 1 });
    const first = await leases.acquire("socket:test", { ttl, holder: "x" });
    if (!first.ok) throw new Error("the one holder of the test takes its lease over");
    return first.value;
  }

  const read = async (clientOrderId: string): Promise<OrderRecord> => {
    const found = await house.store.get(orders, orderId(house.connection.id, clientOrderId));
    if (found === undefined) throw new Error(`no order ${clientOrderId}`);
    return found;
  };

  return {
    ...house,
    timers,
    venue,
    leases,
    start,
    read,
    submit: (clientOrderId: string, over: Partial<OrderRequest> = {}) =>
      submitOrder({ ...house, log: silentLog }, anOrder(house.connection.id, clientOrderId, over)),
    async close() {
      for (const executor of running) executor.close();
      await house.close();
    },
  };
}

export type TradingHouse = Awaited<ReturnType<typeof openTradingHouse>>;

export function anOrder(
  connection: OrderRequest["connection"],
  clientOrderId: string,
  over: Partial<OrderRequest> = {},
): OrderRequest {
  return {
    connection,
    clientOrderId,
    source: "test",
    ticket: {
      instrument: "EURUSD",
      side: "buy",
      type: "market",
      quantity: new Decimal(1000),
      timeInForce: "ioc",
    },
    ...over,
  };
}

/** The store answers in real turns of the loop: waits until nothing is at hand. */
export async function rest(executor: OrderExecutor): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await executor.idle();
  }
}

/** Lets the machine's time pass second by second, each come to rest. */
export async function pass(timers: VirtualTimers, executor: OrderExecutor, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await timers.advance(1_000);
    await rest(executor);
  }
}
