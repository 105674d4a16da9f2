/**
 * The process that needs today's tokens: woken by the bus, and looking by itself every half minute, it
 * acknowledges what has not been acknowledged and finishes what others left. Beside that it holds the sockets of
 * the brokers that have one, each at a desk of its own.
 */
import { Temporal } from "temporal-polyfill";
import type { Connection } from "../../shared/config/connection.ts";
import type { Bus, Subscription } from "../../shared/platform/bus.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import type { Log } from "../../shared/platform/log.ts";
import { fail, type Result } from "../../shared/platform/result.ts";
import { isLasting } from "../../shared/tokens/lasting.ts";
import { tokenRefreshed } from "../../shared/tokens/records.ts";
import type { StartUpOutcome } from "../../shared/tokens/start-up.ts";
import { control, orderCreated } from "../../shared/trading/records.ts";
import type { SocketDesk } from "./socket-desk.ts";

const LOOK_EVERY = Temporal.Duration.from({ seconds: 30 });

export interface WorkerDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: readonly Connection[];
  /** The subscription's name. */
  readonly subscriber: string;
  /** `isTroubleOver`: what was in the way before says nothing any more. */
  acknowledge(connection: Connection, given: { readonly isTroubleOver: boolean }): Promise<Result<unknown>>;
  /** Tries a connection before anything relies on it: once, when the worker starts. */
  startUp(connection: Connection): Promise<StartUpOutcome>;
  /** Work that a killed process may have left: logins, unsent alerts. */
  finishInterrupted(): Promise<void>;
  beat(): Promise<void>;
  /** Calls `seen` for each new kill while `isWanted`, whoever got its message, until what it gives back is called. */
  watchKills(watch: { readonly isWanted: () => boolean; readonly seen: () => void }): () => Promise<void>;
  /**
   * A desk for a connection that is held by a socket, and undefined for others and while its key is missing;
   * `ready` is called whenever the socket has become ready.
   */
  openDesk(connection: Connection, ready: () => void): Promise<SocketDesk | undefined>;
}

export interface Worker {
  start(): Promise<void>;
  /** Looks at every market and account now: for a clock that jumps from minute to minute. */
  observe(): Promise<void>;
  /** Takes no new work, finishes what is at hand, and returns. */
  stop(): Promise<void>;
  /** Resolves when nothing is at hand. */
  idle(): Promise<void>;
}

export function createWorker(deps: WorkerDeps): Worker {
  return new LookingWorker(deps);
}

class LookingWorker implements Worker {
  readonly #deps: WorkerDeps;
  readonly #stopping = new AbortController();
  readonly #byConnection = new Map<string, Promise<unknown>>();
  /** Connections with a socket that this process has tried before relying on them. */
  readonly #tried = new Set<string>();
  readonly #desks = new Map<string, SocketDesk>();
  #subscriptions: readonly Subscription[] = [];
  #endKillWatch: () => Promise<void> = async () => undefined;
  #looking: Promise<void> = Promise.resolve();
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { bus, subscriber } = this.#deps;
    this.#subscriptions = [
      await bus.subscribe(tokenRefreshed, subscriber, (message) => this.#tokenRefreshed(message.connection)),
      await bus.subscribe(orderCreated, subscriber, async (message) => {
        for (const desk of this.#desks.values()) if (desk.trades(message.connection)) void desk.wake();
      }),
      await bus.subscribe(control, subscriber, async () => this.#controlDesks()),
    ];
    this.#endKillWatch = this.#deps.watchKills({
      isWanted: () => [...this.#desks.values()].some((desk) => desk.isLeading()),
      seen: () => this.#controlDesks(),
    });
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // What waits for an answer over a socket ends with the socket.
    await Promise.all([
      this.#endKillWatch(),
      ...this.#subscriptions.map((one) => one.close()),
      ...[...this.#desks.values()].map((desk) => desk.stop()),
    ]);
    await this.#loop;
    await Promise.all(this.#byConnection.values());
  }

  async observe(): Promise<void> {
    await Promise.all([...this.#desks.values()].map((desk) => desk.observe()));
  }

  async idle(): Promise<void> {
    for (let seen: unknown; seen !== this.#looking; ) {
      seen = this.#looking;
      await seen;
    }
    await Promise.all([...this.#desks.values()].map((desk) => desk.idle()));
    await Promise.all(this.#byConnection.values());
  }

  #controlDesks(): void {
    for (const desk of this.#desks.values()) void desk.control();
  }

  async #tokenRefreshed(id: string): Promise<void> {
    const connection = this.#deps.connections.find((one) => one.id === id);
    if (connection === undefined) {
      this.#deps.log.warn("unknown-connection", { connection: id });
      return;
    }
    const outcome = await this.#acknowledge(connection);
    // What stays until a person changes something would come back for days: the looks go on without it.
    if (!outcome.ok && !isLasting(outcome.code)) throw new Error(outcome.code);
  }

  /** A socket that has become ready is tried as a connection is tried at the start, once; later it is looked at. */
  #socketReady(connection: Connection): void {
    if (!this.#provesTokens(connection)) return;
    const isTried = this.#tried.has(connection.id);
    this.#tried.add(connection.id);
    void (isTried ? this.#visit(connection, { isTroubleOver: true }) : this.#startUp(connection));
  }

  async #run(): Promise<void> {
    this.#looking = this.#startUps();
    await this.#looking;
    while (!this.#stopping.signal.aborted) {
      this.#looking = this.#look();
      await this.#looking;
      await this.#deps.clock.sleep(LOOK_EVERY, this.#stopping.signal);
    }
  }

  /** A desk that could not be opened is tried again with every look. */
  async #openDesks(): Promise<void> {
    for (const connection of this.#deps.connections) {
      if (this.#desks.has(connection.id) || this.#stopping.signal.aborted) continue;
      const desk = await this.#deps.openDesk(connection, () => this.#socketReady(connection));
      if (desk === undefined) continue;
      this.#desks.set(connection.id, desk);
      desk.start();
    }
  }

  async #startUps(): Promise<void> {
    await this.#openDesks().catch((error: unknown) => this.#deps.log.error("desk-not-opened", { error }));
    for (const connection of this.#deps.connections) {
      if (!this.#provesTokens(connection)) await this.#startUp(connection);
    }
  }

  async #startUp(connection: Connection): Promise<void> {
    const { log } = this.#deps;
    try {
      const outcome = await this.#inTurn(connection, () => this.#deps.startUp(connection));
      log.info(`connection-${outcome.kind}`, { connection: connection.id, ...outcome });
    } catch (error) {
      log.error("start-up-failed", { connection: connection.id, error });
    }
    void this.#desks.get(connection.id)?.wake();
  }

  async #look(): Promise<void> {
    const { connections, log } = this.#deps;
    const chores = [() => this.#deps.beat(), () => this.#openDesks(), () => this.#deps.finishInterrupted()];
    for (const chore of chores) {
      try {
        await chore();
      } catch (error) {
        log.error("look-failed", { error });
      }
    }
    for (const connection of connections) {
      const desk = this.#desks.get(connection.id);
      await desk?.report();
      // A token is looked at by the process that leads its connection, and by others only where there is no socket.
      if (!this.#provesTokens(connection) || desk?.isReady()) await this.#visit(connection);
    }
  }

  #provesTokens({ id }: Connection): boolean {
    return this.#desks.get(id)?.provesTokens ?? false;
  }

  async #visit(connection: Connection, given = { isTroubleOver: false }): Promise<void> {
    try {
      await this.#acknowledge(connection, given);
    } catch (error) {
      this.#deps.log.error("look-failed", { error });
    }
  }

  /** `LEASE_HELD`: another process holds the connection's socket, and acknowledges on it. */
  async #acknowledge(connection: Connection, given = { isTroubleOver: false }): Promise<Result<unknown>> {
    const desk = this.#desks.get(connection.id);
    if (desk?.provesTokens && !desk.isLeading()) return fail("LEASE_HELD");
    void desk?.wake();
    const outcome = await this.#inTurn(connection, () => this.#deps.acknowledge(connection, given));
    // An order may have waited for just this.
    if (outcome.ok) void desk?.wake();
    return outcome;
  }

  /** One piece of work at a time a connection: a doubled message finds it done. */
  #inTurn<R>(connection: Connection, work: () => Promise<R>): Promise<R> {
    const before = this.#byConnection.get(connection.id) ?? Promise.resolve();
    const mine = before.then(work);
    this.#byConnection.set(
      connection.id,
      mine.catch(() => undefined),
    );
    return mine;
  }
}
