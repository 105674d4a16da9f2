import type { TradingBroker } from "../brokers/trading-broker.ts";
import type { Clock } from "../platform/clock.ts";
import type { FailureDetail } from "../platform/result.ts";
import type { Store } from "../platform/store.ts";
import type { OrderJournal } from "./order-journal.ts";
import { isDone } from "./order-progress.ts";
import { type OrderRecord, orderId, orders } from "./records.ts";
import type { TradedAccount } from "./traded-account.ts";
import { findOrder } from "./unsettled-orders.ts";

export interface CancelDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly account: TradedAccount;
  readonly broker: TradingBroker;
  readonly journal: OrderJournal;
}

/**
 * Cancels an order that was asked to be cancelled, and writes down how it stands then: it may have been filled
 * in the meantime. Where the broker cannot be asked, or does not know the order yet, it stays due: false.
 */
export async function cancelOrder(
  { store, clock, account, broker, journal }: CancelDeps,
  order: OrderRecord,
  mayLeave: () => boolean,
): Promise<boolean> {
  const { clientOrderId, brokerOrderId } = order;
  if (brokerOrderId === undefined) return false;
  const answer = await broker.cancel(brokerOrderId, mayLeave);
  if (!answer.ok && answer.code !== "BROKER_REFUSED") return false;
  // Mostly the broker has told of its end before it answered the cancel.
  const told = await store.get(orders, orderId(account.id, clientOrderId));
  if (told !== undefined && isDone(told.state)) {
    if (told.isDue) await endDue(store, told);
    return true;
  }
  const found = await findOrder({ broker, store }, order);
  if (found.ok && found.value.kind !== "absent") await journal.standing(clientOrderId, found.value);
  const trouble = answer.ok ? {} : { cancelTrouble: { code: answer.code, text: textOf(answer.detail) } };
  await store.transact(async (transaction) => {
    const id = orderId(account.id, clientOrderId);
    const now = await transaction.get(orders, id);
    if (now === undefined || isDone(now.state)) return;
    transaction.set(orders, id, { ...now, ...trouble, isDue: false, changedAt: clock.now() });
  });
  return true;
}

/** There is nothing left to do for an order that is over: still due, it would be cancelled for ever. */
function endDue(store: Store, { connection, clientOrderId }: OrderRecord): Promise<void> {
  return store.transact(async (transaction) => {
    const id = orderId(connection, clientOrderId);
    const now = await transaction.get(orders, id);
    if (now?.isDue === true && isDone(now.state)) transaction.set(orders, id, { ...now, isDue: false });
  });
}

function textOf({ brokerCode, description }: FailureDetail): string {
  return [brokerCode, description].filter((part) => part !== undefined).join(": ");
}
