/**
 * One process's connection to the broker, as the contract of all brokers wants it: orders that leave once, what
 * is told of them in the broker's order, answers that get lost, and searches for what became of whatever did.
 */

import type { BrokerCallFailure } from "../../../shared/brokers/token-issuer.ts";
import type {
  AccountMoney,
  Fill,
  OpenPosition,
  OrderStanding,
  OrderTicket,
  SoughtClose,
  TradingBroker,
  WorkingOrder,
} from "../../../shared/brokers/trading-broker.ts";
import { fail, type Result, succeed } from "../../../shared/platform/result.ts";
import type { Draws } from "./draws.ts";
import type { Process, Simulation } from "./simulation.ts";
import type { Venue, VenueNews, VenueView } from "./venue.ts";

export interface LinkWeather {
  /** Of 100 messages either way, so many are lost, and the connection with them. */
  lostPercent: number;
  /** Of 100 messages, so many are slow. */
  slowPercent: number;
  /** The longest that a message is on its way; under the ten seconds between two looks. */
  longestMs: number;
}

export interface VenueClientDeps {
  readonly simulation: Simulation;
  readonly draws: Draws;
  readonly venue: Venue;
  readonly process: Process;
  readonly weather: LinkWeather;
  /** In the moment in which an order's bytes leave. */
  readonly left: (ticket: OrderTicket, by: Process) => void;
  /** In the moment in which a cancel leaves. */
  readonly cancels: () => void;
  /** In the moment in which an order arrives. */
  readonly arrives: (ticket: OrderTicket) => void;
}

interface Watched {
  readonly ticket: OrderTicket;
  readonly tell: (standing: OrderStanding) => void;
  /** By whom it is searched now; a later search makes an earlier one void. */
  search: number;
  isHeard: boolean;
  isOver: boolean;
}

const HEARD_WITHIN_MS = 3_000;
const ANSWER_WITHIN_MS = 3_000;
const SECOND_LOOK_AFTER_MS = 10_000;
const DIAL_AGAIN_MS = 700;
const FINAL: readonly OrderStanding["kind"][] = [
  "filled",
  "cancelled",
  "expired",
  "rejected",
  "absent",
  "not-sent",
];

export class VenueClient implements TradingBroker {
  readonly attachesLevels = true;
  readonly #deps: VenueClientDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #fillListeners = new Set<(fill: Fill) => void>();
  readonly #changeListeners = new Set<() => void>();
  readonly #readyListeners = new Set<(isReady: boolean) => void>();
  readonly #toldFills = new Set<string>();
  #isWanted: boolean = false;
  #isReady: boolean = false;
  /** Counts connections: what an earlier one brings is not heard. */
  #connection = 0;
  #lastArrival = 0;
  #view: VenueView | undefined;
  #unlisten = () => {};
  #dialling = () => {};

  constructor(deps: VenueClientDeps) {
    this.#deps = deps;
    deps.process.onDeath(() => this.#unlisten());
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#dial(0);
  }

  drop(): void {
    this.#isWanted = false;
    this.#dialling();
    this.cut();
  }

  /** The connection ends; where it is wanted, it comes again. */
  cut(forMs = DIAL_AGAIN_MS): void {
    this.#connection += 1;
    this.#unlisten();
    const wasReady = this.#isReady;
    this.#isReady = false;
    for (const one of this.#watched.values()) {
      if (!one.isHeard && !one.isOver) this.#stand(one, { kind: "unknown" });
    }
    if (wasReady) for (const told of this.#readyListeners) told(false);
    if (this.#isWanted) this.#dial(forMs);
  }

  watch(listener: (isReady: boolean) => void): () => void {
    this.#readyListeners.add(listener);
    return () => this.#readyListeners.delete(listener);
  }

  isReady(): boolean {
    return this.#isReady;
  }

  money(): AccountMoney | undefined {
    return this.#view?.money;
  }

  positions(): readonly OpenPosition[] {
    return this.#view?.positions ?? [];
  }

  workingOrders(): readonly WorkingOrder[] {
    return this.#view?.working ?? [];
  }

  onFill(listener: (fill: Fill) => void): () => void {
    this.#fillListeners.add(listener);
    return () => this.#fillListeners.delete(listener);
  }

  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  place(ticket: OrderTicket, mayLeave: () => boolean, standing: (now: OrderStanding) => void): void {
    const one: Watched = { ticket, tell: standing, search: 0, isHeard: false, isOver: false };
    const { draws, process, venue } = this.#deps;
    // It waits its turn under the broker's limits.
    const turnMs = draws.chance(70) ? draws.between(0, 3) : draws.between(0, 900);
    this.#after(turnMs, () => {
      if (!this.#isReady || !mayLeave()) {
        this.#stand(one, { kind: "not-sent" });
        return;
      }
      this.#watched.set(ticket.clientOrderId, one);
      this.#deps.left(ticket, process);
      this.#travel(() => {
        this.#deps.arrives(ticket);
        venue.arrive(ticket);
      });
      this.#after(HEARD_WITHIN_MS, () => {
        if (one.isHeard || one.isOver || one.search > 0) return;
        this.#stand(one, { kind: "unknown" });
        this.#search(one);
      });
    });
  }

  async find(
    clientOrderId: string,
    _since: unknown,
    _closing?: SoughtClose,
    _brokerOrderId?: string,
  ): Promise<Result<OrderStanding, BrokerCallFailure>> {
    for (let look = 1; look <= 2; look += 1) {
      const answer = await this.#ask(() => this.#seek(clientOrderId));
      if (!answer.ok) return answer;
      if (answer.value !== undefined) return succeed(answer.value);
      if (look === 1) await this.#pause(SECOND_LOOK_AFTER_MS);
    }
    return succeed({ kind: "absent" });
  }

  async cancel(brokerOrderId: string, mayLeave: () => boolean): Promise<Result<void, BrokerCallFailure>> {
    await this.#pause(this.#deps.draws.between(0, 3));
    if (!this.#isReady || !mayLeave()) return fail("BROKER_UNREACHABLE");
    this.#deps.cancels();
    const answer = await this.#ask(() => this.#deps.venue.cancel(brokerOrderId));
    if (!answer.ok) return answer;
    return answer.value ? succeed(undefined) : fail("BROKER_REFUSED", { brokerCode: "ORDER_NOT_FOUND" });
  }

  async refresh(): Promise<Result<void, BrokerCallFailure>> {
    const { venue } = this.#deps;
    const answer = await this.#ask(() => ({ view: venue.view(), fills: [...venue.fills] }));
    if (!answer.ok) return answer;
    this.#look(answer.value.view, answer.value.fills);
    return succeed(undefined);
  }

  #dial(afterMs: number): void {
    const { simulation, draws, venue, process } = this.#deps;
    this.#dialling();
    this.#dialling = simulation.after(
      afterMs + draws.between(1, 60),
      () => {
        if (!this.#isWanted || this.#isReady) return;
        this.#connection += 1;
        const connection = this.#connection;
        const hear = (news: VenueNews) => this.#hear(connection, news);
        this.#unlisten();
        venue.listeners.add(hear);
        this.#unlisten = () => venue.listeners.delete(hear);
        const view = venue.view();
        const fills = [...venue.fills];
        this.#deliver(connection, () => this.#opened(view, fills));
        // One whose first answer was lost dials again.
        this.#after(ANSWER_WITHIN_MS + this.#deps.weather.longestMs, () => {
          if (this.#connection === connection && !this.#isReady) this.cut();
        });
      },
      process,
    );
  }

  #opened(view: VenueView, fills: readonly Fill[]): void {
    this.#isReady = true;
    this.#look(view, fills);
    for (const told of this.#readyListeners) told(true);
    for (const one of this.#watched.values()) if (!one.isOver) this.#search(one);
  }

  #look(view: VenueView, fills: readonly Fill[]): void {
    this.#view = view;
    for (const fill of fills) this.#tellFill(fill);
    for (const told of this.#changeListeners) told();
  }

  /** What happened is on its way from now on, with how everything stood then. */
  #hear(connection: number, news: VenueNews): void {
    const { venue, draws } = this.#deps;
    const view = venue.view();
    const standing = news.kind === "order" ? venue.standingOf(news.order) : undefined;
    // Of its fills it may know less than the broker by then: those follow.
    const isWhole = draws.chance(60);
    const copies = draws.chance(10) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#deliver(connection, () => {
        this.#view = view;
        if (news.kind === "fill") this.#tellFill(news.fill);
        else {
          const one = this.#watched.get(news.order.ticket.clientOrderId);
          if (one !== undefined && standing !== undefined) {
            this.#stand(one, isWhole ? standing : this.#asKnown(standing));
          }
        }
        for (const told of this.#changeListeners) told();
      });
    }
  }

  #asKnown(standing: OrderStanding): OrderStanding {
    if (!("fills" in standing)) return standing;
    return { ...standing, fills: standing.fills.filter(({ id }) => this.#toldFills.has(id)) };
  }

  #tellFill(fill: Fill): void {
    if (this.#toldFills.has(fill.id)) return;
    this.#toldFills.add(fill.id);
    for (const told of this.#fillListeners) told(fill);
  }

  #stand(one: Watched, standing: OrderStanding): void {
    if (one.isOver) return;
    if (standing.kind !== "unknown") one.isHeard = true;
    one.isOver = FINAL.includes(standing.kind);
    one.tell(standing);
  }

  /** Asks for an order that nobody has heard of since it left, until it is known or certainly not there. */
  #search(one: Watched): void {
    one.search += 1;
    const mine = one.search;
    void (async () => {
      while (!one.isOver && one.search === mine && !this.#deps.process.isDead) {
        const found = await this.find(one.ticket.clientOrderId, undefined);
        if (one.isOver || one.search !== mine) return;
        if (found.ok) {
          this.#stand(one, found.value);
          return;
        }
        await this.#pause(DIAL_AGAIN_MS);
      }
    })();
  }

  #seek(clientOrderId: string): OrderStanding | undefined {
    const { venue } = this.#deps;
    const order = venue.orders.find(({ ticket }) => ticket.clientOrderId === clientOrderId);
    return order && venue.standingOf(order);
  }

  /** A question and its answer, either of which may be lost; the answer comes in its turn among what is told. */
  #ask<R>(question: () => R): Promise<Result<R, BrokerCallFailure>> {
    if (!this.#isReady) return Promise.resolve(fail("BROKER_UNREACHABLE"));
    const connection = this.#connection;
    return new Promise((resolve) => {
      const cancel = this.#after(ANSWER_WITHIN_MS, () => resolve(fail("BROKER_TIMEOUT")));
      this.#travel(() => {
        const answer = question();
        this.#deliver(connection, () => {
          cancel();
          resolve(succeed(answer));
        });
      });
    });
  }

  /** To the broker: it goes on its way even if the process dies. */
  #travel(arrive: () => void): void {
    const { simulation, draws, weather } = this.#deps;
    if (draws.chance(weather.lostPercent)) {
      simulation.after(draws.between(0, 30), () => this.#break());
      return;
    }
    simulation.after(this.#wayMs(), arrive);
  }

  /** From the broker: one after the other, and only while the connection stands. */
  #deliver(connection: number, take: () => void): void {
    const { simulation, draws, weather, process } = this.#deps;
    const due = Math.max(this.#lastArrival, simulation.now + this.#wayMs());
    this.#lastArrival = due;
    const isLost = draws.chance(weather.lostPercent);
    simulation.after(
      due - simulation.now,
      () => {
        if (this.#connection !== connection) return;
        if (isLost) this.cut();
        else take();
      },
      process,
    );
  }

  #break(): void {
    const { process } = this.#deps;
    if (!process.isDead && !process.isPaused && this.#isReady) this.cut();
  }

  #wayMs(): number {
    const { draws, weather } = this.#deps;
    return draws.chance(weather.slowPercent) ? draws.between(50, weather.longestMs) : draws.between(0, 6);
  }

  #after(ms: number, run: () => void): () => void {
    return this.#deps.simulation.after(ms, run, this.#deps.process);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#after(ms, resolve));
  }
}
