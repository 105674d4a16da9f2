/** What a bot has of a position, and what is closing it already. */
import type { Decimal } from "decimal.js";
import type { Transaction } from "../../platform/store.ts";
import { isProtective } from "../control/sweep-orders.ts";
import { minus, plus, sum, ZERO } from "../ledger/exact.ts";
import type { Lot } from "../ledger/records.ts";
import { isDone } from "../order-progress.ts";
import { type OrderRecord, orderId, orders } from "../records.ts";
import type { TradedAccount } from "../traded-account.ts";
import type { LotToProtect } from "./decide-protection.ts";
import { PROTECTION } from "./records.ts";

/** Whose part of which position; without a bot, nobody's of ours. */
export interface ShareName {
  readonly positionId: string;
  readonly bot: string | undefined;
}

/** A bot's lots in a position. */
export function readLots(lots: readonly Lot[], { positionId, bot }: ShareName): readonly Lot[] {
  return lots.filter((one) => one.positionId === positionId && one.bot === bot);
}

/** The lots as one, with the levels of the order that opened the first of them. */
export function lotNamed(lots: readonly Lot[], opener: OrderRecord | undefined): LotToProtect | undefined {
  const [first] = lots;
  if (first === undefined) return undefined;
  const { instrument, side, price } = first;
  const level = opener?.ticket.closes === undefined ? opener?.ticket.takeProfit : undefined;
  const takeProfit =
    level === undefined
      ? undefined
      : "price" in level
        ? level.price
        : side === "buy"
          ? plus(price, level.distance)
          : minus(price, level.distance);
  return {
    ...{ instrument, side, takeProfit },
    quantity: sum(lots.map((one) => one.quantity)),
    stop: lots.find((one) => one.stopLoss !== undefined)?.stopLoss,
  };
}

/** Units that orders on their way are closing, or wait to; the stops that Openbell keeps are left out. */
export async function closingOf(
  reader: Pick<Transaction, "get">,
  account: TradedAccount,
  {
    name,
    known,
    extra,
  }: {
    readonly name: ShareName;
    /** Orders that may be among them, as they were a moment ago. */
    readonly known: readonly OrderRecord[];
    readonly extra?: OrderRecord | undefined;
  },
): Promise<Decimal> {
  const ids = new Set(known.filter((one) => isOf(one, name)).map((one) => one.clientOrderId));
  if (extra !== undefined) ids.add(extra.clientOrderId);
  let closing = ZERO;
  for (const id of ids) {
    const order = await reader.get(orders, orderId(account.id, id));
    if (order === undefined || isDone(order.state)) continue;
    if (order.source === PROTECTION && isProtective(order)) continue;
    closing = plus(closing, minus(order.ticket.quantity, order.filledQuantity));
  }
  return closing;
}

/** Whether an order closes a part of this share. */
export function isOf({ ticket, bot }: OrderRecord, name: ShareName): boolean {
  return ticket.closes === name.positionId && bot === name.bot;
}
