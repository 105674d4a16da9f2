/** What an account and a bot hold and have on its way, in units, money and number. Pure. */
import type { Decimal } from "decimal.js";
import type { AccountRecord } from "../account-record.ts";
import type { AccountLedger, Lot } from "../ledger/records.ts";
import type { Mark, RiskFacts, RiskQuestion } from "./check-order.ts";
import { ZERO } from "./findings.ts";
import type { Reservation } from "./records.ts";
import { amendedBy, openReservations, remainingOf } from "./reservations.ts";
import { converted, isAboveZero } from "./shares.ts";

export interface Book {
  /** Units in the order's instrument on its side: the bot's, what was opened by hand, and what works for either. */
  readonly units: Decimal;
  /** Money of all lots and working orders of the account, at the ask. */
  readonly gross: Decimal;
  /** Positions, and orders that will be one. */
  readonly botPositions: number;
  readonly accountPositions: number;
  readonly botWorking: number;
  readonly accountWorking: number;
  /** Whether the bot has a position on the order's side of its instrument, or an order on its way to one. */
  readonly hasAlike: boolean;
  /** Of the bot's lots, in the account's currency, at the prices at which they could be closed. */
  readonly unrealised: Decimal;
  /** An instrument without a price, for which the sums above are wrong. */
  readonly unpriced: string | undefined;
  /** The reservation that the order replaces; it is in no sum. */
  readonly amended: Reservation | undefined;
}

export interface BookInput {
  readonly question: RiskQuestion;
  readonly facts: RiskFacts;
  readonly record: AccountRecord;
  readonly ledger: AccountLedger;
  /** Of the order's own instrument. */
  readonly mark: Mark;
}

/** Counts everything once. */
export function countBook(input: BookInput): Book {
  const count = new Count(input);
  for (const lot of input.ledger.lots) count.lot(lot);
  for (const reservation of openReservations(input.question, input.facts)) count.reservation(reservation);
  for (const order of input.record.working) count.working(order);
  return count.book();
}

class Count {
  readonly #input: BookInput;
  readonly #amended: Reservation | undefined;
  readonly #unitValues = new Map<string, Decimal>();
  /** Units of lots by instrument: added up first, and multiplied once. */
  readonly #held = new Map<string, Decimal>();
  readonly #opened = new Set<string>();
  #units = ZERO;
  #gross = ZERO;
  #unrealised = ZERO;
  #botPositions = 0;
  #accountPositions = 0;
  #botWorking = 0;
  #accountWorking = 0;
  #hasAlike = false;
  #unpriced: string | undefined;

  constructor(input: BookInput) {
    this.#input = input;
    this.#amended = amendedBy(input.question, input.facts);
  }

  lot(lot: Lot): void {
    const { bot } = this.#input.question;
    const isBots = lot.bot === bot.id;
    this.#accountPositions += 1;
    if (lot.clientOrderId !== undefined) this.#opened.add(lot.clientOrderId);
    if (isBots) {
      this.#botPositions += 1;
      this.#unrealised = this.#unrealised.plus(this.#profitOf(lot));
    }
    if (this.#isAlike(lot)) {
      if (isBots || lot.bot === undefined) this.#units = this.#units.plus(lot.quantity);
      if (isBots && lot.clientOrderId !== this.#amended?.clientOrderId) this.#hasAlike = true;
    }
    const held = this.#held.get(lot.instrument);
    this.#held.set(lot.instrument, held === undefined ? lot.quantity : held.plus(lot.quantity));
  }

  reservation(reservation: Reservation): void {
    if (reservation === this.#amended) return;
    const { question, facts } = this.#input;
    const isBots = reservation.bot === question.bot.id;
    this.#accountWorking += 1;
    if (isBots) this.#botWorking += 1;
    if (!reservation.opens) return;
    // What is partly filled has its lot, and is one position.
    if (!this.#opened.has(reservation.clientOrderId)) {
      this.#accountPositions += 1;
      if (isBots) this.#botPositions += 1;
    }
    const left = remainingOf(reservation, facts.reserved.get(reservation.clientOrderId));
    if (isBots && this.#isAlike(reservation)) {
      this.#units = this.#units.plus(left);
      this.#hasAlike = true;
    }
    this.#gross = this.#gross.plus(reservation.unitValue.times(left));
  }

  /** Orders at the broker that nobody has reserved: by hand, or by another program. What protects opens nothing. */
  working(order: AccountRecord["working"][number]): void {
    const { clientOrderId } = order;
    if (order.protects !== undefined) return;
    if (clientOrderId !== undefined && this.#isReserved(clientOrderId)) return;
    this.#accountWorking += 1;
    if (this.#isAlike(order)) this.#units = this.#units.plus(order.quantity);
    this.#gross = this.#gross.plus(this.#unitValue(order.instrument).times(order.quantity));
  }

  book(): Book {
    for (const [instrument, quantity] of this.#held) {
      this.#gross = this.#gross.plus(this.#unitValue(instrument).times(quantity));
    }
    return {
      units: this.#units,
      gross: this.#gross,
      botPositions: this.#botPositions,
      accountPositions: this.#accountPositions,
      botWorking: this.#botWorking,
      accountWorking: this.#accountWorking,
      hasAlike: this.#hasAlike,
      unrealised: this.#unrealised,
      unpriced: this.#unpriced,
      amended: this.#amended,
    };
  }

  #isReserved(clientOrderId: string): boolean {
    return this.#input.facts.risk.reservations.some((one) => one.clientOrderId === clientOrderId);
  }

  #isAlike({ instrument, side }: { readonly instrument: string; readonly side: "buy" | "sell" }): boolean {
    const { ticket } = this.#input.question;
    return instrument === ticket.instrument && side === ticket.side;
  }

  #mark(instrument: string): Mark | undefined {
    const { question, facts, mark } = this.#input;
    return instrument === question.ticket.instrument ? mark : facts.marks.get(instrument);
  }

  #unitValue(instrument: string): Decimal {
    const found = this.#unitValues.get(instrument);
    if (found !== undefined) return found;
    const mark = this.#mark(instrument);
    const value = mark === undefined ? undefined : converted(mark.ask, mark.conversion);
    if (value === undefined || !isAboveZero(value)) this.#unpriced ??= instrument;
    const reckoned = value ?? ZERO;
    this.#unitValues.set(instrument, reckoned);
    return reckoned;
  }

  #profitOf({ instrument, side, quantity, price }: Lot): Decimal {
    const mark = this.#mark(instrument);
    if (mark === undefined) return ZERO;
    const gain = side === "buy" ? mark.bid.minus(price) : price.minus(mark.ask);
    return converted(gain.times(quantity), mark.conversion);
  }
}
