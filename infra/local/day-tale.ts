/** What happened on a trading day, told from the store in the order in which it happened. */

import type { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { clockTimes } from "../../shared/calendar/zoned.ts";
import type { Store, Stored } from "../../shared/platform/store.ts";
import { type Trade, trades } from "../../shared/trading/ledger/records.ts";
import { type FillRecord, fills, type OrderRecord, orders } from "../../shared/trading/records.ts";

const EASTERN = "America/New_York";

/** One thing that happened. */
interface Event {
  readonly id: string;
  readonly at: Temporal.Instant;
  readonly text: string;
}

export interface DayTale {
  /** The lines of what has happened since the last time that it was asked. */
  more(): Promise<readonly string[]>;
}

/** A tale that tells each order, fill and finished trade once. */
export function createDayTale(store: Pick<Store, "query">): DayTale {
  const told = new Set<string>();
  return {
    async more() {
      const events = [
        ...(await store.query(orders, {})).map(orderEvent),
        ...(await store.query(fills, {})).map(fillEvent),
        ...(await store.query(trades, {})).map(tradeEvent),
      ].filter(({ id }) => !told.has(id));
      for (const { id } of events) told.add(id);
      return events.toSorted((one, other) => Temporal.Instant.compare(one.at, other.at)).map(lineOf);
    },
  };
}

function orderEvent({ id, value }: Stored<OrderRecord>): Event {
  const { source, ticket, why, createdAt } = value;
  const what = `${ticket.closes === undefined ? ticket.side : "close by"} ${ticket.quantity.toFixed()} ${ticket.instrument}`;
  return { id: `order ${id}`, at: createdAt, text: `📝 ${source}: ${what}. ${why ?? ""}`.trimEnd() };
}

function fillEvent({ id, value }: Stored<FillRecord>): Event {
  const { instrument, side, quantity, price, at, clientOrderId, closed } = value;
  const verb = side === "buy" ? "bought" : "sold";
  const by =
    clientOrderId === undefined && closed !== undefined ? "🛑 the resting stop or target was hit: " : "✅ ";
  return {
    id: `fill ${id}`,
    at,
    text: `${by}${verb} ${quantity.toFixed()} ${instrument} at ${price.toFixed()}.`,
  };
}

function tradeEvent({ id, value }: Stored<Trade>): Event {
  const { bot = "somebody", instrument, net, closedAt } = value;
  return { id: `trade ${id}`, at: closedAt, text: `💰 ${bot}: ${instrument} closed, ${signed(net)} net.` };
}

/** Money with its sign, to the cent. */
export function signed(money: Decimal): string {
  return `${money.isNegative() ? "−" : "+"}${money.abs().toFixed(2)}`;
}

function lineOf({ at, text }: Event): string {
  const [time = ""] = clockTimes(at, [EASTERN]);
  return `${time}     ${text}`;
}
