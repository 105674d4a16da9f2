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
import { tokenRefreshed } from "../../shared/tokens/records.ts";

const LOOK_EVERY = Temporal.Duration.from({ seconds: 30 });

export interface WorkerDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: readonly Connection[];
  /** The subscription's name. */
  readonly subscriber: string;
  acknowledge(connection: Connection): Promise<Result<unknown>>;
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
  const stopping = new AbortController();
  const byConnection = new Map<string, Promise<unknown>>();
  let subscription: Subscription | undefined;
  let looking: Promise<void> = Promise.resolve();
  let loop: Promise<void> = Promise.resolve();

  /** One call at a time a connection: a doubled message finds the work done. */
  function acknowledge(connection: Connection): Promise<Result<unknown>> {
    const before = byConnection.get(connection.id) ?? Promise.resolve();
    const mine = before.then(() => deps.acknowledge(connection));
    const settled = mine.catch(() => undefined);
    byConnection.set(connection.id, settled);
    return mine;
  }

  async function look(): Promise<void> {
    const chores = [() => deps.beat(), () => deps.finishInterrupted()];
    for (const step of [...chores, ...deps.connections.map(acknowledging)]) {
      try {
        await step();
      } catch (error) {
        deps.log.error("look-failed", { error });
      }
    }
  }

  function acknowledging(connection: Connection) {
    return async () => {
      await acknowledge(connection);
    };
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      looking = look();
      await looking;
      await deps.clock.sleep(LOOK_EVERY, stopping.signal);
    }
  }

  return {
    async start() {
      subscription = await deps.bus.subscribe(tokenRefreshed, deps.subscriber, async (message) => {
        const connection = deps.connections.find((one) => one.id === message.connection);
        if (connection === undefined) {
          deps.log.warn("unknown-connection", { connection: message.connection });
          return;
        }
        const outcome = await acknowledge(connection);
        if (!outcome.ok) throw new Error(outcome.code);
      });
      loop = run();
    },

    async stop() {
      stopping.abort();
      await subscription?.close();
      await loop;
      await Promise.all(byConnection.values());
    },

    async idle() {
      await looking;
      await Promise.all(byConnection.values());
    },
  };
}
