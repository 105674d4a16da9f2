/** A kill of fifty orders that rest at the simulated cTrader, which counts fifty requests a second as the real one does. */
import { Decimal } from "decimal.js";
import { afterEach, expect, test } from "vitest";
import { DEMO_ACCOUNT } from "../infra/sandbox/ctrader/testing/rig.ts";
import { configSchema } from "../shared/config/config.ts";
import { createTradingControl } from "../shared/trading/control/command-trading.ts";
import { kills } from "../shared/trading/control/records.ts";
import { unfinishedOrders } from "../shared/trading/control/sweep-orders.ts";
import { DEMO, openSocketHouse, type SocketHouse } from "./support/socket-house.ts";
import { createNotedBus, silentLog } from "./support/token-house.ts";

const ORDERS = 50;

let house: SocketHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

test("fifty orders are cancelled within a tenth of a second, and confirmed a little after the second in which the broker takes no more", async () => {
  house = await openSocketHouse();
  const { rig, store } = house;
  const { desk } = house.start("one");
  await house.pass(3_000);
  for (let n = 0; n < ORDERS; n += 1) {
    const limitPrice = new Decimal("0.5");
    await house.submit(`k${n}`, { type: "limit", limitPrice, timeInForce: "gtc" });
  }
  void desk.wake();
  await house.pass(10_000);
  const working = () =>
    rig.venue.truth(DEMO_ACCOUNT).orders.filter(({ orderStatus }) => orderStatus === "ORDER_STATUS_ACCEPTED")
      .length;
  const resting = working();

  const control = createTradingControl({
    ...{ store, bus: createNotedBus(), clock: rig.clock, timers: rig.timers, log: silentLog },
    ...{ audit: async () => undefined, newId: () => "k" },
    config: configSchema.parse({ connections: [DEMO], accounts: [], bots: [] }),
  });
  await control.kill({ actor: { kind: "terminal" }, why: "test" });
  void desk.control();
  const marks = { cancelledMs: 0, confirmedMs: 0 };
  for (let ms = 20; ms <= 3_000; ms += 20) {
    await house.pass(20, 20);
    if (marks.cancelledMs === 0 && working() === 0) marks.cancelledMs = ms;
    if ((await store.get(kills, "k"))?.isOpen === false) {
      marks.confirmedMs = ms;
      break;
    }
  }

  expect(resting).toBe(ORDERS);
  expect(marks.cancelledMs).toBeLessThanOrEqual(100);
  expect(marks.confirmedMs).toBeGreaterThan(0);
  expect(marks.confirmedMs).toBeLessThanOrEqual(1_300);
  expect(await unfinishedOrders(store)).toEqual([]);
});
