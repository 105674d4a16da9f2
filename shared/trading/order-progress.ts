/**
 * What an order's record becomes by what the broker says of it. Pure.
 *
 * 1. A record only moves forward, so what is told twice, late or by two processes changes nothing.
 * 2. What the broker has outranks what was concluded from its silence.
 */
import type { Temporal } from "temporal-polyfill";
import type { Fill, OrderStanding } from "../brokers/trading-broker.ts";
import { plus, times, ZERO } from "./ledger/exact.ts";
import type { OrderRecord, OrderState } from "./records.ts";

/** How much is known in each state: a record never goes to a lower one, nor from one final state to another. */
const KNOWN: Readonly<Record<OrderState, number>> = {
  created: 0,
  sending: 1,
  unknown: 2,
  "not-sent": 3,
  absent: 3,
  accepted: 4,
  "partially-filled": 5,
  filled: 6,
  cancelled: 6,
  expired: 6,
  rejected: 6,
  refused: 6,
};

/** Whether nothing more is expected to happen to an order in this state. */
export function isDone(state: OrderState): boolean {
  return KNOWN[state] === 6 || state === "not-sent" || state === "absent";
}

/** The record by the broker's word; the very same object where it brings nothing new. Its fills are counted apart. */
export function withStanding(
  record: OrderRecord,
  standing: OrderStanding,
  now: Temporal.Instant,
): OrderRecord {
  const told = withIds(record, "brokerOrderId" in standing ? standing : {});
  const state = stateFor(told, standing);
  if (KNOWN[state] <= KNOWN[told.state]) return told === record ? record : { ...told, changedAt: now };
  return {
    ...told,
    state,
    isDue: isDone(state) ? false : told.isDue,
    changedAt: now,
    ...(standing.kind === "rejected" && {
      refusal: { code: standing.brokerCode, text: standing.reason },
    }),
  };
}

/** The record with one more fill of its own, which must not have been counted before. */
export function withFill(record: OrderRecord, fill: Fill, now: Temporal.Instant): OrderRecord {
  const filledQuantity = record.filledQuantity.plus(fill.quantity);
  const isWhole = filledQuantity.gte(record.ticket.quantity);
  const reached: OrderState = isWhole ? "filled" : "partially-filled";
  const state = KNOWN[reached] > KNOWN[record.state] ? reached : record.state;
  const { quotedPrice, filledWorth = ZERO } = record;
  return {
    ...withIds(record, fill),
    filledQuantity,
    ...(quotedPrice !== undefined && {
      filledWorth: plus(filledWorth, times(fill.quantity, fill.price)),
    }),
    state,
    isDue: isDone(state) ? false : record.isDue,
    changedAt: now,
  };
}

/**
 * Whether a fill is one of this order. The orders that protect a position may carry the id of the order that
 * opened it; they trade the other way, and are others at the broker.
 */
export function isFillOf(record: OrderRecord, fill: Fill): boolean {
  const brokerOrderId = record.brokerOrderId ?? fill.brokerOrderId;
  return fill.brokerOrderId === brokerOrderId && fill.side === record.ticket.side;
}

function stateFor(record: OrderRecord, { kind }: OrderStanding): OrderState {
  return kind === "accepted" && record.filledQuantity.gt(0) ? "partially-filled" : kind;
}

function withIds(
  record: OrderRecord,
  ids: { readonly brokerOrderId?: string; readonly positionId?: string },
): OrderRecord {
  const brokerOrderId = record.brokerOrderId ?? ids.brokerOrderId;
  const positionId = record.positionId ?? ids.positionId;
  if (brokerOrderId === record.brokerOrderId && positionId === record.positionId) return record;
  return {
    ...record,
    ...(brokerOrderId !== undefined && { brokerOrderId }),
    ...(positionId !== undefined && { positionId }),
  };
}
