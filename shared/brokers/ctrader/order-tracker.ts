import type { Log } from "../../platform/log.ts";
import { isFill } from "./book-deals.ts";
import type { OrderAnswer, OrderCall, OrderEnd, OrderOptions, ProtectionAnswer } from "./order-desk.ts";
import { eventRefusal } from "./order-refusals.ts";
import {
  byExecution,
  type EndKind,
  endOf,
  isImmediate,
  isProtective,
  type OrderSubject,
} from "./order-subject.ts";
import type {
  ProtoOADeal,
  ProtoOAExecutionEvent,
  ProtoOAExecutionType,
  ProtoOAOrder,
  ProtoOAPosition,
} from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";

/** How long an order that fills at once may take after it was accepted, before the broker is asked. */
const FILL_WITHIN_MS = 15_000;
/** How long the broker may take to place the protective order after a fill, before it is asked. */
const PROTECTION_WITHIN_MS = 5_000;
/** So long after a look that found nothing the next one counts: the order may still have been on its way. */
export const SECOND_LOOK_MS = 10_000;
/** So often the broker is asked for deals that its own order speaks of; then the call ends without them. */
const DEAL_LOOKS = 5;

/** What a tracker needs around it. */
export interface TrackerParts {
  now(): number;
  /** By the broker's clock, in milliseconds since 1970. */
  brokerNow(): number;
  after(ms: number, run: () => void): () => void;
  dealsOf(orderId: number): readonly ProtoOADeal[];
  /** Something must be looked up at the broker. */
  look(): void;
  /** Everything has settled. */
  ended(tracker: OrderTracker): void;
  readonly log: Log;
}

interface Flags {
  isAnswered: boolean;
  isDone: boolean;
  isProtected: boolean;
  /** Its standing must be asked for. */
  isDoubtful: boolean;
  /** The protective order must be asked for. */
  isUnprotected: boolean;
}

/** Follows one order from its request to its end, whoever tells of it: events, refusals or looks at the broker. */
export class OrderTracker {
  readonly subject: OrderSubject;
  readonly call: OrderCall;
  readonly #parts: TrackerParts;
  readonly #progress: OrderOptions["progress"];
  readonly #accepted = Promise.withResolvers<OrderAnswer>();
  readonly #done = Promise.withResolvers<OrderEnd>();
  readonly #protection = Promise.withResolvers<ProtectionAnswer>();
  readonly #deals = new Map<number, ProtoOADeal>();
  readonly #cancels = new Set<() => void>();
  #order: ProtoOAOrder | undefined;
  #positionId: number | undefined;
  #sent: { readonly at: number; readonly brokerTime: number } | undefined;
  readonly #flags: Flags = {
    isAnswered: false,
    isDone: false,
    isProtected: false,
    isDoubtful: false,
    isUnprotected: false,
  };
  #missedAt: number | undefined;
  #bareAt: number | undefined;
  #dealLooks = 0;
  #refusal: CtraderRefusal | undefined;

  constructor(subject: OrderSubject, parts: TrackerParts, progress: OrderOptions["progress"]) {
    this.subject = subject;
    this.#parts = parts;
    this.#progress = progress;
    this.call = {
      accepted: this.#accepted.promise,
      done: this.#done.promise,
      protection: this.#protection.promise,
    };
  }

  get orderId(): number | undefined {
    return this.#order?.orderId;
  }
  get positionId(): number | undefined {
    return this.#positionId;
  }
  get isDone(): boolean {
    return this.#flags.isDone;
  }
  get isAnswered(): boolean {
    return this.#flags.isAnswered;
  }
  /** By `timers.now()`, and by the broker's clock; undefined while nothing of it has left. */
  get sent(): { readonly at: number; readonly brokerTime: number } | undefined {
    return this.#sent;
  }
  /** Must be asked for; `deals`: its end is known, but not all of its deals. */
  get wants(): "order" | "deals" | "protection" | undefined {
    if (this.#flags.isDoubtful && !this.#flags.isDone) return this.#hasEnded() ? "deals" : "order";
    return this.#flags.isUnprotected && !this.#flags.isProtected ? "protection" : undefined;
  }

  left(): void {
    this.#sent = { at: this.#parts.now(), brokerTime: this.#parts.brokerNow() };
  }

  /** An event of the stream, or one that answers our request. True where it was about this order. */
  take(event: ProtoOAExecutionEvent, isAnswer: boolean): boolean {
    const { order, executionType: type } = event;
    if (this.#sent === undefined) return false;
    if (order === undefined) {
      if (isAnswer && type === "ORDER_REJECTED") this.reject(eventRefusal(event));
      return isAnswer && type === "ORDER_REJECTED";
    }
    if (this.#takeProtection(order, type)) return true;
    if (this.#flags.isDone || !this.#isThis(order, isAnswer)) return false;
    // It answers a cancel of this order, which goes on.
    if (type === "ORDER_CANCEL_REJECTED") return true;
    if (type === "ORDER_REJECTED" || order.orderStatus === "ORDER_STATUS_REJECTED") {
      this.reject(eventRefusal(event));
      return true;
    }
    this.#learn(order, event.deal === undefined ? [] : [event.deal], event.position);
    this.#stand(endOf(order, type));
    return true;
  }

  /** The broker's own account of it, from a list or from the book. */
  follow(order: ProtoOAOrder, deals: readonly ProtoOADeal[]): void {
    if (this.#flags.isDone) return;
    this.#missedAt = undefined;
    if (order.orderStatus === "ORDER_STATUS_REJECTED") {
      this.reject(this.#refusal ?? eventRefusal({ executionType: "ORDER_REJECTED" }));
      return;
    }
    // One that should have ended at once is asked for again until it has.
    this.#flags.isDoubtful = order.orderStatus === "ORDER_STATUS_ACCEPTED" && isImmediate(order);
    this.#learn(order, deals, undefined);
    this.#stand(endOf(order));
  }

  /** A look did not find it. `begunAt`: when the look's reconciliation was begun. */
  miss(begunAt: number): void {
    if (this.#flags.isDone) return;
    this.#missedAt ??= this.#parts.now();
    if (begunAt < this.#missedAt + SECOND_LOOK_MS) return;
    if (this.#refusal !== undefined) this.reject(this.#refusal);
    else this.#settle({ kind: "unknown" }, { kind: "absent" });
  }

  /** What a look at the position showed. */
  lookedAtProtection(found: ProtectionAnswer): void {
    if (found.kind !== "missing") this.#protect(found);
    else if (this.#bareAt === undefined) this.#bareAt = this.#parts.now();
    else if (this.#parts.now() >= this.#bareAt + SECOND_LOOK_MS) this.#protect(found);
  }

  /** The connection is over, or an answer did not come: what became of it must be asked for. */
  doubt(): void {
    if (this.#flags.isDone || this.#sent === undefined) return;
    this.#accepted.resolve({ kind: "unknown" });
    this.#flags.isAnswered = true;
    this.#flags.isDoubtful = true;
    this.#parts.look();
  }

  /** Nothing told how it ended, though it should have: the next round asks. True where it is in doubt. */
  suspect(): boolean {
    if (!this.#flags.isDone && this.#order !== undefined) this.#flags.isDoubtful = true;
    return this.#flags.isDoubtful;
  }

  notSent(): void {
    this.#settle({ kind: "not-sent" }, { kind: "not-sent" });
  }

  reject(refusal: CtraderRefusal): void {
    this.#settle({ kind: "rejected", refusal }, { kind: "rejected", refusal });
  }

  /** The broker's answer was that it could not say: the refusal holds where the order is not found. */
  refusedForNow(refusal: CtraderRefusal): void {
    this.#refusal = refusal;
    this.doubt();
  }

  #isThis(order: ProtoOAOrder, isAnswer: boolean): boolean {
    if (this.#order !== undefined) return order.orderId === this.#order.orderId;
    return this.subject.isOurs(order) || (isAnswer && this.subject.canAnswer(order));
  }

  #learn(order: ProtoOAOrder, deals: readonly ProtoOADeal[], position: ProtoOAPosition | undefined): void {
    const isFirst = this.#order === undefined;
    const known = this.#deals.size;
    this.#order = order;
    this.#missedAt = undefined;
    this.#positionId = order.positionId || position?.positionId || this.#positionId;
    for (const deal of [...deals, ...this.#parts.dealsOf(order.orderId)]) {
      if (!isFill(deal) || deal.orderId !== order.orderId) continue;
      this.#deals.set(deal.dealId, deal);
      this.#positionId = deal.positionId || this.#positionId;
    }
    this.#accepted.resolve({ kind: "accepted", order, ...(position === undefined ? {} : { position }) });
    if (!this.#flags.isAnswered && isImmediate(order)) {
      this.#in(FILL_WITHIN_MS, () => this.suspect() && this.#parts.look());
    }
    this.#flags.isAnswered = true;
    if (known === 0 && this.#deals.size > 0) this.#awaitProtection();
    const isLiving = endOf(order) === undefined;
    if (isLiving && (isFirst || this.#deals.size > known)) this.#progress?.(order, this.#allDeals());
  }

  /** Ends the call where the order has ended and all its deals are known. */
  #stand(end: EndKind | undefined): void {
    const order = this.#order;
    if (end === undefined || order === undefined) return;
    const deals = this.#allDeals();
    const filled = deals.reduce((sum, deal) => sum + deal.filledVolume, 0);
    if (filled < (order.executedVolume ?? 0)) {
      this.#flags.isDoubtful = true;
      this.#dealLooks += 1;
      if (this.#dealLooks <= DEAL_LOOKS) {
        this.#parts.look();
        return;
      }
      this.#parts.log.warn("deals-missing", {
        order: this.subject.label,
        filled,
        told: order.executedVolume,
      });
    }
    this.#settle(undefined, { kind: end, order, deals });
  }

  #settle(answer: OrderAnswer | undefined, end: OrderEnd): void {
    if (this.#flags.isDone) return;
    Object.assign(this.#flags, { isDone: true, isAnswered: true, isDoubtful: false });
    if (answer !== undefined) this.#accepted.resolve(answer);
    this.#done.resolve(end);
    if (!this.subject.asksLevels || this.#deals.size === 0) this.#protect({ kind: "none" });
    this.#finish();
  }

  #protect(answer: ProtectionAnswer): void {
    this.#flags.isProtected = true;
    this.#protection.resolve(answer);
    this.#finish();
  }

  #finish(): void {
    if (!this.#flags.isDone || !this.#flags.isProtected) return;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#parts.ended(this);
  }

  #takeProtection(order: ProtoOAOrder, type: ProtoOAExecutionType): boolean {
    if (!isProtective(order) || !this.subject.asksLevels || this.#deals.size === 0) return false;
    if (this.#flags.isProtected || order.positionId !== this.#positionId) return false;
    if (type !== "ORDER_ACCEPTED" && type !== "ORDER_REPLACED" && type !== "ORDER_FILLED") return false;
    this.#protect({ kind: "placed", order });
    return true;
  }

  #awaitProtection(): void {
    if (!this.subject.asksLevels || this.#flags.isProtected) return;
    this.#in(PROTECTION_WITHIN_MS, () => {
      if (this.#flags.isProtected) return;
      this.#flags.isUnprotected = true;
      this.#parts.look();
    });
  }

  #hasEnded(): boolean {
    return this.#order !== undefined && endOf(this.#order) !== undefined;
  }
  #allDeals(): readonly ProtoOADeal[] {
    return [...this.#deals.values()].toSorted(byExecution);
  }

  #in(ms: number, run: () => void): void {
    const cancel = this.#parts.after(ms, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
  }
}
