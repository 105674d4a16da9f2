/** One line of the log for each thing that has happened to an order, with what a person needs to follow it. */
import type { Log, LogFields } from "../platform/log.ts";
import type { FillToFold } from "./ledger/ledger-step.ts";
import type { OrderRecord } from "./records.ts";

/** After the broker has spoken of an order of ours. `told`: in its own word. */
export function logStanding(
  log: Log,
  { before, after }: { readonly before: OrderRecord; readonly after: OrderRecord },
  told: string,
): void {
  const { connection, clientOrderId, ticket, source, bot, state, refusal } = after;
  log.info("order-standing", {
    ...{ connection, order: clientOrderId, told, state, was: before.state, source: bot ?? source },
    ...{ side: ticket.side, quantity: ticket.quantity.toFixed(), instrument: ticket.instrument },
    ...(ticket.closes !== undefined && { isClosing: true }),
    ...(refusal !== undefined && { refusal: refusal.code }),
  });
}

/** After fills were written down; those that were known and only found their order are no news. */
export function logFills(log: Log, connection: string, written: readonly FillToFold[]): void {
  for (const { fill, order, isKnown } of written) {
    if (!isKnown) log.info("fill-written", fieldsOf(connection, fill, order));
  }
}

function fieldsOf(connection: string, fill: FillToFold["fill"], order: OrderRecord | undefined): LogFields {
  const { id, instrument, side, quantity, price, closed } = fill;
  return {
    ...{ connection, fill: id, instrument, side, quantity: quantity.toFixed(), price: price.toFixed() },
    ...(order !== undefined && { order: order.clientOrderId, source: order.bot ?? order.source }),
    ...(closed !== undefined && { isClosing: true }),
  };
}
