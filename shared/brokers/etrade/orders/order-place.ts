/** One order's way out: previewed, written down, placed. */
import { Decimal } from "decimal.js";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import type { Failure } from "../../../platform/result.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { OrderStanding } from "../../trading-broker.ts";
import type { OrderBook } from "./order-book.ts";
import type { OrderAccess, OrderCalls } from "./order-calls.ts";
import { ENTERED, meaningOf } from "./order-codes.ts";
import type { OrderMemory, SentOrder } from "./order-memory.ts";
import type { OrderRequest } from "./order-request.ts";
import type { EtradeOrder, OrderMessage, OrderPreview, PlacedOrder } from "./order-schemas.ts";
import { PREVIEW_DIFFERS, rejected } from "./order-views.ts";

export interface PlaceParts {
  readonly calls: Pick<OrderCalls, "preview" | "place">;
  readonly book: Pick<OrderBook, "take" | "own">;
  readonly memory: Pick<OrderMemory, "sending" | "sent" | "unsent" | "own">;
  readonly clock: Clock;
  readonly log: Log;
  access(): OrderAccess | undefined;
  brokerIdOf(orderId: string): string;
  warned(clientOrderId: string, messages: readonly OrderMessage[]): void;
}

/** `placed`: the broker has it under a number. `lost`: it may have it. */
export type Placing =
  | { readonly kind: "placed"; readonly orderId: string }
  | { readonly kind: "lost"; readonly sent: SentOrder }
  | { readonly kind: "over"; readonly standing: OrderStanding };

const NOT_SENT: Placing = { kind: "over", standing: { kind: "not-sent" } };

/** Sends an order. `mayLeave` is asked in the moment before each of its two requests leaves. */
export async function placeOrder(
  parts: PlaceParts,
  request: OrderRequest,
  mayLeave: () => boolean,
): Promise<Placing> {
  const { calls, memory, log } = parts;
  const access = parts.access();
  if (access === undefined || !mayLeave()) return NOT_SENT;
  const previewed = await calls.preview(access, request, { mayLeave });
  if (previewed.kind === "refused") return refused(previewed.failure);
  // A preview does nothing at the market: whatever became of it, the order has not left.
  if (previewed.kind !== "done") return NOT_SENT;
  const preview = previewed.value;
  const fault = differenceOf(request, preview);
  if (fault !== undefined) {
    return { kind: "over", standing: { kind: "rejected", brokerCode: PREVIEW_DIFFERS, reason: fault } };
  }
  warn(parts, request, preview.messages);
  const sent = await writeDown(parts, request);
  if (sent === "not-stored") return NOT_SENT;
  if (sent.isSecond) return { kind: "lost", sent: sent.order };
  const placed = await calls.place(access, request, { preview, mayLeave });
  switch (placed.kind) {
    case "done":
      warn(parts, request, placed.value.messages);
      await note(parts, request, placed.value);
      return { kind: "placed", orderId: placed.value.orderId };
    case "unknown":
      return { kind: "lost", sent: sent.order };
    case "refused":
    case "not-sent":
      await memory.unsent(request.clientOrderId).catch((error: unknown) => {
        // Then it is searched for and found absent, which takes longer and is as true.
        log.warn("order-not-forgotten", { order: request.clientOrderId, error });
      });
      return placed.kind === "refused" ? refused(placed.failure) : NOT_SENT;
    default:
      return placed satisfies never;
  }
}

/** An order of this id that was written down before may have left, by whichever process. */
async function writeDown(
  { memory, log }: PlaceParts,
  request: OrderRequest,
): Promise<{ readonly order: SentOrder; readonly isSecond: boolean } | "not-stored"> {
  try {
    const order = await memory.sending(request);
    if (order !== undefined) return { order, isSecond: false };
    const before = await memory.sent(request.clientOrderId);
    return before === undefined ? "not-stored" : { order: before, isSecond: true };
  } catch (error) {
    log.error("order-not-written-down", { order: request.clientOrderId, error });
    return "not-stored";
  }
}

/** The list of orders may lag behind: until it has the order, it is known by its answer. */
async function note(parts: PlaceParts, request: OrderRequest, placed: PlacedOrder): Promise<void> {
  const { memory, book, log, clock } = parts;
  const { clientOrderId } = request;
  const isOwned = await memory.own(parts.brokerIdOf(placed.orderId), clientOrderId).catch(() => false);
  if (!isOwned) log.error("order-owned-by-another", { order: clientOrderId, broker: placed.orderId });
  await book.take([orderOf(request, placed, placed.placedAt ?? clock.now())]);
  book.own(placed.orderId, clientOrderId);
}

function orderOf(
  request: OrderRequest,
  { orderId }: PlacedOrder,
  placedAt: NonNullable<EtradeOrder["placedAt"]>,
): EtradeOrder {
  const { clientOrderId: _ours, ...terms } = request;
  const nothing = new Decimal(0);
  const status = "OPEN";
  return {
    ...terms,
    orderId,
    status,
    placedAt,
    filled: nothing,
    costs: nothing,
    session: "REGULAR",
    legs: 1,
  };
}

/** What the broker has understood otherwise than it was meant must not be placed. */
function differenceOf(request: OrderRequest, { understood }: OrderPreview): string | undefined {
  const { symbol, action, quantity, priceType } = understood;
  if (symbol !== undefined && symbol !== request.symbol) return `the preview is for ${symbol}`;
  if (action !== undefined && action !== request.action) return `the preview is to ${action}`;
  if (priceType !== undefined && priceType !== request.priceType)
    return `the preview is a ${priceType} order`;
  if (quantity !== undefined && !quantity.eq(request.quantity)) {
    return `the preview is for ${quantity.toFixed()} shares`;
  }
  return undefined;
}

function warn(parts: PlaceParts, { clientOrderId }: OrderRequest, messages: readonly OrderMessage[]): void {
  const told = messages.filter(({ code }) => code !== undefined && code !== ENTERED);
  if (told.length === 0) return;
  for (const { code = 0, type } of told) {
    parts.log.warn("order-warned", { order: clientOrderId, code, type, meaning: meaningOf(code) });
  }
  parts.warned(clientOrderId, told);
}

function refused({ detail, code }: Failure<BrokerCallFailure>): Placing {
  const number = Number(detail.brokerCode);
  const standing: OrderStanding = Number.isSafeInteger(number)
    ? rejected(number)
    : { kind: "rejected", brokerCode: code, reason: "the broker refused it" };
  return { kind: "over", standing };
}
