/**
 * A fill: what it does to money and shares.
 *
 * 1. Cash changes by shares times price, to the cent, and by nothing else.
 * 2. The shares of an account are what it started with and what its fills bought and sold.
 * 3. What closes takes the oldest lots first.
 */
import { type AccountTrading, isBuying, leftOf, type OrderRecord } from "./records.ts";

export interface Execution {
  readonly at: number;
  readonly quantity: number;
  readonly cents: number;
}

/** Books a fill of an order and ends the order when nothing is left of it. */
export function settle(account: AccountTrading, order: OrderRecord, execution: Execution): void {
  const { symbol, action } = order.ticket;
  const quantity = isBuying(action) ? execution.quantity : -execution.quantity;
  account.cashCents -= quantity * execution.cents;
  moveLots(account, { symbol, quantity, cents: execution.cents, acquiredAt: execution.at });
  account.transactions.push({
    transactionId: `${26_000_000 + (account.transactions.length % 9_000_000)}${String(order.orderId).padStart(6, "0")}`,
    at: execution.at,
    orderId: order.orderId,
    symbol,
    action,
    quantity,
    cents: execution.cents,
  });
  order.fills.push({ ...execution });
  order.events.push({ name: "ORDER_EXECUTED", at: execution.at });
  if (leftOf(order) === 0) order.status = "EXECUTED";
}

function moveLots(
  account: AccountTrading,
  move: { symbol: string; quantity: number; cents: number; acquiredAt: number },
): void {
  let left = move.quantity;
  for (const lot of account.lots) {
    if (lot.symbol !== move.symbol || Math.sign(lot.quantity) === Math.sign(move.quantity)) continue;
    const closed = Math.sign(left) * Math.min(Math.abs(left), Math.abs(lot.quantity));
    lot.quantity += closed;
    left -= closed;
    if (left === 0) break;
  }
  account.lots = account.lots.filter(({ quantity }) => quantity !== 0);
  if (left === 0) return;
  account.lots.push({ ...move, quantity: left, lotId: account.nextLotId });
  account.nextLotId += 1;
}
