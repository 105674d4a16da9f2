/**
 * Withdraws an order at the end that its ticket names, where the broker does not end it by itself. The orders in
 * the store decide at each look, so an end that came while nobody led is made up for by the next look.
 */
import type { Temporal } from "temporal-polyfill";
import type { TradingBroker } from "../brokers/trading-broker.ts";
import type { Clock } from "../platform/clock.ts";
import type { Store } from "../platform/store.ts";
import { isDone } from "./order-progress.ts";
import { isBeingCancelled } from "./protection/decide-protection.ts";
import { type OrderRecord, orderId, orders, UNSETTLED_STATES } from "./records.ts";
import { withCancelRequest } from "./submit-order.ts";
import type { TradedAccount } from "./traded-account.ts";

export interface WithdrawDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly account: TradedAccount;
  readonly broker: Pick<TradingBroker, "endsByItself">;
}

/**
 * Asks for the cancelling of every order of the account that is past its end; undefined where none has an end to
 * come, else the milliseconds until the next.
 */
export async function withdrawEnded(deps: WithdrawDeps): Promise<number | undefined> {
  const { store, clock, account, broker } = deps;
  const { endsByItself } = broker;
  if (endsByItself === undefined) return undefined;
  const now = clock.now();
  let next: number | undefined;
  for (const state of UNSETTLED_STATES) {
    const found = await store.query(orders, { where: { connection: account.id, state } });
    for (const { value: order } of found) {
      const { expiresAt } = order.ticket;
      if (expiresAt === undefined || endsByItself(expiresAt)) continue;
      const leftMs = expiresAt.epochMilliseconds - now.epochMilliseconds;
      if (leftMs > 0) next = Math.min(next ?? leftMs, leftMs);
      else if (!isBeingCancelled(order, now)) await withdraw(deps, order, now);
    }
  }
  return next;
}

function withdraw(
  { store }: WithdrawDeps,
  { connection, clientOrderId }: OrderRecord,
  now: Temporal.Instant,
): Promise<void> {
  const id = orderId(connection, clientOrderId);
  return store.transact(async (transaction) => {
    const order = await transaction.get(orders, id);
    if (order === undefined || isDone(order.state)) return;
    transaction.set(orders, id, withCancelRequest(order, now));
  });
}
