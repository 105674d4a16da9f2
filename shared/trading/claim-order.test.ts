import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RECORD } from "../../tests/support/risk-facts.ts";
import { openTradingHouse, type TradingHouse } from "../../tests/support/trading-house.ts";
import type { Lease } from "../platform/lease.ts";
import { accounts } from "./account-record.ts";
import { claimOrder } from "./claim-order.ts";
import { newAccountLedger } from "./ledger/periods.ts";
import { accountLedgers, type Lot } from "./ledger/records.ts";
import { PROTECTION, protectionId, protections } from "./protection/records.ts";
import { ORDER_STATES, type OrderRecord, orderId, orders, tradingStates } from "./records.ts";
import { tradedAccount } from "./traded-account.ts";

let house: TradingHouse;
let term: Lease;

beforeEach(async () => {
  house = await openTradingHouse();
  term = await lead();
  await house.submit("a1");
});
afterEach(() => house.close());

async function lead(): Promise<Lease> {
  const ttl = Temporal.Duration.from({ minutes: 1 });
  const lease = await house.leases.acquire("socket:x", { ttl, holder: "x" });
  if (!lease.ok) throw new Error("the lease is held");
  return lease.value;
}

const id = () => orderId(house.connection.id, "a1");
const claim = (by = term) =>
  claimOrder({ ...house, account: tradedAccount(house.connection, "live"), subscriber: "worker" }, by, id());
const change = (over: Partial<OrderRecord>) =>
  house.store.transact(async (transaction) => {
    const order = await transaction.get(orders, id());
    if (order !== undefined) transaction.set(orders, id(), { ...order, ...over });
  });

test("a claim says under which epoch, with which token and when", async () => {
  const claimed = await claim();

  expect(claimed).toMatchObject({ kind: "claimed", tradingState: { state: "active", halts: [] } });
  expect(await house.read("a1")).toMatchObject({
    state: "sending",
    epoch: term.fence,
    generation: 1,
    sentAt: house.clock.now(),
    isDue: false,
  });
});

test.each([
  ["do not agree", { isReconciled: false, isOlder: false }],
  ["agreed under an earlier term only", { isReconciled: true, isOlder: true }],
])(
  "while books and broker %s, what opens waits and what closes goes",
  async (_what, { isReconciled, isOlder }) => {
    const record = {
      ...RECORD,
      account: house.connection.id,
      isReconciled,
      epoch: isOlder ? term.fence : term.fence + 1,
    };
    await house.store.transact(async (transaction) => transaction.set(accounts, house.connection.id, record));
    const next = await lead();

    const opening = await claim(next);
    await change({ ticket: { ...(await house.read("a1")).ticket, closes: "p1" } });
    const closing = await claim(next);

    expect(opening).toEqual({ kind: "left", reason: "not-reconciled" });
    expect(closing.kind).toBe("claimed");
  },
);

test("a claim whose answer was lost is given again to the same term, and to no later one", async () => {
  await claim();

  const again = await claim();
  const later = await claim(await lead());

  expect(again.kind).toBe("claimed");
  expect(later).toEqual({ kind: "left", reason: "taken" });
});

test.each(ORDER_STATES.filter((state) => state !== "created" && state !== "sending"))(
  "an order that is %s is never claimed",
  async (state) => {
    await change({ state, epoch: term.fence });

    expect(await claim()).toEqual({ kind: "left", reason: "taken" });
    expect((await house.read("a1")).state).toBe(state);
  },
);

test("a term that is over claims nothing", async () => {
  await lead();

  expect(await claim()).toEqual({ kind: "left", reason: "not-leading" });
});

test("an order is claimed until the end of its time, and refused after it", async () => {
  const { sendBy } = await house.read("a1");
  await house.clock.advanceTo(sendBy.add({ milliseconds: 1 }));

  expect(await claim()).toMatchObject({ kind: "ended", order: { refusal: { code: "ORDER_TOO_LATE" } } });
});

test("with a token that has ended an order is left alone", async () => {
  const { sendBy } = await house.read("a1");
  await change({ sendBy: sendBy.add({ hours: 48 }) });
  await house.clock.advanceBy(Temporal.Duration.from({ hours: 24 }));

  expect(await claim()).toEqual({ kind: "left", reason: "no-token" });
  expect((await house.read("a1")).state).toBe("created");
});

interface Kept {
  readonly lot?: Partial<Lot>;
  readonly stopOrder?: string;
  readonly order?: Partial<OrderRecord>;
}

/** A halt, a bot's lot of 10 units, and the order as the stop that is kept for it. */
async function keepStopInHalt({ lot, stopOrder = "a1", order }: Kept): Promise<void> {
  const now = house.clock.now();
  const account = house.connection.id;
  const name = { positionId: "AAPL", bot: "one" };
  const common = { instrument: "AAPL", quantity: new Decimal(10) };
  const held: Lot = {
    ...{ ...name, ...common, side: "buy", price: new Decimal(100), openedAt: now, fees: new Decimal(0) },
    ...lot,
  };
  await house.store.transact(async (transaction) => {
    transaction.set(tradingStates, "all", { state: "halted", who: { kind: "system" }, why: "test", at: now });
    transaction.set(accountLedgers, account, { ...newAccountLedger(account, now), lots: [held] });
    transaction.set(protections, protectionId(account, name), {
      ...{ account, ...name, instrument: "AAPL", serial: 1, stopOrder, state: "placing", since: now },
    });
  });
  await change({
    ...{ source: PROTECTION, bot: "one" },
    ticket: {
      ...{ ...common, side: "sell", type: "stop", stopPrice: new Decimal(90), timeInForce: "gtc" },
      closes: "AAPL",
    },
    ...order,
  });
}

test("in a halt the stop of a bot's lot is claimed", async () => {
  await keepStopInHalt({});

  expect((await claim()).kind).toBe("claimed");
});

test.each<[string, Kept]>([
  ["for more than the lot has", { lot: { quantity: new Decimal(9) } }],
  ["for another bot's lot", { lot: { bot: "two" } }],
  ["for a lot of its own side", { lot: { side: "sell" } }],
  ["that is not the one that is kept", { stopOrder: "a2" }],
  ["of no bot", { order: { bot: undefined } as Partial<OrderRecord> }],
  ["of another source", { order: { source: "one" } }],
])("in a halt a stop %s is refused", async (_what, kept) => {
  await keepStopInHalt(kept);

  expect(await claim()).toMatchObject({ kind: "ended", order: { refusal: { code: "TRADING_HALTED" } } });
});
