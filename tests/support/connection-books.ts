/** What the store says of one connection, held against what its account truly holds at the broker. */
import { Decimal } from "decimal.js";
import type { VenueTruth } from "../../infra/sandbox/ctrader/venue.ts";
import type { ConnectionId } from "../../shared/config/connection.ts";
import type { Store } from "../../shared/platform/store.ts";
import { isDone } from "../../shared/trading/order-progress.ts";
import { fills, type OrderRecord, type OrderState, orders, positions } from "../../shared/trading/records.ts";

type BrokerOrder = VenueTruth["orders"][number];

/** What an order that the broker has must be called, once it is over. */
const ENDED: Readonly<Record<string, OrderState>> = {
  ORDER_STATUS_FILLED: "filled",
  ORDER_STATUS_CANCELLED: "cancelled",
  ORDER_STATUS_EXPIRED: "expired",
  ORDER_STATUS_REJECTED: "rejected",
};
/** What an order may be called that the broker has nothing of. */
const NEVER_THERE: readonly OrderState[] = ["absent", "not-sent", "refused", "rejected", "cancelled"];

/** Every difference in words; empty when each order is over and the two agree on all of it. */
export async function connectionDifferences(
  store: Store,
  connection: ConnectionId,
  truth: VenueTruth,
): Promise<readonly string[]> {
  const told = (await store.query(orders, { where: { connection } })).map(({ value }) => value);
  const doubled = Object.entries(truth.received).filter(([, times]) => times !== 1);
  const written = (await store.query(fills, { where: { connection } })).map(({ value }) => value);
  const mirrored = (await store.query(positions, { where: { connection } })).map(({ value }) => value);
  return [
    ...doubled.map(([id, times]) => `${id} was sent ${times} times`),
    ...told.flatMap((order) => orderDifferences(order, truth)),
    ...differences(
      "fills",
      written.map((one) => [one.brokerFillId, one.brokerOrderId, one.side, one.quantity].join(" ")),
      truth.deals.map((one) =>
        [one.dealId, one.orderId, one.tradeSide.toLowerCase(), units(one.filledVolume)].join(" "),
      ),
    ),
    ...differences(
      "positions",
      mirrored.map((one) => [one.positionId, one.side, one.quantity].join(" ")),
      truth.positions
        .filter(({ positionStatus }) => positionStatus === "POSITION_STATUS_OPEN")
        .map(({ positionId, tradeData }) =>
          [positionId, tradeData.tradeSide.toLowerCase(), units(tradeData.volume)].join(" "),
        ),
    ),
  ];
}

function orderDifferences(order: OrderRecord, truth: VenueTruth): readonly string[] {
  const { clientOrderId, state, filledQuantity, ticket } = order;
  const name = `${ticket.closes === undefined ? ticket.type : "close"} ${clientOrderId} (${state})`;
  if (!isDone(state)) return [`${name} is not over`];
  const real = truth.orders.filter((one) => isSame(order, one));
  if (real.length > 1) return [`${name} is there ${real.length} times`];
  const [found] = real;
  if (found === undefined) return NEVER_THERE.includes(state) ? [] : [`${name} is not at the broker`];
  const dealt = truth.deals
    .filter(({ orderId }) => orderId === found.orderId)
    .reduce((sum, one) => sum.plus(units(one.filledVolume)), new Decimal(0));
  return [
    ...(ENDED[found.orderStatus] === state ? [] : [`${name} is ${found.orderStatus} at the broker`]),
    ...(dealt.equals(filledQuantity) ? [] : [`${name} has ${filledQuantity}, at the broker ${dealt}`]),
  ];
}

/** The broker keeps no id of ours for a close. */
function isSame({ clientOrderId, brokerOrderId, ticket }: OrderRecord, one: BrokerOrder): boolean {
  if (ticket.closes === undefined) return one.clientOrderId === clientOrderId;
  return brokerOrderId === undefined
    ? one.closingOrder === true && String(one.positionId) === ticket.closes
    : String(one.orderId) === brokerOrderId;
}

function differences(what: string, ours: readonly string[], theirs: readonly string[]): readonly string[] {
  return [
    ...theirs.filter((one) => !ours.includes(one)).map((one) => `${what}: ${one} is the broker's alone`),
    ...ours.filter((one) => !theirs.includes(one)).map((one) => `${what}: ${one} is ours alone`),
    ...(new Set(ours).size === ours.length ? [] : [`${what}: one is ours twice`]),
  ];
}

function units(volume: number): Decimal {
  return new Decimal(volume).div(100);
}
