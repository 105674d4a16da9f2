/**
 * Sees everything that is written, leaves and arrives, and notes what may never be so. It keeps its own picture
 * of the store, made of what was committed in the order of the commits, and asks none of Openbell's books.
 */
import { Decimal } from "decimal.js";
import type { OrderTicket } from "../../../shared/brokers/trading-broker.ts";
import type { AccountRecord } from "../../../shared/trading/account-record.ts";
import type { KillRecord } from "../../../shared/trading/control/records.ts";
import type { OrderRecord, OrderState, TradingStateRecord } from "../../../shared/trading/records.ts";
import { haltMark } from "../../../shared/trading/trading-state.ts";
import type { Written } from "./gated-store.ts";
import type { Plan } from "./plan.ts";
import type { Process } from "./simulation.ts";
import { type CaseSetting, moneyOf } from "./trading-config.ts";
import type { Venue, VenueOrder } from "./venue.ts";

const ZERO = new Decimal(0);
const OVER: readonly OrderState[] = [
  ...(["filled", "cancelled", "expired", "rejected", "refused", "not-sent", "absent"] as const),
];

interface Confirmed {
  readonly kill: KillRecord;
  /** What an order of the owner's names that goes all the same. */
  readonly mark: string;
}

export interface WitnessDeps {
  readonly plan: Plan;
  readonly setting: CaseSetting;
  readonly venue: Venue;
  /** Whether what is committed is told in the order of the commits. */
  readonly isInOrder: boolean;
  /** Called when an order was written down, and when it was claimed. */
  readonly happened: (what: "order" | "claim") => void;
  /** Called when somebody else has taken the lease. */
  readonly overtaken: () => void;
}

export class Witness {
  readonly faults: string[] = [];
  readonly orders = new Map<string, OrderRecord>();
  readonly ticks = new Map<string, unknown>();
  readonly states = new Map<string, TradingStateRecord>();
  readonly kills = new Map<string, KillRecord>();
  /** What a process was told to look at, and how everything stood then. */
  readonly #heard = new Map<Process, ReadonlyMap<string, TradingStateRecord>>();
  readonly #deps: WitnessDeps;
  readonly #left = new Map<string, number>();
  readonly #arrived = new Map<string, number>();
  readonly #decided = new Map<string, string>();
  #token = { inForce: 1, proved: 1 };
  #confirmed: Confirmed[] = [];
  #lease: { readonly holder?: string; readonly fence: number } | undefined;
  #most = new Decimal(10_000);
  #isMoved: boolean = false;
  #isTouched: boolean = false;
  #isCut: boolean = false;
  /** How many positions the broker has had since each kill that waits. */
  readonly #positionsSince = new Map<string, Set<number>>();

  constructor(deps: WitnessDeps) {
    this.#deps = deps;
  }

  /** Prices are no longer those of the first moment. */
  moved(): void {
    this.#isMoved = true;
  }

  /** A token has come into force, or was proved. */
  tokens(change: Partial<{ inForce: number; proved: number }>): void {
    this.#token = { ...this.#token, ...change };
  }

  /** Somebody has traded by hand. */
  touched(): void {
    this.#isTouched = true;
    this.#isCut = true;
  }

  /** A position has got smaller beside our orders. */
  cut(): void {
    this.#isCut = true;
  }

  committed(writes: readonly Written[], by: Process): void {
    for (const write of writes) {
      switch (write.collection) {
        case "ticks":
          if (this.ticks.has(write.id)) this.#fault(`the tick ${write.id} was written twice`);
          this.ticks.set(write.id, write.value);
          break;
        case "leases":
          this.#leased(write.value as { holder?: string; fence: number });
          break;
        case "orders":
          this.#order(write.value as OrderRecord, by);
          break;
        case "accounts": {
          const { equity } = write.value as AccountRecord;
          this.#most = Decimal.max(this.#most, equity);
          break;
        }
        case "tradingState":
          this.#state(write.id, write.value as TradingStateRecord);
          break;
        case "kills":
          this.#kill(write.value as KillRecord);
          break;
        default:
          break;
      }
    }
  }

  /** A process was told that the trading state may have changed. */
  heard(by: Process): void {
    this.#heard.set(by, new Map(this.states));
  }

  left(ticket: OrderTicket, by: Process): void {
    const id = ticket.clientOrderId;
    this.#left.set(id, (this.#left.get(id) ?? 0) + 1);
    const order = this.orders.get(id);
    if (order === undefined) {
      this.#fault(`${id} left without a record`);
      return;
    }
    if (this.#deps.isInOrder && this.#lease?.holder !== by.name) {
      this.#fault(`${id} left by ${by.name}, and the lease is ${this.#lease?.holder}'s`);
    }
    for (const scope of this.#scopesOf(order)) {
      const heard = this.#heard.get(by)?.get(scope);
      if (heard === undefined || heard !== this.states.get(scope)) continue;
      if (forbids(scope, heard, order)) {
        this.#fault(`${id} left by ${by.name}, which had been told that ${scope} is ${heard.state}`);
      }
    }
  }

  arrives(ticket: OrderTicket): void {
    const id = ticket.clientOrderId;
    const times = (this.#arrived.get(id) ?? 0) + 1;
    this.#arrived.set(id, times);
    if (times > 1) this.#fault(`${id} arrived ${times} times`);
    const order = this.orders.get(id);
    if (order === undefined) {
      this.#fault(`${id} arrived without a record`);
      return;
    }
    if (order.byOwner === undefined) this.#decision(order, ticket);
    for (const one of this.#confirmed) {
      if (this.#isMeant(one, order)) {
        this.#fault(`${id} arrived after the kill ${one.kill.id} of ${one.kill.scope} was confirmed`);
      }
    }
  }

  #decision({ clientOrderId: id, bot, tick }: OrderRecord, { closes, instrument }: OrderTicket): void {
    const decision = `${bot} ${tick?.toString()} ${closes ?? instrument}`;
    const other = this.#decided.get(decision);
    if (other !== undefined && other !== id) this.#fault(`${other} and ${id} are of one decision`);
    this.#decided.set(decision, id);
  }

  /** The broker's orders or positions have changed. */
  changed(): void {
    const { venue } = this.#deps;
    for (const seen of this.#positionsSince.values()) seen.add(venue.positions.size);
    this.#measureBots();
    if (!this.#isCut) this.#measureCloses();
    if (!this.#isTouched) this.#measureAccount();
  }

  arrivedCount(): number {
    return this.#arrived.size;
  }

  #leased(lease: { readonly holder?: string; readonly fence: number }): void {
    const isOthers = lease.holder !== undefined && lease.holder !== this.#lease?.holder;
    this.#lease = lease;
    if (isOthers) this.#deps.overtaken();
  }

  #order(order: OrderRecord, by: Process): void {
    const id = order.clientOrderId;
    const before = this.orders.get(id);
    this.orders.set(id, order);
    if (before === undefined) {
      if (order.state !== "created") this.#fault(`${id} came into being ${order.state}`);
      this.#deps.happened("order");
      return;
    }
    if (!this.#deps.isInOrder) return;
    if (OVER.includes(before.state) && order.state !== before.state && !isLearnt(before, order)) {
      this.#fault(`${id} was ${before.state} and became ${order.state}`);
    }
    if (order.filledQuantity.lt(before.filledQuantity)) this.#fault(`${id} lost what was filled of it`);
    if (order.filledQuantity.gt(order.ticket.quantity)) {
      this.#fault(`${id} has ${order.filledQuantity} filled of ${order.ticket.quantity}`);
    }
    if (order.state === "sending" && before.state === "created") this.#claimed(order, by);
  }

  #claimed(order: OrderRecord, by: Process): void {
    const id = order.clientOrderId;
    this.#deps.happened("claim");
    const { inForce, proved } = this.#token;
    const hasToken = this.#deps.plan.mode === "paper" || (order.generation === inForce && proved === inForce);
    if (!hasToken)
      this.#fault(`${id} was claimed with token ${order.generation}; ${inForce} holds, ${proved} is proved`);
    if (order.epoch !== this.#lease?.fence || this.#lease?.holder !== by.name) {
      this.#fault(
        `${id} was claimed by ${by.name} for ${order.epoch}, and the lease is at ${this.#lease?.fence}`,
      );
    }
    for (const scope of this.#scopesOf(order)) {
      const state = this.states.get(scope);
      if (state !== undefined && forbids(scope, state, order)) {
        this.#fault(`${id} was claimed while ${scope} was ${state.state}`);
      }
    }
  }

  #state(scope: string, state: TradingStateRecord): void {
    this.states.set(scope, state);
    if (state.state !== "active") return;
    this.#confirmed = this.#confirmed.filter((one) => one.kill.scope !== scope);
  }

  #kill(kill: KillRecord): void {
    const before = this.kills.get(kill.id);
    this.kills.set(kill.id, kill);
    const { venue } = this.#deps;
    if (before === undefined) this.#positionsSince.set(kill.id, new Set([venue.positions.size]));
    for (const [index, part] of kill.parts.entries()) {
      if (part.state !== "confirmed" || before?.parts[index]?.state === "confirmed") continue;
      const confirmed = { kill, mark: haltMark(kill.scope, { kill: kill.id, at: kill.at }) };
      this.#confirmed.push(confirmed);
      const resting = this.#working().filter(({ order }) => this.#isMeant(confirmed, order));
      if (resting.length > 0) this.#fault(`the kill ${kill.id} was confirmed over ${resting.length} orders`);
      if (this.#positionsSince.get(kill.id)?.has(part.positions) !== true) {
        this.#fault(`the kill ${kill.id} tells of ${part.positions} positions, which there never were`);
      }
    }
  }

  /** Whether a kill stops an order: it knows neither of that kill nor of the halt that has taken its place. */
  #isMeant({ kill, mark }: Confirmed, order: OrderRecord): boolean {
    const { scope } = kill;
    if (!this.#scopesOf(order).includes(scope)) return false;
    const now = this.states.get(scope);
    const marks = [mark, ...(now === undefined ? [] : [haltMark(scope, now)])];
    return !marks.some((one) => order.byOwner?.despite.includes(one));
  }

  #scopesOf({ bot }: Pick<OrderRecord, "bot">): readonly string[] {
    return ["all", this.#deps.setting.account.id, ...(bot === undefined ? [] : [`bot:${bot}`])];
  }

  /** The broker's working orders that are ours. */
  #working(): readonly { readonly at: VenueOrder; readonly order: OrderRecord }[] {
    return this.#deps.venue.orders.flatMap((at) => {
      const order = at.state === "accepted" ? this.orders.get(at.ticket.clientOrderId) : undefined;
      return order === undefined ? [] : [{ at, order }];
    });
  }

  #measureBots(): void {
    const { venue, setting } = this.#deps;
    const opening = this.#working().filter(({ at }) => at.ticket.closes === undefined);
    for (const { id, limits } of setting.config.bots) {
      const held = [...venue.positions.values()].filter(
        ({ clientOrderId }) => clientOrderId !== undefined && this.orders.get(clientOrderId)?.bot === id,
      );
      const working = opening.filter(({ order }) => order.bot === id);
      const coming = working.filter(({ at }) => !venue.positions.has(at.positionId));
      this.#limit(`positions of ${id}`, held.length + coming.length, limits.openPositions);
      this.#limit(`working orders of ${id}`, working.length, limits.workingOrders);
      const trades = venue.orders.filter(
        ({ ticket }) => ticket.closes === undefined && this.orders.get(ticket.clientOrderId)?.bot === id,
      );
      this.#limit(`trades of ${id}`, trades.length, limits.tradesPerDay);
      for (const instrument of new Set(opening.map(({ at }) => at.ticket.instrument))) {
        const units = [
          ...held.filter((one) => one.instrument === instrument).map(({ quantity }) => quantity),
          ...working.filter(({ at }) => at.ticket.instrument === instrument).map(({ at }) => leftOf(at)),
        ].reduce((sum, one) => sum.plus(one), ZERO);
        this.#limit(`units of ${id} in ${instrument}`, units.toNumber(), limits.positionQuantity.toNumber());
      }
    }
  }

  /** No position has more on its way to be closed than there is of it. */
  #measureCloses(): void {
    const closing = this.#working().filter(({ at }) => at.ticket.closes !== undefined);
    for (const { id, quantity } of this.#deps.venue.positions.values()) {
      const units = closing
        .filter(({ at }) => at.ticket.closes === id)
        .reduce((sum, { at }) => sum.plus(leftOf(at)), ZERO);
      this.#limit(`units of ${id} that are being closed`, units.toNumber(), quantity.toNumber());
    }
  }

  #measureAccount(): void {
    const { venue, setting, plan } = this.#deps;
    const limits = setting.config.accounts[0]?.limits;
    if (limits === undefined) return;
    const opening = this.#working().filter(({ at }) => at.ticket.closes === undefined);
    const coming = opening.filter(({ at }) => !venue.positions.has(at.positionId));
    this.#limit("positions", venue.positions.size + coming.length, limits.openPositions);
    this.#limit("working orders", opening.length, limits.workingOrders);
    if (this.#isMoved) return;
    const value = ({ ticket }: VenueOrder) => {
      const ask = venue.ask(ticket.instrument);
      const { limitPrice } = ticket;
      if (limitPrice === undefined) return ask;
      return ticket.side === "buy" ? limitPrice : Decimal.max(limitPrice, ask);
    };
    const opened = new Map(venue.orders.map((one) => [one.positionId, one]));
    const gross = [
      ...[...venue.positions.values()].map(({ id, instrument, quantity }) => {
        const by = opened.get(id);
        const unit = by?.ticket.closes === undefined && by !== undefined ? value(by) : venue.ask(instrument);
        return Decimal.min(unit, venue.ask(instrument)).times(quantity);
      }),
      ...opening.map(({ at }) => value(at).times(leftOf(at))),
    ].reduce((sum, one) => sum.plus(one), ZERO);
    const most = this.#most.times(limits.grossExposurePercent).div(100);
    this.#limit("gross exposure", gross.toNumber(), most.toNumber());
    const day = venue.orders
      .filter(({ ticket }) => ticket.closes === undefined && this.orders.has(ticket.clientOrderId))
      .reduce((sum, one) => sum.plus(value(one).times(one.ticket.quantity)), ZERO);
    this.#limit("money of the day", day.toNumber(), moneyOf(plan.narrow.dailyOrders, plan.units));
  }

  #limit(what: string, is: number, limit: number): void {
    if (is > limit + 1e-9) this.#fault(`${what}: ${is} at the broker, and ${limit} are allowed`);
  }

  #fault(text: string): void {
    if (this.faults.length < 10 && !this.faults.includes(text)) this.faults.push(text);
  }
}

/** What was concluded from silence gives way to what the broker says. */
function isLearnt(before: OrderRecord, order: OrderRecord): boolean {
  return (before.state === "not-sent" || before.state === "absent") && !OVER.slice(5).includes(order.state);
}

function forbids(scope: string, record: TradingStateRecord, { ticket, byOwner }: OrderRecord): boolean {
  const isClose = ticket.closes !== undefined;
  if (record.state === "reducing") return !isClose;
  if (record.state !== "halted") return false;
  return !isClose || byOwner?.despite.includes(haltMark(scope, record)) !== true;
}

function leftOf({ ticket, filled }: VenueOrder): Decimal {
  return ticket.quantity.minus(filled);
}
