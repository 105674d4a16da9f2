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
import type { TradingBroker } from "../brokers/trading-broker.ts";
import type { Lease } from "../platform/lease.ts";
import type { Log } from "../platform/log.ts";
import type { Timers } from "../platform/timers.ts";
import type { ClaimDeps } from "./claim-order.ts";
import { sweepOrders } from "./control/sweep-orders.ts";
import { readDueOrders } from "./due-orders.ts";
import { KnownTradingState } from "./known-trading-state.ts";
import { createOrderCancels, type OrderCancels } from "./order-cancels.ts";
import { createOrderJournal, type JournalDeps, type OrderJournal } from "./order-journal.ts";
import { createOrderSender, type OrderSender, type OrderSenderDeps } from "./order-sender.ts";
import { mirrorPositions } from "./position-mirror.ts";
import type { OrderRecord } from "./records.ts";
import { followUnsettledOrders, type UnsettledOrders } from "./unsettled-orders.ts";
import { withdrawEnded } from "./withdraw-ended.ts";

const LOOK_EVERY_MS = 5_000;
/** While something is awaited that only asking brings. */
const LOOK_SOON_MS = 250;

/** A term of leadership, as far as orders care. */
export interface Term {
  readonly lease: Lease;
  isSafe(): boolean;
}

export interface ExecutorDeps
  extends ClaimDeps,
    Pick<JournalDeps, "unrealisedOf">,
    Pick<OrderSenderDeps<Term>, "heldGeneration"> {
  readonly timers: Timers;
  readonly log: Log;
  readonly broker: TradingBroker;
  /** What else is done for the account at each look, once everything is settled. */
  readonly attend?: Attend;
  /** Whether an order may be sent now; where not, it stays and is asked for again soon. Default: yes. */
  readonly clearWay?: (order: OrderRecord) => Promise<boolean>;
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
  readonly #sender: OrderSender<Term>;
  readonly #tradingState: KnownTradingState;
  readonly #stopping = new AbortController();
  readonly #unsubscribe: readonly (() => void)[];
  #term: Term | undefined;
  /** Counts the occasions on which everything has to be settled anew; `#settled` is the last that was. */
  #occasion = 0;
  #settled = -1;
  #looking: Promise<void> | undefined;
  /** Ends when what has to go has been asked to, beside the look that is under way; never rejects. */
  #withdrawing: Promise<void> = Promise.resolve();
  /** How often a look was asked for. */
  #wakes = 0;
  /** Counts the changes of the positions; `#mirrored` is the last that was written. */
  #changes = 0;
  #mirrored = -1;
  #cancelLook = () => {};
  readonly #cancels: OrderCancels;
  #lookAgainMs = LOOK_EVERY_MS;
  /** Until an order has to be withdrawn. */
  #nextEndMs: number | undefined;

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
    this.#tradingState = new KnownTradingState(deps);
    this.#journal = createOrderJournal(deps);
    const journal = this.#journal;
    this.#sender = createOrderSender({
      ...deps,
      journal,
      tradingState: this.#tradingState,
      stopping: this.#stopping.signal,
      mayLeave: (term) => this.#mayAct(term) && this.#settled === this.#occasion,
    });
    this.#unsettled = followUnsettledOrders({ ...deps, journal, isOurs: this.#sender.isGiven });
    this.#cancels = createOrderCancels({ ...deps, journal, answered: () => void this.wake() });
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
    // A look that is under way may wait for the broker's answers for long; what has to go does not wait with it.
    if (this.#looking !== undefined) this.#withdrawing = this.#withdrawing.then(() => this.#withdraw());
    return this.wake();
  }

  async idle(): Promise<void> {
    await this.#withdrawing;
    await this.#looking;
    await this.#cancels.idle();
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
    const lookAgainMs = Math.min(this.#lookAgainMs, this.#nextEndMs ?? LOOK_EVERY_MS);
    this.#cancelLook = this.#deps.timers.after(lookAgainMs, () => void this.wake());
  }

  async #look(): Promise<void> {
    const term = this.#term;
    if (term === undefined || !term.isSafe() || this.#stopping.signal.aborted) return;
    await this.#sweep();
    this.#nextEndMs = await withdrawEnded(this.#deps);
    if (!this.#mayAct(term)) return;
    await this.#tradingState.read();
    await this.#cancelDue(term);
    if (!(await this.#settle())) return;
    this.#unsettled.follow();
    await this.#mirror(term);
    await this.#attend(term);
    for (const order of await this.#due()) {
      if (!this.#mayAct(term)) return;
      const isClaiming = this.#sender.isClaiming(order.clientOrderId);
      if (order.state !== "created" && !isClaiming) continue;
      if (isClaiming || (await this.#isClear(order))) await this.#sender.send(term, order);
    }
  }

  async #isClear(order: OrderRecord): Promise<boolean> {
    const isClear = (await this.#deps.clearWay?.(order)) ?? true;
    if (!isClear) this.#lookAgainMs = LOOK_SOON_MS;
    return isClear;
  }

  /** Cancels wait for nothing: neither for what is still to be found, nor for each other, nor for orders. */
  async #cancelDue(term: Term): Promise<void> {
    for (const order of await this.#due()) this.#cancels.cancel(order, () => this.#mayAct(term));
  }

  /** What the trading state lets go no more; where this fails, the next look does it. */
  async #withdraw(): Promise<void> {
    const term = this.#term;
    if (term === undefined || !this.#mayAct(term)) return;
    try {
      await this.#sweep();
      if (this.#mayAct(term)) await this.#cancelDue(term);
    } catch (error) {
      this.#deps.log.error("orders-not-withdrawn", { connection: this.#deps.account.id, error });
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

  #due(): Promise<readonly OrderRecord[]> {
    const { store, account } = this.#deps;
    return readDueOrders(store, account.id, this.#sender.claiming());
  }
}
