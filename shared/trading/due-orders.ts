/** The orders of an account that something is to be done about. */
import { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../config/connection.ts";
import type { Store } from "../platform/store.ts";
import { type OrderRecord, orderId, orders } from "./records.ts";

/** The oldest first; `claiming` are those of which the answer to a claim was lost, due or not. */
export async function readDueOrders(
  store: Store,
  account: ConnectionId,
  claiming: Iterable<string>,
): Promise<readonly OrderRecord[]> {
  const where: Partial<OrderRecord> = { connection: account, isDue: true };
  const found = (await store.query(orders, { where })).map(({ value }) => value);
  for (const clientOrderId of claiming) {
    const one = await store.get(orders, orderId(account, clientOrderId));
    if (one !== undefined && !one.isDue) found.push(one);
  }
  return found.toSorted(
    (one, other) =>
      Temporal.Instant.compare(one.createdAt, other.createdAt) ||
      (one.clientOrderId < other.clientOrderId ? -1 : 1),
  );
}
