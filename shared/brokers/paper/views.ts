/** A paper account's orders, fills and positions in the words of every broker. Pure. */
import type { Decimal } from "decimal.js";
import type { Fill, OpenPosition, OrderStanding, Side, WorkingOrder } from "../trading-broker.ts";
import type { PaperAccount, PaperFill, PaperOrder, PaperPosition } from "./records.ts";

/** How an order stands. */
export function standingOf(order: PaperOrder): OrderStanding {
  const { state, brokerOrderId, positionId } = order;
  if (state === "rejected") {
    return { kind: state, brokerCode: order.brokerCode ?? "", reason: order.reason ?? "" };
  }
  const fills = order.fills.map(fillOf);
  return { kind: state, brokerOrderId, ...(fills.length > 0 && { positionId }), fills };
}

/** A fill; what is not set is not there. */
export function fillOf({ clientOrderId, closed, ...rest }: PaperFill): Fill {
  return {
    ...rest,
    ...(clientOrderId !== undefined && { clientOrderId }),
    ...(closed !== undefined && { closed }),
  };
}

/** The place of a fill in the account's row of fills. */
export function fillNumber({ id }: Pick<Fill, "id">): number {
  return Number(id.slice(1));
}

/** The open positions, the oldest first. `swap`: on paper nothing is paid for the night. */
export function positionsOf({ positions, balance }: PaperAccount): readonly OpenPosition[] {
  const nothing = balance.times(0);
  return positions.map(({ stop, profit, ...rest }) => ({
    ...rest,
    swap: nothing,
    ...(stop !== undefined && { stopLoss: stop.price }),
    ...(profit !== undefined && { takeProfit: profit.price }),
  }));
}

/** The working orders, positions' levels included. */
export function workingOrdersOf({ orders, positions }: PaperAccount): readonly WorkingOrder[] {
  return [...orders.map(workingOrderOf), ...positions.flatMap(levelsOf)];
}

function workingOrderOf({ brokerOrderId, ticket }: PaperOrder): WorkingOrder {
  const { clientOrderId, instrument, side, quantity, limitPrice, stopPrice } = ticket;
  return {
    ...{ brokerOrderId, clientOrderId, instrument, side, quantity },
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
  };
}

function levelsOf({ id, instrument, side, quantity, stop, profit }: PaperPosition): readonly WorkingOrder[] {
  const against: Side = side === "buy" ? "sell" : "buy";
  const about = { instrument, side: against, quantity, protects: id };
  const level = (brokerOrderId: string, price: { stopPrice: Decimal } | { limitPrice: Decimal }) => ({
    ...about,
    brokerOrderId,
    ...price,
  });
  return [
    ...(stop === undefined ? [] : [level(stop.brokerOrderId, { stopPrice: stop.price })]),
    ...(profit === undefined ? [] : [level(profit.brokerOrderId, { limitPrice: profit.price })]),
  ];
}
