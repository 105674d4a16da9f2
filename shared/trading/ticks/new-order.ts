/** An order of a tick as it is written down, and in words. Pure. */
import type { OrderRecord, StoredTicket } from "../records.ts";
import type { TickTerms } from "./tick-terms.ts";

/** The record of an order that waits for the worker. */
export function newOrder(
  { account, bot, instant, now, view }: TickTerms,
  order: Pick<OrderRecord, "clientOrderId" | "ticket" | "sendBy"> & { readonly why: string },
): OrderRecord {
  return {
    connection: account.id,
    clientOrderId: order.clientOrderId,
    source: bot.id,
    bot: bot.id,
    tick: instant,
    why: order.why,
    ticket: order.ticket,
    state: "created",
    isDue: true,
    createdAt: now,
    sendBy: order.sendBy,
    changedAt: now,
    filledQuantity: order.ticket.quantity.minus(order.ticket.quantity),
    ...quoted(view, order.ticket),
  };
}

/** By what a market order's slippage is measured once it is filled. */
function quoted(
  view: TickTerms["view"],
  { instrument, side, type }: StoredTicket,
): Pick<OrderRecord, "quotedPrice"> {
  const quote = type === "market" ? view.quote(instrument) : undefined;
  return quote === undefined ? {} : { quotedPrice: side === "buy" ? quote.ask : quote.bid };
}

/** e.g. `buy 5 XAUUSD at market`. */
export function inWords({ side, quantity, instrument, limitPrice, closes }: StoredTicket): string {
  const price = limitPrice === undefined ? "at market" : `at ${limitPrice.toFixed()}`;
  return `${closes === undefined ? side : `close by ${side}`} ${quantity.toFixed()} ${instrument} ${price}`;
}
