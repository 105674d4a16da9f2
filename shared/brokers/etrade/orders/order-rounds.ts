/**
 * Looks at the broker's orders, one after the other. Who asks for a look gets one that begins after the
 * question: what was on its way before may not have an order in it that has just been sent.
 */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../../../calendar/sessions.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { fail, type Result, succeed } from "../../../platform/result.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { OrderBook } from "./order-book.ts";
import type { OrderAccess, OrderCalls } from "./order-calls.ts";
import { type OrderList, readOrders, readOrdersSince } from "./order-looks.ts";
import type { EtradeOrder } from "./order-schemas.ts";
import { isEnded } from "./order-views.ts";

export interface RoundParts {
  readonly calls: Pick<OrderCalls, "list" | "details">;
  readonly book: Pick<OrderBook, "take" | "get" | "working">;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined while there is no token, or no account to trade on. */
  access(): OrderAccess | undefined;
  /** From when on the first look reads: what has happened since then may not be known yet. */
  readonly since: Temporal.Instant;
}

export interface LookWish {
  /** From when on it has to be complete. Default: since the look before, with a margin. */
  readonly since?: Temporal.Instant;
  /** Also every older order that still works, however old. */
  readonly isWhole?: boolean;
}

export interface OrderRounds {
  /** The orders that the broker tells, complete from `since` on. What is news of them is in the book. */
  look(wish?: LookWish): Promise<Result<OrderList, BrokerCallFailure>>;
}

type Look = Promise<Result<OrderList, BrokerCallFailure>>;

/** The broker's list may lag behind itself by so much. */
const MARGIN = Temporal.Duration.from({ minutes: 10 });
/** An order that is good until cancelled lives no longer than that. */
const OLDEST_WORKING = Temporal.Duration.from({ days: 180 });

export function createOrderRounds(parts: RoundParts): OrderRounds {
  return new Rounds(parts);
}

class Rounds implements OrderRounds {
  readonly #parts: RoundParts;
  #running: Look | undefined;
  #next: { wish: LookWish; readonly look: Look } | undefined;
  #completeFrom: Temporal.Instant | undefined;

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  look(wish: LookWish = {}): Look {
    const running = this.#running;
    if (running === undefined) return this.#start(wish);
    if (this.#next !== undefined) {
      this.#next.wish = both(this.#next.wish, wish);
      return this.#next.look;
    }
    const follow = () => {
      const wanted = this.#next?.wish ?? wish;
      this.#next = undefined;
      return this.#start(wanted);
    };
    this.#next = { wish, look: running.then(follow, follow) };
    return this.#next.look;
  }

  #start(wish: LookWish): Look {
    const look = this.#run(wish).finally(() => {
      this.#running = undefined;
    });
    this.#running = look;
    return look;
  }

  async #run({ since, isWhole = false }: LookWish): Look {
    const { calls, book, clock, access: door } = this.#parts;
    const access = door();
    if (access === undefined) return fail("BROKER_UNREACHABLE");
    const startedAt = clock.now();
    const news = laterOf(this.#parts.since, this.#completeFrom?.subtract(MARGIN));
    const recent = await readOrdersSince(calls, access, earlier(news, since));
    if (!recent.ok) return recent;
    const orders = new Map(recent.value);
    const older = await this.#readOlder(access, orders, isWhole);
    if (!older.ok) return older;
    for (const order of older.value) orders.set(order.orderId, order);
    // What is read reaches back further than the news: what was over before that has been told. An order that is
    // known is news whenever it was placed, and whenever the broker says that it ended.
    const isNews = (order: EtradeOrder) =>
      book.get(order.orderId) !== undefined || !wasOverBefore(order, news);
    const told = [...orders.values()].filter(isNews);
    const isTaken = await book.take(told.toSorted(byNumber));
    // The broker has answered, but what it said is not safe yet: it has to be read again.
    if (!isTaken) return fail("BROKER_UNAVAILABLE", { module: "order", reason: "not-stored" });
    this.#completeFrom = startedAt;
    return succeed(orders);
  }

  /** Working orders that are older than the recent ones: of the whole account, or those that are known. */
  async #readOlder(
    access: OrderAccess,
    recent: OrderList,
    isWhole: boolean,
  ): Promise<Result<readonly EtradeOrder[], BrokerCallFailure>> {
    const { calls, book } = this.#parts;
    const missing = () => book.working().filter(({ orderId }) => !found.has(orderId));
    const found = new Map(recent);
    if (!isWhole && missing().length === 0) return succeed([]);
    const open = await readOrders(calls, access, { status: "OPEN" });
    if (!open.ok) return open;
    for (const [orderId, order] of open.value) found.set(orderId, order);
    if (isWhole) await this.#readOldest(access, found);
    for (const { orderId } of missing()) {
      const order = await this.#details(access, orderId);
      if (order !== undefined) found.set(orderId, order);
    }
    return succeed([...found].flatMap(([orderId, order]) => (recent.has(orderId) ? [] : [order])));
  }

  /** How far back the list reaches without dates is not known; that it refuses them is no reason not to trade. */
  async #readOldest(access: OrderAccess, found: Map<string, EtradeOrder>): Promise<void> {
    const { calls, clock, log } = this.#parts;
    const to = clock.now().toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate();
    const dates = { from: to.subtract(OLDEST_WORKING), to };
    const read = await readOrders(calls, access, { status: "OPEN", ...dates });
    if (!read.ok) log.warn("oldest-orders-not-read", { code: read.code });
    else for (const [orderId, order] of read.value) found.set(orderId, order);
  }

  /** An order that cannot be read now stays as it was told last. */
  async #details(access: OrderAccess, orderId: string): Promise<EtradeOrder | undefined> {
    const read = await this.#parts.calls.details(access, orderId);
    if (!read.ok) this.#parts.log.warn("order-not-read", { order: orderId, code: read.code });
    return read.ok ? read.value : undefined;
  }
}

/** Where it is not certain when an order ended, it counts as not over. */
function wasOverBefore(order: EtradeOrder, from: Temporal.Instant): boolean {
  if (!isEnded(order)) return false;
  const endedAt = order.executedAt ?? (order.filled.isZero() ? order.placedAt : undefined);
  return endedAt !== undefined && Temporal.Instant.compare(endedAt, from) < 0;
}

function both(one: LookWish, other: LookWish): LookWish {
  const since = one.since === undefined ? other.since : earlier(one.since, other.since);
  return { ...(since !== undefined && { since }), isWhole: one.isWhole === true || other.isWhole === true };
}

function laterOf(one: Temporal.Instant, other: Temporal.Instant | undefined): Temporal.Instant {
  return other !== undefined && Temporal.Instant.compare(other, one) > 0 ? other : one;
}

function earlier(one: Temporal.Instant, other: Temporal.Instant | undefined): Temporal.Instant {
  return other !== undefined && Temporal.Instant.compare(other, one) < 0 ? other : one;
}

/** Numbers count up, so fills are told in the order in which the orders were made. */
function byNumber(one: EtradeOrder, other: EtradeOrder): number {
  return Number(one.orderId) - Number(other.orderId);
}
