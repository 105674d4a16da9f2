import { afterEach, expect, test } from "vitest";
import type { TradingSwitchName } from "../faults-trading.ts";
import { type Answer, type Rig, startRig } from "../testing/rig.ts";
import { codeOf, requestOf, startTrader, type Ticket, type Trader } from "../testing/trader.ts";

const OPEN = "2026-01-05T16:00:00Z";
const FAR = { priceType: "LIMIT", limitPrice: 100 };

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

/** A customer at an open market in which a share of AAPL costs 250 dollars. */
interface Scene {
  readonly rig: Rig;
  readonly trader: Trader;
  turn(patch: object): void;
  pass(milliseconds: number): void;
}

/** For each switch: what is seen with it off, how it is set, and what is seen then. */
interface Demonstration {
  readonly patch: object;
  readonly off: unknown;
  readonly on: unknown;
  look(scene: Scene): Promise<unknown>;
}

async function openScene(patch: object): Promise<Scene> {
  open = await startRig({ now: OPEN });
  const rig = open;
  const turn = (change: object) => {
    const result = rig.simulator.setFaults(change);
    if (!result.ok) throw new Error(JSON.stringify(result.detail));
  };
  const pass = (milliseconds: number) => {
    rig.now = rig.now.add({ milliseconds });
  };
  turn({ movePrice: { symbol: "AAPL", price: 250, hold: true } });
  const trader = await startTrader(rig);
  turn(patch);
  return { rig, trader, turn, pass };
}

/** How a call ended: its status, or that no answer came. */
const endOf = (call: Promise<Answer>): Promise<number | string> =>
  call.then(
    ({ status }) => status,
    (error: Error) => error.message,
  );

async function previewIds(trader: Trader, ticket: Ticket): Promise<unknown> {
  return JSON.parse((await trader.preview(ticket)).body).PreviewOrderResponse.PreviewIds;
}

const previewCode = (ticket: Omit<Ticket, "id">) => async (scene: Scene) =>
  codeOf(await scene.trader.preview({ id: "code1", ...ticket }));

/** Places an order with a short patience; how that ended, and how many orders there are then. */
async function placeAndCount({ trader, turn }: Scene): Promise<unknown> {
  const ticket = { id: "fate1", ...FAR };
  const PreviewIds = await previewIds(trader, ticket);
  const body = { PlaceOrderRequest: { ...requestOf(ticket), PreviewIds } };
  const end = await endOf(trader.call("POST", "orders/place", { body, timeoutMs: 80 }));
  turn({ orderReadErrorShare: 0 });
  return [end, (await trader.list()).length];
}

async function afterCancel({ trader, pass }: Scene, waits: number): Promise<unknown> {
  const orderId = await trader.order({ id: "gone1", ...FAR });
  pass(1_000);
  const answer = await trader.cancel(orderId);
  pass(waits);
  return [codeOf(answer), (await trader.one(orderId)).status];
}

async function filledRow({ trader, pass }: Scene, waits = 1_000) {
  const orderId = await trader.order({ id: "row1", quantity: 10 });
  pass(waits);
  return trader.one(orderId);
}

async function burst({ trader }: Scene): Promise<number[]> {
  const statuses = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await trader.call("GET", "orders")).status);
  return statuses;
}

async function secondUse({ trader, pass }: Scene) {
  await trader.order({ id: "used1", quantity: 1 });
  pass(1_000);
  return trader.preview({ id: "used1", quantity: 1 });
}

async function changePartial({ trader, turn, pass }: Scene) {
  turn({ partialFillShare: 1, partialRestMs: 60_000 });
  const orderId = await trader.order({ id: "part1", quantity: 10, priceType: "LIMIT", limitPrice: 260 });
  pass(1_000);
  const ticket = { id: "part2", quantity: 5, priceType: "LIMIT", limitPrice: 261 };
  const body = { PreviewOrderRequest: requestOf(ticket) };
  return codeOf(await trader.call("PUT", `orders/${orderId}/change/preview`, { body }));
}

const partly = async ({ trader, turn, pass }: Scene) => {
  turn({ partialFillShare: 1, partialRestMs: 60_000 });
  await trader.order({ id: "half1", quantity: 10 });
  pass(1_000);
  return trader;
};

const DEMONSTRATIONS = {
  movePrice: {
    patch: { movePrice: { symbol: "AAPL", price: 300, hold: true } },
    off: 250.03,
    on: 300.03,
    look: async (scene) => (await filledRow(scene)).leg.averageExecutionPrice,
  },
  freezePrices: {
    patch: { freezePrices: true },
    off: false,
    on: true,
    async look({ rig, pass }) {
      const value = () => rig.simulator.state().accounts[0]?.netAccountValue;
      const before = value();
      pass(3_600_000);
      return value() === before;
    },
  },
  tradeByHand: {
    patch: { tradeByHand: { symbol: "AAPL", action: "BUY", quantity: 3 } },
    off: [[], null],
    on: [["BUY 3 EXECUTED"], null],
    async look({ rig, trader, pass }) {
      pass(1_000);
      const rows = await trader.list();
      const value = rig.simulator.faults().find(({ name }) => name === "tradeByHand")?.value;
      return [rows.map(({ leg, status }) => `${leg.orderAction} ${leg.orderedQuantity} ${status}`), value];
    },
  },
  ordersPerSecond: { patch: { ordersPerSecond: 2 }, off: [204, 204, 204], on: [204, 204, 400], look: burst },
  ordersPerHour: { patch: { ordersPerHour: 1 }, off: [204, 204, 204], on: [204, 400, 400], look: burst },
  previewLifeSeconds: {
    patch: { previewLifeSeconds: 0 },
    off: undefined,
    on: 101,
    look: async ({ trader }) =>
      codeOf(await trader.place({ id: "life1" }, await previewIds(trader, { id: "life1" }))),
  },
  cashPreviewEntry: {
    patch: { cashPreviewEntry: true },
    off: [1, 200],
    on: [2, 200],
    async look({ trader }) {
      const ids = await previewIds(trader, { id: "cash1" });
      return [(ids as object[]).length, (await trader.place({ id: "cash1" }, ids)).status];
    },
  },
  duplicateClientOrderId: {
    patch: { duplicateClientOrderId: "ignore" },
    off: 400,
    on: 200,
    look: async (scene) => (await secondUse(scene)).status,
  },
  duplicateSeenAt: {
    patch: { duplicateSeenAt: "place" },
    off: 400,
    on: 200,
    look: async (scene) => (await secondUse(scene)).status,
  },
  duplicateCode: {
    patch: { duplicateCode: 77 },
    off: 9_101,
    on: 77,
    look: async (scene) => codeOf(await secondUse(scene)),
  },
  buyingPowerCode: {
    patch: { buyingPowerCode: 77 },
    off: 9_102,
    on: 77,
    look: previewCode({ quantity: 100_000 }),
  },
  orderInvalidCode: {
    patch: { orderInvalidCode: 77 },
    off: 9_103,
    on: 77,
    look: previewCode({ quantity: 1.5 }),
  },
  orderUnknownCode: {
    patch: { orderUnknownCode: 77 },
    off: 9_104,
    on: 77,
    look: async ({ trader }) => codeOf(await trader.cancel(1)),
  },
  orderSymbolCode: {
    patch: { orderSymbolCode: 77 },
    off: 1_019,
    on: 77,
    look: previewCode({ symbol: "ZZZZ" }),
  },
  closingNothing: {
    patch: { closingNothing: "warning" },
    off: [400, 1040],
    on: [200, 1040],
    async look({ trader }) {
      const answer = await trader.preview({ id: "none1", action: "SELL", symbol: "TSLA" });
      const body = JSON.parse(answer.body);
      const warning = body.PreviewOrderResponse?.Order[0].messages.Message[0].code;
      return [answer.status, body.Error?.code ?? warning];
    },
  },
  stopOutOfRange: {
    patch: { stopOutOfRange: "accept" },
    off: 2084,
    on: undefined,
    look: previewCode({ action: "SELL", priceType: "STOP", stopPrice: 300 }),
  },
  changePartial: { patch: { changePartial: "accept" }, off: 167, on: undefined, look: changePartial },
  cancelLeastMs: {
    patch: { cancelLeastMs: 60_000 },
    off: [undefined, "CANCELLED"],
    on: [undefined, "CANCEL_REQUESTED"],
    look: (scene) => afterCancel(scene, 3_001),
  },
  cancelMostMs: {
    patch: { cancelLeastMs: 0, cancelMostMs: 0 },
    off: [undefined, "CANCEL_REQUESTED"],
    on: [undefined, "CANCELLED"],
    look: (scene) => afterCancel(scene, 0),
  },
  cancelRaceShare: {
    patch: { cancelRaceShare: 1 },
    off: [undefined, "CANCELLED"],
    on: [5001, "EXECUTED"],
    look: (scene) => afterCancel(scene, 4_000),
  },
  lateFillShare: {
    patch: { lateFillShare: 1 },
    off: [undefined, "CANCELLED"],
    on: [undefined, "EXECUTED"],
    look: (scene) => afterCancel(scene, 4_000),
  },
  fillDelayMs: {
    patch: { fillDelayMs: 10_000 },
    off: "EXECUTED",
    on: "OPEN",
    look: async (scene) => (await filledRow(scene, 9_000)).status,
  },
  neverFill: {
    patch: { neverFill: true },
    off: "EXECUTED",
    on: "OPEN",
    look: async (scene) => (await filledRow(scene, 60_000)).status,
  },
  partialFillShare: {
    patch: { partialFillShare: 1 },
    off: ["EXECUTED", 10],
    on: ["PARTIAL", 4],
    async look(scene) {
      const row = await filledRow(scene);
      return [row.status, row.leg.filledQuantity];
    },
  },
  partialRestMs: {
    patch: { partialRestMs: 60_000 },
    off: 10,
    on: 4,
    async look(scene) {
      scene.turn({ partialFillShare: 1 });
      const orderId = await scene.trader.order({ id: "rest1", quantity: 10 });
      for (let count = 0; count < 2; count += 1) {
        scene.pass(6_000);
        await scene.trader.list();
      }
      return (await scene.trader.one(orderId)).leg.filledQuantity;
    },
  },
  partialStatus: {
    patch: { partialStatus: "INDIVIDUAL_FILLS" },
    off: ["PARTIAL"],
    on: ["INDIVIDUAL_FILLS"],
    look: async (scene) => (await (await partly(scene)).list()).map(({ status }) => status),
  },
  partialIsOpen: {
    patch: { partialIsOpen: false },
    off: 1,
    on: 0,
    look: async (scene) => (await (await partly(scene)).list([["status", "OPEN"]])).length,
  },
  individualFillRows: {
    patch: { individualFillRows: "orders" },
    off: [6, 4],
    on: [10],
    async look(scene) {
      scene.turn({ partialFillShare: 1 });
      await filledRow(scene, 20_000);
      scene.pass(10_000);
      const rows = await scene.trader.list([["status", "INDIVIDUAL_FILLS"]]);
      return rows.map(({ leg }) => leg.filledQuantity);
    },
  },
  averagePriceDecimals: {
    patch: { averagePriceDecimals: 2 },
    off: 250.4586,
    on: 250.46,
    async look({ trader, turn, pass }) {
      turn({ partialFillShare: 1 });
      const orderId = await trader.order({ id: "avg1", quantity: 7 });
      pass(1_000);
      await trader.list();
      turn({ movePrice: { symbol: "AAPL", price: 250.6, hold: true } });
      pass(6_000);
      return (await trader.one(orderId)).leg.averageExecutionPrice;
    },
  },
  rejectShare: {
    patch: { rejectShare: 1 },
    off: "EXECUTED",
    on: "REJECTED",
    look: async (scene) => (await filledRow(scene)).status,
  },
  executedBeforePlaced: {
    patch: { executedBeforePlaced: true },
    off: false,
    on: true,
    async look(scene) {
      const { detail } = await filledRow(scene);
      return Number(detail.executedTime) < Number(detail.placedTime);
    },
  },
  garbageExecutedShare: {
    patch: { garbageExecutedShare: 1 },
    off: "some",
    on: "all",
    async look({ trader, pass }) {
      for (let count = 0; count < 12; count += 1) {
        await trader.cancel(await trader.order({ id: `gar${count}`, ...FAR, quantity: 1 }));
      }
      pass(4_000);
      const times = (await trader.list()).map(({ detail }) => detail.executedTime);
      const garbage = times.filter((time) => /^2\d{9}$/.test(String(time))).length;
      return garbage === 12 ? "all" : garbage === 0 ? "none" : "some";
    },
  },
  markerPages: {
    patch: { markerPages: "inclusive" },
    off: 1,
    on: 2,
    async look({ trader }) {
      for (const id of ["mp1", "mp2"]) await trader.order({ id, ...FAR, quantity: 1 });
      const answer = await trader.call("GET", "orders", { query: [["count", "1"]] });
      const { marker } = JSON.parse(answer.body).OrdersResponse;
      return (await trader.list([["marker", marker]])).length;
    },
  },
  lastPageMarker: {
    patch: { lastPageMarker: true },
    off: false,
    on: true,
    async look({ trader }) {
      await trader.order({ id: "last1", ...FAR });
      return "marker" in JSON.parse((await trader.call("GET", "orders")).body).OrdersResponse;
    },
  },
  sameDayDates: {
    patch: { sameDayDates: "accept" },
    off: 400,
    on: 204,
    look: async ({ trader }) =>
      (
        await trader.call("GET", "orders", {
          query: [
            ["fromDate", "01052026"],
            ["toDate", "01052026"],
          ],
        })
      ).status,
  },
  defaultOrderDays: {
    patch: { defaultOrderDays: 3 },
    off: 1,
    on: 0,
    async look({ rig, trader, pass }) {
      await trader.order({ id: "old1", ...FAR });
      pass(5 * 86_400_000);
      const token = await rig.accessToken();
      const answer = await rig.call(`/v1/accounts/${trader.key}/orders.json`, { token });
      return answer.status === 204 ? 0 : JSON.parse(answer.body).OrdersResponse.Order.length;
    },
  },
  moreTransactionsLies: {
    patch: { moreTransactionsLies: true },
    off: true,
    on: false,
    async look({ trader, pass }) {
      for (const id of ["tx1", "tx2"]) await trader.order({ id, quantity: 1 });
      pass(1_000);
      const answer = await trader.call("GET", "transactions", { query: [["count", "1"]] });
      return JSON.parse(answer.body).TransactionListResponse.moreTransactions;
    },
  },
  missingErrorCode: {
    patch: { missingErrorCode: true },
    off: [400, 101],
    on: [400, undefined],
    async look({ trader }) {
      const answer = await trader.place({ id: "bare1" }, []);
      return [answer.status, codeOf(answer)];
    },
  },
  orderReadErrorShare: {
    patch: { orderReadErrorShare: 1 },
    off: [204, undefined],
    on: [500, 100],
    async look({ trader }) {
      const answer = await trader.call("GET", "orders");
      return [answer.status, codeOf(answer)];
    },
  },
  placeErrorShare: { patch: { placeErrorShare: 1 }, off: [200, 1], on: [500, 0], look: placeAndCount },
  placeErrorAfterShare: {
    patch: { placeErrorAfterShare: 1 },
    off: [200, 1],
    on: [500, 1],
    look: placeAndCount,
  },
  placeSilenceBeforeShare: {
    patch: { placeSilenceBeforeShare: 1 },
    off: [200, 1],
    on: ["no answer came", 0],
    look: placeAndCount,
  },
  placeSilenceAfterShare: {
    patch: { placeSilenceAfterShare: 1 },
    off: [200, 1],
    on: ["no answer came", 1],
    look: placeAndCount,
  },
  busyShare: { patch: { busyShare: 1 }, off: undefined, on: 163, look: previewCode({}) },
} satisfies Record<TradingSwitchName, Demonstration>;

test.each(Object.entries(DEMONSTRATIONS) as [TradingSwitchName, Demonstration][])(
  "the switch %s does what it says, and nothing while it is off",
  async (_, demonstration) => {
    const off = await demonstration.look(await openScene({}));
    await open?.close();

    const on = await demonstration.look(await openScene(demonstration.patch));

    expect(off).toEqual(demonstration.off);
    expect(on).toEqual(demonstration.on);
  },
);

test.each([
  ["timeout-before-accept", "no answer came", 0],
  ["timeout-after-accept", "no answer came", 1],
  ["unavailable-after-accept", 500, 1],
  ["unavailable", 500, 0],
  ["busy", 400, 0],
  ["rate-limit", 400, 0],
  ["garbage", 200, 0],
] as const)("failNext of the kind %s at one place ends as %s with %i orders", async (kind, end, count) => {
  const scene = await openScene({ failNext: { where: "orders/place", kind } });

  expect(await placeAndCount(scene)).toEqual([end, count]);
});

test("a place that was taken in silence is found by a list, and a second place of it is refused", async () => {
  const { trader, turn } = await openScene({});
  const ticket = { id: "lost1", ...FAR };
  const PreviewIds = await previewIds(trader, ticket);
  turn({ failNext: { where: "orders", kind: "timeout-after-accept" } });
  const body = { PlaceOrderRequest: { ...requestOf(ticket), PreviewIds } };
  const end = await endOf(trader.call("POST", "orders/place", { body, timeoutMs: 80 }));

  const again = await trader.call("POST", "orders/place", { body });

  expect(end).toBe("no answer came");
  expect([again.status, codeOf(again)]).toEqual([400, 9_101]);
  expect(await trader.list()).toMatchObject([{ status: "OPEN", leg: { orderedQuantity: 10 } }]);
});

test("an order by hand goes by the broker's rules: what is refused is told, and sets no other switch", async () => {
  const { rig, trader } = await openScene({});

  const result = rig.simulator.setFaults({
    tradeByHand: { account: 1, symbol: "TSLA", action: "SELL", quantity: 3 },
    neverFill: true,
  });

  expect(result).toMatchObject({ ok: false, detail: { switch: "tradeByHand" } });
  expect(rig.simulator.faults().find(({ name }) => name === "neverFill")?.value).toBe(false);
  expect(await trader.list()).toEqual([]);
});

test("a switch that names an impossible price or symbol is refused and moves nothing", async () => {
  const { rig } = await openScene({});

  const results = [
    rig.simulator.setFaults({ movePrice: { symbol: "AAPL", price: 0 } }),
    rig.simulator.setFaults({ movePrice: { symbol: "aapl", price: 10 } }),
  ];

  expect(results.map((result) => result.ok)).toEqual([false, false]);
  expect(rig.simulator.state().accounts[0]?.positions).toContainEqual({
    ...{ symbol: "AAPL", quantity: 40, last: 250 },
  });
});
