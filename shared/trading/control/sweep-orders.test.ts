import { afterEach, beforeEach, expect, test } from "vitest";
import { openTradingHouse, type TradingHouse } from "../../../tests/support/trading-house.ts";
import type { Store } from "../../platform/store.ts";
import { type OrderState, orderId, orders } from "../records.ts";
import { unfinishedOrders } from "./sweep-orders.ts";

let house: TradingHouse;
beforeEach(async () => {
  house = await openTradingHouse();
  await house.submit("a1");
});
afterEach(() => house.close());

async function put(state: OrderState): Promise<void> {
  const order = await house.read("a1");
  const id = orderId(order.connection, order.clientOrderId);
  await house.store.transact(async (transaction) => transaction.set(orders, id, { ...order, state }));
}

const WAY: readonly OrderState[] = ["created", "sending", "unknown", "accepted", "partially-filled"];
const moves = WAY.flatMap((from, at) =>
  WAY.slice(at + 1).flatMap((to) => WAY.map((_, after) => [from, to, after] as const)),
);

test.each(moves)(
  "an order that goes from %s to %s after %i answers is among the unfinished",
  async (from, to, after) => {
    await put(from);
    let answers = 0;
    const moving: Pick<Store, "query"> = {
      async query(...given) {
        if (answers === after) await put(to);
        answers += 1;
        return house.store.query(...given);
      },
    };

    const found = await unfinishedOrders(moving, house.connection);

    expect(found.map(({ clientOrderId }) => clientOrderId)).toEqual(["a1"]);
  },
);
