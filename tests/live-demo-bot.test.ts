/** A bot that trades live on a broker's demo account: from its tick to the broker and back, through the whole local stack. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configSchema } from "../shared/config/config.ts";
import { botLedgerId, botLedgers } from "../shared/trading/ledger/records.ts";
import {
  aClockBot,
  anAccount,
  type Books,
  openBotStack,
  playUntil,
  ticksOf,
  waitForAccount,
  waitForBooks,
} from "./support/bot-stack.ts";
import { connect, DEMO, truthOf } from "./support/ctrader-stack.ts";
import { setFaults } from "./support/sandbox-orders.ts";
import { PRODUCTION, SANDBOX, signIn, type TestStack } from "./support/stack.ts";

const at = (time: string) => Temporal.Instant.from(`2026-11-23T${time}Z`);
/** Its number at the simulated broker. */
const EURUSD = 1;
const BALANCE = new Decimal(10_000);

let stack: TestStack;

/** In at 09:00 in New York and out at 09:20, with a stop one percent off. */
async function openLive(): Promise<void> {
  stack = await openBotStack({
    startAt: at("13:29:30"),
    accounts: [anAccount(DEMO, "live")],
    bots: [aClockBot("euro", { mode: "live", parameters: { enterAt: "09:00", exitAt: "09:20" } })],
  });
  await signIn(stack);
}

async function reasons(): Promise<readonly string[]> {
  return (await ticksOf(stack, "euro")).map(({ reason }) => reason);
}

/** The tick of 09:00, and what came of it. */
async function enter(): Promise<Books> {
  await playUntil(stack, at("14:00:30"));
  return waitForBooks(stack, DEMO, ({ lots, orders, record }) => {
    expect(orders.map(({ state }) => state)).toEqual(["filled"]);
    expect(lots).toHaveLength(1);
    expect(record?.working).toHaveLength(1);
  });
}

describe("on the simulated cTrader's demo host", () => {
  beforeEach(openLive);
  afterEach(() => stack.close());

  test("a tick becomes one order, filled, with its stop resting at the broker; the close brings the trade, and money adds up", async () => {
    await connect(stack);
    const { record } = await waitForAccount(stack, DEMO);
    expect(record).toMatchObject({ mode: "live", environment: "demo", currency: "USD" });

    const opened = await enter();
    const [order] = opened.orders;
    const [lot] = opened.lots;
    const [position] = truthOf(stack).positions;
    expect(truthOf(stack).received).toEqual({ [order?.clientOrderId ?? ""]: 1 });
    expect(order).toMatchObject({ bot: "euro", tick: at("14:00:00"), why: "It is 09:00.", epoch: 1 });
    expect(opened.fills).toMatchObject([{ clientOrderId: order?.clientOrderId, side: "buy" }]);
    expect(lot).toMatchObject({ bot: "euro", instrument: "EURUSD", side: "buy" });
    expect(position).toMatchObject({
      positionStatus: "POSITION_STATUS_OPEN",
      stopLoss: lot?.stopLoss?.toNumber(),
    });
    expect(lot?.stopLoss?.lt(lot.price)).toBe(true);
    expect(opened.record?.working).toMatchObject([{ protects: lot?.positionId, side: "sell" }]);

    await playUntil(stack, at("14:20:30"));
    const closed = await waitForBooks(stack, DEMO, ({ trades, lots, record: now }) => {
      expect(trades).toHaveLength(1);
      expect(lots).toEqual([]);
      expect(now?.working).toEqual([]);
      expect(now?.balance.eq(BALANCE)).toBe(false);
    });
    const truth = truthOf(stack);
    expect(closed.orders.map(({ state, ticket }) => [state, ticket.closes])).toEqual([
      ["filled", undefined],
      ["filled", lot?.positionId],
    ]);
    expect(truth.positions.filter((one) => one.positionStatus === "POSITION_STATUS_OPEN")).toEqual([]);
    const [trade] = closed.trades;
    expect(trade).toMatchObject({ bot: "euro", instrument: "EURUSD" });
    expect(closed.record?.balance.toFixed(2)).toBe(new Decimal(truth.balance).div(100).toFixed(2));
    expect(closed.record?.balance.minus(BALANCE).toFixed(2)).toBe(trade?.net.toFixed(2));
    const book = await stack.app.platform.store.get(botLedgers, botLedgerId(DEMO, "euro"));
    const { realised, fees, swap } = book?.total ?? { realised: BALANCE, fees: BALANCE, swap: BALANCE };
    expect(realised.plus(fees).plus(swap).toFixed(2)).toBe(trade?.net.toFixed(2));
    expect((await reasons()).filter((one) => one === "ORDER_PROPOSED")).toHaveLength(2);
    expect(await reasons()).toHaveLength(11);
  });

  test("the stop that rests at the broker closes without us, and the trade is the bot's", async () => {
    await connect(stack);
    await waitForAccount(stack, DEMO);
    const { lots } = await enter();
    const stop = lots[0]?.stopLoss?.toNumber() ?? 0;

    await setFaults(stack, "ctrader", { movePrice: { symbolId: EURUSD, bid: stop * 0.999 } });
    const { trades, orders } = await waitForBooks(stack, DEMO, (books) =>
      expect(books.trades).toHaveLength(1),
    );

    expect(orders).toHaveLength(1);
    expect(trades).toMatchObject([{ bot: "euro", positionId: lots[0]?.positionId }]);
    expect(trades[0]?.net.lt(0)).toBe(true);
  });

  test("before its login nothing is ordered; the tick says what to do, and the login makes it trade", async () => {
    await playUntil(stack, at("14:01:00"));
    expect((await reasons()).at(-1)).toBe("NO_QUOTE");

    await connect(stack);
    await waitForAccount(stack, DEMO);
    await playUntil(stack, at("14:05:30"));

    const { orders, record } = await waitForBooks(stack, DEMO, (books) => expect(books.lots).toHaveLength(1));
    expect(orders).toMatchObject([{ tick: at("14:05:00"), generation: 1 }]);
    // Both sides of the sandbox have one clock.
    expect(Math.abs(record?.driftMs ?? 9_999)).toBeLessThanOrEqual(1_000);
  });
});

describe("where a bot may not trade live", () => {
  const faults = (connection: string, over: object = {}) => {
    const read = configSchema.safeParse({
      ...over,
      accounts: [anAccount(connection, "live")],
      bots: [aClockBot("euro", { connection, mode: "live" })],
    });
    return read.error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`) ?? [];
  };
  const live = {
    id: "ctrader-live",
    label: "x",
    broker: "ctrader",
    environment: "live",
    needed: "on-demand",
  };

  test("real money is refused by the configuration, at either broker", () => {
    const told = ["bots.0.mode is not earned: no bot may trade real money yet; write `mode: paper`"];

    expect(faults(PRODUCTION)).toEqual(told);
    expect(faults("ctrader-live", { connections: [live] })).toEqual(told);
  });

  test("so is E*TRADE's sandbox, whose answers are always the same and where nothing is ever filled", () => {
    expect(faults(SANDBOX)).toEqual([
      "bots.0.mode is nothing to trade on: E*TRADE's sandbox fills no order; write `mode: paper`",
    ]);
  });

  test("the demo is not", () => {
    expect(faults(DEMO)).toEqual([]);
  });
});
