/**
 * Makes way for an order that closes, where the broker counts the shares of resting stops as spoken for: it
 * refuses a second closing order for the same shares.
 */
import { Decimal } from "decimal.js";
import type { Clock } from "../../platform/clock.ts";
import type { Store, Transaction } from "../../platform/store.ts";
import { isProtective, unfinishedOrders } from "../control/sweep-orders.ts";
import { minus, sum } from "../ledger/exact.ts";
import { accountLedgers } from "../ledger/records.ts";
import { isDone } from "../order-progress.ts";
import { type OrderRecord, orderId, orders } from "../records.ts";
import { withCancelRequest } from "../submit-order.ts";
import type { TradedAccount } from "../traded-account.ts";
import { isBeingCancelled } from "./decide-protection.ts";
import { isOf, readLots } from "./lots-to-protect.ts";

export interface ClearWayDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly account: TradedAccount;
}

/**
 * True where the order may be claimed and sent now. Else its lot's stop was asked to be cancelled, or another
 * order is closing the lot: look again soon. An order for more than is left of its lot is cut down to that, and
 * one for a lot that is gone is over.
 */
export async function clearWay(deps: ClearWayDeps, order: OrderRecord): Promise<boolean> {
  const { store, account } = deps;
  const { closes } = order.ticket;
  if (closes === undefined || isProtective(order)) return true;
  const name = { positionId: closes, bot: order.bot };
  const others = (await unfinishedOrders(store, account)).filter(
    (one) => isOf(one, name) && one.clientOrderId !== order.clientOrderId,
  );
  return store.transact((transaction) => clearIn(deps, transaction, order, others));
}

async function clearIn(
  { account, clock }: ClearWayDeps,
  transaction: Transaction,
  { clientOrderId, ticket: { closes = "" }, bot }: OrderRecord,
  known: readonly OrderRecord[],
): Promise<boolean> {
  const read = (id: string) => transaction.get(orders, orderId(account.id, id));
  const order = await read(clientOrderId);
  const others: OrderRecord[] = [];
  for (const one of known) {
    const now = await read(one.clientOrderId);
    if (now !== undefined && !isDone(now.state)) others.push(now);
  }
  const ledger = await transaction.get(accountLedgers, account.id);
  // Whatever else is to be said of it, the claim says it.
  if (order?.state !== "created" || order.cancelRequestedAt !== undefined) return true;

  const now = clock.now();
  const put = (record: OrderRecord) =>
    transaction.set(orders, orderId(account.id, record.clientOrderId), record);
  const stops = others.filter(isProtective);
  const makeWay = () => {
    for (const stop of stops) if (!isBeingCancelled(stop, now)) put(withCancelRequest(stop, now));
    return false;
  };
  // What is nobody's of ours is not in the books before it was compared with the broker's.
  if (bot === undefined) return stops.length === 0 || makeWay();
  const has = sum(readLots(ledger?.lots ?? [], { positionId: closes, bot }).map((one) => one.quantity));
  if (!has.gt(0)) {
    const refusal = { code: "POSITION_GONE", text: "What it closes was closed before it could leave." };
    put({ ...order, state: "refused", isDue: false, refusal, changedAt: now });
    return false;
  }
  const free = minus(has, leftOf(others.filter((one) => !isProtective(one) && one.state !== "created")));
  if (!free.gt(0)) return false;
  const quantity = Decimal.min(order.ticket.quantity, free);
  // Beside an order that closes a part, the stop of the rest may stay.
  if (quantity.plus(leftOf(stops)).gt(free)) return makeWay();
  if (!quantity.eq(order.ticket.quantity))
    put({ ...order, ticket: { ...order.ticket, quantity }, changedAt: now });
  return true;
}

function leftOf(all: readonly OrderRecord[]): Decimal {
  return sum(all.map((one) => minus(one.ticket.quantity, one.filledQuantity)));
}
