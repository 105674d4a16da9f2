/** Orders as they are shown. Pure. */
import { toIso } from "../platform/instant.ts";
import type { OrderRecord } from "../trading/records.ts";
import type { ApiOrder } from "./trading-api.ts";
import type { AccountBooks } from "./trading-books.ts";

/** More than any broker quotes. */
export const PRICE_PLACES = 5;

/** An order of ours. */
export function reportOrder(order: OrderRecord): ApiOrder {
  const { connection, clientOrderId, bot, ticket, state, filledQuantity, why, refusal, changedAt } = order;
  const filledPrice = averageOf(order);
  const price = ticket.limitPrice ?? ticket.stopPrice;
  return {
    ...{ account: connection, clientOrderId, state, at: toIso(changedAt) },
    ...{ instrument: ticket.instrument, side: ticket.side, type: ticket.type },
    quantity: ticket.quantity.toFixed(),
    filledQuantity: filledQuantity.toFixed(),
    closes: ticket.closes !== undefined,
    ...(filledPrice !== undefined && { filledPrice }),
    ...(bot !== undefined && { bot }),
    ...(price !== undefined && { price: price.toFixed() }),
    ...(why !== undefined && { why }),
    ...(refusal !== undefined && { refusal }),
  };
}

/** Of a market order: the others are filled at their price or better, and their fills tell it. */
function averageOf({ filledWorth, filledQuantity }: OrderRecord): string | undefined {
  if (filledWorth === undefined || !filledQuantity.gt(0)) return undefined;
  return filledWorth.div(filledQuantity).toDecimalPlaces(PRICE_PLACES).toFixed();
}

/** What works at the broker and is none of our orders: stops and take profits of positions, and orders of others. */
export function strayOrders({ account, record }: AccountBooks, working: readonly OrderRecord[]): ApiOrder[] {
  const own = working.filter((order) => order.connection === account.id);
  const ids = new Set(own.flatMap((one) => [one.clientOrderId, one.brokerOrderId]));
  return (record?.working ?? [])
    .filter((one) => !ids.has(one.brokerOrderId) && !ids.has(one.clientOrderId))
    .map(({ instrument, side, quantity, limitPrice, stopPrice, protects }) => {
      const price = limitPrice ?? stopPrice;
      return {
        ...{ account: account.id, instrument, side, state: "working" },
        type: stopPrice !== undefined ? "stop" : limitPrice !== undefined ? "limit" : "market",
        quantity: quantity.toFixed(),
        closes: protects !== undefined,
        ...(price !== undefined && { price: price.toFixed() }),
      };
    });
}
