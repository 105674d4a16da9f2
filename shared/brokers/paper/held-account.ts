/**
 * A paper account as the process that leads it holds it: one write after the other, and everything told only
 * once it lies in the store.
 */
import type { AccountId, PaperTerms } from "../../config/account.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import type { Fill, OrderStanding } from "../trading-broker.ts";
import type { Step } from "./engine.ts";
import { claimAccount, fillsBetween, LATE, type Led } from "./paper-store.ts";
import type { PaperAccount, PaperFill, PaperOrder } from "./records.ts";
import { fillNumber, fillOf, standingOf } from "./views.ts";

export interface HeldAccountDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly account: AccountId;
  readonly terms: PaperTerms;
  /** The account may be traded on, for the first time or again. */
  ready(): void;
}

/** What became of a turn. `not-led`: nothing was tried. `lost`: the store failed, and may have taken it. */
export type Turn<R> =
  | { readonly kind: "done"; readonly value: R }
  | { readonly kind: "not-led" }
  | { readonly kind: "lost" };

type Tell = (now: OrderStanding) => void;

interface Term {
  readonly led: Led;
  isReady: boolean;
  readonly begun: (isReady: boolean) => void;
}

interface Watched {
  readonly tell: Tell;
  /** How many of its fills were told with a standing. */
  fills: number;
  /** The store did not say whether it took the order. */
  isUnsure: boolean;
}

const AGAIN_MS = 1_000;
/** Fills of so long before the account's last change are told again by a process that takes it up. */
const TOLD_AGAIN = { hours: 24 };
const MOST_TOLD_AGAIN = 1_000;

export class HeldAccount {
  readonly #deps: HeldAccountDeps;
  readonly #fillListeners = new Set<(fill: Fill) => void>();
  readonly #changeListeners = new Set<() => void>();
  readonly #watched = new Map<string, Watched>();
  #term: Term | undefined;
  #account: PaperAccount | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** The number of the last fill that this process has told; undefined before the first term. */
  #told: number | undefined;
  #phase: "open" | "over" = "open";
  #cancelAgain = () => {};

  constructor(deps: HeldAccountDeps) {
    this.#deps = deps;
  }

  /** As it lay in the store when this process last wrote or read it. */
  account(): PaperAccount | undefined {
    return this.#account;
  }

  isReady(): boolean {
    return this.#term?.isReady === true;
  }

  onFill(listener: (fill: Fill) => void): () => void {
    this.#fillListeners.add(listener);
    return () => this.#fillListeners.delete(listener);
  }

  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /** Has the order's standings told from now on, until it is over. */
  watch(clientOrderId: string, tell: Tell): void {
    this.#watched.set(clientOrderId, { tell, fills: 0, isUnsure: false });
  }

  unwatch(clientOrderId: string): void {
    this.#watched.delete(clientOrderId);
  }

  /** Whether the store took the order is not known: it is told when it is. */
  doubt(clientOrderId: string, tell: Tell): void {
    this.#watched.set(clientOrderId, { tell, fills: 0, isUnsure: true });
    this.#tell(() => tell({ kind: "unknown" }));
  }

  start(fence: number): Promise<boolean> {
    this.drop();
    if (this.#phase === "over") return Promise.resolve(false);
    return new Promise((begun) => {
      const { store, account } = this.#deps;
      const term = { led: { store, account, fence }, isReady: false, begun };
      this.#term = term;
      void this.#inTurn(() => this.#read(term));
    });
  }

  drop(): void {
    this.#cancelAgain();
    this.#term?.begun(false);
    this.#term = undefined;
  }

  async idle(): Promise<void> {
    for (let last: unknown; last !== this.#queue; ) {
      last = this.#queue;
      await last;
    }
  }

  async stop(): Promise<void> {
    this.drop();
    await this.idle();
    this.#phase = "over";
  }

  /** Runs `work` when everything before it is written; where it fails the account is read again. */
  turn<R>(work: (led: Led, account: PaperAccount) => Promise<R>): Promise<Turn<R>> {
    return this.#inTurn(async () => {
      const [term, account] = [this.#term, this.#account];
      if (term?.isReady !== true || account === undefined) return { kind: "not-led" };
      try {
        return { kind: "done", value: await work(term.led, account) };
      } catch (error) {
        this.#deps.log.error("paper-not-written", { account: this.#deps.account, error });
        term.isReady = false;
        this.#readAgain(term);
        return { kind: "lost" };
      }
    });
  }

  /** What was written becomes what is held, and is told. */
  apply({ account, events }: Step): void {
    this.#account = account;
    for (const event of events) {
      if (event.kind === "fill") this.#tellFill(event.fill);
      else this.#tellStanding(event.order);
    }
    this.#changed();
  }

  /** Tells an order's watcher how it stands. */
  #tellStanding(order: PaperOrder): void {
    const { clientOrderId } = order.ticket;
    const watched = this.#watched.get(clientOrderId);
    if (watched === undefined) return;
    watched.fills = order.fills.length;
    watched.isUnsure = false;
    if (order.state !== "accepted") this.#watched.delete(clientOrderId);
    this.#tell(() => watched.tell(standingOf(order)));
  }

  /** How an order stands that had arrived before. */
  known(order: PaperOrder): void {
    this.#tellStanding(order);
  }

  /** Somebody leads the account under a higher fence: this process is late. */
  lose(): void {
    this.#deps.log.warn("paper-account-lost", { account: this.#deps.account });
    this.drop();
  }

  #inTurn<R>(job: () => Promise<R>): Promise<R> {
    const mine = this.#queue.then(job);
    this.#queue = mine.catch((error: unknown) =>
      this.#deps.log.error("paper-turn-failed", { account: this.#deps.account, error }),
    );
    return mine;
  }

  #readAgain(term: Term): void {
    this.#cancelAgain();
    if (this.#term !== term) return;
    this.#cancelAgain = this.#deps.timers.after(AGAIN_MS, () => void this.#inTurn(() => this.#read(term)));
  }

  /** Takes the account, and tells what this process has not told of it yet. */
  async #read(term: Term): Promise<void> {
    const { terms, clock, log, account: id } = this.#deps;
    try {
      if (this.#term !== term) return;
      const found = await claimAccount(term.led, terms, clock.now(), [...this.#watched.keys()]);
      if (found === LATE) return this.#term === term ? this.lose() : undefined;
      const missed = await this.#missedFills(term.led, found.account);
      if (this.#term !== term) return;
      this.#account = found.account;
      term.isReady = true;
      this.#catchUp(missed, found.orders);
      log.info("paper-account-held", { account: id, fence: term.led.fence });
      term.begun(true);
      this.#changed();
      this.#deps.ready();
    } catch (error) {
      log.error("paper-account-not-read", { account: id, error });
      this.#readAgain(term);
    }
  }

  #missedFills(led: Led, { lastFill, changedAt, openedAt }: PaperAccount): Promise<readonly PaperFill[]> {
    if (this.#told !== undefined) return fillsBetween(led, this.#told + 1, lastFill, openedAt);
    const first = Math.max(1, lastFill - MOST_TOLD_AGAIN + 1);
    return fillsBetween(led, first, lastFill, changedAt.subtract(TOLD_AGAIN));
  }

  #catchUp(missed: readonly PaperFill[], orders: readonly PaperOrder[]): void {
    this.#told ??= 0;
    for (const fill of missed) this.#tellFill(fill);
    for (const order of orders) {
      const watched = this.#watched.get(order.ticket.clientOrderId);
      const isNews = order.state !== "accepted" || order.fills.length !== watched?.fills;
      if (isNews || watched?.isUnsure === true) this.#tellStanding(order);
    }
    for (const [clientOrderId, { isUnsure, tell }] of [...this.#watched]) {
      if (!isUnsure) continue;
      this.#watched.delete(clientOrderId);
      this.#tell(() => tell({ kind: "absent" }));
    }
  }

  #tellFill(fill: PaperFill): void {
    this.#told = Math.max(this.#told ?? 0, fillNumber(fill));
    for (const listener of [...this.#fillListeners]) this.#tell(() => listener(fillOf(fill)));
  }

  #changed(): void {
    for (const listener of [...this.#changeListeners]) this.#tell(listener);
  }

  /** What a listener throws is its own fault, and stops nothing here. */
  #tell(tell: () => void): void {
    if (this.#phase === "over") return;
    try {
      tell();
    } catch (error) {
      this.#deps.log.error("paper-listener-failed", { account: this.#deps.account, error });
    }
  }
}
