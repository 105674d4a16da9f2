/** What an order that closes must be: part of a position of the bot, and of a shape that the broker takes. Pure. */
import type { Decimal } from "decimal.js";
import type { Lot } from "../ledger/records.ts";
import type { RiskFacts, RiskQuestion } from "./check-order.ts";
import { checkPrices, isOnStep } from "./check-shape.ts";
import { type Findings, figure, ZERO } from "./findings.ts";
import { amendedBy, openReservations, remainingOf } from "./reservations.ts";

/** Adds what is wrong with an order that closes. No limit is among it. */
export function checkReduction(question: RiskQuestion, facts: RiskFacts, findings: Findings): void {
  const { ticket, bot } = question;
  const deny = (text: string) => findings.deny("QUANTITY_INVALID", text);
  if (facts.rules !== undefined) checkPrices(ticket, facts.rules, findings);
  const lot = facts.ledger?.lots.find((one) => one.positionId === ticket.closes && one.bot === bot.id);
  if (lot === undefined) {
    deny(`The bot ${bot.id} has no position ${ticket.closes}.`);
    return;
  }
  if (lot.instrument !== ticket.instrument || lot.side === ticket.side) {
    deny(`The position ${lot.positionId} is a ${lot.side} of ${lot.instrument}; this does not close it.`);
    return;
  }
  if (!ticket.quantity.gt(0)) {
    deny(`${figure(ticket.quantity)} units close nothing.`);
    return;
  }
  const left = lot.quantity.minus(alreadyClosing(question, facts, lot));
  if (!ticket.quantity.lte(left)) {
    deny(`It closes ${figure(ticket.quantity)} units, and ${figure(left)} are left to close.`);
    return;
  }
  // All of it may go, whatever the step: nothing is left behind that nobody can close.
  if (facts.rules === undefined || ticket.quantity.eq(lot.quantity)) return;
  if (!isOnStep(ticket.quantity, facts.rules.quantityStep)) {
    deny(`${figure(ticket.quantity)} units are not in steps of ${figure(facts.rules.quantityStep)}.`);
  }
}

/** Units of a bot's share of a position that other orders are closing. */
function alreadyClosing(question: RiskQuestion, facts: RiskFacts, lot: Lot): Decimal {
  const amended = amendedBy(question, facts);
  let sum = ZERO;
  for (const one of openReservations(question, facts)) {
    if (one === amended || one.opens || one.instrument !== lot.instrument || one.side === lot.side) continue;
    // An account that nets has one position for several bots; each of them closes what is its own.
    if (one.bot !== lot.bot) continue;
    const order = facts.reserved.get(one.clientOrderId);
    if (order !== undefined && order.ticket.closes !== lot.positionId) continue;
    sum = sum.plus(remainingOf(one, order));
  }
  return sum;
}
