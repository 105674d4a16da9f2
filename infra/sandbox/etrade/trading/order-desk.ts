/** Preview, place, cancel and change: the calls that do something. */
import type { Temporal } from "temporal-polyfill";
import type { SimulatedAccount } from "../accounts.ts";
import type { Refusal } from "../dress.ts";
import type { Faults } from "../faults.ts";
import { type CheckContext, checkOrder, type Remark } from "./checks.ts";
import { cancelDocument, type Document, placeDocument, previewDocument } from "./dress-orders.ts";
import { filledOf, isWorking, leftOf, type OrderRecord, type Preview, type Ticket } from "./records.ts";
import { settle } from "./settle.ts";
import { isSameTicket, type OrderRequest, readOrderRequest, type Unreadable } from "./ticket.ts";
import type { TradingBook } from "./trading-book.ts";
import { forcedPrice } from "./walk.ts";

/** A body, or a refusal. */
export type OrderAnswer =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly refusal: Refusal };

/** A call on one account. */
export interface OrderCall {
  readonly account: SimulatedAccount;
  /** The body as read; undefined where it could not be. */
  readonly body: unknown;
  readonly now: Temporal.Instant;
  /** The order of the path, of a change. */
  readonly orderId?: number | undefined;
}

interface DeskDeps {
  readonly book: TradingBook;
  faults(): Faults;
}

export interface OrderDesk {
  preview(call: OrderCall): OrderAnswer;
  place(call: OrderCall): OrderAnswer;
  cancel(call: OrderCall): OrderAnswer;
}

const TIMED_OUT =
  "For your protection, we have timed out your original order request. If you would like to place this order, please resubmit it now.";
const BEING_EXECUTED = "This order is currently being executed or rejected. It cannot be cancelled.";

/** Makes the desk; with an `orderId` a preview or place is a change of that order. */
export function createOrderDesk(deps: DeskDeps): OrderDesk {
  return {
    preview: (call) => preview(deps, call),
    place: (call) => place(deps, call),
    cancel: (call) => cancel(deps, call),
  };
}

function refused({ code, message }: Remark): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { status: 400, code, message } };
}

function contextOf(
  { book, faults }: DeskDeps,
  { account, now }: OrderCall,
  more: { readonly at: CheckContext["at"]; readonly changes: OrderRecord | undefined },
): CheckContext {
  const trading = book.at(account, now);
  return { account, trading, market: book.market, now: now.epochMilliseconds, faults: faults(), ...more };
}

type Changed =
  | { readonly ok: true; readonly order: OrderRecord | undefined }
  | { readonly ok: false; readonly refusal: Refusal };

/** The order that is to be changed, if it still can be. */
function changedOrder(deps: DeskDeps, { account, now, orderId }: OrderCall): Changed {
  if (orderId === undefined) return { ok: true, order: undefined };
  const { changePartial, orderUnknownCode } = deps.faults();
  const order = deps.book.at(account, now).orders.find((one) => one.orderId === orderId);
  if (order === undefined) return refused({ code: orderUnknownCode, message: "The order was not found." });
  if (order.status === "CANCEL_REQUESTED") return refused(CANCEL_PENDING);
  if (!isWorking(order)) return refused({ code: 5001, message: BEING_EXECUTED });
  if (filledOf(order) > 0 && changePartial === "refuse") {
    return refused({ code: 167, message: "The order is filled in part and cannot be changed." });
  }
  return { ok: true, order };
}

const CANCEL_PENDING = { code: 5003, message: "A request to cancel this order is pending already." };

function invalid(deps: DeskDeps, { message }: Unreadable) {
  return refused({ code: deps.faults().orderInvalidCode, message });
}

function preview(deps: DeskDeps, call: OrderCall): OrderAnswer {
  const request = readOrderRequest(call.body, "PreviewOrderRequest");
  if (!request.ok) return invalid(deps, request);
  const changed = changedOrder(deps, call);
  if (!changed.ok) return changed;
  const context = contextOf(deps, call, { at: "preview", changes: changed.order });
  const verdict = checkOrder(request.ticket, context);
  if (!verdict.ok) return refused(verdict.error);
  const { accountIdKey: account, mode } = call.account;
  const noted = {
    ...{ account, ticket: request.ticket, at: context.now },
    ...(call.orderId === undefined ? {} : { changes: call.orderId }),
  };
  const first = deps.book.addPreview(noted);
  const isTwofold = deps.faults().cashPreviewEntry && mode === "MARGIN";
  const previewIds = isTwofold
    ? [
        { previewId: first.previewId, cashMargin: "MARGIN" },
        { previewId: deps.book.addPreview(noted).previewId, cashMargin: "CASH" },
      ]
    : [{ previewId: first.previewId }];
  const given = { previewIds, warnings: verdict.warnings };
  return { ok: true, document: previewDocument(request.ticket, context, given) };
}

function place(deps: DeskDeps, call: OrderCall): OrderAnswer {
  const request = readOrderRequest(call.body, "PlaceOrderRequest");
  if (!request.ok) return invalid(deps, request);
  const changed = changedOrder(deps, call);
  if (!changed.ok) return changed;
  const context = contextOf(deps, call, { at: "place", changes: changed.order });
  const verdict = checkOrder(request.ticket, context);
  const isDuplicate = !verdict.ok && verdict.error.code === deps.faults().duplicateCode;
  // A used id is noticed whatever its preview says; all else is looked at for a good preview only.
  if (isDuplicate) return refused(verdict.error);
  const previews = goodPreviews(deps, call, request);
  if (previews === undefined) return refused({ code: 101, message: TIMED_OUT });
  if (!verdict.ok) return refused(verdict.error);
  for (const one of previews) one.isSpent = true;
  const order = enter(deps, context, request.ticket);
  const isOpen = context.market.tradingAt(context.now) === sessionOf(request.ticket);
  const entered = isOpen ? ENTERED : QUEUED;
  // The broker's own look at the new order: one without a delay is at the market at once.
  deps.book.at(call.account, call.now);
  deps.book.save();
  return { ok: true, document: placeDocument(order, context, [entered, ...verdict.warnings]) };
}

const ENTERED = { code: 1026, message: "200|Your order was successfully entered during market hours." };
const QUEUED = {
  code: 1027,
  message: "200|The market is closed. Your order was entered and is queued for the next session.",
};

function sessionOf({ marketSession }: Ticket): "open" | "extended" {
  return marketSession === "REGULAR" ? "open" : "extended";
}

/** All previews that a place names, if each is alive and says the same as the place. */
function goodPreviews(
  { book, faults }: DeskDeps,
  { account, now, orderId }: OrderCall,
  { ticket, previewIds = [] }: OrderRequest,
): readonly Preview[] | undefined {
  const { previewLifeSeconds } = faults();
  const found = previewIds.map((id) => book.preview(id));
  const isGood = (one: Preview | undefined): one is Preview =>
    one !== undefined &&
    !one.isSpent &&
    one.account === account.accountIdKey &&
    one.changes === orderId &&
    now.epochMilliseconds - one.at < 1_000 * previewLifeSeconds &&
    isSameTicket(one.ticket, ticket);
  const good = found.filter(isGood);
  return good.length > 0 && good.length === found.length ? good : undefined;
}

const ORDERS_KEPT = 2_000;

/** Enters a checked order, and ends the one whose place it takes. */
function enter({ book }: DeskDeps, context: CheckContext, ticket: Ticket): OrderRecord {
  const { trading, account, now, faults, changes } = context;
  const orderId = trading.nextOrderId;
  trading.nextOrderId += 1;
  const isUnder = (share: number, subject: string) =>
    book.fateOf(account.accountIdKey, orderId, subject) < share;
  const canBeInParts = !ticket.allOrNone && ticket.orderTerm !== "FILL_OR_KILL";
  const placedTime = Math.max(now, (trading.orders.at(-1)?.placedTime ?? 0) + 1);
  const order: OrderRecord = {
    ...{ orderId, ticket, placedTime, placedAt: now, status: "OPEN", fills: [] },
    activeAt: now + faults.fillDelayMs,
    expiresAt: context.market.expiryOf(ticket, now),
    events: [{ name: "ORDER_PLACED", at: now }],
    fate: {
      isRejected: isUnder(faults.rejectShare, "reject"),
      isPartial: canBeInParts && isUnder(faults.partialFillShare, "partial"),
    },
    ...(changes === undefined ? {} : { replaces: changes.orderId }),
  };
  if (changes !== undefined) {
    changes.status = "CANCELLED";
    changes.replacedBy = orderId;
    changes.events.push({ name: "ORDER_CANCELED", at: now });
  }
  trading.orders.push(order);
  const surplus = trading.orders.length - ORDERS_KEPT;
  if (surplus > 0) {
    trading.orders = trading.orders.filter((one, index) => index >= surplus || isWorking(one));
  }
  return order;
}

function cancel(deps: DeskDeps, call: OrderCall): OrderAnswer {
  const faults = deps.faults();
  const orderId = orderIdIn(call.body);
  if (orderId === undefined) return invalid(deps, { ok: false, message: "The request has no order id." });
  const context = contextOf(deps, call, { at: "place", changes: undefined });
  const { trading, now, market, account } = context;
  const order = trading.orders.find((one) => one.orderId === orderId);
  if (order === undefined) {
    return refused({ code: faults.orderUnknownCode, message: "The order was not found." });
  }
  if (order.status === "CANCEL_REQUESTED") return refused(CANCEL_PENDING);
  if (!isWorking(order)) return refused({ code: 5001, message: BEING_EXECUTED });
  const fate = (subject: string) => deps.book.fateOf(account.accountIdKey, orderId, subject);
  const isAtMarket = market.tradingAt(now) === sessionOf(order.ticket) && now >= order.activeAt;
  if (isAtMarket && fate("race") < faults.cancelRaceShare) {
    const cents = forcedPrice(order, market.sides(order.ticket.symbol, now));
    settle(trading, order, { at: now, quantity: leftOf(order), cents });
    deps.book.save();
    return refused({ code: 5001, message: BEING_EXECUTED });
  }
  const spread = Math.max(0, faults.cancelMostMs - faults.cancelLeastMs);
  order.status = "CANCEL_REQUESTED";
  order.cancelAt = now + faults.cancelLeastMs + Math.floor(fate("cancel") * (spread + 1));
  order.fillsLate = fate("late") < faults.lateFillShare;
  order.events.push({ name: "CANCEL_REQUESTED", at: now });
  deps.book.at(account, call.now);
  deps.book.save();
  return { ok: true, document: cancelDocument(account, orderId, now) };
}

function orderIdIn(body: unknown): number | undefined {
  const request = (body as { CancelOrderRequest?: { orderId?: unknown } } | null | undefined)
    ?.CancelOrderRequest;
  const given = request?.orderId;
  const text = typeof given === "number" || typeof given === "string" ? String(given) : "";
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
