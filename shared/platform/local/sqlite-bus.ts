import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Bus, Delivery, Subscription, Topic } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Random } from "../random.ts";
import { type BusFaults, decideCopies } from "./bus-faults.ts";
import { type ClaimedCopy, SqliteQueue, type SubscriptionName } from "./sqlite-queue.ts";
import { createSystemRandom } from "./system-random.ts";

export interface SqliteBusOptions {
  /** The file, made where it is missing. Several processes may share it, also with a store. */
  readonly path: string;
  /** Every subscription there is, as in the topology: messages are kept for these, also while nobody listens. */
  readonly subscriptions: readonly SubscriptionName[];
  readonly clock: Clock;
  readonly log: Log;
  /** Makes ids and decides faults. Default: the system's; a seeded one repeats the faults. */
  readonly random?: Random;
  /** After so long without a sign of life a claimed message is free again; default 10,000. */
  readonly visibilityMs?: number;
}

export interface SqliteBus extends Bus {
  /**
   * Resolves when this bus's subscriptions have nothing that is due on the clock, and nobody, in any process
   * on this file, is at work on a message.
   */
  idle(): Promise<void>;

  /** Disturbs what is published here from now on; `{}` ends it. */
  setFaults(faults: BusFaults): void;
}

type Handler = (body: unknown, delivery: Delivery) => Promise<"done" | "misfit">;

interface Consumer extends SubscriptionName {
  readonly handle: Handler;
  /** The ends of its handlers at work. */
  readonly atWork: Set<Promise<void>>;
}

const POLL_MS = 100;
/** Every so many polls it looks whether a process with claims has died. */
const POLLS_PER_ROUND = 10;
const VISIBILITY_MS = 10_000;
const MOST_AT_WORK = 32;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/**
 * A bus in a SQLite file. Messages of the same process are handed over at once, those of other processes
 * within about 100 ms. A rejected message comes again after 1 s, then doubling up to 60 s, on the clock; the
 * message of a killed process after about 1 s of the machine's time. Its timers do not keep a process alive.
 */
export function createSqliteBus(options: SqliteBusOptions): SqliteBus {
  return new PolledBus(options);
}

class PolledBus implements SqliteBus {
  readonly #options: SqliteBusOptions;
  readonly #log: Log;
  readonly #random: Random;
  readonly #queue: SqliteQueue;
  readonly #visibilityMs: number;
  readonly #consumers = new Set<Consumer>();
  /** The copies at work, also those of subscriptions that are being closed. */
  readonly #claimed = new Set<number>();
  readonly #idleWaiters = new Set<() => void>();
  readonly #timers: readonly NodeJS.Timeout[];
  #faults: BusFaults = {};
  #changeMark: unknown;
  #polls = 0;
  #plannedLook: NodeJS.Immediate | undefined;
  #alarm: { readonly dueMs: number; readonly controller: AbortController } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SqliteBusOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#random = options.random ?? createSystemRandom();
    this.#visibilityMs = options.visibilityMs ?? VISIBILITY_MS;
    const name = Buffer.from(this.#random.bytes(12)).toString("hex");
    this.#queue = new SqliteQueue(options.path, { name, pid: process.pid });
    this.#timers = [
      setInterval(() => this.#poll(), POLL_MS).unref(),
      setInterval(() => this.#extendClaims(), this.#visibilityMs / 3).unref(),
    ];
  }

  async publish<M>(topic: Topic<M>, message: M): Promise<void> {
    const body = JSON.stringify(z.encode(topic.schema, message));
    const id = Buffer.from(this.#random.bytes(16)).toString("hex");
    const now = this.#nowMs();
    const copies = this.#options.subscriptions
      .filter((subscription) => subscription.topic === topic.name)
      .flatMap(({ subscriber }) =>
        decideCopies(this.#faults, this.#random).map((delayMs) => ({
          topic: topic.name,
          subscriber,
          message: id,
          body,
          dueMs: now + delayMs,
        })),
      );
    if (copies.length > 0) this.#queue.add(copies);
    this.#planLook();
  }

  async subscribe<M>(
    topic: Topic<M>,
    subscriber: string,
    handler: (message: M, delivery: Delivery) => Promise<void>,
  ): Promise<Subscription> {
    const isKnown = this.#options.subscriptions.some(
      (known) => known.topic === topic.name && known.subscriber === subscriber,
    );
    if (!isKnown) throw new RangeError(`There is no subscription ${subscriber} of ${topic.name}.`);
    const consumer: Consumer = {
      topic: topic.name,
      subscriber,
      atWork: new Set(),
      handle: async (body, delivery) => {
        const message = topic.schema.safeParse(body);
        if (!message.success) return "misfit";
        await handler(message.data, delivery);
        return "done";
      },
    };
    this.#consumers.add(consumer);
    this.#freeDeadClaims();
    this.#planLook();
    return { close: () => this.#unsubscribe(consumer) };
  }

  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.add(resolve);
      this.#planLook();
    });
  }

  setFaults(faults: BusFaults): void {
    this.#faults = faults;
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#consumers].map((consumer) => this.#unsubscribe(consumer)));
      for (const timer of this.#timers) clearInterval(timer);
      this.#alarm?.controller.abort();
      this.#queue.close();
      for (const resolve of this.#idleWaiters) resolve();
    })();
    return this.#closing;
  }

  async #unsubscribe(consumer: Consumer): Promise<void> {
    this.#consumers.delete(consumer);
    await Promise.all(consumer.atWork);
  }

  #planLook(): void {
    this.#plannedLook ??= setImmediate(() => {
      this.#plannedLook = undefined;
      this.#look();
    });
  }

  /** Looks again what is due, and starts it. What fails here is tried again at the next poll. */
  #look(): void {
    if (this.#closing !== undefined) return;
    try {
      for (const consumer of this.#consumers) this.#claimFor(consumer);
      this.#setAlarm();
      if (this.#idleWaiters.size > 0 && this.#isIdle()) {
        for (const resolve of this.#idleWaiters) resolve();
        this.#idleWaiters.clear();
      }
    } catch (error) {
      this.#log.error("look-failed", { error });
    }
  }

  #poll(): void {
    if (this.#closing !== undefined) return;
    this.#polls += 1;
    const isRound = this.#polls % POLLS_PER_ROUND === 0;
    try {
      const mark = this.#queue.changeMark();
      const isChanged = mark !== this.#changeMark;
      this.#changeMark = mark;
      if (isRound) this.#freeDeadClaims();
      if (isChanged || isRound || this.#idleWaiters.size > 0) this.#look();
    } catch (error) {
      this.#log.error("poll-failed", { error });
    }
  }

  #claimFor(consumer: Consumer): void {
    const at = { clockMs: this.#nowMs(), machineMs: Date.now() };
    const most = MOST_AT_WORK - consumer.atWork.size;
    if (most === 0 || !this.#queue.hasDue(consumer, at)) return;
    const untilMs = at.machineMs + this.#visibilityMs;
    for (const copy of this.#queue.claim(consumer, { ...at, untilMs, most })) {
      // After a long standstill of this process its own claim may have ended while its handler is at work.
      if (this.#claimed.has(copy.id)) continue;
      this.#claimed.add(copy.id);
      const end = this.#handOver(consumer, copy).finally(() => {
        this.#claimed.delete(copy.id);
        consumer.atWork.delete(end);
        this.#planLook();
      });
      consumer.atWork.add(end);
    }
  }

  /** Never rejects: whatever happens, the copy is removed, deferred, or left to its claim's end. */
  async #handOver(consumer: Consumer, copy: ClaimedCopy): Promise<void> {
    const { topic, subscriber } = consumer;
    const facts = { topic, subscriber, delivery: copy.message, attempt: copy.attempt };
    try {
      try {
        const delivery = { id: copy.message, attempt: copy.attempt };
        const outcome = await consumer.handle(JSON.parse(copy.body), delivery);
        if (outcome === "misfit") this.#log.error("message-misfit", facts);
      } catch (error) {
        this.#log.warn("message-rejected", { ...facts, error });
        this.#queue.defer(copy.id, this.#nowMs() + retryDelayMs(copy.attempt));
        return;
      }
      this.#queue.remove(copy.id);
    } catch (error) {
      this.#log.error("message-unsettled", { ...facts, error });
    }
  }

  #isIdle(): boolean {
    if (this.#closing !== undefined) return true;
    const at = { clockMs: this.#nowMs(), machineMs: Date.now() };
    if (this.#claimed.size > 0 || this.#queue.hasClaims(at.machineMs)) return false;
    return [...this.#consumers].every((consumer) => !this.#queue.hasDue(consumer, at));
  }

  /** Has the clock wake it when the next held-back copy is due. */
  #setAlarm(): void {
    const now = this.#nowMs();
    const due = [...this.#consumers].map((consumer) => this.#queue.nextDueMs(consumer, now) ?? Infinity);
    const dueMs = Math.min(...due);
    if (dueMs === (this.#alarm?.dueMs ?? Infinity)) return;
    this.#alarm?.controller.abort();
    this.#alarm = undefined;
    if (dueMs === Infinity) return;

    const controller = new AbortController();
    this.#alarm = { dueMs, controller };
    const duration = Temporal.Duration.from({ milliseconds: dueMs - now });
    void this.#options.clock.sleep(duration, controller.signal).then(() => {
      if (controller.signal.aborted) return;
      this.#alarm = undefined;
      this.#look();
    });
  }

  #extendClaims(): void {
    try {
      const untilMs = Date.now() + this.#visibilityMs;
      for (const id of this.#claimed) this.#queue.extend(id, untilMs);
    } catch (error) {
      this.#log.error("claims-not-extended", { error });
    }
  }

  #freeDeadClaims(): void {
    this.#queue.freeClaimsOf((pid) => !isAlive(pid));
  }

  #nowMs(): number {
    return this.#options.clock.now().epochMilliseconds;
  }
}

function retryDelayMs(attempt: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
}

/** Whether a process of this machine runs; signal 0 only asks. A process of another user counts as running. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
