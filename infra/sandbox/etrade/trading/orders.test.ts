import { afterEach, expect, test } from "vitest";
import { type Rig, startRig } from "../testing/rig.ts";
import { startTrader } from "../testing/trader.ts";

/** 11:00 in New York on a Monday in winter: the market is open. */
const OPEN = "2026-01-05T16:00:00Z";

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

async function start(options: { now?: string; account?: number } = {}) {
  rig = await startRig({ now: options.now ?? OPEN });
  const trader = await startTrader(rig, options.account);
  return { rig, trader };
}

function pass(open: Rig, duration: { seconds?: number; minutes?: number; hours?: number }): void {
  open.now = open.now.add(duration);
}

test("a market order is previewed, placed and filled at the ask, and moves cash and shares by just that", async () => {
  const { rig, trader } = await start();
  const before = await trader.balance();

  const orderId = await trader.order({ id: "first1", quantity: 10 });
  const atOnce = await trader.one(orderId);
  pass(rig, { seconds: 1 });
  const later = await trader.one(orderId);

  expect(atOnce).toMatchObject({ status: "OPEN", leg: { orderedQuantity: 10, filledQuantity: 0 } });
  expect(atOnce.leg).not.toHaveProperty("averageExecutionPrice");
  expect(later).toMatchObject({ status: "EXECUTED", leg: { filledQuantity: 10 } });
  const paid = Math.round(1_000 * Number(later.leg.averageExecutionPrice)) / 100;
  expect((await trader.balance()).cash).toBeCloseTo(before.cash - paid, 6);
  expect(await trader.positions()).toMatchObject({ AAPL: 50 });
});
