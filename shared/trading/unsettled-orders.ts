/**
 * Orders that the broker may have and that nobody in this process is told about: left by another process, or
 * by this one before its connection broke. They are followed by asking, never by sending again.
 */
import type { Temporal } from "temporal-polyfill";
import type { OrderStanding, SocketBroker } from "../brokers/socket-broker.ts";
import type { Connection } from "../config/connection.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../platform/store.ts";
import type { Timers } from "../platform/timers.ts";
import type { OrderJournal } from "./order-journal.ts";
import { isDone } from "./order-progress.ts";
import { type OrderRecord, orderId, orders, UNSETTLED_STATES } from "./records.ts";

export interface UnsettledDeps {
  readonly store: Store;
  readonly timers: Timers;
  readonly log: Log;
  readonly connection: Connection;
  readonly broker: SocketBroker;
  readonly journal: OrderJournal;
  /** Whether this process is told of the order's standings. */
  isOurs(clientOrderId: string): boolean;
}

export interface UnsettledOrders {
  /**
   * Asks the broker about every order that it may have. False where it did not answer for one: then no new
   * order may go.
   */
  settle(): Promise<boolean>;
  /** Asks again about those that are followed and have moved, or that the broker did not have at first. */
  follow(): Promise<void>;
}

/**
 * The broker's "I do not have it" counts when it says so twice, so long apart: what a dying process wrote may
 * still be on its way when it is first asked for.
 */
const ABSENT_AFTER_MS = 10_000;

/** The clocks of this machine and of the broker may differ by so much. */
const CLOCK_MARGIN = { seconds: 60 };

export function followUnsettledOrders(deps: UnsettledDeps): UnsettledOrders {
  return new Follower(deps);
}

class Follower implements UnsettledOrders {
  readonly #deps: UnsettledDeps;
  readonly #followed = new Map<string, OrderRecord>();
  /** When the broker first did not have an order, by `timers.now()`. */
  readonly #absentSince = new Map<string, number>();

  constructor(deps: UnsettledDeps) {
    this.#deps = deps;
  }

  async settle(): Promise<boolean> {
    const { store, connection } = this.#deps;
    const found: OrderRecord[] = [];
    for (const state of UNSETTLED_STATES) {
      const stored = await store.query(orders, { where: { connection: connection.id, state } });
      found.push(...stored.map(({ value }) => value));
    }
    this.#followed.clear();
    for (const order of found) if (!(await this.#ask(order))) return false;
    return true;
  }

  async follow(): Promise<void> {
    for (const order of [...this.#followed.values()]) {
      if (this.#hasMoved(order)) await this.#ask(order);
    }
  }

  #hasMoved({ clientOrderId, brokerOrderId }: OrderRecord): boolean {
    const since = this.#absentSince.get(clientOrderId);
    if (since !== undefined) return this.#deps.timers.now() - since >= ABSENT_AFTER_MS;
    return !this.#deps.broker.workingOrders().some((one) => one.brokerOrderId === brokerOrderId);
  }

  /** False where the broker gave no answer. */
  async #ask(order: OrderRecord): Promise<boolean> {
    const { broker, log, connection, journal, isOurs, store } = this.#deps;
    const { clientOrderId } = order;
    const answer = await broker.find(clientOrderId, askedSince(order.createdAt));
    if (!answer.ok) {
      log.warn("order-not-settled", { connection: connection.id, order: clientOrderId, code: answer.code });
      return false;
    }
    // An order of ours that the broker does not have yet is told of by its own standings.
    if (isOurs(clientOrderId)) {
      if (answer.value.kind !== "absent") await journal.standing(clientOrderId, answer.value);
      return true;
    }
    await journal.standing(clientOrderId, this.#concluded(clientOrderId, answer.value));
    const after = await store.get(orders, orderId(connection.id, clientOrderId));
    if (after === undefined || isDone(after.state)) this.#forget(clientOrderId);
    else this.#followed.set(clientOrderId, after);
    return true;
  }

  #concluded(clientOrderId: string, standing: OrderStanding): OrderStanding {
    if (standing.kind !== "absent") {
      this.#absentSince.delete(clientOrderId);
      return standing;
    }
    const now = this.#deps.timers.now();
    const since = this.#absentSince.get(clientOrderId) ?? now;
    this.#absentSince.set(clientOrderId, since);
    return now - since >= ABSENT_AFTER_MS ? standing : { kind: "unknown" };
  }

  #forget(clientOrderId: string): void {
    this.#followed.delete(clientOrderId);
    this.#absentSince.delete(clientOrderId);
  }
}

/** From when on the broker is asked for an order: before it can have been sent, by whichever clock. */
export function askedSince(createdAt: Temporal.Instant): Temporal.Instant {
  return createdAt.subtract(CLOCK_MARGIN);
}
