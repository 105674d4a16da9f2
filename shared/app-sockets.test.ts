import { Decimal } from "decimal.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DEMO, openSocketHouse, type SocketHouse } from "../tests/support/socket-house.ts";
import { configSchema } from "./config/config.ts";
import { orderId, orders } from "./trading/records.ts";

let house: SocketHouse;
beforeEach(async () => {
  house = await openSocketHouse();
});
afterEach(() => house.close());

test("by the configuration that a worker has, no order leaves by which a bot that is gone would open", async () => {
  house.start("one", undefined, { ...configSchema.parse({}), bots: [] });
  await house.pass(6_000);
  await house.submit("a1", { type: "limit", limitPrice: new Decimal("0.5"), timeInForce: "gtc" });
  const id = orderId(DEMO.id, "a1");
  await house.store.transact(async (transaction) => {
    const order = await transaction.get(orders, id);
    if (order !== undefined) transaction.set(orders, id, { ...order, bot: "old" });
  });

  await house.pass(8_000);

  expect(await house.store.get(orders, id)).toMatchObject({ state: "cancelled" });
  expect(await house.store.get(orders, id)).not.toHaveProperty("sentAt");
});
