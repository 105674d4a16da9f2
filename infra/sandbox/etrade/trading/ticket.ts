/** Reads what a preview or a place asks for. */
import { z } from "zod";
import { readSymbol } from "../symbols.ts";
import {
  MARKET_SESSIONS,
  ORDER_ACTIONS,
  ORDER_TERMS,
  type OrderAction,
  PRICE_TYPES,
  type Ticket,
} from "./records.ts";

/** Why an order cannot be read: an error of the caller, told in words. */
export type Unreadable = { readonly ok: false; readonly message: string };

/** What a preview or a place carries. */
export interface OrderRequest {
  readonly ok: true;
  readonly ticket: Ticket;
  /** Undefined where none was sent under the right name. */
  readonly previewIds: readonly number[] | undefined;
}

const amount = z.union([
  z.number(),
  z
    .string()
    .regex(/^(-?\d{1,15}(\.\d{1,10})?)?$/)
    .transform((text) => Number(text)),
]);
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);

const instrumentSchema = z.object({
  Product: z.object({ symbol: z.string().max(50), securityType: z.string().optional() }),
  orderAction: z.string(),
  quantityType: z.string().optional(),
  quantity: amount.optional(),
  orderedQuantity: amount.optional(),
});
const orderSchema = z.object({
  allOrNone: flag.optional(),
  priceType: z.string(),
  orderTerm: z.string(),
  marketSession: z.string(),
  limitPrice: amount.optional(),
  stopPrice: amount.optional(),
  stopLimitPrice: amount.optional(),
  Instrument: z.array(instrumentSchema),
});
const requestSchema = z.object({
  orderType: z.string(),
  clientOrderId: z.string(),
  Order: z.array(orderSchema),
  PreviewIds: z.array(z.object({ previewId: amount })).optional(),
});

function unreadable(message: string): Unreadable {
  return { ok: false, message };
}

/** Reads the object under `root` (`PreviewOrderRequest` or `PlaceOrderRequest`) of a request's body. */
export function readOrderRequest(
  body: unknown,
  root: "PreviewOrderRequest" | "PlaceOrderRequest",
): OrderRequest | Unreadable {
  const outer = z.object({ [root]: z.unknown() }).safeParse(body);
  if (!outer.success) return unreadable(`The request has no ${root}.`);
  const read = requestSchema.safeParse(outer.data[root]);
  if (!read.success) {
    const issue = read.error.issues[0];
    return unreadable(`The request is not valid: ${issue?.path.join(".")} ${issue?.message}.`.slice(0, 200));
  }
  const { orderType, clientOrderId, Order: orders, PreviewIds } = read.data;
  if (orderType !== "EQ") return unreadable(`Orders of the type ${orderType} are not simulated.`);
  if (!/^[A-Za-z0-9]{1,20}$/.test(clientOrderId)) {
    return unreadable("The client order id must have 1 to 20 letters and digits.");
  }
  const [order] = orders;
  if (order === undefined || orders.length !== 1) return unreadable("One order a request is simulated.");
  const ticket = ticketOf(order, clientOrderId);
  if (!ticket.ok) return ticket;
  return { ok: true, ticket: ticket.ticket, previewIds: PreviewIds?.map(({ previewId }) => previewId) };
}

function ticketOf(
  order: z.output<typeof orderSchema>,
  clientOrderId: string,
): { readonly ok: true; readonly ticket: Ticket } | Unreadable {
  const [leg] = order.Instrument;
  if (leg === undefined || order.Instrument.length !== 1) return unreadable("One instrument is simulated.");
  const { Product: product, quantityType = "QUANTITY" } = leg;
  if ((product.securityType ?? "EQ") !== "EQ") return unreadable("Only equities are simulated.");
  const symbol = readSymbol(product.symbol);
  if (symbol?.kind !== "equity") return unreadable("The symbol is not valid.");
  if (quantityType !== "QUANTITY") return unreadable("Only the quantity type QUANTITY is simulated.");
  const quantity = leg.quantity ?? leg.orderedQuantity ?? 0;
  if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > 1_000_000) {
    return unreadable("The quantity must be a whole number of shares.");
  }
  const action = oneOf(ORDER_ACTIONS, leg.orderAction);
  const priceType = oneOf(PRICE_TYPES, order.priceType);
  const orderTerm = oneOf(ORDER_TERMS, order.orderTerm);
  const marketSession = oneOf(MARKET_SESSIONS, order.marketSession);
  if (!action || !priceType || !orderTerm || !marketSession) {
    return unreadable("The action, price type, term or session of the order is not valid.");
  }
  const ticket = {
    ...{ clientOrderId, symbol: symbol.symbol, action, quantity },
    ...{ priceType, orderTerm, marketSession },
    allOrNone: order.allOrNone ?? false,
    ...pricesOf(priceType, order),
  };
  const fault = priceFault(ticket);
  return fault === undefined ? { ok: true, ticket } : unreadable(fault);
}

function oneOf<const T extends string>(names: readonly T[], text: string): T | undefined {
  return names.find((name) => name === text);
}

function pricesOf(priceType: Ticket["priceType"], order: z.output<typeof orderSchema>) {
  const { limitPrice = 0, stopPrice = 0, stopLimitPrice = 0 } = order;
  const hasLimit = priceType === "LIMIT" || priceType === "STOP_LIMIT";
  return {
    limitPrice: hasLimit ? limitPrice || stopLimitPrice : 0,
    stopPrice: priceType === "LIMIT" || priceType === "MARKET" ? 0 : stopPrice,
  };
}

function priceFault(ticket: Ticket): string | undefined {
  const { priceType, limitPrice, stopPrice, orderTerm } = ticket;
  const needsLimit = priceType === "LIMIT" || priceType === "STOP_LIMIT";
  const needsStop = priceType !== "LIMIT" && priceType !== "MARKET";
  if (needsLimit && !isPrice(limitPrice)) return "The limit price is not valid.";
  if (needsStop && !isPrice(stopPrice)) return "The stop price is not valid.";
  const isAtOnce = orderTerm === "IMMEDIATE_OR_CANCEL" || orderTerm === "FILL_OR_KILL";
  return isAtOnce && priceType !== "LIMIT" ? "This term is for limit orders only." : undefined;
}

/** Whole cents, or hundredths of a cent below one dollar. */
function isPrice(dollars: number): boolean {
  const steps = dollars * (dollars < 1 ? 10_000 : 100);
  return dollars > 0 && dollars < 1_000_000 && Math.abs(steps - Math.round(steps)) < 1e-6;
}

/** The side of a symbol's shares that an action closes: held ones, shorted ones, or none. */
export function closes(action: OrderAction): "long" | "short" | undefined {
  if (action === "SELL") return "long";
  return action === "BUY_TO_COVER" ? "short" : undefined;
}

/** Whether a place asks for just what was previewed. */
export function isSameTicket(a: Ticket, b: Ticket): boolean {
  const names = Object.keys(a) as (keyof Ticket)[];
  return names.every((name) => a[name] === b[name]);
}
