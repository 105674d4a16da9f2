/**
 * Orders at E*TRADE, from the ticket to what became of it.
 *
 * 1. An order is placed at most once, whatever happens to its answer.
 * 2. How it was sent is stored before it can leave, so that any process can find it again.
 * 3. What became of an unanswered one is found by asking, never by placing it again.
 */
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { fail, type Result, succeed } from "../../../platform/result.ts";
import type { Timers } from "../../../platform/timers.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { OrderStanding, OrderTicket, SoughtClose, TradingBroker } from "../../trading-broker.ts";
import { createLookAlikes, type LookAlikes } from "./look-alikes.ts";
import type { OrderBook } from "./order-book.ts";
import type { OrderAccess, OrderCalls } from "./order-calls.ts";
import { cancelAtBroker } from "./order-cancel.ts";
import type { OrderMemory, SentOrder } from "./order-memory.ts";
import { type PlaceParts, placeOrder } from "./order-place.ts";
import { requestOf } from "./order-request.ts";
import type { OrderRounds } from "./order-rounds.ts";
import type { OrderMessage } from "./order-schemas.ts";
import { SECOND_LOOK_MS, type SearchParts, searchOrder } from "./order-search.ts";
import { brokerIdOf, isEnded, orderIdOf, TICKET_INVALID } from "./order-views.ts";

export interface DeskParts {
  readonly calls: OrderCalls;
  readonly book: OrderBook;
  readonly rounds: OrderRounds;
  readonly memory: OrderMemory;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  isReady(): boolean;
  access(): OrderAccess | undefined;
  lastFour(): string;
  /** Something is under way: look again soon. */
  hurry(): void;
  /** The broker took an order with words that a person should hear, e.g. that the market is closed. */
  warned(clientOrderId: string, messages: readonly OrderMessage[]): void;
  readonly isShortAllowed: boolean;
}

export interface OrderDesk extends Pick<TradingBroker, "place" | "find" | "cancel"> {
  /** Tells nothing more, and searches no more. */
  close(): void;
  /** Resolves when every order that is on its way has its answer, and no later than `ms` from now. */
  settled(ms: number): Promise<void>;
  /** Whether something is under way whose end should be seen soon. */
  isBusy(): boolean;
}

interface Followed {
  readonly clientOrderId: string;
  readonly tell: (now: OrderStanding) => void;
  told: string;
}

/** A look-alike waits so long for the one before it. */
const TURN_MS = 60_000;
const SEARCH_AGAIN_MS = 5_000;
const AMBIGUOUS_AGAIN_MS = 60_000;
/** Right after a cancel was taken, the broker would tell nothing newer. */
const CANCEL_FRESH_MS = 1_000;

export function createOrderDesk(parts: DeskParts): OrderDesk {
  return new Desk(parts);
}

class Desk implements OrderDesk {
  readonly #parts: DeskParts;
  readonly #turns: LookAlikes;
  /** By the broker's number. */
  readonly #followed = new Map<string, Followed>();
  readonly #onTheirWay = new Set<Promise<void>>();
  readonly #cancelledAt = new Map<string, number>();
  readonly #unsubscribe: () => void;
  readonly #closing = new AbortController();

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#turns = createLookAlikes(parts, { waitMs: TURN_MS });
    this.#unsubscribe = parts.book.onOrder((orderId) => this.#follow(orderId));
  }

  place(ticket: OrderTicket, mayLeave: () => boolean, standing: (now: OrderStanding) => void): void {
    const tell = (now: OrderStanding) => {
      if (!this.#mustEnd() || now.kind === "not-sent") standing(now);
    };
    const work = this.#place(ticket, mayLeave, tell).catch((error: unknown) => {
      // A fault of ours: whether the order had left is not known here, and the broker is asked for it.
      this.#parts.log.error("order-not-followed", { order: ticket.clientOrderId, error });
      tell({ kind: "unknown" });
    });
    this.#onTheirWay.add(work);
    void work.finally(() => this.#onTheirWay.delete(work));
  }

  async find(
    clientOrderId: string,
    _since: Parameters<TradingBroker["find"]>[1],
    closing?: SoughtClose,
    brokerOrderId?: string,
  ): Promise<Result<OrderStanding, BrokerCallFailure>> {
    if (this.#mustEnd() || this.#parts.access() === undefined) return fail("BROKER_UNREACHABLE");
    const sent = await this.#parts.memory.sent(clientOrderId);
    const named = brokerOrderId ?? sent?.brokerOrderId;
    if (named !== undefined) return this.#findNamed(named, clientOrderId);
    if (sent !== undefined) {
      return searchOrder(this.#searchParts(), sent, closing?.isOthers?.bind(closing));
    }
    // Nothing was written down, so nothing has left; a process that dies may be about to write it.
    await this.#pause(SECOND_LOOK_MS);
    const looked = await this.#parts.rounds.look();
    if (!looked.ok) return looked;
    const late = await this.#parts.memory.sent(clientOrderId);
    return late === undefined ? succeed({ kind: "absent" }) : fail("BROKER_UNAVAILABLE");
  }

  async cancel(brokerOrderId: string, mayLeave: () => boolean): Promise<Result<void, BrokerCallFailure>> {
    if (this.#mustEnd()) return fail("BROKER_UNREACHABLE");
    const parts = this.#parts;
    const answer = await cancelAtBroker(parts, brokerOrderId, mayLeave);
    const orderId = orderIdOf(parts.lastFour(), brokerOrderId);
    if (answer.ok && orderId !== undefined) this.#cancelledAt.set(orderId, parts.timers.now());
    parts.hurry();
    return answer;
  }

  close(): void {
    this.#closing.abort();
    this.#followed.clear();
    this.#unsubscribe();
  }

  settled(ms: number): Promise<void> {
    const all = Promise.allSettled([...this.#onTheirWay]);
    return new Promise((resolve) => {
      const cancel = this.#parts.timers.after(ms, resolve);
      void all.then(() => {
        cancel();
        resolve();
      });
    });
  }

  isBusy(): boolean {
    for (const orderId of this.#cancelledAt.keys()) {
      const order = this.#parts.book.get(orderId);
      if (order === undefined || isEnded(order)) this.#cancelledAt.delete(orderId);
    }
    return this.#onTheirWay.size + this.#followed.size + this.#cancelledAt.size > 0;
  }

  async #place(
    ticket: OrderTicket,
    mayLeave: () => boolean,
    tell: (now: OrderStanding) => void,
  ): Promise<void> {
    const { clock, isShortAllowed, isReady } = this.#parts;
    const request = requestOf(ticket, { now: clock.now(), isShortAllowed });
    if (typeof request === "string") {
      tell({ kind: "rejected", brokerCode: TICKET_INVALID, reason: request });
      return;
    }
    const may = () => !this.#mustEnd() && isReady() && mayLeave();
    const end = await this.#turns.turn(request);
    if (end === undefined) {
      tell({ kind: "not-sent" });
      return;
    }
    try {
      const answer = await placeOrder(this.#placeParts(), request, may);
      if (answer.kind === "placed") this.#begin(answer.orderId, ticket.clientOrderId, tell);
      else if (answer.kind === "lost") await this.#searchUntilKnown(answer.sent, tell);
      else tell(answer.standing);
    } finally {
      end();
    }
  }

  /** The order has a number: from here on it is told by what the book says of it. */
  #begin(orderId: string, clientOrderId: string, tell: (now: OrderStanding) => void): void {
    if (this.#mustEnd()) return;
    this.#followed.set(orderId, { clientOrderId, tell, told: "" });
    this.#follow(orderId);
    this.#parts.hurry();
  }

  #follow(orderId: string): void {
    const followed = this.#followed.get(orderId);
    const standing = followed && this.#parts.book.standing(orderId);
    if (followed === undefined || standing === undefined) return;
    // What is over at the first look was taken before that.
    if (followed.told === "" && "brokerOrderId" in standing && standing.kind !== "accepted") {
      followed.tell({ ...standing, kind: "accepted", fills: [] });
    }
    const told = `${standing.kind} ${"fills" in standing ? standing.fills.length : 0}`;
    if (told === followed.told) return;
    followed.told = told;
    if (standing.kind !== "accepted") this.#followed.delete(orderId);
    followed.tell(standing);
  }

  async #searchUntilKnown(sent: SentOrder, tell: (now: OrderStanding) => void): Promise<void> {
    tell({ kind: "unknown" });
    for (;;) {
      const found = await this.#search(sent);
      if (this.#mustEnd()) return;
      if (found.ok && found.value.kind === "absent") {
        tell(found.value);
        return;
      }
      if (found.ok && "brokerOrderId" in found.value) {
        const orderId = orderIdOf(this.#parts.lastFour(), found.value.brokerOrderId);
        if (orderId !== undefined) this.#begin(orderId, sent.clientOrderId, tell);
        return;
      }
      await this.#pause(found.ok ? AMBIGUOUS_AGAIN_MS : SEARCH_AGAIN_MS);
    }
  }

  /** A store that is away is asked again, as the broker is. */
  async #search(sent: SentOrder): Promise<Result<OrderStanding, BrokerCallFailure>> {
    try {
      return await searchOrder(this.#searchParts(), sent, undefined);
    } catch (error) {
      this.#parts.log.error("order-not-searched", { order: sent.clientOrderId, error });
      return fail("BROKER_UNAVAILABLE");
    }
  }

  #mustEnd(): boolean {
    return this.#closing.signal.aborted;
  }

  async #findNamed(
    brokerOrderId: string,
    clientOrderId: string,
  ): Promise<Result<OrderStanding, BrokerCallFailure>> {
    const { lastFour, book, memory, rounds, timers } = this.#parts;
    const orderId = orderIdOf(lastFour(), brokerOrderId);
    // Of an account that was traded before: it cannot be asked for here, and nothing here has to wait for it.
    if (orderId === undefined) return succeed({ kind: "unknown" });
    const known = book.get(orderId);
    const cancelledAt = this.#cancelledAt.get(orderId) ?? Number.NEGATIVE_INFINITY;
    const isFresh = known !== undefined && timers.now() - cancelledAt < CANCEL_FRESH_MS;
    if (known === undefined || !(isEnded(known) || isFresh)) {
      const looked = await rounds.look();
      if (!looked.ok) return looked;
      const read = book.get(orderId) === undefined ? await this.#readDetails(orderId) : succeed(undefined);
      if (!read.ok) return read;
    }
    await memory.own(brokerOrderId, clientOrderId);
    book.own(orderId, clientOrderId);
    const standing = book.standing(orderId);
    return standing === undefined ? fail("BROKER_UNAVAILABLE", { module: "order" }) : succeed(standing);
  }

  async #readDetails(orderId: string): Promise<Result<void, BrokerCallFailure>> {
    const { calls, access, book } = this.#parts;
    const door = access();
    if (door === undefined) return fail("BROKER_UNREACHABLE");
    const read = await calls.details(door, orderId);
    if (!read.ok) return read;
    if (read.value !== undefined) await book.take([read.value]);
    return succeed(undefined);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.timers.after(ms, resolve);
    });
  }

  #searchParts(): SearchParts {
    const { rounds, book, memory, log, lastFour } = this.#parts;
    return {
      ...{ rounds, book, memory, log },
      brokerIdOf: (orderId) => brokerIdOf(lastFour(), orderId),
      pause: (ms) => this.#pause(ms),
    };
  }

  #placeParts(): PlaceParts {
    const { calls, book, memory, log, access, lastFour, warned, clock } = this.#parts;
    return {
      ...{ calls, book, memory, log, access, warned, clock },
      brokerIdOf: (orderId) => brokerIdOf(lastFour(), orderId),
    };
  }
}
