import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ACCOUNT,
  aLot,
  aPeriod,
  d,
  GOLD,
  goldWith,
  LEDGER,
  RECORD,
} from "../../../tests/support/risk-facts.ts";
import { openTokenHouse, silentLog, type TokenHouse } from "../../../tests/support/token-house.ts";
import { type SocketRecord, sockets } from "../../brokers/socket-state.ts";
import { configSchema } from "../../config/config.ts";
import { kpisSchema } from "../../config/kpis.ts";
import { accounts } from "../account-record.ts";
import type { Notice } from "../control/notices.ts";
import { kills, riskEvents } from "../control/records.ts";
import { performanceOf } from "../ledger/performance.ts";
import { accountLedgers, type Trade } from "../ledger/records.ts";
import {
  type OrderRecord,
  orderId,
  orders,
  type PositionRecord,
  positions,
  tradingStates,
} from "../records.ts";
import { type KpiFacts, kpiAlarms } from "./kpis.ts";
import { type LeaveFacts, leaveLook, unguardedLots } from "./leave-safe.ts";
import { dayCounts } from "./records.ts";
import { watchTrading } from "./watch-trading.ts";

/** 10:00 in New York. */
const TEN = Temporal.Instant.from("2026-03-04T15:00:00Z");
const BOUNDS = kpisSchema.parse({});
const CONFIG = configSchema.parse({});

const aTrade = (net: number, index = 0): Trade => ({
  ...{ account: ACCOUNT, positionId: `p${index}`, instrument: "XAUUSD", side: "buy", quantity: d(1) },
  ...{ exitPrice: d(2_000), closedAt: TEN.subtract({ minutes: index }), brokerFillId: `f${index}` },
  ...{ profit: d(net), fees: d(0), swap: d(0), net: d(net) },
});
const trades = (won: number, lost: number) =>
  performanceOf([...Array(won).fill(aTrade(1)), ...Array(lost).fill(aTrade(-1))]);
const facts = (over: Partial<KpiFacts> = {}): KpiFacts => ({
  ...{ date: "2026-03-04", counts: undefined, accounts: [RECORD], performance: trades(0, 0) },
  ...{ trips: 0, memoryMb: undefined },
  ...over,
});
const counts = (over: object) =>
  facts({
    counts: {
      ...{ date: "2026-03-04", countedAt: TEN, keptUntil: TEN },
      connections: { "ctrader-demo": { wanted: 100, ready: 100, lagMs: 0, lags: 0, ...over } },
    },
  });

test.each([
  ["uptimePercent", counts({ wanted: 1_000, ready: 989 }), counts({ wanted: 1_000, ready: 990 })],
  ["uptimePercent", counts({ ready: 95 }), counts({ ready: 96 })],
  ["uptimePercent", counts({ wanted: 60, ready: 0 }), counts({ wanted: 59, ready: 0 })],
  ["latencyMs", counts({ lags: 60, lagMs: 60_060 }), counts({ lags: 60, lagMs: 60_000 })],
  [
    "dayLossPercent",
    facts({ accounts: [{ ...RECORD, equity: d(9_800) }] }),
    facts({ accounts: [{ ...RECORD, equity: d("9800.01") }] }),
  ],
  ["winRatePercent", facts({ performance: trades(44, 56) }), facts({ performance: trades(45, 55) })],
  ["winRatePercent", facts({ performance: trades(0, 25) }), facts({ performance: trades(0, 24) })],
  ["tripsPerDay", facts({ trips: 3 }), facts({ trips: 2 })],
  ["memoryMb", facts({ memoryMb: 401 }), facts({ memoryMb: 400 })],
])("%s is told of beyond its bound, and not at it", (name, beyond, at) => {
  expect(kpiAlarms(beyond, BOUNDS).map((one) => one.name)).toEqual([name]);
  expect(kpiAlarms(at, BOUNDS)).toEqual([]);
});

test("yesterday's loss is not today's", () => {
  expect(kpiAlarms(facts({ accounts: [{ ...RECORD, equity: d(1), day: "2026-03-03" }] }), BOUNDS)).toEqual(
    [],
  );
});

const leave = (over: Partial<LeaveFacts> = {}): LeaveFacts => ({
  ...{ account: ACCOUNT, lots: [aLot()], positions: [], working: [], unfinished: [], bots: [GOLD] },
  ...over,
});
const aPosition = (over: Partial<PositionRecord> = {}): PositionRecord => ({
  ...{ connection: ACCOUNT, positionId: "p1", instrument: "XAUUSD", side: "buy", quantity: d(2) },
  ...{ price: d(2_000), openedAt: TEN, commission: d(0), swap: d(0) },
  ...over,
});
const aStop = (over: Partial<OrderRecord> = {}): OrderRecord => ({
  ...{ connection: ACCOUNT, clientOrderId: "s1", source: "protection", state: "accepted", isDue: false },
  ticket: {
    ...{ instrument: "XAUUSD", side: "sell", type: "stop", quantity: d(2), timeInForce: "gtc" },
    ...{ stopPrice: d(1_990), closes: "p1" },
  },
  ...{ createdAt: TEN, sendBy: TEN, changedAt: TEN, filledQuantity: d(0) },
  ...over,
});
const working = {
  brokerOrderId: "b",
  instrument: "XAUUSD",
  side: "sell" as const,
  quantity: d(2),
  protects: "p1",
};

test.each<[string, Partial<LeaveFacts>, number]>([
  ["no stop at all", {}, 1],
  ["a stop that was only wanted", { lots: [aLot({ stopLoss: d(1_990) })] }, 1],
  ["a position without a level", { positions: [aPosition()] }, 1],
  ["only a take profit", { working: [{ ...working, limitPrice: d(2_100) }] }, 1],
  ["a stop of another position", { unfinished: [aStop({ ticket: { ...aStop().ticket, closes: "p2" } })] }, 1],
  ["a stop that is on its way", { unfinished: [aStop({ state: "sending" })] }, 1],
  ["a level on the position", { positions: [aPosition({ stopLoss: d(1_990) })] }, 0],
  ["a stop of the broker's for it", { working: [{ ...working, stopPrice: d(1_990) }] }, 0],
  ["a stop of ours that rests", { unfinished: [aStop()] }, 0],
  ["a bot that may open without", { bots: [goldWith({ stopRequired: false })] }, 0],
  ["a position by hand", { lots: [aLot({ bot: undefined, clientOrderId: undefined })] }, 0],
])("with %s %j, so many are not safe to leave: %d", (_name, over, bare) => {
  expect(unguardedLots(leave(over))).toHaveLength(bare);
});

// Winter and summer in New York, and the hour that a change of clocks repeats.
test.each([
  ["2026-03-04T20:29:59Z", undefined],
  ["2026-03-04T20:30:00Z", "before the close"],
  ["2026-03-04T21:00:00Z", undefined],
  ["2026-03-05T03:59:59Z", undefined],
  ["2026-03-05T04:00:00Z", "before midnight"],
  ["2026-03-05T05:00:00Z", undefined],
  ["2026-07-01T19:30:00Z", "before the close"],
  ["2026-11-02T03:59:00Z", undefined],
  ["2026-11-02T04:00:00Z", "before midnight"],
])("at %s the look is %s", (at, look) => {
  expect(leaveLook(Temporal.Instant.from(at))).toBe(look);
});

let house: TokenHouse;
let announced: { id: string; notice: Notice }[];
beforeEach(() => {
  house = openTokenHouse(TEN);
  announced = [];
});
afterEach(() => house.close());

const watch = () =>
  watchTrading({
    ...{ store: house.store, clock: house.clock, log: silentLog, config: CONFIG, bounds: BOUNDS },
    announce: async (id, notice) => void announced.push({ id, notice }),
    memoryOf: async () => 120,
  });

const aSocket = (over: Partial<SocketRecord> = {}): SocketRecord => ({
  ...{ connection: GOLD.connection, phase: "ready", ready: true, readySince: TEN, epoch: 1, build: "b" },
  ...{ at: house.clock.now(), lagMs: 20 },
  ...over,
});
const socket = (over: Partial<SocketRecord> = {}) =>
  house.store.transact(async (transaction) => transaction.set(sockets, GOLD.connection, aSocket(over)));
const countsOf = async () => (await house.store.get(dayCounts, "2026-03-04"))?.connections[GOLD.connection];

test("a minute counts once, and one in which the connection waits for its owner not at all", async () => {
  await socket();
  await watch();
  await watch();
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 1 }));
  await socket({ ready: false, phase: "connecting" });
  await watch();
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 1 }));
  await socket({ ready: false, phase: "waiting", waitingFor: "token" });
  await watch();

  expect(await countsOf()).toEqual({ wanted: 2, ready: 1, lagMs: 20, lags: 1 });
});

test("a worker that is silent is not ready, whatever it said last", async () => {
  await socket();
  for (let minute = 0; minute < 3; minute += 1) {
    await watch();
    await house.clock.advanceBy(Temporal.Duration.from({ minutes: 1 }));
  }

  expect(await countsOf()).toMatchObject({ wanted: 3, ready: 2 });
});

test("a machine that has slept, and a clock that has jumped, lose no minute of a connection", async () => {
  await socket();
  await watch();
  await house.clock.advanceBy(Temporal.Duration.from({ hours: 2 }));
  await watch();
  await house.clock.advanceBy(Temporal.Duration.from({ hours: 2 }));
  await socket({ ready: false, phase: "connecting", readySince: house.clock.now() });
  await watch();

  expect(await countsOf()).toMatchObject({ wanted: 1, ready: 1 });
});

test("a connection that stays out is not ready, however seldom it is looked at", async () => {
  await socket();
  await watch();
  const readySince = TEN.add({ minutes: 1 });
  for (const minutes of [5, 5]) {
    await house.clock.advanceBy(Temporal.Duration.from({ minutes }));
    await socket({ ready: false, phase: "connecting", readySince });
    await watch();
  }

  expect(await countsOf()).toMatchObject({ wanted: 3, ready: 1 });
});

test("what is out of bounds is told under one name a day", async () => {
  await house.store.transact(async (transaction) => {
    transaction.set(accounts, ACCOUNT, { ...RECORD, equity: d(9_000) });
    for (const index of [1, 2, 3]) {
      transaction.set(riskEvents, `2026-03-04T14:0${index}:00.000Z:bot:x:DAILY_LOSS`, {
        ...{
          at: TEN.subtract({ minutes: index }),
          kind: "tripped",
          code: "DAILY_LOSS",
          text: "x",
          keptUntil: TEN,
        },
      });
    }
  });

  await watch();
  await watch();

  const ids = new Set(announced.map((one) => one.id));
  expect(ids).toEqual(
    new Set([`kpi:2026-03-04:dayLossPercent:${ACCOUNT}`, "kpi:2026-03-04:tripsPerDay:all"]),
  );
});

test("a confirmed kill is told with its receipt, one that stays open once, with what is in the way", async () => {
  const nothing = {
    ...{ state: "waiting" as const, found: [], cancelled: 0 },
    ...{ filled: 0, positions: 0, protective: 0 },
  };
  const parts = [{ account: "etrade-production" as typeof ACCOUNT, ...nothing }];
  const kill = { scope: "all", actor: { kind: "page" as const }, why: "x", parts };
  const old = TEN.subtract({ hours: 20 });
  await house.store.transact(async (transaction) => {
    transaction.set(kills, "done", { id: "done", ...kill, at: TEN, isOpen: false, confirmedAt: TEN });
    transaction.set(kills, "late", { id: "late", ...kill, at: old, isOpen: false, confirmedAt: TEN });
    transaction.set(kills, "young", { id: "young", ...kill, at: TEN.subtract({ seconds: 9 }), isOpen: true });
    transaction.set(kills, "open", { id: "open", ...kill, at: TEN.subtract({ seconds: 10 }), isOpen: true });
  });

  await watch();

  expect(announced.map((one) => one.id)).toEqual(["kill:done", "kill-open:open", "kill:late"]);
  expect(announced[1]?.notice.lines.join()).toContain("could not be asked: there is no valid token");
});

test("a halt that no worker has told of is told from here", async () => {
  const state = {
    state: "halted" as const,
    who: { kind: "system" as const },
    why: "REPEAT_THROTTLE: x",
    at: TEN,
  };
  await house.store.transact(async (transaction) => transaction.set(tradingStates, "bot:gold", state));

  await watch();

  expect(announced.map((one) => one.id)).toEqual([
    `halt:bot:gold:${TEN.toString({ smallestUnit: "millisecond" })}`,
  ]);
});

test("an order of which nobody knows, and books that disagree, are told once, and not before two minutes", async () => {
  const ago = (seconds: number) => TEN.subtract({ seconds });
  const broken = (seconds: number) => ({
    ...{ ...RECORD, isReconciled: false },
    break: { code: "POSITION_MISSING", text: "Position p1 is not there.", since: ago(seconds) },
  });
  const anOrder = (clientOrderId: string, over: Partial<OrderRecord>): OrderRecord =>
    aStop({ clientOrderId, bot: "gold", ...over });
  const put = (seconds: number) =>
    house.store.transact(async (transaction) => {
      transaction.set(accounts, ACCOUNT, broken(seconds));
      for (const order of [
        anOrder("lost", { state: "unknown", sentAt: ago(120) }),
        anOrder("stuck", { state: "sending", sentAt: ago(120) }),
        anOrder("young", { state: "unknown", sentAt: ago(119) }),
        anOrder("known", { state: "accepted", sentAt: ago(500) }),
      ]) {
        transaction.set(orders, orderId(ACCOUNT, order.clientOrderId), order);
      }
    });
  await put(119);
  await watch();
  const first = announced.splice(0).map((one) => one.id);
  await put(125);
  await watch();
  await put(180);
  await watch();

  expect(first).toEqual([`unknown:${ACCOUNT}:stuck`, `unknown:${ACCOUNT}:lost`]);
  const breaks = announced.filter(({ id }) => id.startsWith("break:"));
  expect(new Set(breaks.map((one) => one.id))).toEqual(
    new Set([`break:${ACCOUNT}:POSITION_MISSING:2026-03-04T14`]),
  );
  expect(breaks[0]?.notice.lines.join()).toContain("Position p1 is not there.");
});

test("many orders of which nobody knows are one message an hour, and each its own once few are left", async () => {
  const put = (state: OrderRecord["state"], from: number, to: number) =>
    house.store.transact(async (transaction) => {
      for (let index = from; index < to; index += 1) {
        const order = aStop({ clientOrderId: `o${index}`, state, sentAt: TEN.subtract({ minutes: 3 }) });
        transaction.set(orders, orderId(ACCOUNT, order.clientOrderId), order);
      }
    });
  await put("unknown", 0, 30);
  await put("sending", 30, 50);
  await watch();
  await watch();
  const many = announced.splice(0);
  await put("filled", 1, 50);
  await watch();

  expect(new Set(many.map(({ id }) => id))).toEqual(new Set([`unknown-many:${ACCOUNT}:2026-03-04T15`]));
  expect(many[0]?.notice.title).toContain("50 orders");
  expect(announced.map(({ id }) => id)).toEqual([`unknown:${ACCOUNT}:o0`]);
});

test("at 15:30 in New York what has no resting stop is listed, by name", async () => {
  await house.store.transact(async (transaction) => {
    transaction.set(accountLedgers, ACCOUNT, {
      ...{ ...LEDGER, day: aPeriod("2026-03-04") },
      lots: [aLot(), aLot({ positionId: "p2", instrument: "EURUSD" })],
    });
    transaction.set(positions, `${ACCOUNT}:p1`, aPosition({ stopLoss: d(1_990) }));
  });
  await watch();
  expect(announced).toEqual([]);

  await house.clock.advanceTo(Temporal.Instant.from("2026-03-04T20:30:00Z"));
  await watch();

  expect(announced.map((one) => one.id)).toEqual(["leave:2026-03-04:before-the-close"]);
  expect(announced[0]?.notice.lines.join()).toContain("EURUSD long 2");
  expect(announced[0]?.notice.lines.join()).not.toContain("XAUUSD");
});
