/**
 * A broker on paper: orders are filled by simulation on given prices, and told as a live broker tells them.
 *
 * 1. What is told lies in the store already: a process that dies at any moment loses nothing and doubles nothing.
 * 2. Only who leads the account under its highest fence changes it; one that comes late changes nothing.
 * 3. An order arrives once, however often it is given; it is the broker's from the moment its write begins.
 * 4. While nobody leads the account nothing is filled; who takes it up looks at the prices of that moment, and
 *    at none that lay between.
 */
import type { Temporal } from "temporal-polyfill";
import type { AccountId, PaperTerms } from "../../config/account.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { fail, type Result, succeed } from "../../platform/result.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type {
  AccountMoney,
  Fill,
  OpenPosition,
  OrderStanding,
  OrderTicket,
  SoughtClose,
  TradingBroker,
  WorkingOrder,
} from "../trading-broker.ts";
import { TICKET_INVALID, ticketFault } from "./check-ticket.ts";
import { createDraw } from "./draws.ts";
import { cancel as cancelled, expire, type Game, onQuote, place, type Step } from "./engine.ts";
import { HeldAccount, type Turn } from "./held-account.ts";
import { createPaperMarket, type PaperMarket, type PaperMarketFacts } from "./paper-market.ts";
import type { PaperQuote } from "./paper-prices.ts";
import { changeIn, LATE, type Led, placeIn } from "./paper-store.ts";
import { type PaperAccount, paperId, paperOrders } from "./records.ts";
import { positionsOf, standingOf, workingOrdersOf } from "./views.ts";

export interface PaperBrokerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface PaperBrokerOptions extends PaperMarketFacts {
  readonly account: AccountId;
  readonly terms: PaperTerms;
}

export interface PaperBroker extends TradingBroker {
  /**
   * Leads the account under a fence that no other process has. Resolves once it is ready, which a store that is
   * away delays; false where somebody leads it under a higher fence, or `drop` or `stop` came first.
   */
  start(fence: number): Promise<boolean>;
  /** From here on nothing new is written; what is being written is told. It stays so until `start`. */
  drop(): void;
  /** Resolves when nothing is being written. */
  idle(): Promise<void>;
  /** Drops, lets what is being written come to its end, and tells nothing from then on. */
  stop(): Promise<void>;
}

/** What a dying process wrote may still be on its way. */
const SECOND_LOOK_MS = 10_000;
/** More quotes than that do not wait for a store that is slow: what rests is looked at with a later one. */
const MOST_WAITING = 1_000;
const EXPIRY_LOOK_MS = 1_000;

/** A paper account; it takes no order before `start`. */
export function openPaperBroker(deps: PaperBrokerDeps, options: PaperBrokerOptions): PaperBroker {
  return new OpenPaperBroker(deps, options);
}

class OpenPaperBroker implements PaperBroker {
  readonly attachesLevels = true;
  readonly #deps: PaperBrokerDeps;
  readonly #options: PaperBrokerOptions;
  readonly #game: Game;
  readonly #held: HeldAccount;
  readonly #market: PaperMarket;
  readonly #unsubscribe: readonly (() => void)[];
  /** Ends the pauses before second looks. */
  readonly #pauses = new Set<() => void>();
  #waiting = 0;
  #cancelLook: (() => void) | undefined;

  constructor(deps: PaperBrokerDeps, options: PaperBrokerOptions) {
    this.#deps = deps;
    this.#options = options;
    const { account, terms, prices } = options;
    this.#game = { terms, draw: createDraw(terms.seed, account) };
    this.#market = createPaperMarket(deps.clock, terms, options);
    this.#held = new HeldAccount({ ...deps, account, terms, ready: () => this.#lookAtAll() });
    this.#unsubscribe = [
      prices.onQuote((quote) => this.#quote(quote)),
      this.#held.onChange(() => this.#lookForExpiry()),
    ];
  }

  start(fence: number): Promise<boolean> {
    return this.#held.start(fence);
  }

  drop(): void {
    this.#held.drop();
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    for (const end of [...this.#pauses]) end();
  }

  idle(): Promise<void> {
    return this.#held.idle();
  }

  async stop(): Promise<void> {
    this.drop();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#held.stop();
  }

  isReady(): boolean {
    return this.#held.isReady();
  }

  money(): AccountMoney | undefined {
    const account = this.#held.account();
    if (account === undefined) return undefined;
    const { currency, balance } = account;
    const unrealised = this.#market.unrealised(account);
    return { currency, balance, ...(unrealised !== undefined && { unrealised }) };
  }

  /** What is held is what lies in the store: the question is only whether the account is still led from here. */
  async refresh(): Promise<Result<void, BrokerCallFailure>> {
    const turn = await this.#change(() => undefined);
    if (turn.kind !== "done") return fail(UNANSWERED[turn.kind]);
    return turn.value === LATE ? fail("BROKER_UNREACHABLE") : succeed(undefined);
  }

  onFill(listener: (fill: Fill) => void): () => void {
    return this.#held.onFill(listener);
  }

  onChange(listener: () => void): () => void {
    return this.#held.onChange(listener);
  }

  positions(): readonly OpenPosition[] {
    const account = this.#held.account();
    return account === undefined ? [] : positionsOf(account);
  }

  workingOrders(): readonly WorkingOrder[] {
    const account = this.#held.account();
    return account === undefined ? [] : workingOrdersOf(account);
  }

  place(ticket: OrderTicket, mayLeave: () => boolean, standing: (now: OrderStanding) => void): void {
    const { clientOrderId } = ticket;
    const turn = this.#held.turn((led, account) =>
      this.#placeNow({ led, account }, ticket, mayLeave, standing),
    );
    void turn.then(({ kind }) => {
      if (kind === "not-led") standing({ kind: "not-sent" });
      if (kind === "lost") this.#held.doubt(clientOrderId, standing);
    });
  }

  async #placeNow(
    { led, account }: { readonly led: Led; readonly account: PaperAccount },
    ticket: OrderTicket,
    mayLeave: () => boolean,
    standing: (now: OrderStanding) => void,
  ): Promise<void> {
    const market = this.#market.of(ticket.instrument, account);
    const position = account.positions.find(({ id }) => id === ticket.closes);
    const reason = ticketFault(ticket, market.rules, position);
    if (reason !== undefined) return standing({ kind: "rejected", brokerCode: TICKET_INVALID, reason });
    this.#held.watch(ticket.clientOrderId, standing);
    const placed = await placeIn(led, ticket, mayLeave, (now) => place(now, ticket, market, this.#game));
    if (placed === LATE || placed === "not-sent") {
      this.#held.unwatch(ticket.clientOrderId);
      if (placed === LATE) this.#held.lose();
      standing({ kind: "not-sent" });
    } else if (placed.kind === "known") this.#held.known(placed.order);
    else this.#held.apply(placed.step);
  }

  async find(
    clientOrderId: string,
    _since: Temporal.Instant,
    _closing?: SoughtClose,
    brokerOrderId?: string,
  ): Promise<Result<OrderStanding, BrokerCallFailure>> {
    for (const isLast of [false, true]) {
      const turn = await this.#held.turn(({ store, account }) =>
        store.get(paperOrders, paperId(account, clientOrderId)),
      );
      if (turn.kind !== "done") return fail(UNANSWERED[turn.kind]);
      const order = turn.value;
      const isAsked = brokerOrderId === undefined || order?.brokerOrderId === brokerOrderId;
      if (order !== undefined && isAsked) return succeed(standingOf(order));
      if (!isLast) await this.#pause(SECOND_LOOK_MS);
    }
    return succeed({ kind: "absent" });
  }

  async cancel(brokerOrderId: string, mayLeave: () => boolean): Promise<Result<void, BrokerCallFailure>> {
    let isLeaving = true;
    const turn = await this.#change((account) => {
      isLeaving = mayLeave();
      return isLeaving ? cancelled(account, brokerOrderId, this.#deps.clock.now()) : undefined;
    });
    if (turn.kind !== "done") return fail(UNANSWERED[turn.kind]);
    if (!isLeaving || turn.value === LATE) return fail("BROKER_UNREACHABLE");
    if (turn.value !== undefined) return succeed(undefined);
    return fail("BROKER_REFUSED", {
      brokerCode: "ORDER_NOT_FOUND",
      description: "no working order has this id",
    });
  }

  /** Changes the account in its turn, and tells what became of it. */
  #change(
    decide: (account: PaperAccount) => Step | undefined,
  ): Promise<Turn<typeof LATE | Step | undefined>> {
    return this.#held.turn(async (led) => {
      const step = await changeIn(led, decide);
      if (step === LATE) this.#held.lose();
      else if (step !== undefined) this.#held.apply(step);
      return step;
    });
  }

  #quote(quote: PaperQuote): void {
    const account = this.#held.account();
    if (account === undefined || !this.#held.isReady() || !concerns(account, quote.instrument)) return;
    const market = this.#market.of(quote.instrument, account, quote);
    const decide = (now: PaperAccount) => onQuote(now, market, this.#game);
    if (decide(account).events.length === 0 || this.#waiting >= MOST_WAITING) return;
    this.#waiting += 1;
    void this.#change(decide).then(() => {
      this.#waiting -= 1;
    });
  }

  /** What rests is looked at with the prices of this moment. */
  #lookAtAll(): void {
    const account = this.#held.account();
    if (account === undefined) return;
    const instruments = [...account.orders.map(({ ticket }) => ticket), ...account.positions].map(
      ({ instrument }) => instrument,
    );
    for (const instrument of new Set(instruments)) {
      const quote = this.#options.prices.latest(instrument);
      if (quote !== undefined) this.#quote(quote);
    }
  }

  /** While an order has an end, looks now and then whether it is over. */
  #lookForExpiry(): void {
    const hasEnd = this.#held.account()?.orders.some(({ ticket }) => ticket.expiresAt !== undefined);
    if (hasEnd !== true || this.#cancelLook !== undefined || !this.#held.isReady()) return;
    this.#cancelLook = this.#deps.timers.after(EXPIRY_LOOK_MS, () => {
      this.#cancelLook = undefined;
      const decide = (now: PaperAccount) => expire(now, this.#deps.clock.now());
      const account = this.#held.account();
      if (account !== undefined && decide(account).events.length > 0) void this.#change(decide);
      else this.#lookForExpiry();
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#deps.timers.after(ms, end);
      this.#pauses.add(end);
    });
  }
}

const UNANSWERED = { "not-led": "BROKER_UNREACHABLE", lost: "BROKER_TIMEOUT" } as const;

function concerns({ orders, positions }: PaperAccount, instrument: string): boolean {
  return (
    orders.some(({ ticket }) => ticket.instrument === instrument) ||
    positions.some((position) => position.instrument === instrument)
  );
}
