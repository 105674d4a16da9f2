/** Orders, previews and answers in the broker's own shapes. */
import { Temporal } from "temporal-polyfill";
import type { SimulatedAccount } from "../accounts.ts";
import type { Faults } from "../faults.ts";
import type { Plain } from "../markup.ts";
import { NEW_YORK } from "../token-life.ts";
import { buyingPower, type CheckContext, estimateCents, type Remark } from "./checks.ts";
import { type Fill, filledOf, isBuying, isWorking, type OrderRecord, type Ticket } from "./records.ts";

type Fields = { readonly [name: string]: Plain };
/** A body with its one root. */
export type Document = { readonly [root: string]: Plain };

/** What the shape of a listed order depends on besides the order. */
export interface OrderDress {
  readonly faults: Faults;
  nameOf(symbol: string): string;
  /** A fixed number from 0 up to 1. */
  fateOf(orderId: number, subject: string): number;
  /** The address of an order's details. */
  detailsOf(orderId: number): string;
}

const product = (symbol: string): Fields => ({ symbol, securityType: "EQ" });
const NET_FIELDS = { netPrice: 0, netBid: 0, netAsk: 0, gcd: 0, ratio: "" };

/** The word that stands in an order's `status`. */
export function shownStatus(order: OrderRecord, { partialStatus }: Pick<Faults, "partialStatus">): string {
  const isPartial = order.status === "OPEN" && filledOf(order) > 0;
  return isPartial ? partialStatus : order.status;
}

/** An order of a list or of details. */
export function listedOrder(order: OrderRecord, dress: OrderDress): { readonly [name: string]: Plain } {
  return row(order, dress, { fills: order.fills, status: shownStatus(order, dress.faults) });
}

/** One execution as a row of its own. */
export function listedFill(order: OrderRecord, fill: Fill, dress: OrderDress): Fields {
  return row(order, dress, { fills: [fill], status: "INDIVIDUAL_FILLS" });
}

function row(
  order: OrderRecord,
  dress: OrderDress,
  shown: { readonly fills: readonly Fill[]; readonly status: string },
): Fields {
  const { ticket } = order;
  const filled = filledOf({ fills: [...shown.fills] });
  const spentCents = shown.fills.reduce((sum, { quantity, cents }) => sum + quantity * cents, 0);
  const scale = 10 ** dress.faults.averagePriceDecimals;
  const average = Math.round((spentCents / filled / 100) * scale) / scale;
  const valueCents = filled > 0 ? spentCents : Math.round(100 * ticket.limitPrice * ticket.quantity);
  const detail: Fields = {
    placedTime: order.placedTime,
    ...executedTime(order, dress, shown),
    orderValue: valueCents / 100,
    status: shown.status,
    orderTerm: ticket.orderTerm,
    priceType: ticket.priceType,
    limitPrice: ticket.limitPrice,
    stopPrice: ticket.stopPrice,
    marketSession: ticket.marketSession,
    allOrNone: ticket.allOrNone,
    ...(order.replaces === undefined ? {} : { replacesOrderId: order.replaces }),
    ...(order.replacedBy === undefined ? {} : { replacedByOrderId: order.replacedBy }),
    ...NET_FIELDS,
    Instrument: [
      {
        symbolDescription: dress.nameOf(ticket.symbol),
        orderAction: ticket.action,
        quantityType: "QUANTITY",
        orderedQuantity: ticket.quantity,
        filledQuantity: filled,
        ...(filled > 0 ? { averageExecutionPrice: average } : {}),
        estimatedCommission: 0,
        estimatedFees: 0,
        Product: product(ticket.symbol),
      },
    ],
  };
  return {
    orderId: order.orderId,
    details: dress.detailsOf(order.orderId),
    orderType: "EQ",
    OrderDetail: [detail],
  };
}

function executedTime(
  order: OrderRecord,
  dress: OrderDress,
  { fills, status }: { readonly fills: readonly Fill[]; readonly status: string },
): Fields {
  const last = fills.at(-1)?.at;
  if (last !== undefined && (status === "EXECUTED" || status === "INDIVIDUAL_FILLS")) {
    const early = order.placedTime - 1 - Math.floor(9 * dress.fateOf(order.orderId, "early"));
    return { executedTime: dress.faults.executedBeforePlaced ? early : Math.max(last, order.placedTime) };
  }
  const isOver = status === "CANCELLED" || status === "EXPIRED";
  if (!isOver || dress.fateOf(order.orderId, "garbage") >= dress.faults.garbageExecutedShare) return {};
  // Read as seconds, some day between 2033 and 2037.
  return { executedTime: 2_000_000_000 + Math.floor(139_999_999 * dress.fateOf(order.orderId, "when")) };
}

/** What happened to an order, for its details. */
export function eventsOf(order: OrderRecord, dress: OrderDress): Fields {
  const { ticket } = order;
  const instrument = {
    symbolDescription: dress.nameOf(ticket.symbol),
    orderAction: ticket.action,
    quantityType: "QUANTITY",
    orderedQuantity: ticket.quantity,
    Product: product(ticket.symbol),
  };
  const event = order.events.map(({ name, at }) => ({
    name,
    dateTime: name === "ORDER_PLACED" ? order.placedTime : at,
    Instrument: [instrument],
  }));
  return { Event: event };
}

function isSummer(now: number): boolean {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(NEW_YORK).offset === "-04:00";
}

const messagesOf = (remarks: readonly Remark[]): Fields => ({
  Message: remarks.map(({ code, message }) => ({ description: message, code, type: "WARNING" })),
});

function levels({ mode }: SimulatedAccount): Fields {
  const isMargin = mode === "MARGIN";
  return {
    optionLevelCd: isMargin ? 2 : 1,
    marginLevelCd: isMargin ? "MARGIN_TRADING_ALLOWED" : "MARGIN_TRADING_NOT_ALLOWED",
  };
}

function echoed(
  ticket: Ticket,
  context: CheckContext,
  more: { readonly egQual: string; readonly remarks: readonly Remark[] },
): Fields {
  return {
    orderTerm: ticket.orderTerm,
    priceType: ticket.priceType,
    limitPrice: ticket.limitPrice,
    stopPrice: ticket.stopPrice,
    marketSession: ticket.marketSession,
    allOrNone: ticket.allOrNone,
    ...(more.remarks.length > 0 ? { messages: messagesOf(more.remarks) } : {}),
    egQual: more.egQual,
    estimatedCommission: 0,
    estimatedTotalAmount: totalOf(ticket, context),
    ...NET_FIELDS,
    Instrument: [
      {
        symbolDescription: context.market.tape.listing(ticket.symbol).name,
        orderAction: ticket.action,
        quantityType: "QUANTITY",
        quantity: ticket.quantity,
        cancelQuantity: 0,
        reserveOrder: true,
        reserveQuantity: 0,
        Product: product(ticket.symbol),
      },
    ],
  };
}

/** Dollars; below 0 for a sale. */
function totalOf(ticket: Ticket, context: CheckContext): number {
  const cents = estimateCents(ticket, context);
  return (isBuying(ticket.action) ? cents : -cents) / 100;
}

function powerDetails(ticket: Ticket, context: CheckContext): Fields {
  const power = buyingPower(context);
  const impactCents = isBuying(ticket.action) ? estimateCents(ticket, context) : 0;
  const effect = {
    currentBp: power.totalCents / 100,
    currentOor: power.reservedCents / 100,
    currentNetBp: power.netCents / 100,
    currentOrderImpact: impactCents / 100,
    netBp: (power.netCents - impactCents) / 100,
  };
  if (context.account.mode === "MARGIN") {
    const nonMarginable = { currentBp: Math.floor(power.totalCents / 2) / 100 };
    return { marginBpDetails: { nonMarginable, marginable: effect } };
  }
  return { cashBpDetails: { settled: effect, settledUnsettled: { currentBp: effect.currentBp } } };
}

/** The answer to a preview. */
export function previewDocument(
  ticket: Ticket,
  context: CheckContext,
  given: { readonly previewIds: readonly Fields[]; readonly warnings: readonly Remark[] },
): Document {
  const { account, now } = context;
  return {
    PreviewOrderResponse: {
      orderType: "EQ",
      totalOrderValue: totalOf(ticket, context),
      previewTime: now,
      dstFlag: isSummer(now),
      accountId: account.accountId,
      ...levels(account),
      ...powerDetails(ticket, context),
      Order: [echoed(ticket, context, { egQual: "EG_QUAL_NOT_IN_FORCE", remarks: given.warnings })],
      PreviewIds: given.previewIds,
      Disclosure: {
        ehDisclosureFlag: ticket.marketSession === "EXTENDED",
        ahDisclosureFlag: false,
        conditionalDisclosureFlag: true,
        aoDisclosureFlag: true,
      },
    },
  };
}

/** The answer to a place. */
export function placeDocument(
  order: OrderRecord,
  context: CheckContext,
  remarks: readonly Remark[],
): Document {
  const { account } = context;
  return {
    PlaceOrderResponse: {
      orderType: "EQ",
      dstFlag: isSummer(context.now),
      ...levels(account),
      placedTime: order.placedTime,
      accountId: account.accountId,
      Order: [echoed(order.ticket, context, { egQual: "EG_QUAL_UNSPECIFIED", remarks })],
      OrderIds: [{ orderId: order.orderId }],
    },
  };
}

/** The answer to a cancel that was taken. */
export function cancelDocument(account: SimulatedAccount, orderId: number, now: number): Document {
  const message = "200|Your request to cancel your order is being processed.";
  return {
    CancelOrderResponse: {
      accountId: account.accountId,
      orderId,
      cancelTime: now,
      Messages: messagesOf([{ code: 5011, message }]),
    },
  };
}

/** An order for people and tests: what it is and where it stands. */
export function orderView(order: OrderRecord) {
  const { ticket, orderId, status, fills, placedTime, replaces, replacedBy } = order;
  const filled = filledOf(order);
  return {
    ...{ orderId, status, isWorking: isWorking(order), placedTime },
    ...ticket,
    filledQuantity: filled,
    fills: fills.map(({ at, quantity, cents }) => ({ at, quantity, price: cents / 100 })),
    ...(replaces === undefined ? {} : { replaces }),
    ...(replacedBy === undefined ? {} : { replacedBy }),
  };
}
