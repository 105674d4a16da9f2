/**
 * A broker as it is on its own side: it takes whatever arrives, fills it by its own lights, and never forgets.
 * Positions are hedged: each order that opens has its own. Nothing here knows of Openbell's books.
 */
import { Decimal } from "decimal.js";
import type {
  AccountMoney,
  Fill,
  OpenPosition,
  OrderStanding,
  OrderTicket,
  WorkingOrder,
} from "../../../shared/brokers/trading-broker.ts";
import type { Draws } from "./draws.ts";
import type { Simulation } from "./simulation.ts";

const ZERO = new Decimal(0);
/** Paid for each unit, on the way in and on the way out. */
const FEE = new Decimal("-0.07");
const SPREAD = new Decimal("0.1");

export type VenueState = "accepted" | "filled" | "cancelled" | "expired" | "rejected";

export interface VenueOrder {
  readonly brokerOrderId: string;
  readonly ticket: OrderTicket;
  readonly positionId: string;
  readonly arrivedAt: number;
  state: VenueState;
  filled: Decimal;
  fills: readonly Fill[];
  price?: Decimal;
  reason?: string;
}

interface VenuePosition {
  readonly id: string;
  readonly instrument: string;
  readonly side: "buy" | "sell";
  readonly clientOrderId: string | undefined;
  readonly openedAt: Fill["at"];
  quantity: Decimal;
  /** What it has cost, and what was paid on the way in: of what is left. */
  cost: Decimal;
  fees: Decimal;
  hasStop: boolean;
}

/** What the broker tells a client that has asked, or that listens. */
export interface VenueView {
  readonly positions: readonly OpenPosition[];
  readonly working: readonly WorkingOrder[];
  readonly money: AccountMoney;
  /** So many fills there were. */
  readonly fills: number;
}

export type VenueNews =
  | { readonly kind: "order"; readonly order: VenueOrder }
  | { readonly kind: "fill"; readonly fill: Fill };

export interface VenueOptions {
  /** Whether closing fills carry figures; else they are reckoned from prices. */
  readonly tellsFigures: boolean;
  /** Of 100 fills, so many carry our id. */
  readonly namedPercent: number;
}

export interface VenueMood {
  rejectedPercent: number;
  partialPercent: number;
  /** The longest that it takes to look at an order, and between two fills, in milliseconds. */
  slowestMs: number;
}

export class Venue {
  readonly #simulation: Simulation;
  readonly #draws: Draws;
  readonly #options: VenueOptions;
  readonly mood: VenueMood = { rejectedPercent: 6, partialPercent: 25, slowestMs: 300 };
  readonly orders: VenueOrder[] = [];
  readonly fills: Fill[] = [];
  readonly positions = new Map<string, VenuePosition>();
  readonly prices = new Map<string, Decimal>();
  readonly listeners = new Set<(news: VenueNews) => void>();
  readonly startBalance = new Decimal(10_000);
  balance = this.startBalance;
  /** Money that went in and out by buying and selling, without costs. */
  cash = ZERO;
  costs = ZERO;
  #view: VenueView | undefined;
  #hand = 0;

  constructor(simulation: Simulation, draws: Draws, options: VenueOptions) {
    this.#simulation = simulation;
    this.#draws = draws;
    this.#options = options;
  }

  /** Units at their dearer price. */
  ask(instrument: string): Decimal {
    return (this.prices.get(instrument) ?? ZERO).plus(SPREAD);
  }

  bid(instrument: string): Decimal {
    return this.prices.get(instrument) ?? ZERO;
  }

  /** An order has arrived. */
  arrive(ticket: OrderTicket): VenueOrder {
    const brokerOrderId = `o${this.orders.length + 1}`;
    const order: VenueOrder = {
      ...{
        brokerOrderId,
        ticket,
        arrivedAt: this.#simulation.now,
        state: "accepted",
        filled: ZERO,
        fills: [],
      },
      positionId: ticket.closes ?? `p${this.orders.length + 1}`,
    };
    this.orders.push(order);
    this.#changed();
    this.#later(() => this.#consider(order));
    return order;
  }

  cancel(brokerOrderId: string): boolean {
    const order = this.orders.find((one) => one.brokerOrderId === brokerOrderId);
    if (order?.state !== "accepted") return false;
    this.#end(order, "cancelled");
    return true;
  }

  /** A resting order is met, wholly or in part. */
  meet(pick: number, isWhole: boolean): void {
    const resting = this.orders.filter(
      ({ state, ticket }) => state === "accepted" && ticket.type !== "market",
    );
    const order = resting[pick % Math.max(1, resting.length)];
    if (order === undefined) return;
    const left = order.ticket.quantity.minus(order.filled);
    this.#fill(order, isWhole || left.lte(1) ? left : new Decimal(1));
  }

  /** A stop that rests at a position is hit. */
  hitStop(pick: number): void {
    const held = [...this.positions.values()].filter(({ hasStop }) => hasStop);
    const position = held[pick % Math.max(1, held.length)];
    if (position === undefined) return;
    this.#hand += 1;
    const named = this.#draws.chance(this.#options.namedPercent) ? position.clientOrderId : undefined;
    this.#closeStrangely(position, position.quantity, `s${this.#hand}`, named);
  }

  /** Somebody trades beside Openbell. */
  byHand(kind: "open" | "close" | "order", pick: number, instrument: string): void {
    this.#hand += 1;
    const id = `h${this.#hand}`;
    if (kind === "close") {
      const position = [...this.positions.values()][pick % Math.max(1, this.positions.size)];
      if (position === undefined) return;
      const isWhole = pick % 2 === 0 || position.quantity.lte(1);
      this.#closeStrangely(position, isWhole ? position.quantity : new Decimal(1), id, undefined);
      return;
    }
    const side = pick % 2 === 0 ? "buy" : "sell";
    const base = { instrument, side, quantity: new Decimal(1 + (pick % 2)), timeInForce: "gtc" } as const;
    const ticket: OrderTicket =
      kind === "order"
        ? { ...base, clientOrderId: "", type: "limit", limitPrice: this.bid(instrument).minus(5) }
        : { ...base, clientOrderId: "", type: "market" };
    const order: VenueOrder = {
      ...{
        brokerOrderId: id,
        ticket,
        arrivedAt: this.#simulation.now,
        state: "accepted",
        filled: ZERO,
        fills: [],
      },
      positionId: `p${id}`,
    };
    this.orders.push(order);
    this.#changed();
    if (kind === "open") this.#fill(order, ticket.quantity);
    else this.#tell({ kind: "order", order });
  }

  standingOf(order: VenueOrder): OrderStanding {
    const { brokerOrderId, state, fills, positionId, reason = "" } = order;
    if (state === "rejected") return { kind: "rejected", brokerCode: reason, reason };
    const isOpen = fills.length > 0 || order.ticket.closes !== undefined;
    return { kind: state, brokerOrderId, fills, ...(isOpen && { positionId }) };
  }

  view(): VenueView {
    this.#view ??= {
      positions: [...this.positions.values()].map(openPosition),
      working: [
        ...this.orders.filter(({ state }) => state === "accepted").map(workingOrder),
        ...[...this.positions.values()].filter(({ hasStop }) => hasStop).map(stopOf),
      ],
      money: { currency: "USD", balance: this.balance },
      fills: this.fills.length,
    };
    return this.#view;
  }

  #later(run: () => void): void {
    const { slowestMs } = this.mood;
    const ms = this.#draws.chance(70) ? this.#draws.between(0, 4) : this.#draws.between(0, slowestMs);
    this.#simulation.after(ms, run);
  }

  #consider(order: VenueOrder): void {
    if (order.state !== "accepted") return;
    const { ticket } = order;
    const held = ticket.closes === undefined ? undefined : this.positions.get(ticket.closes);
    const canClose = held?.quantity.gte(ticket.quantity) === true;
    const isRejected = this.#draws.chance(this.mood.rejectedPercent);
    if (isRejected || (ticket.closes !== undefined && !canClose)) {
      this.#reject(order, isRejected ? "NOT_ENOUGH_MONEY" : "POSITION_NOT_FOUND");
      return;
    }
    const tells = this.#draws.chance(80);
    if (tells || ticket.type !== "market") this.#tell({ kind: "order", order });
    if (ticket.type === "market") this.#later(() => this.#execute(order));
  }

  /** What asks for the market's price goes at once: whole, in parts, or a part and no more. */
  #execute(order: VenueOrder): void {
    if (order.state !== "accepted") return;
    const { quantity } = order.ticket;
    const isPartial = quantity.gt(1) && this.#draws.chance(this.mood.partialPercent);
    if (!isPartial) {
      this.#fill(order, quantity);
      return;
    }
    this.#fill(order, new Decimal(this.#draws.between(1, quantity.toNumber() - 1)));
    const goesOn = this.#draws.chance(60);
    this.#later(() => {
      if (order.state !== "accepted") return;
      if (goesOn) this.#fill(order, quantity.minus(order.filled));
      else this.#end(order, "cancelled");
    });
  }

  #reject(order: VenueOrder, reason: string): void {
    order.reason = reason;
    this.#end(order, "rejected");
  }

  #end(order: VenueOrder, state: VenueState): void {
    order.state = state;
    this.#changed();
    this.#tell({ kind: "order", order });
  }

  #fill(order: VenueOrder, wanted: Decimal): void {
    const { ticket, brokerOrderId, positionId } = order;
    const held = this.positions.get(positionId);
    const isClose = ticket.closes !== undefined;
    if (isClose && held === undefined) {
      this.#end(order, "cancelled");
      return;
    }
    const quantity = isClose && held !== undefined ? Decimal.min(wanted, held.quantity) : wanted;
    const isNamed = this.#draws.chance(this.#options.namedPercent) && ticket.clientOrderId !== "";
    const market = ticket.side === "buy" ? this.ask(ticket.instrument) : this.bid(ticket.instrument);
    order.price ??= ticket.limitPrice ?? market;
    const { price } = order;
    const fill = this.#book(
      {
        ...{ brokerOrderId, positionId, instrument: ticket.instrument, side: ticket.side, quantity, price },
        ...(isNamed && { clientOrderId: ticket.clientOrderId }),
      },
      { clientOrderId: ticket.clientOrderId || undefined, hasStop: ticket.stopLoss !== undefined },
    );
    order.filled = order.filled.plus(quantity);
    order.fills = [...order.fills, fill];
    if (order.filled.gte(ticket.quantity)) order.state = "filled";
    this.#changed();
    const news: VenueNews[] = [
      { kind: "fill", fill },
      { kind: "order", order },
    ];
    for (const one of this.#draws.chance(50) ? news : news.reverse()) this.#tell(one);
  }

  #closeStrangely(position: VenuePosition, quantity: Decimal, id: string, named: string | undefined): void {
    const side = position.side === "buy" ? "sell" : "buy";
    const { instrument } = position;
    const price = side === "buy" ? this.ask(instrument) : this.bid(instrument);
    const fill = this.#book(
      {
        ...{ brokerOrderId: id, positionId: position.id, instrument, side, quantity, price },
        ...(named !== undefined && { clientOrderId: named }),
      },
      { clientOrderId: undefined, hasStop: false },
    );
    this.#changed();
    this.#tell({ kind: "fill", fill });
  }

  /** Money and positions by one fill. */
  #book(
    facts: Omit<Fill, "id" | "commission" | "at">,
    opening: { readonly clientOrderId: string | undefined; readonly hasStop: boolean },
  ): Fill {
    const { positionId, side, quantity, price, instrument } = facts;
    const at = this.#simulation.instant();
    const commission = FEE.times(quantity);
    const money = price.times(quantity);
    this.cash = side === "buy" ? this.cash.minus(money) : this.cash.plus(money);
    this.costs = this.costs.plus(commission);
    const base = { id: `f${this.fills.length + 1}`, ...facts, commission, at };
    const held = this.positions.get(positionId);
    const isClose = held !== undefined && held.side !== side;
    const fill = isClose ? { ...base, ...this.#reduce(held, quantity, { price, commission }) } : base;
    if (held === undefined) {
      this.positions.set(positionId, {
        ...{ id: positionId, instrument, side, quantity, openedAt: at, ...opening },
        ...{ cost: money, fees: commission },
      });
    } else if (held.side === side) {
      held.quantity = held.quantity.plus(quantity);
      held.cost = held.cost.plus(money);
      held.fees = held.fees.plus(commission);
    }
    if (!isClose) this.balance = this.balance.plus(commission);
    this.fills.push(fill);
    return fill;
  }

  #reduce(
    held: VenuePosition,
    quantity: Decimal,
    { price, commission }: { readonly price: Decimal; readonly commission: Decimal },
  ): Pick<Fill, "closed" | "closes"> {
    const cost = held.cost.times(quantity).div(held.quantity);
    const paid = FEE.times(quantity);
    const exact = held.side === "buy" ? price.times(quantity).minus(cost) : cost.minus(price.times(quantity));
    // What it tells, it tells in cents; what it does not tell comes of prices, all fills of an order being at one.
    const gain = exact.toDecimalPlaces(2);
    const swap = this.#options.tellsFigures && this.#draws.chance(30) ? new Decimal("-0.01") : ZERO;
    const entryPrice = held.cost.div(held.quantity);
    held.quantity = held.quantity.minus(quantity);
    held.cost = held.cost.minus(cost);
    held.fees = held.fees.minus(paid);
    if (held.quantity.lte(0)) this.positions.delete(held.id);
    this.balance = this.balance.plus(gain).plus(commission).plus(swap);
    this.costs = this.costs.plus(swap);
    if (!this.#options.tellsFigures) return this.#draws.chance(50) ? { closes: true } : {};
    const closed = { grossProfit: gain, swap, commission: paid.plus(commission), balanceAfter: this.balance };
    return { closed: { ...closed, quantity, entryPrice } };
  }

  #changed(): void {
    this.#view = undefined;
  }

  #tell(news: VenueNews): void {
    for (const listener of this.listeners) listener(news);
  }
}

function openPosition(one: VenuePosition): OpenPosition {
  const { id, instrument, side, quantity, cost, fees, openedAt, clientOrderId, hasStop } = one;
  const price = cost.div(quantity);
  return {
    ...{ id, instrument, side, quantity, price, openedAt, commission: fees, swap: ZERO },
    ...(hasStop && { stopLoss: price }),
    ...(clientOrderId !== undefined && { clientOrderId }),
  };
}

function workingOrder({ brokerOrderId, ticket, filled }: VenueOrder): WorkingOrder {
  const { clientOrderId, instrument, side, quantity, limitPrice } = ticket;
  return {
    ...{ brokerOrderId, instrument, side, quantity: quantity.minus(filled) },
    ...(clientOrderId !== "" && { clientOrderId }),
    ...(limitPrice !== undefined && { limitPrice }),
  };
}

function stopOf({ id, instrument, side, quantity }: VenuePosition): WorkingOrder {
  return {
    ...{ brokerOrderId: `stop-${id}`, instrument, quantity, protects: id },
    side: side === "buy" ? "sell" : "buy",
  };
}
