import { fail, type Result, succeed } from "../../../platform/result.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { OrderBook } from "./order-book.ts";
import type { OrderAccess, OrderCalls } from "./order-calls.ts";
import { CANCEL_PENDING, meaningOf } from "./order-codes.ts";
import { isEnded, orderIdOf } from "./order-views.ts";

export interface CancelParts {
  readonly calls: Pick<OrderCalls, "cancel">;
  readonly book: Pick<OrderBook, "get">;
  isReady(): boolean;
  access(): OrderAccess | undefined;
  lastFour(): string;
}

/**
 * Asks the broker to cancel an order, once. Success means that it will try: whether the order is cancelled or
 * filled is seen some seconds later. `BROKER_REFUSED`: it is over, is being filled, or is not the account's.
 */
export async function cancelAtBroker(
  { calls, book, isReady, access, lastFour }: CancelParts,
  brokerOrderId: string,
  mayLeave: () => boolean,
): Promise<Result<void, BrokerCallFailure>> {
  const door = access();
  if (door === undefined || !isReady()) return fail("BROKER_UNREACHABLE");
  const orderId = orderIdOf(lastFour(), brokerOrderId);
  if (orderId === undefined) return refusal("ORDER_UNKNOWN", "the account has no such order");
  const known = book.get(orderId);
  if (known !== undefined && isEnded(known)) return refusal(known.status, "the order is over");
  const written = await calls.cancel(door, orderId, { mayLeave: () => isReady() && mayLeave() });
  if (written.kind === "done") return succeed(undefined);
  if (written.kind !== "refused") return written.failure ?? fail("BROKER_UNREACHABLE");
  const code = Number(written.failure.detail.brokerCode);
  // It is being cancelled already, which is what was wanted.
  return code === CANCEL_PENDING ? succeed(undefined) : refusal(String(code), meaningOf(code));
}

function refusal(brokerCode: string, description: string): Result<void, BrokerCallFailure> {
  return fail("BROKER_REFUSED", { brokerCode, description });
}
