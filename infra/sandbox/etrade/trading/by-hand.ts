/** An order that the customer enters himself, on the broker's own pages and not through a program. */
import type { Temporal } from "temporal-polyfill";
import type { SimulatedAccount } from "../accounts.ts";
import type { Faults } from "../faults.ts";
import { createOrderDesk, type OrderAnswer } from "./order-desk.ts";
import type { TradingBook } from "./trading-book.ts";

/** What the customer enters; without a `limitPrice` at the market. */
export type HandTrade = NonNullable<Faults["tradeByHand"]>;

/** Enters the order by the broker's usual rules; gives the broker's words when it is refused. */
export function enterByHand(
  deps: { readonly book: TradingBook; faults(): Faults },
  account: SimulatedAccount,
  { trade, now }: { readonly trade: HandTrade; readonly now: Temporal.Instant },
): string | undefined {
  const desk = createOrderDesk(deps);
  const { nextOrderId } = deps.book.at(account, now);
  const priceType = trade.limitPrice === undefined ? "MARKET" : "LIMIT";
  const request = {
    ...{ orderType: "EQ", clientOrderId: `hand${nextOrderId}` },
    Order: [
      {
        ...{ allOrNone: false, priceType, orderTerm: "GOOD_FOR_DAY", marketSession: "REGULAR" },
        ...(trade.limitPrice === undefined ? {} : { limitPrice: trade.limitPrice }),
        Instrument: [
          {
            Product: { securityType: "EQ", symbol: trade.symbol },
            orderAction: trade.action,
            quantityType: "QUANTITY",
            quantity: trade.quantity,
          },
        ],
      },
    ],
  };
  const preview = desk.preview({ account, now, body: { PreviewOrderRequest: request } });
  if (!preview.ok) return preview.refusal.message;
  const body = { PlaceOrderRequest: { ...request, PreviewIds: previewIdsIn(preview) } };
  const placed = desk.place({ account, now, body });
  return placed.ok ? undefined : placed.refusal.message;
}

function previewIdsIn(answer: OrderAnswer & { readonly ok: true }): unknown {
  return (answer.document.PreviewOrderResponse as { readonly PreviewIds?: unknown }).PreviewIds;
}
