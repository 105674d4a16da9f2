/** The cancels of one account that are on their way to the broker. */
import type { TradingBroker } from "../brokers/trading-broker.ts";
import type { Log } from "../platform/log.ts";
import { type CancelDeps, cancelOrder } from "./cancel-order.ts";
import type { OrderRecord } from "./records.ts";
import type { TradedAccount } from "./traded-account.ts";

export interface OrderCancelsDeps extends CancelDeps {
  readonly log: Log;
  readonly broker: TradingBroker;
  readonly account: TradedAccount;
  /** Called after each cancel that the broker answered. */
  readonly answered: () => void;
}

export interface OrderCancels {
  /** Cancels go in every trading state; one at a time an order. `mayLeave` is asked before the bytes go. */
  cancel(order: OrderRecord, mayLeave: () => boolean): void;
  /** Resolves when those that are on their way now are over. */
  idle(): Promise<void>;
}

/** Sends each cancel that a person, the trading state or the protection of a position asked for. */
export function createOrderCancels(deps: OrderCancelsDeps): OrderCancels {
  const onTheirWay = new Map<string, Promise<void>>();

  function cancel(order: OrderRecord, mayLeave: () => boolean): void {
    const { clientOrderId, cancelRequestedAt, state } = order;
    if (cancelRequestedAt === undefined || state === "created" || onTheirWay.has(clientOrderId)) return;
    const cancelling = cancelOrder(deps, order, mayLeave)
      .catch((error: unknown) => {
        deps.log.error("order-not-cancelled", { account: deps.account.id, order: clientOrderId, error });
        return false;
      })
      .then((isAnswered) => {
        onTheirWay.delete(clientOrderId);
        if (isAnswered) deps.answered();
      });
    onTheirWay.set(clientOrderId, cancelling);
  }

  return {
    cancel,
    idle: async () => void (await Promise.all(onTheirWay.values())),
  };
}
