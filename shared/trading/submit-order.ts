/** How an order, or the wish to cancel one, comes into being: a record first, then a wake-up. */
import { isDeepStrictEqual } from "node:util";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { connectionIdSchema } from "../config/connection.ts";
import type { Bus } from "../platform/bus.ts";
import type { Clock } from "../platform/clock.ts";
import { instantSchema } from "../platform/instant.ts";
import type { Log } from "../platform/log.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Store } from "../platform/store.ts";
import { isDone } from "./order-progress.ts";
import { PROTECTION } from "./protection/records.ts";
import {
  type OrderRecord,
  orderCreated,
  orderId,
  orderSchema,
  orders,
  type StoredTicket,
  storedTicketSchema,
} from "./records.ts";

/** An order that no worker could take for so long speaks of a market that is gone. */
const SEND_WITHIN = Temporal.Duration.from({ minutes: 2 });

/** What another program gives to have an order placed. */
export const orderRequestSchema = z.strictObject({
  connection: connectionIdSchema,
  clientOrderId: orderSchema.shape.clientOrderId,
  source: orderSchema.shape.source.refine((source) => source !== PROTECTION, "is not a program's to take"),
  ticket: storedTicketSchema.superRefine((ticket, context) => {
    for (const message of ticketFaults(ticket)) context.addIssue({ code: "custom", message });
  }),
  /** Default: two minutes from now. */
  sendBy: instantSchema.optional(),
});
export type OrderRequest = z.output<typeof orderRequestSchema>;

export interface SubmitDeps {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Writes an order down and wakes the worker that sends it. Safe to repeat: an order that is there already is
 * given back as it stands. `ORDER_ID_TAKEN`: another order of the connection has the id. `REQUEST_MALFORMED`:
 * `detail.fault` says what no order can be.
 */
export async function submitOrder(
  deps: SubmitDeps,
  request: OrderRequest,
): Promise<Result<OrderRecord, "ORDER_ID_TAKEN" | "REQUEST_MALFORMED">> {
  const checked = z.safeEncode(orderRequestSchema, request);
  if (!checked.success) {
    return fail("REQUEST_MALFORMED", { fault: checked.error.issues[0]?.message ?? "is no order" });
  }
  const { connection, clientOrderId } = request;
  const submitted = await deps.store.transact(async (transaction) => {
    const before = await transaction.get(orders, orderId(connection, clientOrderId));
    if (before !== undefined) {
      return isSame(before, request) ? succeed(before) : fail("ORDER_ID_TAKEN", { order: clientOrderId });
    }
    const record = newOrderRecord(request, deps.clock.now());
    transaction.set(orders, orderId(connection, clientOrderId), record);
    return succeed(record);
  });
  if (submitted.ok && submitted.value.isDue) await wakeFor(deps, submitted.value);
  return submitted;
}

/** Asks for an order to be cancelled. One that is over stays as it is; `undefined`: there is no such order. */
export async function requestCancel(
  deps: SubmitDeps,
  { connection, clientOrderId }: Pick<OrderRecord, "connection" | "clientOrderId">,
): Promise<OrderRecord | undefined> {
  const asked = await deps.store.transact(async (transaction) => {
    const id = orderId(connection, clientOrderId);
    const before = await transaction.get(orders, id);
    if (before === undefined || isDone(before.state)) return before;
    const record = withCancelRequest(before, deps.clock.now());
    transaction.set(orders, id, record);
    return record;
  });
  if (asked?.isDue) await wakeFor(deps, asked);
  return asked;
}

/** An order that is not over, with the wish to cancel it. Pure. */
export function withCancelRequest(before: OrderRecord, now: Temporal.Instant): OrderRecord {
  const { cancelTrouble: _, ...rest } = before;
  return {
    ...rest,
    isDue: true,
    cancelRequestedAt: before.cancelRequestedAt ?? now,
    changedAt: now,
  };
}

/** Wakes the worker that has something to do for an order. Losing it costs the seconds until the worker's next look. */
export async function wakeFor(
  { bus, log }: Pick<SubmitDeps, "bus" | "log">,
  { connection, clientOrderId }: Pick<OrderRecord, "connection" | "clientOrderId">,
): Promise<void> {
  try {
    await bus.publish(orderCreated, { connection, clientOrderId });
  } catch (error) {
    log.warn("order-wake-up-lost", { connection, order: clientOrderId, error });
  }
}

/** An order as it is first written down. Pure. */
export function newOrderRecord(request: OrderRequest, now: Temporal.Instant): OrderRecord {
  const { connection, clientOrderId, source, ticket, sendBy = now.add(SEND_WITHIN) } = request;
  const filledQuantity = ticket.quantity.minus(ticket.quantity);
  return {
    connection,
    clientOrderId,
    source,
    ticket,
    state: "created",
    isDue: true,
    createdAt: now,
    sendBy,
    changedAt: now,
    filledQuantity,
  };
}

function isSame(before: OrderRecord, { source, ticket }: OrderRequest): boolean {
  const written = (one: StoredTicket) => z.encode(storedTicketSchema, one);
  return before.source === source && isDeepStrictEqual(written(before.ticket), written(ticket));
}

/** What makes a ticket impossible at every broker, in words; a broker's own rules are its client's business. */
export function ticketFaults(ticket: StoredTicket): readonly string[] {
  const { type, limitPrice, stopPrice, stopLoss, takeProfit, timeInForce, expiresAt, closes } = ticket;
  const levels = [stopLoss, takeProfit].filter((one) => one !== undefined);
  const amounts = [
    ticket.quantity,
    limitPrice,
    stopPrice,
    ...levels.map((one) => ("price" in one ? one.price : one.distance)),
  ];
  const faults: readonly (readonly [boolean, string])[] = [
    [amounts.some((one) => one?.lte(0)), "a quantity, price or distance is above 0"],
    [(type === "limit") !== (limitPrice !== undefined), "a limit order, and no other, has a limit price"],
    [(type === "stop") !== (stopPrice !== undefined), "a stop order, and no other, has a stop price"],
    [
      levels.some((one) => "distance" in one !== (type === "market")),
      "a market order's levels are distances, those of other orders prices",
    ],
    [(timeInForce === "gtd") !== (expiresAt !== undefined), "a gtd order, and no other, has an end"],
    [closes !== undefined && levels.length > 0, "an order that closes has no levels"],
  ];
  return faults.filter(([isFault]) => isFault).map(([, text]) => text);
}
