/**
 * A broker in memory that nets by symbol, attaches no levels, and counts the shares of working sales as spoken
 * for: a second closing order for them is refused.
 */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type {
  Fill,
  OpenPosition,
  OrderStanding,
  OrderTicket,
  TradingBroker,
} from "../../../shared/brokers/trading-broker.ts";
import { fail, succeed } from "../../../shared/platform/result.ts";

const ZERO = new Decimal(0);

export interface VenueOrder {
  readonly ticket: OrderTicket;
  readonly brokerOrderId: string;
  state: "accepted" | "filled" | "cancelled" | "rejected";
  readonly fills: Fill[];
}

export interface ShareVenue {
  readonly orders: VenueOrder[];
  /** What it does with what comes next; each counts down. */
  readonly faults: { rejectStops: number; loseCancels: number; loseAnswers: number; partFills: number };
  /** Closing orders that found their shares spoken for. */
  short: number;
  left(order: VenueOrder): Decimal;
  working(): readonly VenueOrder[];
  shares(): Decimal;
  fill(order: VenueOrder, quantity: Decimal): void;
  cancel(order: VenueOrder): void;
  connect(): ShareClient;
}

export interface ShareClient extends TradingBroker {
  /** The process is gone: it says and hears nothing more. */
  die(): void;
}

export function createShareVenue(now: () => Temporal.Instant, price: () => Decimal): ShareVenue {
  let count = 0;
  const clients = new Set<{ fill(fill: Fill): void; change(): void; stand(order: VenueOrder): void }>();
  const venue: ShareVenue = {
    orders: [],
    faults: { rejectStops: 0, loseCancels: 0, loseAnswers: 0, partFills: 0 },
    short: 0,
    left: ({ ticket, fills }) =>
      ticket.quantity.minus(fills.reduce((all, one) => all.plus(one.quantity), ZERO)),
    working: () => venue.orders.filter((one) => one.state === "accepted"),
    shares: () =>
      venue.orders
        .flatMap((one) => one.fills)
        .reduce(
          (all, { side, quantity }) => (side === "buy" ? all.plus(quantity) : all.minus(quantity)),
          ZERO,
        ),
    fill(order, quantity) {
      count += 1;
      const { ticket, brokerOrderId } = order;
      const fill: Fill = {
        ...{ id: `f${count}`, brokerOrderId, positionId: ticket.instrument, instrument: ticket.instrument },
        ...{ clientOrderId: ticket.clientOrderId, side: ticket.side, quantity, price: price() },
        ...{ commission: ZERO, at: now(), ...(ticket.side === "sell" && { closes: true as const }) },
      };
      order.fills.push(fill);
      if (venue.left(order).isZero()) order.state = "filled";
      for (const client of clients) client.fill(fill);
      for (const client of clients) client.stand(order);
      for (const client of clients) client.change();
    },
    cancel(order) {
      order.state = "cancelled";
      for (const client of clients) client.stand(order);
      for (const client of clients) client.change();
    },
    connect,
  };

  function positions(): readonly OpenPosition[] {
    const quantity = venue.shares();
    if (!quantity.gt(0)) return [];
    const [first] = venue.orders;
    const id = first?.ticket.instrument ?? "";
    const about = { id, instrument: id, side: "buy" as const, quantity, price: price() };
    return [{ ...about, openedAt: now(), commission: ZERO, swap: ZERO }];
  }

  function accept(ticket: OrderTicket): VenueOrder {
    const order: VenueOrder = {
      ticket,
      brokerOrderId: `o${venue.orders.length}`,
      state: "accepted",
      fills: [],
    };
    const spokenFor = venue
      .working()
      .filter((one) => one.ticket.side === "sell")
      .reduce((all, one) => all.plus(venue.left(one)), ZERO);
    const isShort = ticket.side === "sell" && spokenFor.plus(ticket.quantity).gt(venue.shares());
    const isRefused = ticket.type === "stop" && venue.faults.rejectStops > 0;
    if (isShort) venue.short += 1;
    if (isRefused) venue.faults.rejectStops -= 1;
    if (isShort || isRefused) order.state = "rejected";
    venue.orders.push(order);
    return order;
  }

  function connect(): ShareClient {
    const fillListeners = new Set<(fill: Fill) => void>();
    const changeListeners = new Set<() => void>();
    const watchers = new Map<VenueOrder, (standing: OrderStanding) => void>();
    const ears = {
      fill(fill: Fill) {
        for (const listener of fillListeners) listener(fill);
      },
      change() {
        for (const listener of changeListeners) listener();
      },
      stand: (order: VenueOrder) => watchers.get(order)?.(standingOf(order)),
    };
    clients.add(ears);
    let isDead = false;
    return {
      attachesLevels: false,
      money: () => ({ currency: "USD", balance: new Decimal(10_000) }),
      isReady: () => !isDead,
      die() {
        isDead = true;
        clients.delete(ears);
      },
      place(ticket, mayLeave, standing) {
        if (isDead || !mayLeave()) {
          if (!isDead) standing({ kind: "not-sent" });
          return;
        }
        const order = accept(ticket);
        if (venue.faults.loseAnswers > 0) {
          venue.faults.loseAnswers -= 1;
          standing({ kind: "unknown" });
        }
        watchers.set(order, standing);
        standing(standingOf(order));
        if (order.state !== "accepted" || ticket.type !== "market") return;
        const isPart = venue.faults.partFills > 0 && ticket.quantity.gt(1);
        if (isPart) venue.faults.partFills -= 1;
        venue.fill(order, isPart ? new Decimal(1) : ticket.quantity);
        if (isPart) venue.cancel(order);
      },
      async find(clientOrderId) {
        if (isDead) return fail("BROKER_UNREACHABLE");
        const order = venue.orders.find((one) => one.ticket.clientOrderId === clientOrderId);
        return succeed(order === undefined ? { kind: "absent" } : standingOf(order));
      },
      async cancel(brokerOrderId, mayLeave) {
        if (isDead || !mayLeave()) return fail("BROKER_UNREACHABLE");
        if (venue.faults.loseCancels > 0) {
          venue.faults.loseCancels -= 1;
          return fail("BROKER_TIMEOUT");
        }
        const order = venue.orders.find((one) => one.brokerOrderId === brokerOrderId);
        if (order?.state !== "accepted") return fail("BROKER_REFUSED", { brokerCode: "5001" });
        venue.cancel(order);
        return succeed(undefined);
      },
      refresh: async () => succeed(undefined),
      onFill: (listener) => hear(fillListeners, listener),
      onChange: (listener) => hear(changeListeners, listener),
      positions,
      workingOrders: () => venue.working().map(({ ticket, brokerOrderId }) => ({ ...ticket, brokerOrderId })),
    };
  }

  return venue;
}

function hear<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function standingOf({ state, brokerOrderId, fills }: VenueOrder): OrderStanding {
  if (state === "rejected") return { kind: "rejected", brokerCode: "1037", reason: "not enough shares" };
  return { kind: state, brokerOrderId, fills: [...fills] };
}
