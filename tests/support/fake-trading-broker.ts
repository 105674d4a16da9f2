import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type {
  Fill,
  OpenPosition,
  OrderStanding,
  OrderTicket,
  TradingBroker,
} from "../../shared/brokers/trading-broker.ts";
import { fail, succeed } from "../../shared/platform/result.ts";

interface VenueOrder {
  readonly ticket: OrderTicket;
  readonly brokerOrderId: string;
  state: "accepted" | "filled" | "cancelled";
  readonly fills: Fill[];
}

/** The broker's side: it outlives the processes that trade on it. */
export interface FakeVenue {
  /** Every order that arrived, in order, by our id. */
  readonly arrived: string[];
  /** What it does with the next orders. `silent`: takes them and says nothing. */
  behaviour: "fill" | "rest" | "silent";
  readonly orders: Map<string, VenueOrder>;
  readonly positions: OpenPosition[];
  /** Fills a resting order, or `quantity` of it. */
  fill(clientOrderId: string, quantity?: number): Fill;
  /** Fills that belong to no order of ours. */
  readonly strangeFills: Fill[];
}

const AT = Temporal.Instant.from("2026-11-23T13:40:00Z");

export function createFakeVenue(): FakeVenue {
  let fillCount = 0;
  const venue: FakeVenue = {
    arrived: [],
    behaviour: "fill",
    orders: new Map(),
    positions: [],
    strangeFills: [],
    fill(clientOrderId, quantity) {
      const order = venue.orders.get(clientOrderId);
      if (order === undefined) throw new Error(`no order ${clientOrderId}`);
      fillCount += 1;
      const done = order.fills.reduce((sum, one) => sum.plus(one.quantity), new Decimal(0));
      const amount = quantity === undefined ? order.ticket.quantity.minus(done) : new Decimal(quantity);
      const fill: Fill = {
        id: `f${fillCount}`,
        brokerOrderId: order.brokerOrderId,
        positionId: `p-${clientOrderId}`,
        clientOrderId,
        instrument: order.ticket.instrument,
        side: order.ticket.side,
        quantity: amount,
        price: new Decimal("1.08512"),
        commission: new Decimal("-0.35"),
        at: AT,
      };
      order.fills.push(fill);
      if (done.plus(amount).gte(order.ticket.quantity)) order.state = "filled";
      return fill;
    },
  };
  return venue;
}

/** One process's client of the venue. */
export interface FakeTradingBroker extends TradingBroker {
  setReady(isReady: boolean): void;
  /** Says that something changed. */
  change(): void;
  /** Hands a fill on, as one that is told or found. */
  tell(fill: Fill): void;
  /** Tells the order's watcher how it stands. */
  stand(clientOrderId: string, standing: OrderStanding): void;
  /** Runs before `mayLeave` is asked. */
  beforeLeaving?: (clientOrderId: string) => void;
  /** Runs before each question is answered. */
  beforeFind?: (clientOrderId: string) => void | Promise<void>;
  /** What was asked, in order. */
  readonly asked: string[];
  /** `find` and `cancel` do not reach the broker. */
  isCutOff: boolean;
  /** The process is gone: nothing of it happens any more. */
  die(): void;
}

export function createFakeTradingBroker(venue: FakeVenue): FakeTradingBroker {
  let isReady = false;
  let isDead = false;
  const fillListeners = new Set<(fill: Fill) => void>();
  const changeListeners = new Set<() => void>();
  const watchers = new Map<string, (now: OrderStanding) => void>();

  const broker: FakeTradingBroker = {
    asked: [],
    isCutOff: false,
    attachesLevels: true,
    money: () => undefined,
    isReady: () => isReady,
    setReady(now) {
      isReady = now;
    },
    die() {
      isDead = true;
    },
    change() {
      for (const listener of changeListeners) listener();
    },
    tell(fill) {
      if (isDead) return;
      for (const listener of fillListeners) listener(fill);
    },
    stand(clientOrderId, standing) {
      if (!isDead) watchers.get(clientOrderId)?.(standing);
    },
    place(ticket, mayLeave, standing) {
      if (isDead) return;
      const id = ticket.clientOrderId;
      watchers.set(id, standing);
      broker.beforeLeaving?.(id);
      if (isDead) return;
      if (!isReady || !mayLeave()) return standing({ kind: "not-sent" });
      venue.arrived.push(id);
      const order: VenueOrder = { ticket, brokerOrderId: `o-${id}`, state: "accepted", fills: [] };
      venue.orders.set(id, order);
      if (venue.behaviour === "silent") return;
      standing(standingOf(order));
      if (venue.behaviour === "rest") return;
      broker.tell(venue.fill(id));
      broker.stand(id, standingOf(order));
    },
    async find(clientOrderId, _since, closing) {
      const about = closing === undefined ? "" : ` closing ${closing.quantity} of ${closing.positionId}`;
      broker.asked.push(`find ${clientOrderId}${about}`);
      await broker.beforeFind?.(clientOrderId);
      if (broker.isCutOff) return fail("BROKER_TIMEOUT");
      const order = venue.orders.get(clientOrderId);
      return succeed(order === undefined ? { kind: "absent" } : standingOf(order));
    },
    async cancel(brokerOrderId, mayLeave) {
      broker.asked.push(`cancel ${brokerOrderId}`);
      if (broker.isCutOff || !mayLeave()) return fail("BROKER_UNREACHABLE");
      const found = [...venue.orders.values()].find((one) => one.brokerOrderId === brokerOrderId);
      if (found?.state !== "accepted") return fail("BROKER_REFUSED", { brokerCode: "ORDER_NOT_FOUND" });
      found.state = "cancelled";
      return succeed(undefined);
    },
    async refresh() {
      broker.asked.push("refresh");
      return broker.isCutOff ? fail("BROKER_TIMEOUT") : succeed(undefined);
    },
    onFill(listener) {
      fillListeners.add(listener);
      return () => fillListeners.delete(listener);
    },
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    positions: () => venue.positions,
    workingOrders: () =>
      [...venue.orders.values()]
        .filter((one) => one.state === "accepted")
        .map(({ brokerOrderId, ticket }) => ({ ...ticket, brokerOrderId })),
  };
  return broker;
}

function standingOf({ brokerOrderId, state, fills }: VenueOrder): OrderStanding {
  return { kind: state, brokerOrderId, fills: [...fills] };
}
