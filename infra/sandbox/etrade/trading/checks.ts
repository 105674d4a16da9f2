/** What the broker looks at before it takes an order: rules, shares and money. */
import type { SimulatedAccount } from "../accounts.ts";
import type { Faults } from "../faults.ts";
import type { MarketView } from "./market-view.ts";
import {
  type AccountTrading,
  filledOf,
  heldOf,
  isBuying,
  isWorking,
  leftOf,
  type OrderRecord,
  type Ticket,
} from "./records.ts";
import { closes } from "./ticket.ts";

/** A message or an error in the broker's words. */
export interface Remark {
  readonly code: number;
  readonly message: string;
}

/** The first error, or what the order is taken with. */
export type Verdict =
  | { readonly ok: false; readonly error: Remark }
  | { readonly ok: true; readonly warnings: readonly Remark[] };

/** What an order is checked against. */
export interface CheckContext {
  readonly account: SimulatedAccount;
  readonly trading: AccountTrading;
  readonly market: MarketView;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly faults: Faults;
  /** The order whose place this one takes. */
  readonly changes?: OrderRecord | undefined;
  readonly at: "preview" | "place";
}

/** Checks an order that can be read. */
export function checkOrder(ticket: Ticket, context: CheckContext): Verdict {
  const error =
    duplicateError(ticket, context) ??
    symbolError(ticket, context) ??
    ruleError(ticket) ??
    stopError(ticket, context) ??
    shareError(ticket, context) ??
    moneyError(ticket, context);
  if (error !== undefined) return { ok: false, error };
  return { ok: true, warnings: warningsOf(ticket, context) };
}

function duplicateError({ clientOrderId }: Ticket, context: CheckContext): Remark | undefined {
  const { duplicateClientOrderId, duplicateSeenAt, duplicateCode } = context.faults;
  if (duplicateClientOrderId === "ignore") return undefined;
  if (context.at === "preview" && duplicateSeenAt === "place") return undefined;
  const isUsed = context.trading.orders.some(({ ticket }) => ticket.clientOrderId === clientOrderId);
  return isUsed ? { code: duplicateCode, message: "The client order id was used before." } : undefined;
}

function symbolError({ symbol }: Ticket, { faults }: CheckContext): Remark | undefined {
  if (!faults.unknownSymbols.includes(symbol)) return undefined;
  return { code: faults.orderSymbolCode, message: `The symbol ${symbol} is not valid.` };
}

function ruleError(ticket: Ticket): Remark | undefined {
  const { priceType, orderTerm, marketSession, allOrNone, quantity } = ticket;
  if (marketSession === "EXTENDED" && priceType !== "LIMIT") {
    return { code: 1053, message: "Orders for the extended session must be limit orders." };
  }
  if (marketSession === "EXTENDED" && allOrNone) {
    return { code: 1054, message: "Orders for the extended session cannot be all-or-none." };
  }
  if (priceType === "MARKET" && orderTerm !== "GOOD_FOR_DAY") {
    return { code: 1035, message: "Market orders must be good for the day." };
  }
  if (allOrNone && quantity < 300) return { code: 1032, message: "All-or-none needs 300 shares or more." };
  return undefined;
}

function stopError(ticket: Ticket, { market, now, faults }: CheckContext): Remark | undefined {
  const isStop = ticket.priceType === "STOP" || ticket.priceType === "STOP_LIMIT";
  if (!isStop || faults.stopOutOfRange === "accept") return undefined;
  const { last } = market.quoted(ticket.symbol, now);
  const stop = 100 * ticket.stopPrice;
  if (isBuying(ticket.action)) {
    return stop <= last ? { code: 2085, message: "The stop price must be above the market." } : undefined;
  }
  return stop >= last ? { code: 2084, message: "The stop price must be below the market." } : undefined;
}

/** Shares that no working order is going to close already. */
function freeShares(side: "long" | "short", ticket: Ticket, { trading, changes }: CheckContext): number {
  const held = heldOf(trading, ticket.symbol);
  const open = Math.max(0, side === "long" ? held : -held);
  const reserved = trading.orders
    .filter((order) => isWorking(order) && order !== changes)
    .filter((order) => order.ticket.symbol === ticket.symbol && closes(order.ticket.action) === side)
    .reduce((sum, order) => sum + leftOf(order), 0);
  return open - reserved;
}

const NO_SHARES =
  "We did not find enough available shares of this security in your account. Please check your positions and open orders.";

function shareError(ticket: Ticket, context: CheckContext): Remark | undefined {
  const isMargin = context.account.mode === "MARGIN";
  if (ticket.action === "SELL_SHORT" || ticket.action === "BUY_TO_COVER") {
    const { orderInvalidCode } = context.faults;
    if (!isMargin) return { code: orderInvalidCode, message: "This account cannot hold short positions." };
  }
  const side = closes(ticket.action);
  if (side === undefined || freeShares(side, ticket, context) >= ticket.quantity) return undefined;
  if (!isMargin || !holdsNothing(side, ticket, context)) return { code: 1037, message: NO_SHARES };
  return context.faults.closingNothing === "error" ? CLOSES_NOTHING : undefined;
}

const CLOSES_NOTHING = { code: 1040, message: "The order closes a position that the account does not hold." };

function holdsNothing(side: "long" | "short", ticket: Ticket, { trading }: CheckContext): boolean {
  const held = heldOf(trading, ticket.symbol);
  return side === "long" ? held <= 0 : held >= 0;
}

function moneyError(ticket: Ticket, context: CheckContext): Remark | undefined {
  if (closes(ticket.action) !== undefined) return undefined;
  const power = buyingPower(context);
  if (estimateCents(ticket, context) <= power.netCents) return undefined;
  const { buyingPowerCode: code } = context.faults;
  return { code, message: "The account does not have enough funds for this order." };
}

/** What an account could buy for, in cents: in all, what working orders have reserved, and what is left. */
export function buyingPower(
  context: Pick<CheckContext, "account" | "trading" | "market" | "now" | "changes">,
) {
  const { account, trading, market, now } = context;
  const reservedCents = trading.orders
    .filter((order) => isWorking(order) && order !== context.changes)
    .filter((order) => closes(order.ticket.action) === undefined)
    .reduce((sum, order) => {
      const part = leftOf(order) / order.ticket.quantity;
      return sum + Math.ceil(part * estimateCents(order.ticket, { market, now }));
    }, 0);
  const values = trading.lots.map((lot) => lot.quantity * market.quoted(lot.symbol, now).last);
  const net = values.reduce((sum, value) => sum + value, 0);
  const gross = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const totalCents = account.mode === "MARGIN" ? 2 * (trading.cashCents + net) - gross : trading.cashCents;
  return {
    totalCents,
    reservedCents,
    netCents: totalCents - reservedCents,
    netValueCents: net,
    grossCents: gross,
  };
}

/** What all shares of an order would cost or bring, in cents, never below 0. */
export function estimateCents(ticket: Ticket, { market, now }: Pick<CheckContext, "market" | "now">): number {
  const { last, bid, ask } = market.quoted(ticket.symbol, now);
  const isTrailing = ticket.priceType.startsWith("TRAILING");
  const named = 100 * (ticket.limitPrice || (isTrailing ? 0 : ticket.stopPrice));
  const price = named || (isTrailing ? last : isBuying(ticket.action) ? ask : bid);
  return Math.round(price * ticket.quantity);
}

function warningsOf(ticket: Ticket, context: CheckContext): readonly Remark[] {
  const { trading, changes } = context;
  const side = closes(ticket.action);
  const isAlike = (order: OrderRecord) =>
    isWorking(order) &&
    order !== changes &&
    filledOf(order) === 0 &&
    order.ticket.symbol === ticket.symbol &&
    order.ticket.action === ticket.action &&
    order.ticket.quantity === ticket.quantity;
  const warnings: Remark[] = [];
  if (side !== undefined && freeShares(side, ticket, context) < ticket.quantity)
    warnings.push(CLOSES_NOTHING);
  if (trading.orders.some(isAlike)) {
    warnings.push({ code: 1042, message: "A similar order is open. This may be a duplicate." });
  }
  return warnings;
}
