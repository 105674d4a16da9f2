/**
 * The process that needs today's tokens: woken by the bus, and looking by itself every half minute, it
 * acknowledges what has not been acknowledged and finishes what others left.
 */
import { Temporal } from "temporal-polyfill";
import type { Connection } from "../../shared/config/connection.ts";
import type { Bus, Subscription } from "../../shared/platform/bus.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { Result } from "../../shared/platform/result.ts";
import { isLasting } from "../../shared/tokens/lasting.ts";
import { tokenRefreshed } from "../../shared/tokens/records.ts";
import type { StartUpOutcome } from "../../shared/tokens/start-up.ts";

const LOOK_EVERY = Temporal.Duration.from({ seconds: 30 });

export interface WorkerDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: readonly Connection[];
  /** The subscription's name. */
  readonly subscriber: string;
  acknowledge(connection: Connection): Promise<Result<unknown>>;
  /** Tries a connection before anything relies on it: once, when the worker starts. */
  startUp(connection: Connection): Promise<StartUpOutcome>;
  /** Work that a killed process may have left: logins, unsent alerts. */
  finishInterrupted(): Promise<void>;
  beat(): Promise<void>;
}

export interface Worker {
  start(): Promise<void>;
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
  #subscription: Subscription | undefined;
  #looking: Promise<void> = Promise.resolve();
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { bus, subscriber } = this.#deps;
    this.#subscription = await bus.subscribe(tokenRefreshed, subscriber, async (message) => {
      const connection = this.#deps.connections.find((one) => one.id === message.connection);
      if (connection === undefined) {
        this.#deps.log.warn("unknown-connection", { connection: message.connection });
        return;
      }
      const outcome = await this.#acknowledge(connection);
      // What stays until a person changes something would come back for days: the looks go on without it.
      if (!outcome.ok && !isLasting(outcome.code)) throw new Error(outcome.code);
    });
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#subscription?.close();
    await this.#loop;
    await Promise.all(this.#byConnection.values());
  }

  async idle(): Promise<void> {
    await this.#looking;
    await Promise.all(this.#byConnection.values());
  }

  async #run(): Promise<void> {
    this.#looking = this.#startUp();
    await this.#looking;
    while (!this.#stopping.signal.aborted) {
      this.#looking = this.#look();
      await this.#looking;
      await this.#deps.clock.sleep(LOOK_EVERY, this.#stopping.signal);
    }
  }

  async #startUp(): Promise<void> {
    const { connections, log } = this.#deps;
    for (const connection of connections) {
      try {
        const outcome = await this.#inTurn(connection, () => this.#deps.startUp(connection));
        log.info(`connection-${outcome.kind}`, { connection: connection.id, ...outcome });
      } catch (error) {
        log.error("start-up-failed", { connection: connection.id, error });
      }
    }
  }

  async #look(): Promise<void> {
    const { connections, log } = this.#deps;
    const chores = [() => this.#deps.beat(), () => this.#deps.finishInterrupted()];
    const visits = connections.map((connection) => () => this.#acknowledge(connection));
    for (const step of [...chores, ...visits]) {
      try {
        await step();
      } catch (error) {
        log.error("look-failed", { error });
      }
    }
  }

  #acknowledge(connection: Connection): Promise<Result<unknown>> {
    return this.#inTurn(connection, () => this.#deps.acknowledge(connection));
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
