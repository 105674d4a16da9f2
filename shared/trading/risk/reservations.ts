/** What is left of the orders that were weighed before. Pure. */
import type { Decimal } from "decimal.js";
import { isDone } from "../order-progress.ts";
import type { OrderRecord } from "../records.ts";
import type { RiskFacts, RiskQuestion } from "./check-order.ts";
import { ZERO } from "./findings.ts";
import type { Reservation } from "./records.ts";
import { isAboveZero } from "./shares.ts";

/** How long the last fills of an order that the broker calls filled may be on their way. */
const FILLS_FOLLOW_WITHIN_MS = 60_000;

/** Whether an order can bring no fill any more. */
export function isOver(order: OrderRecord, now: { readonly epochMilliseconds: number }): boolean {
  if (!isDone(order.state)) return false;
  if (order.state !== "filled" || order.filledQuantity.gte(order.ticket.quantity)) return true;
  return now.epochMilliseconds - order.changedAt.epochMilliseconds >= FILLS_FOLLOW_WITHIN_MS;
}

/** The units of a reservation that may still be filled; all of them where nothing is known of its order. */
export function remainingOf(reservation: Reservation, order: OrderRecord | undefined): Decimal {
  if (order === undefined || order.filledQuantity.isZero()) return reservation.quantity;
  const left = reservation.quantity.minus(order.filledQuantity);
  return isAboveZero(left) ? left : ZERO;
}

/** The reservations whose orders may still trade. */
export function openReservations(
  { now }: RiskQuestion,
  { risk, reserved }: RiskFacts,
): readonly Reservation[] {
  return risk.reservations.filter((one) => {
    const order = reserved.get(one.clientOrderId);
    return order === undefined || !isOver(order, now);
  });
}

/** The reservation that a question replaces: the bot's own, of the same kind, not over and not replaced before. */
export function amendedBy(question: RiskQuestion, facts: RiskFacts): Reservation | undefined {
  const { amends, bot, ticket, now } = question;
  if (amends === undefined) return undefined;
  const isTaken = (by: string | undefined): boolean => {
    if (by === undefined) return false;
    const order = facts.reserved.get(by);
    const isKept = facts.risk.reservations.some(({ clientOrderId }) => clientOrderId === by);
    return isKept && (order === undefined || !isOver(order, now));
  };
  return openReservations(question, facts).find(
    (one) =>
      one.clientOrderId === amends &&
      one.bot === bot.id &&
      one.instrument === ticket.instrument &&
      one.side === ticket.side &&
      one.opens === (ticket.closes === undefined) &&
      !isTaken(one.replacedBy),
  );
}
