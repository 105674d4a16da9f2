import type { ApiOrder, ApiTrading } from "../../../../shared/console/trading-api.ts";
import { price, quantity } from "../../figures.ts";
import type { TimeFormat } from "../../time-format.ts";
import { reasonTitle } from "../../trading-words.ts";

interface OrdersProps {
  readonly orders: ApiTrading["orders"];
  readonly nowMs: number;
  readonly time: TimeFormat;
}

/** The orders that may still trade, and the last that are over. */
export function Orders({ orders, nowMs, time }: OrdersProps) {
  const { working, isCut, last } = orders;
  return (
    <section class="card mornings" aria-labelledby="orders">
      <h2 id="orders">Working orders</h2>
      {working.length === 0 ? (
        <p class="nothing">No order is working.</p>
      ) : (
        <OrderList orders={working} nowMs={nowMs} time={time} />
      )}
      {isCut && <p class="text-pending">There are more than are listed here.</p>}
      {last.length > 0 && (
        <details class="why">
          <summary>Last orders</summary>
          <OrderList orders={last} nowMs={nowMs} time={time} />
        </details>
      )}
    </section>
  );
}

type ListProps = Omit<OrdersProps, "orders"> & { readonly orders: readonly ApiOrder[] };

function OrderList({ orders, nowMs, time }: ListProps) {
  return (
    <ul class="rows plain">
      {orders.map((order, index) => (
        <li class="row" key={order.clientOrderId ?? `${order.account} ${index}`}>
          <p class="row-main">
            <strong>{wish(order)}</strong>
          </p>
          <p class="row-more">
            <span>
              <b>{stateOf(order)}</b> · {ownerOf(order)} · {order.account}
            </span>
            {order.at !== undefined && <span class="figure">{time.moment(order.at, nowMs)}</span>}
          </p>
          {order.refusal !== undefined && <p class="row-why">{order.refusal.text}</p>}
          {order.refusal === undefined && order.why !== undefined && <p class="row-why">{order.why}</p>}
        </li>
      ))}
    </ul>
  );
}

/** `Filled at 235.60`, where the price is known. */
function stateOf({ state, filledPrice }: ApiOrder): string {
  const title = reasonTitle(state);
  return filledPrice === undefined ? title : `${title} at ${price(filledPrice)}`;
}

function ownerOf({ bot, clientOrderId, closes }: ApiOrder): string {
  if (bot !== undefined) return bot;
  if (clientOrderId !== undefined) return "by hand";
  return closes ? "protects a position" : "not ours";
}

function wish({ side, type, instrument, closes, price: at, ...order }: ApiOrder): string {
  const verb = side === "buy" ? "Buy" : "Sell";
  const filled = Number(order.filledQuantity ?? 0);
  const amount =
    filled > 0 && filled !== Number(order.quantity)
      ? `${quantity(String(filled))} of ${quantity(order.quantity)}`
      : quantity(order.quantity);
  const how = type === "market" ? "at the market" : `${type} ${price(at)}`;
  return `${verb} ${closes ? "to close " : ""}${amount} ${instrument}, ${how}`;
}
