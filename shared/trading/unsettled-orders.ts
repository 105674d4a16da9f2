/**
 * Orders that the broker may have and that nobody in this process is told about: left by another process, or
 * by this one before its connection broke. They are followed by asking, never by sending again.
 */
import type { TradingBroker } from "../brokers/trading-broker.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../platform/store.ts";
import type { OrderJournal } from "./order-journal.ts";
import { isDone } from "./order-progress.ts";
import { type OrderRecord, orderId, orders, UNSETTLED_STATES } from "./records.ts";
import type { TradedAccount } from "./traded-account.ts";

export interface UnsettledDeps {
  readonly store: Store;
  readonly log: Log;
  readonly account: TradedAccount;
  readonly broker: TradingBroker;
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
  /** Has those that are followed asked for again where they are no longer among the broker's working orders. */
  follow(): void;
  /** Resolves when nobody is being asked for. */
  idle(): Promise<void>;
}

/** The clocks of this machine and of the broker may differ by so much. */
const CLOCK_MARGIN = { seconds: 60 };

export function followUnsettledOrders(deps: UnsettledDeps): UnsettledOrders {
  return new Follower(deps);
}

class Follower implements UnsettledOrders {
  readonly #deps: UnsettledDeps;
  readonly #followed = new Map<string, OrderRecord>();
  #following: Promise<unknown> | undefined;

  constructor(deps: UnsettledDeps) {
    this.#deps = deps;
  }

  async settle(): Promise<boolean> {
    const { store, account } = this.#deps;
    const found: OrderRecord[] = [];
    for (const state of UNSETTLED_STATES) {
      const stored = await store.query(orders, { where: { connection: account.id, state } });
      found.push(...stored.map(({ value }) => value));
    }
    this.#followed.clear();
    const answers = await Promise.all(found.map((order) => this.#ask(order)));
    return answers.every((isAnswered) => isAnswered);
  }

  follow(): void {
    const moved = [...this.#followed.values()].filter((order) => !this.#isResting(order));
    if (moved.length === 0 || this.#following !== undefined) return;
    this.#following = Promise.all(moved.map((order) => this.#ask(order)))
      .catch((error: unknown) => this.#deps.log.error("orders-not-followed", { error }))
      .finally(() => {
        this.#following = undefined;
      });
  }

  async idle(): Promise<void> {
    await this.#following;
  }

  #isResting({ brokerOrderId }: OrderRecord): boolean {
    return this.#deps.broker.workingOrders().some((one) => one.brokerOrderId === brokerOrderId);
  }

  /** False where the broker gave no answer. */
  async #ask(order: OrderRecord): Promise<boolean> {
    const { log, account, journal, isOurs, store } = this.#deps;
    const { clientOrderId } = order;
    const answer = await findOrder(this.#deps, order);
    if (!answer.ok) {
      log.warn("order-not-settled", { connection: account.id, order: clientOrderId, code: answer.code });
      return false;
    }
    // What becomes of an order of ours is told to us: by the end of its own search, where it seems not to be there.
    const isToldAnyway = isOurs(clientOrderId);
    if (isToldAnyway && answer.value.kind === "absent") return true;
    await journal.standing(clientOrderId, answer.value);
    const after = await store.get(orders, orderId(account.id, clientOrderId));
    if (isToldAnyway || after === undefined || isDone(after.state)) this.#followed.delete(clientOrderId);
    else this.#followed.set(clientOrderId, after);
    return true;
  }
}

/** Asks the broker for an order: by its own number where it is known, else a close by what it closes. */
export function findOrder(
  { broker, store }: { readonly broker: Pick<TradingBroker, "find">; readonly store: Pick<Store, "query"> },
  { connection, clientOrderId, createdAt, ticket, brokerOrderId }: OrderRecord,
): ReturnType<TradingBroker["find"]> {
  const { closes: positionId, quantity } = ticket;
  // Before it can have been sent, by whichever clock.
  const since = createdAt.subtract(CLOCK_MARGIN);
  const isOthers = async (seen: string) => {
    const where: Partial<OrderRecord> = { connection, brokerOrderId: seen };
    const owners = await store.query(orders, { where });
    return owners.some(({ value }) => value.clientOrderId !== clientOrderId);
  };
  const closing = positionId === undefined ? undefined : { positionId, quantity, isOthers };
  return broker.find(clientOrderId, since, closing, brokerOrderId);
}
