/**
 * Sends the orders of one connection over its socket, and writes down what becomes of them.
 *
 * 1. An order leaves at most once, whatever crashes, pauses or is told twice: it is claimed in the store under
 *    the term's epoch before it is given to the broker's client, and given to it once.
 * 2. Before the first new order of a term, and of each connection, the broker was asked about every order that
 *    it may have.
 * 3. In the moment before an order's bytes leave, it is asked once more whether they may.
 * 4. Every fill is counted once.
 */
import { Temporal } from "temporal-polyfill";
import type { OrderStanding, OrderTicket, TradingBroker } from "../brokers/trading-broker.ts";
import type { Lease } from "../platform/lease.ts";
import type { Log } from "../platform/log.ts";
import type { Timers } from "../platform/timers.ts";
import { awaitTurn } from "./await-turn.ts";
import { cancelOrder } from "./cancel-order.ts";
import { type ClaimDeps, type Claimed, claimOrder } from "./claim-order.ts";
import { sweepOrders } from "./control/sweep-orders.ts";
import { KnownTradingState } from "./known-trading-state.ts";
import { createOrderJournal, type JournalDeps, type OrderJournal } from "./order-journal.ts";
import { isDone } from "./order-progress.ts";
import { mirrorPositions } from "./position-mirror.ts";
import { type OrderRecord, orderId, orders } from "./records.ts";
import { followUnsettledOrders, type UnsettledOrders } from "./unsettled-orders.ts";

const LOOK_EVERY_MS = 5_000;
/** While something is awaited that only asking brings. */
const LOOK_SOON_MS = 250;

/** A term of leadership, as far as orders care. */
export interface Term {
  readonly lease: Lease;
  isSafe(): boolean;
}

export interface ExecutorDeps extends ClaimDeps, Pick<JournalDeps, "unrealisedOf"> {
  readonly timers: Timers;
  readonly log: Log;
  readonly broker: TradingBroker;
  /** What else is done for the account at each look, once everything is settled. */
  readonly attend?: Attend;
}

/** True where the next look should not wait its usual time. What it throws keeps no order from leaving. */
export type Attend = (term: Lease) => Promise<boolean>;

export interface OrderExecutor {
  /** This process leads now; orders go once the socket is open. */
  lead(term: Term): void;
  /** From here on nothing leaves. What the broker still says is written down. */
  yield(): void;
  /** The socket is ready, for the first time or again: what was left open is settled first. */
  opened(): void;
  /** Something may be due. Resolves when it has been looked at. */
  wake(): Promise<void>;
  /** The trading state may have changed. */
  control(): Promise<void>;
  /** Resolves when nothing is at hand. */
  idle(): Promise<void>;
  /** Takes no more orders; resolves when what is at hand is written. */
  stop(): Promise<void>;
  /** Gives up writes that fail, so that `stop` ends. */
  close(): void;
}

export function createOrderExecutor(deps: ExecutorDeps): OrderExecutor {
  return new SocketExecutor(deps);
}

class SocketExecutor implements OrderExecutor {
  readonly #deps: ExecutorDeps;
  readonly #journal: OrderJournal;
  readonly #unsettled: UnsettledOrders;
  /** Given to the broker's client by this process, and not known to be over. */
  readonly #given = new Set<string>();
  /** A claim whose answer was lost: the order may be ours to send. */
  readonly #claiming = new Set<string>();
  readonly #tradingState: KnownTradingState;
  readonly #stopping = new AbortController();
  readonly #unsubscribe: readonly (() => void)[];
  #term: Term | undefined;
  /** Counts the occasions on which everything has to be settled anew; `#settled` is the last that was. */
  #occasion = 0;
  #settled = -1;
  #looking: Promise<void> | undefined;
  /** How often a look was asked for. */
  #wakes = 0;
  /** Counts the changes of the positions; `#mirrored` is the last that was written. */
  #changes = 0;
  #mirrored = -1;
  #cancelLook = () => {};
  /** Orders of which a cancel is on its way. */
  readonly #cancels = new Map<string, Promise<void>>();
  #lookAgainMs = LOOK_EVERY_MS;

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
    this.#tradingState = new KnownTradingState(deps);
    this.#journal = createOrderJournal(deps);
    this.#unsettled = followUnsettledOrders({
      ...deps,
      journal: this.#journal,
      isOurs: (clientOrderId) => this.#given.has(clientOrderId),
    });
    this.#unsubscribe = [
      deps.broker.onFill((fill) => void this.#journal.fill(fill)),
      deps.broker.onChange(() => {
        this.#changes += 1;
        void this.wake();
      }),
    ];
  }

  lead(term: Term): void {
    this.#term = term;
    this.#settleAnew();
  }

  yield(): void {
    this.#term = undefined;
    this.#cancelLook();
  }

  opened(): void {
    this.#settleAnew();
  }

  wake(): Promise<void> {
    this.#wakes += 1;
    this.#looking ??= this.#lookWhileWanted();
    return this.#looking;
  }

  control(): Promise<void> {
    this.#tradingState.forget();
    return this.wake();
  }

  async idle(): Promise<void> {
    await this.#looking;
    await Promise.all(this.#cancels.values());
    await this.#looking;
    await this.#unsettled.idle();
    await this.#journal.written();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelLook();
    await this.idle();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  close(): void {
    this.#journal.close();
  }

  #settleAnew(): void {
    this.#occasion += 1;
    this.#changes += 1;
    void this.wake();
  }

  async #lookWhileWanted(): Promise<void> {
    for (let seen = 0; seen !== this.#wakes; ) {
      seen = this.#wakes;
      this.#cancelLook();
      try {
        await this.#look();
      } catch (error) {
        this.#deps.log.error("orders-not-looked-at", { connection: this.#deps.account.id, error });
      }
    }
    this.#looking = undefined;
    if (this.#term === undefined || this.#stopping.signal.aborted) return;
    this.#cancelLook = this.#deps.timers.after(this.#lookAgainMs, () => void this.wake());
  }

  async #look(): Promise<void> {
    const term = this.#term;
    if (term === undefined || !term.isSafe() || this.#stopping.signal.aborted) return;
    await this.#sweep();
    if (!this.#mayAct(term)) return;
    await this.#tradingState.read();
    // Cancels wait for nothing: neither for what is still to be found, nor for each other, nor for orders.
    for (const order of await this.#due()) this.#cancel(term, order);
    if (!(await this.#settle())) return;
    this.#unsettled.follow();
    await this.#mirror(term);
    await this.#attend(term);
    for (const order of await this.#due()) {
      if (!this.#mayAct(term)) return;
      if (order.state === "created" || this.#claiming.has(order.clientOrderId)) await this.#send(term, order);
    }
  }

  /** Where there are orders that may not stay, what was known of the trading state is not believed any more. */
  async #sweep(): Promise<void> {
    if (await sweepOrders(this.#deps)) this.#tradingState.forget();
  }

  async #attend({ lease }: Term): Promise<void> {
    const { attend, log, account } = this.#deps;
    try {
      this.#lookAgainMs = (await attend?.(lease)) ? LOOK_SOON_MS : LOOK_EVERY_MS;
    } catch (error) {
      this.#lookAgainMs = LOOK_EVERY_MS;
      log.error("account-not-attended", { account: account.id, error });
    }
  }

  /** Leading, connected, and not about to stop. */
  #mayAct(term: Term): boolean {
    return (
      this.#term === term && term.isSafe() && this.#deps.broker.isReady() && !this.#stopping.signal.aborted
    );
  }

  async #settle(): Promise<boolean> {
    const occasion = this.#occasion;
    if (this.#settled === occasion) return true;
    const isSettled = await this.#unsettled.settle();
    if (isSettled && this.#occasion === occasion) this.#settled = occasion;
    return this.#settled === this.#occasion;
  }

  async #mirror(term: Term): Promise<void> {
    const changes = this.#changes;
    if (this.#mirrored === changes) return;
    const { broker, log, account } = this.#deps;
    try {
      if (await mirrorPositions(this.#deps, term.lease, broker.positions())) this.#mirrored = changes;
    } catch (error) {
      // A picture that cannot be stored keeps no order from leaving, and none from being cancelled.
      log.error("positions-not-mirrored", { connection: account.id, error });
    }
  }

  /** The oldest first. */
  async #due(): Promise<readonly OrderRecord[]> {
    const { store, account } = this.#deps;
    const where: Partial<OrderRecord> = { connection: account.id, isDue: true };
    const found = (await store.query(orders, { where })).map(({ value }) => value);
    for (const clientOrderId of this.#claiming) {
      const one = await store.get(orders, orderId(account.id, clientOrderId));
      if (one !== undefined && !one.isDue) found.push(one);
    }
    return found.toSorted(
      (one, other) =>
        Temporal.Instant.compare(one.createdAt, other.createdAt) ||
        (one.clientOrderId < other.clientOrderId ? -1 : 1),
    );
  }

  async #send(term: Term, { clientOrderId }: OrderRecord): Promise<void> {
    const { account, log } = this.#deps;
    // Whatever the record says, what was given to the broker's client once is never given to it again.
    if (this.#given.has(clientOrderId)) return;
    this.#claiming.add(clientOrderId);
    const asked = this.#tradingState.ask();
    const claim = await claimOrder(this.#deps, term.lease, orderId(account.id, clientOrderId));
    this.#claiming.delete(clientOrderId);
    if (claim.kind !== "claimed") {
      log.info(`order-${claim.kind}`, { connection: account.id, order: clientOrderId });
      return;
    }
    this.#tradingState.believe(asked, claim.tradingState, claim.order.bot);
    // Said to have changed meanwhile, it is read again; where it stays unknown the order does not leave.
    await this.#tradingState.read(claim.order.bot).catch(() => undefined);
    await this.#give(term, claim);
  }

  /**
   * Resolves when the order's turn to leave has come. Claims do not run ahead of the broker's limits: what is
   * claimed and has not left when this process dies is nobody's to send any more.
   */
  #give(term: Term, claim: Claimed): Promise<void> {
    const { broker, timers } = this.#deps;
    const { order } = claim;
    const { clientOrderId } = order;
    this.#given.add(clientOrderId);
    const turn = awaitTurn(timers, this.#stopping.signal);
    broker.place(
      ticketOf(order),
      () => {
        turn.come();
        return this.#mayLeave(term, claim);
      },
      (standing) => {
        turn.come();
        this.#standing(clientOrderId, standing);
      },
    );
    return turn.isOver;
  }

  /** Asked in the moment before the bytes leave; nothing in here waits. */
  #mayLeave(term: Term, { order: { ticket, sendBy, bot }, tokenEndsAt }: Claimed): boolean {
    const isSettled = this.#settled === this.#occasion;
    const now = this.#deps.clock.now();
    const isPaper = this.#deps.account.mode === "paper";
    const hasToken = isPaper || (tokenEndsAt !== undefined && Temporal.Instant.compare(now, tokenEndsAt) < 0);
    const isInTime = hasToken && Temporal.Instant.compare(now, sendBy) <= 0;
    return this.#mayAct(term) && isSettled && isInTime && this.#tradingState.allows(ticket, bot);
  }

  #standing(clientOrderId: string, standing: OrderStanding): void {
    void this.#journal.standing(clientOrderId, standing).then(() => {
      if (isDone(standing.kind)) this.#given.delete(clientOrderId);
    });
  }

  /** Cancels go in every trading state; one at a time an order. */
  #cancel(term: Term, order: OrderRecord): void {
    const { clientOrderId, cancelRequestedAt, state } = order;
    if (cancelRequestedAt === undefined || state === "created" || this.#cancels.has(clientOrderId)) return;
    const { log, account } = this.#deps;
    const cancelling = cancelOrder({ ...this.#deps, journal: this.#journal }, order, () => this.#mayAct(term))
      .catch((error: unknown) => {
        log.error("order-not-cancelled", { account: account.id, order: clientOrderId, error });
        return false;
      })
      .then((isAnswered) => {
        this.#cancels.delete(clientOrderId);
        if (isAnswered) void this.wake();
      });
    this.#cancels.set(clientOrderId, cancelling);
  }
}

/** What is not set is not there: the schema leaves it out. */
function ticketOf({ clientOrderId, ticket }: OrderRecord): OrderTicket {
  return { clientOrderId, ...ticket } as OrderTicket;
}
