/**
 * What becomes of a tick's wishes, given the books as they are in one moment. Pure: it says what is to be
 * written, and nothing of it counts unless all of it is written with the books unchanged.
 *
 * 1. A bot that has a position or an unsettled order in an instrument opens nothing more there.
 * 2. A resting order that is not wanted any more is cancelled, and nothing takes its place before it is gone.
 * 3. A position has at most one closing order at a time.
 * 4. Every order passes the risk engine, each with what the ones before it have reserved.
 */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { InstrumentRules } from "../../brokers/instrument-rules.ts";
import type { AccountRecord } from "../account-record.ts";
import { isDone } from "../order-progress.ts";
import type { OrderRecord, StoredTicket } from "../records.ts";
import { checkOrder, type Latch } from "../risk/check-order.ts";
import type { AccountRisk, BotRisk } from "../risk/records.ts";
import { isOver } from "../risk/reservations.ts";
import { type Sized, sizeOrder } from "../risk/size-order.ts";
import { expectedSlippage, slippageOfStopOut } from "../risk/slippage.ts";
import { weighedPrice } from "../risk/weigh.ts";
import { ticketFaults, withCancelRequest } from "../submit-order.ts";
import type { TradingState } from "../trading-state.ts";
import type { Outcome, Wish } from "./look.ts";
import { clientOrderIdOf, type EntryLevels, entryTicket, exitTicket, levelsOf } from "./make-ticket.ts";
import type { Quote } from "./market-data.ts";
import { inWords, newOrder } from "./new-order.ts";
import type { ReasonCode } from "./reasons.ts";
import { riskFactsOf } from "./risk-facts.ts";
import type { TickBooks } from "./tick-books.ts";
import type { RiskNote, TickTerms, Weighed } from "./tick-terms.ts";

/** Which of a tick's orders a wish's would be; undefined for none. */
export function orderIdOfWish(bot: string, instant: Temporal.Instant, wish: Wish): string | undefined {
  if (wish.kind === "nothing") return undefined;
  const leg = wish.kind === "enter" ? `enter ${wish.instrument}` : `exit ${wish.positionId}`;
  return clientOrderIdOf(bot, instant, leg);
}

/** Weighs the wishes one after the other. */
export function weighWishes(terms: TickTerms, books: TickBooks, wishes: readonly Wish[]): Weighed {
  const scale = new Scale(terms, books);
  for (const wish of wishes) scale.weigh(wish);
  return scale.result();
}

type EnterWish = Extract<Wish, { kind: "enter" }>;

class Scale {
  readonly #terms: TickTerms;
  readonly #books: TickBooks;
  readonly #outcomes: Outcome[] = [];
  readonly #orders: OrderRecord[] = [];
  readonly #cancels: OrderRecord[] = [];
  readonly #notes: RiskNote[] = [];
  #risk: AccountRisk;
  #botRisk: BotRisk;
  #latch: Latch | undefined;
  #isWeighed = false;

  constructor(terms: TickTerms, books: TickBooks) {
    this.#terms = terms;
    this.#books = books;
    this.#risk = books.risk;
    this.#botRisk = books.botRisk;
  }

  result(): Weighed {
    return {
      outcomes: this.#outcomes,
      orders: this.#orders,
      cancels: this.#cancels,
      risk: this.#risk,
      botRisk: this.#botRisk,
      notes: this.#notes,
      latch: this.#latch,
      isWeighed: this.#isWeighed,
    };
  }

  weigh(wish: Wish): void {
    const [reason, text] = this.#decide(wish);
    this.#outcomes.push({ instrument: wish.instrument, reason, text });
  }

  #decide(wish: Wish): readonly [ReasonCode, string] {
    const { record } = this.#books;
    if (wish.kind === "nothing") return this.#withdraw(wish.instrument) ?? [wish.reason, wish.why];
    if (record === undefined) return ["WORKER_AWAY", "No worker has led the account yet."];
    if (this.#state() === "halted") return ["HALTED", "Trading is halted."];
    return wish.kind === "exit" ? this.#exit(wish) : this.#enter(wish, record);
  }

  /** As it was read, or stricter by a latch of this very tick. */
  #state(): TradingState {
    return this.#latch?.state ?? this.#books.tradingState;
  }

  #exit({ instrument, positionId, why }: Extract<Wish, { kind: "exit" }>): readonly [ReasonCode, string] {
    const { bot } = this.#terms;
    // What is left of the order that opened the position would open it anew behind the close.
    const withdrawn = this.#withdraw(instrument);
    const lot = this.#books.ledger.lots.find(
      (one) => one.positionId === positionId && one.bot === bot.id && one.instrument === instrument,
    );
    if (lot === undefined)
      return withdrawn ?? ["POSITION_GONE", `The bot has no position ${positionId} in ${instrument}.`];
    if (this.#unsettled(instrument).some((order) => order.ticket.closes === positionId)) {
      return ["ORDER_UNDER_WAY", `An order that closes ${instrument} is on its way.`];
    }
    return this.#propose(`exit ${positionId}`, exitTicket(lot), { why, sendBy: this.#terms.sendBy });
  }

  #enter(wish: EnterWish, record: AccountRecord): readonly [ReasonCode, string] {
    const { instrument } = wish;
    const { bot, view } = this.#terms;
    const refused = this.#standing(record);
    if (refused !== undefined) return refused;
    const rules = this.#books.rules.get(instrument);
    if (rules === undefined)
      return ["RISK_DENIED", `LIMIT_MISSING: the broker's rules for ${instrument} are not known.`];
    const levels = levelsOf(wish.signal, rules);
    const unsettled = this.#unsettled(instrument);
    if (this.#books.ledger.lots.some((lot) => lot.bot === bot.id && lot.instrument === instrument)) {
      return (
        this.#withdraw(instrument, wantedBy(wish.signal, levels)) ?? [
          "POSITION_HELD",
          `The bot has a position in ${instrument} already.`,
        ]
      );
    }
    if (unsettled.length > 0) return this.#beside(wish, levels, unsettled);
    const quote = view.quote(instrument);
    if (quote === undefined) return ["NO_QUOTE", `There is no price of ${instrument}.`];
    const sized = this.#sized(wish, { record, rules, quote, levels });
    if (sized.kind === "none") return ["NO_SIZE", sized.text];
    return this.#open(wish, levels, sized.quantity);
  }

  /** What stands in the way of everything that opens. */
  #standing({ isReconciled, break: broken }: AccountRecord): readonly [ReasonCode, string] | undefined {
    const { token } = this.#books;
    if (!this.#terms.isWorkerAlive) return ["WORKER_AWAY", "The worker has been silent for three minutes."];
    if (this.#state() === "reducing") return ["REDUCING", "Only orders that close may go."];
    if (!isReconciled)
      return ["NOT_RECONCILED", broken?.text ?? "The account was not compared with the broker yet."];
    if (token === "not-needed") return undefined;
    const isUsable = token?.isAcknowledged === true && isAfter(token.expiresAt, this.#terms.now);
    return isUsable ? undefined : ["TOKEN_MISSING", "There is no live token that the worker has proved."];
  }

  #sized(
    { signal: { side } }: EnterWish,
    {
      record,
      rules,
      quote,
      levels,
    }: { record: AccountRecord; rules: InstrumentRules; quote: Quote; levels: EntryLevels },
  ): Sized {
    const { bot, view, config } = this.#terms;
    const conversion = view.rate(rules.currency, record.currency);
    if (conversion === undefined) {
      return { kind: "none", text: `There is no price of ${rules.currency} in ${record.currency}.` };
    }
    const { limitPrice, stopDistance } = levels;
    const type = limitPrice === undefined ? "market" : "limit";
    const price = weighedPrice({ type, side, ...(limitPrice && { limitPrice }) }, quote);
    if (price === undefined) return { kind: "none", text: "There is no price to size it by." };
    const { size, limits } = bot;
    const slippage = slippageOfStopOut(
      { type },
      expectedSlippage(config, this.#books.slippagePercent, quote),
    );
    const { equity } = record;
    return sizeOrder({ size, limits, equity, price, stopDistance, slippage, conversion, rules });
  }

  #open(
    { instrument, signal }: EnterWish,
    levels: EntryLevels,
    quantity: Decimal,
  ): readonly [ReasonCode, string] {
    const { hours, opensBy } = this.#terms;
    const closeAt = hours.restsUntil;
    const ticket = entryTicket({ instrument, side: signal.side }, levels, { quantity, closeAt });
    // A resting order is as good later in the session as now.
    const rests = ticket.type === "limit" && closeAt !== undefined;
    return this.#propose(`enter ${instrument}`, ticket, {
      why: signal.why,
      sendBy: rests ? closeAt : opensBy,
    });
  }

  /** The strategy wants to open, and an order of the bot is there already. */
  #beside(
    { instrument, signal }: EnterWish,
    levels: EntryLevels,
    unsettled: readonly OrderRecord[],
  ): readonly [ReasonCode, string] {
    const isWanted = wantedBy(signal, levels);
    if (unsettled.every(isWanted)) {
      return ["ORDER_RESTING", `The order at ${levels.limitPrice?.toFixed() ?? "its price"} waits.`];
    }
    return (
      this.#withdraw(instrument, isWanted) ?? [
        "ORDER_UNDER_WAY",
        `An order in ${instrument} is not settled yet.`,
      ]
    );
  }

  /** Cancels what rests and is not wanted; undefined where there is nothing to cancel. */
  #withdraw(
    instrument: string,
    isWanted: (order: OrderRecord) => boolean = () => false,
  ): readonly [ReasonCode, string] | undefined {
    const unwanted = this.#unsettled(instrument).filter(
      (order) =>
        order.ticket.type !== "market" &&
        order.ticket.closes === undefined &&
        order.cancelRequestedAt === undefined &&
        // Filled, with fills still on their way, it cannot be cancelled any more.
        !isDone(order.state) &&
        !isWanted(order),
    );
    if (unwanted.length === 0) return undefined;
    this.#cancels.push(...unwanted.map((order) => withCancelRequest(order, this.#terms.now)));
    return ["ORDER_CANCELLED", `The resting order in ${instrument} is not wanted any more.`];
  }

  /** The bot's orders in an instrument that may still trade. */
  #unsettled(instrument: string): readonly OrderRecord[] {
    const { bot, now } = this.#terms;
    return [...this.#books.reserved.values()].filter(
      (order) => order.bot === bot.id && order.ticket.instrument === instrument && !isOver(order, now),
    );
  }

  #propose(
    leg: string,
    ticket: StoredTicket,
    { why, sendBy }: { readonly why: string; readonly sendBy: Temporal.Instant },
  ): readonly [ReasonCode, string] {
    const { bot, account, instant, now } = this.#terms;
    const [fault] = ticketFaults(ticket);
    if (fault !== undefined) return ["ORDER_IMPOSSIBLE", `In an order ${fault}.`];
    const clientOrderId = clientOrderIdOf(bot.id, instant, leg);
    if (this.#books.taken.has(clientOrderId))
      return ["ORDER_ID_TAKEN", `There is an order ${clientOrderId} already.`];
    const reserved = new Map(this.#books.reserved);
    for (const order of this.#orders) reserved.set(order.clientOrderId, order);
    const verdict = checkOrder(
      { now, account: account.id, bot, clientOrderId, ticket },
      riskFactsOf(
        this.#terms,
        { ...this.#books, tradingState: this.#state(), reserved, risk: this.#risk, botRisk: this.#botRisk },
        ticket,
      ),
    );
    this.#isWeighed = true;
    this.#botRisk = verdict.botRisk;
    if (verdict.kind === "denied") {
      this.#notes.push(...verdict.denials.map((one) => ({ ...one, kind: "denied" as const, clientOrderId })));
      this.#latch = verdict.latch ?? this.#latch;
      const [first] = verdict.denials;
      return ["RISK_DENIED", `${first.code}: ${first.text}`];
    }
    this.#risk = verdict.risk;
    this.#notes.push(...verdict.warnings.map((one) => ({ ...one, kind: "warned" as const, clientOrderId })));
    this.#botRisk = { ...verdict.botRisk, latest: this.#latest(clientOrderId) };
    this.#orders.push(newOrder(this.#terms, { clientOrderId, ticket, why, sendBy }));
    return ["ORDER_PROPOSED", `${inWords(ticket)}: ${why}`];
  }

  /** The newest first, as many as the row of refusals may be long, and some on which nobody has spoken yet. */
  #latest(clientOrderId: string): string[] {
    const most = this.#terms.bot.limits.rejectionsInRow + 5;
    return [clientOrderId, ...(this.#botRisk.latest ?? [])].slice(0, Math.min(most, 50));
  }
}

/** Whether an order is the one that a strategy still wants to rest. */
function wantedBy(
  { side }: EnterWish["signal"],
  { limitPrice }: EntryLevels,
): (order: OrderRecord) => boolean {
  return ({ ticket, cancelRequestedAt }) =>
    cancelRequestedAt === undefined &&
    ticket.side === side &&
    limitPrice !== undefined &&
    ticket.limitPrice?.eq(limitPrice) === true;
}

function isAfter(one: Temporal.Instant, other: Temporal.Instant): boolean {
  return one.epochMilliseconds > other.epochMilliseconds;
}
