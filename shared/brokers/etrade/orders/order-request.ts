/** Tickets as E*TRADE's requests. A text in place of a request says what is wrong with the ticket. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE, sessionOn, sessionUnderWayOrNext } from "../../../calendar/sessions.ts";
import type { Level, OrderTicket } from "../../trading-broker.ts";
import { canonicalSymbol } from "../quote-symbol.ts";

export type OrderAction = "BUY" | "SELL" | "BUY_TO_COVER" | "SELL_SHORT";
export type PriceType = "MARKET" | "LIMIT" | "STOP";
export type OrderTerm = "GOOD_FOR_DAY" | "GOOD_UNTIL_CANCEL" | "IMMEDIATE_OR_CANCEL";

/** An order of one stock in the regular session, in the broker's words. */
export interface OrderRequest {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly action: OrderAction;
  /** Whole shares. */
  readonly quantity: Decimal;
  readonly priceType: PriceType;
  readonly limitPrice?: Decimal;
  readonly stopPrice?: Decimal;
  readonly term: OrderTerm;
}

const CLIENT_ORDER_ID = /^[A-Za-z0-9]{1,20}$/;
/** One to five letters, and a class of shares after a dot or dash. */
const SYMBOL = /^[A-Z]{1,5}([.-][A-Z]{1,3})?$/;
const SHORT = ":short";

/** The id of a position: the symbol where it is long, with `:short` where it is short. The account nets by symbol. */
export function positionIdOf(symbol: string, isShort: boolean): string {
  // Other securities have names that no document can have.
  const safe = symbol.replace(/[^A-Za-z0-9._:-]/gu, "_");
  return isShort ? `${safe}${SHORT}` : safe;
}

/** The position that an order of this action opens, adds to or closes. */
export function positionOfAction(symbol: string, action: string): string {
  return positionIdOf(symbol, action === "SELL_SHORT" || action === "BUY_TO_COVER");
}

/** Whether a name is that of a stock, of which a price is that of one share; an option's is not. */
export function isStock(symbol: string): boolean {
  return SYMBOL.test(canonicalSymbol(symbol));
}

/** The least step of prices: a cent, or a hundredth of one under a dollar. */
export function priceStepAt(price: Decimal): Decimal {
  return new Decimal(price.lt(1) ? "0.0001" : "0.01");
}

/**
 * The request of a ticket at `now`. Levels are not part of it: this broker attaches none. `isShortAllowed`:
 * whether a sale without a position to close may open a short one.
 */
export function requestOf(
  ticket: OrderTicket,
  options: { readonly now: Temporal.Instant; readonly isShortAllowed: boolean },
): OrderRequest | string {
  const { clientOrderId, quantity } = ticket;
  const symbol = canonicalSymbol(ticket.instrument);
  if (!CLIENT_ORDER_ID.test(clientOrderId)) return "the order's id must be 1 to 20 letters and digits";
  if (!SYMBOL.test(symbol)) return "the instrument is not the symbol of a stock";
  if (!quantity.isInteger() || !quantity.gt(0)) return "the quantity must be a whole number of shares";
  if (ticket.type === "market" && [ticket.stopLoss, ticket.takeProfit].some(isPriceLevel)) {
    return "a market order takes its levels by distance, not by price";
  }
  const action = actionOf(ticket, symbol, options.isShortAllowed);
  if ("fault" in action) return action.fault;
  const prices = pricesOf(ticket);
  if (typeof prices === "string") return prices;
  const term = termOf(ticket, options.now);
  if ("fault" in term) return term.fault;
  return { clientOrderId, symbol, quantity, ...action, ...prices, ...term };
}

/** The body's part that preview and place have in common. */
export function orderBody(request: OrderRequest): Readonly<Record<string, unknown>> {
  const { clientOrderId, symbol, action, quantity, priceType, limitPrice, stopPrice, term } = request;
  return {
    orderType: "EQ",
    clientOrderId,
    Order: [
      {
        allOrNone: "false",
        priceType,
        orderTerm: term,
        marketSession: "REGULAR",
        ...(limitPrice !== undefined && { limitPrice: priceText(limitPrice) }),
        ...(stopPrice !== undefined && { stopPrice: priceText(stopPrice) }),
        Instrument: [
          {
            Product: { securityType: "EQ", symbol },
            orderAction: action,
            quantityType: "QUANTITY",
            quantity: quantity.toFixed(),
          },
        ],
      },
    ],
  };
}

function isPriceLevel(level: Level | undefined): boolean {
  return level !== undefined && "price" in level;
}

/** At least two decimals. */
function priceText(price: Decimal): string {
  return price.toFixed(Math.max(2, price.decimalPlaces()));
}

function actionOf(
  { closes, side }: OrderTicket,
  symbol: string,
  isShortAllowed: boolean,
): { readonly action: OrderAction } | { readonly fault: string } {
  if (closes === undefined) {
    if (side === "buy") return { action: "BUY" };
    return isShortAllowed
      ? { action: "SELL_SHORT" }
      : { fault: "a sale that closes no position would open a short one, which is not allowed" };
  }
  const isShort = closes.endsWith(SHORT);
  if (closes !== positionIdOf(symbol, isShort))
    return { fault: "the position to close is of another symbol" };
  if (side !== (isShort ? "buy" : "sell"))
    return { fault: "this side would add to the position, not close it" };
  return { action: isShort ? "BUY_TO_COVER" : "SELL" };
}

type Prices = Pick<OrderRequest, "priceType" | "limitPrice" | "stopPrice">;

function pricesOf({ type, limitPrice, stopPrice }: OrderTicket): Prices | string {
  if (type === "market") {
    return limitPrice === undefined && stopPrice === undefined
      ? { priceType: "MARKET" }
      : "a market order has no price";
  }
  const price = type === "limit" ? limitPrice : stopPrice;
  const other = type === "limit" ? stopPrice : limitPrice;
  if (price === undefined || other !== undefined) return `a ${type} order has a ${type} price and no other`;
  if (!price.gt(0)) return "a price must be above zero";
  const step = priceStepAt(price);
  if (!price.mod(step).isZero()) return `the price is no multiple of ${step.toFixed()}`;
  return type === "limit"
    ? { priceType: "LIMIT", limitPrice: price }
    : { priceType: "STOP", stopPrice: price };
}

type Term = { readonly term: OrderTerm };

function termOf(
  { type, timeInForce, expiresAt }: OrderTicket,
  now: Temporal.Instant,
): Term | { readonly fault: string } {
  if (timeInForce !== "gtd" && expiresAt !== undefined) return { fault: "only a gtd order has an expiry" };
  if (type === "market") return { term: "GOOD_FOR_DAY" };
  switch (timeInForce) {
    case "gtc":
      return { term: "GOOD_UNTIL_CANCEL" };
    case "ioc":
      return type === "limit" ? { term: "IMMEDIATE_OR_CANCEL" } : { fault: "only a limit order can be ioc" };
    case "gtd":
      return isWithinDay(expiresAt, now)
        ? { term: "GOOD_FOR_DAY" }
        : { fault: "an expiry must be to come, and within the trading day under way or the next one" };
    default:
      return timeInForce satisfies never;
  }
}

/** The broker knows no end but the day's: one before it is Openbell's to bring about. */
function isWithinDay(expiresAt: Temporal.Instant | undefined, now: Temporal.Instant): boolean {
  const session = sessionUnderWayOrNext(now);
  if (expiresAt === undefined || !session.ok) return false;
  const midnight = midnightAfter(session.value.date);
  return Temporal.Instant.compare(expiresAt, now) > 0 && Temporal.Instant.compare(expiresAt, midnight) <= 0;
}

/**
 * Whether an order for the day is over by itself at this end of its. From the close to midnight in New York it is
 * the same to an order of the regular session.
 */
export function endsWithDay(expiresAt: Temporal.Instant): boolean {
  // Midnight is the end of the day before it.
  const last = expiresAt.subtract({ milliseconds: 1 }).toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate();
  const session = sessionOn(last);
  if (!session.ok || session.value === undefined) return false;
  return Temporal.Instant.compare(expiresAt, session.value.close) >= 0;
}

function midnightAfter(date: Temporal.PlainDate): Temporal.Instant {
  return date.add({ days: 1 }).toZonedDateTime(EXCHANGE_TIME_ZONE).toInstant();
}
