import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  openTradingHouse,
  pass,
  rest,
  type TradingHouse,
  type TradingProcess,
} from "../../tests/support/trading-house.ts";

let house: TradingHouse;
beforeEach(async () => {
  house = await openTradingHouse();
  house.venue.behaviour = "rest";
});
afterEach(() => house.close());

/** A process at a broker that ends orders at nobody's word but its own. */
async function lead(endsByItself = false): Promise<TradingProcess> {
  const process = await house.start();
  Object.assign(process.broker, { endsByItself: () => endsByItself });
  await process.open();
  return process;
}

/** An order that rests for half a minute. */
const submit = () =>
  house.submit("a1", {
    ticket: {
      ...{ instrument: "EURUSD", side: "buy", type: "limit", quantity: new Decimal(1000) },
      ...{ limitPrice: new Decimal("1.05"), timeInForce: "gtd" },
      expiresAt: house.clock.now().add({ seconds: 30 }),
    },
  });
const seconds = (count: number) => Temporal.Duration.from({ seconds: count });

test("an order is withdrawn at its end, to the second, where the broker does not end it", async () => {
  const { executor } = await lead();
  await submit();
  await executor.wake();

  await house.clock.advanceBy(seconds(28));
  await executor.wake();
  await rest(executor);
  const before = await house.read("a1");
  await house.clock.advanceBy(seconds(2));
  await pass(house.timers, executor, 2);

  expect(before.state).toBe("accepted");
  expect(await house.read("a1")).toMatchObject({ state: "cancelled", isDue: false });
});

test("an end that came while nobody led is made up for by the next who leads", async () => {
  const first = await lead();
  await submit();
  await first.executor.wake();
  await rest(first.executor);
  first.broker.die();
  await first.executor.stop();

  await house.clock.advanceBy(seconds(3_600));
  const { executor } = await lead();
  await executor.wake();
  await rest(executor);

  expect(await house.read("a1")).toMatchObject({ state: "cancelled" });
});

test("what the broker ends by itself is left to it", async () => {
  const { executor, broker } = await lead(true);
  await submit();
  await executor.wake();
  await house.clock.advanceBy(seconds(31));
  await pass(house.timers, executor, 6);

  expect(broker.asked).not.toContain("cancel o-a1");
  expect(await house.read("a1")).toMatchObject({ state: "accepted" });
});
