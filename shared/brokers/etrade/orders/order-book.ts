/**
 * The account's orders as they were last told, with whose they are and their fills.
 *
 * 1. An order only moves forward: what was read earlier and comes later changes nothing.
 * 2. A fill is told once by this process, and after its cut is stored.
 */
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import type { Fill, OrderStanding, WorkingOrder } from "../../trading-broker.ts";
import { type Cut, cutOf, fillsBetween } from "./fill-cuts.ts";
import type { OrderMemory } from "./order-memory.ts";
import type { EtradeOrder } from "./order-schemas.ts";
import { brokerIdOf, isEnded, standingOf, workingOrderOf } from "./order-views.ts";

export interface BookParts {
  readonly memory: Pick<OrderMemory, "ownerOf" | "cut" | "cuts">;
  readonly clock: Clock;
  readonly log: Log;
  /** The last four characters of the account that the orders are of. */
  lastFour(): string;
}

interface Known {
  order: EtradeOrder;
  owner: string | undefined;
  cuts: readonly Cut[];
}

export interface OrderBook {
  /** Takes in what was read. False where something could not be stored: then the same has to be read again. */
  take(orders: Iterable<EtradeOrder>): Promise<boolean>;
  /** Whose an order is has become known. */
  own(orderId: string, clientOrderId: string): void;
  get(orderId: string): EtradeOrder | undefined;
  /** Undefined for an order that is not known. */
  standing(orderId: string): OrderStanding | undefined;
  working(): readonly EtradeOrder[];
  workingOrders(): readonly WorkingOrder[];
  onFill(listener: (fill: Fill) => void): () => void;
  /** Called with the number of each order of which something is new. */
  onOrder(listener: (orderId: string) => void): () => void;
  /** Forgets all that was told: another account's orders come. */
  clear(): void;
}

export function createOrderBook(parts: BookParts): OrderBook {
  return new Book(parts);
}

class Book implements OrderBook {
  readonly #parts: BookParts;
  readonly #known = new Map<string, Known>();
  readonly #told = new Set<string>();
  readonly #fillListeners = new Set<(fill: Fill) => void>();
  readonly #orderListeners = new Set<(orderId: string) => void>();
  /** What is taken in is taken in one after the other. */
  #taking: Promise<unknown> = Promise.resolve();

  constructor(parts: BookParts) {
    this.#parts = parts;
  }

  take(orders: Iterable<EtradeOrder>): Promise<boolean> {
    const taken = this.#taking.then(() => this.#takeAll(orders));
    this.#taking = taken;
    return taken;
  }

  own(orderId: string, clientOrderId: string): void {
    const known = this.#known.get(orderId);
    if (known === undefined || known.owner === clientOrderId) return;
    known.owner = clientOrderId;
    this.#changed(orderId);
  }

  get(orderId: string): EtradeOrder | undefined {
    return this.#known.get(orderId)?.order;
  }

  standing(orderId: string): OrderStanding | undefined {
    const known = this.#known.get(orderId);
    return known && standingOf(known.order, this.#brokerId(orderId), this.#fillsOf(known));
  }

  working(): readonly EtradeOrder[] {
    return [...this.#known.values()].flatMap(({ order }) => (isEnded(order) ? [] : [order]));
  }

  workingOrders(): readonly WorkingOrder[] {
    return this.working().map((order) =>
      workingOrderOf(order, this.#brokerId(order.orderId), this.#known.get(order.orderId)?.owner),
    );
  }

  onFill(listener: (fill: Fill) => void): () => void {
    this.#fillListeners.add(listener);
    return () => this.#fillListeners.delete(listener);
  }

  onOrder(listener: (orderId: string) => void): () => void {
    this.#orderListeners.add(listener);
    return () => this.#orderListeners.delete(listener);
  }

  clear(): void {
    this.#known.clear();
  }

  async #takeAll(orders: Iterable<EtradeOrder>): Promise<boolean> {
    let isAllTaken = true;
    for (const order of orders) {
      try {
        await this.#takeOne(order);
      } catch (error) {
        isAllTaken = false;
        this.#parts.log.error("order-not-taken", { order: order.orderId, error });
      }
    }
    return isAllTaken;
  }

  async #takeOne(told: EtradeOrder): Promise<void> {
    const { orderId } = told;
    const before = this.#known.get(orderId);
    const order = before === undefined ? told : later(before.order, told);
    if (before !== undefined && order === before.order && !isUncut(before)) return;
    const known = before ?? (await this.#recall(order));
    const cut = cutOf(order, this.#parts.clock.now());
    const counted = known.cuts.at(-1);
    if (cut !== undefined && (counted === undefined || cut.quantity.gt(counted.quantity))) {
      known.cuts = await this.#parts.memory.cut(this.#brokerId(orderId), cut);
    }
    const isNews = before === undefined || isDifferent(before.order, order) || counted !== known.cuts.at(-1);
    known.order = order;
    this.#known.set(orderId, known);
    if (isNews) this.#changed(orderId);
  }

  async #recall(order: EtradeOrder): Promise<Known> {
    const { memory } = this.#parts;
    const brokerOrderId = this.#brokerId(order.orderId);
    const owner = await memory.ownerOf(brokerOrderId);
    return { order, owner, cuts: order.filled.gt(0) ? await memory.cuts(brokerOrderId) : [] };
  }

  #changed(orderId: string): void {
    const known = this.#known.get(orderId);
    if (known === undefined) return;
    for (const fill of this.#fillsOf(known)) {
      if (this.#told.has(fill.id)) continue;
      this.#told.add(fill.id);
      for (const listener of [...this.#fillListeners]) listener(fill);
    }
    for (const listener of [...this.#orderListeners]) listener(orderId);
  }

  #fillsOf({ order, owner, cuts }: Known): readonly Fill[] {
    const brokerOrderId = this.#brokerId(order.orderId);
    return fillsBetween(cuts, order, {
      brokerOrderId,
      ...(owner !== undefined && { clientOrderId: owner }),
    });
  }

  #brokerId(orderId: string): string {
    return brokerIdOf(this.#parts.lastFour(), orderId);
  }
}

/** The newer of two tellings: shares do not become unfilled, and an end is final. */
function later(before: EtradeOrder, told: EtradeOrder): EtradeOrder {
  const isOlder = told.filled.lt(before.filled) || (isEnded(before) && !isEnded(told));
  return isOlder || !isDifferent(before, told) ? before : told;
}

function isDifferent(one: EtradeOrder, other: EtradeOrder): boolean {
  return factsOf(one) !== factsOf(other);
}

function factsOf({ status, filled, averagePrice, quantity, replacedByOrderId }: EtradeOrder): string {
  return [status, filled.toFixed(), averagePrice?.toFixed(), quantity.toFixed(), replacedByOrderId].join(" ");
}

/** Something is filled, and its cut could not be made or stored yet. */
function isUncut({ order, cuts }: Known): boolean {
  return order.filled.gt(cuts.at(-1)?.quantity ?? 0);
}
