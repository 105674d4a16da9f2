/** A whole local stack with a paper account full of working orders, to be killed by the phone and measured. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../../shared/config/connection.ts";
import { DEFAULT_ACCOUNTS, DEFAULT_BOTS } from "../../shared/config/default-bots.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { type KillRecord, kills } from "../../shared/trading/control/records.ts";
import { unfinishedOrders } from "../../shared/trading/control/sweep-orders.ts";
import { control, orderId, orders, tradingStates } from "../../shared/trading/records.ts";
import { submitOrder } from "../../shared/trading/submit-order.ts";
import { botTick } from "../../shared/trading/ticks/records.ts";
import { connect } from "./ctrader-stack.ts";
import { openTestStack, signIn, type TestStack } from "./stack.ts";

const PAPER = "paper-ctrader-demo" as ConnectionId;
/** A Monday morning half a minute before the alert; the simulated cTrader trades. */
const START = Temporal.Instant.from("2026-11-23T13:29:30Z");
const PATIENCE_MS = 30_000;
const BOTS = 20;

export interface KillGround {
  readonly stack: TestStack;
  /** Has so many orders rest at the broker on paper. */
  fill(orders: number): Promise<void>;
  /** `/kill` on the phone; the milliseconds until its receipt, and the receipt. */
  kill(): Promise<{ readonly ms: number; readonly receipt: KillRecord }>;
  /** Trading goes on, as if the hold time were over. */
  goOn(): Promise<void>;
  /** Has bots tick one after the other until what comes back is called. */
  tickOn(): () => Promise<void>;
  /** What the simulated Telegram does from now on. */
  setPhoneFaults(faults: object): Promise<void>;
  /** Stops the stack as a deployment does, and starts it again; resolves as soon as its doors are open. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Opens it with the owner's cTrader connected. Time flows. */
export async function openKillGround(): Promise<KillGround> {
  const made = makeTemporaryFolder();
  const opening = { folder: made.path, isFlowing: true, config: config() };
  let stack = await openTestStack({ ...opening, startAt: START });
  await signIn(stack);
  await connect(stack, "ctrader-demo");
  const ground: KillGround = {
    get stack() {
      return stack;
    },
    fill: (count) => fill(stack, count),
    kill: () => killByPhone(stack),
    goOn: () => goOn(stack),
    tickOn: () => tickOn(stack),
    async setPhoneFaults(faults) {
      const url = `${stack.addresses.sandbox}/telegram/faults`;
      const answer = await fetch(url, { method: "POST", body: JSON.stringify(faults) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async restart() {
      await stack.close();
      stack = await openTestStack(opening);
    },
    async close() {
      await stack.close();
      made.remove();
    },
  };
  return ground;
}

function config() {
  const [account] = DEFAULT_ACCOUNTS;
  const gold = DEFAULT_BOTS.find(({ id }) => id === "gold");
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as object;
  const sure = { rejectedPercent: 0, partialPercent: 0 };
  return {
    connections: [
      {
        id: "etrade-production",
        label: "E*TRADE",
        broker: "etrade",
        environment: "production",
        needed: "every-morning",
      },
      {
        id: "ctrader-demo",
        label: "cTrader demo",
        broker: "ctrader",
        environment: "demo",
        needed: "on-demand",
      },
    ],
    accounts: [{ ...plain(account), paper: sure }],
    bots: Array.from({ length: BOTS }, (_, index) => ({
      ...plain(gold),
      id: `gold-${index}`,
      bars: "M1",
      everyMinutes: 1,
      afterMinutes: 0,
    })),
  };
}

async function fill(stack: TestStack, count: number): Promise<void> {
  const { platform } = stack.app;
  const { store } = platform;
  const stamp = Date.now().toString(36);
  const rest = async (name: string, limitPrice: number) => {
    const submitted = await submitOrder(platform, {
      ...{ connection: PAPER, clientOrderId: `k${stamp}${name}`, source: "test" },
      ticket: {
        ...{ instrument: "XAUUSD", side: "buy", type: "limit", timeInForce: "gtc" },
        ...{ quantity: new Decimal(1), limitPrice: new Decimal(limitPrice) },
      },
    });
    if (!submitted.ok) throw new Error(submitted.code);
  };
  // After a start the broker on paper takes orders once it has seen prices.
  let tries = 0;
  await until(async () => {
    await rest(`t${tries}`, 100);
    const state = await settledState(stack, `k${stamp}t${tries}`);
    tries += 1;
    return state === "accepted";
  }, "the first order to rest");
  for (let index = 1; index < count; index += 1) await rest(`n${index}`, 100 + index);
  await until(async () => {
    const working = await unfinishedOrders(store, { id: PAPER });
    return working.length === count && working.every((one) => one.state === "accepted");
  }, `${count} orders to rest`);
}

async function settledState(stack: TestStack, clientOrderId: string): Promise<string | undefined> {
  const { store } = stack.app.platform;
  let state: string | undefined;
  await until(async () => {
    state = (await store.get(orders, orderId(PAPER, clientOrderId)))?.state;
    return state !== "created" && state !== "sending";
  }, "an order to be answered");
  return state;
}

async function killByPhone(stack: TestStack) {
  const { store } = stack.app.platform;
  const known = new Set((await store.query(kills)).map(({ id }) => id));
  const began = performance.now();
  stack.simulators.telegram.phone.send("/kill");
  let receipt: KillRecord | undefined;
  await until(async () => {
    const found = (await store.query(kills)).find(({ id }) => !known.has(id));
    receipt = found?.value;
    return receipt?.isOpen === false;
  }, "the kill's receipt");
  const ms = performance.now() - began;
  if (receipt === undefined) throw new Error("no receipt");
  return { ms, receipt };
}

async function goOn(stack: TestStack): Promise<void> {
  const { store, clock, bus } = stack.app.platform;
  await store.transact(async (transaction) =>
    transaction.set(tradingStates, "all", {
      ...{ state: "active", who: { kind: "terminal" }, why: "measured", at: clock.now() },
    }),
  );
  await bus.publish(control, { scope: "all" });
}

function tickOn(stack: TestStack): () => Promise<void> {
  const { bus, clock } = stack.app.platform;
  const pause = createSystemClock();
  let isOver = false;
  let minute = 0;
  const running = (async () => {
    while (!isOver) {
      minute += 1;
      const now = clock.now();
      const instant = now.round({ smallestUnit: "minute", roundingMode: "floor" });
      for (let bot = 0; bot < BOTS; bot += 1) {
        await bus.publish(botTick, {
          bot: `gold-${bot}`,
          instant: instant.subtract({ minutes: minute % 2 }),
        });
      }
      await pause.sleep(Temporal.Duration.from({ milliseconds: 50 }));
    }
  })();
  return async () => {
    isOver = true;
    await running;
  };
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const pause = createSystemClock();
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await pause.sleep(Temporal.Duration.from({ milliseconds: 5 }));
  }
}
