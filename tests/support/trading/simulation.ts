/**
 * Time and turns of one case. Whatever takes time outside a process (a call to the store, a message, a timer) is
 * an event at a drawn moment, and processes go on only by events: so the seed alone says who comes before whom.
 */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../shared/platform/clock.ts";
import type { Timers } from "../../../shared/platform/timers.ts";

const START = Temporal.Instant.from("2026-11-23T15:00:00Z");
/** What is really under way, in a store that is not in memory, gets so long before the case goes on without it. */
const REAL_WAIT_MS = 20;
/** The same where all is to come to rest: on a busy machine calls that outlast their leases would keep it from that. */
const REAL_CALM_WAIT_MS = 100;

interface Event {
  readonly due: number;
  readonly order: number;
  readonly owner: Process | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

/** What befalls a process right before one of its events. */
export interface Fate {
  /** Counted from now. */
  readonly afterEvents: number;
  readonly strike: () => void;
}

/** One process: it may stop for a while, and it may die at any of its events. */
export class Process {
  readonly name: string;
  isDead: boolean = false;
  isPaused: boolean = false;
  fate: Fate | undefined;
  /** Events that came while it stood still. */
  readonly backlog: Event[] = [];
  readonly #onDeath = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const told of this.#onDeath) told();
    this.#onDeath.clear();
  }

  onDeath(told: () => void): () => void {
    this.#onDeath.add(told);
    return () => this.#onDeath.delete(told);
  }
}

export class Simulation {
  now = 0;
  isCalm = false as boolean;
  /** Calls of a real store that are under way and wait for nothing of this simulation. */
  underWay = 0;
  events = 0;
  readonly #heap: Event[] = [];
  #order = 0;
  #instant: { readonly at: number; readonly is: Temporal.Instant } = { at: 0, is: START };

  readonly clock: Clock = {
    now: () => this.instant(),
    sleep: (duration) => new Promise((resolve) => void this.after(duration.total("milliseconds"), resolve)),
  };

  instant(): Temporal.Instant {
    if (this.#instant.at !== this.now) {
      const is = Temporal.Instant.fromEpochMilliseconds(START.epochMilliseconds + this.now);
      this.#instant = { at: this.now, is };
    }
    return this.#instant.is;
  }

  /** Without an owner it happens whoever lives. */
  after(ms: number, run: () => void, owner?: Process): () => void {
    this.#order += 1;
    const due = this.now + Math.max(0, Math.round(ms));
    const event: Event = { due, order: this.#order, owner, run, isCancelled: false };
    this.#push(event);
    return () => {
      event.isCancelled = true;
    };
  }

  timersOf(owner?: Process): Timers {
    return { now: () => this.now, after: (ms, run) => this.after(ms, run, owner) };
  }

  /** What came meanwhile comes now, in its order. */
  resume(process: Process): void {
    if (!process.isPaused) return;
    process.isPaused = false;
    for (const { run, isCancelled } of process.backlog.splice(0)) {
      if (!isCancelled) this.after(0, run, process);
    }
  }

  /** Plays everything that is due until then. */
  async runUntil(until: number): Promise<void> {
    for (;;) {
      await this.#settle();
      const event = this.#heap[0];
      if (event === undefined || event.due > until) break;
      this.#pop();
      if (event.isCancelled) continue;
      this.now = Math.max(this.now, event.due);
      if (this.#isStruck(event)) continue;
      this.events += 1;
      event.run();
    }
    this.now = Math.max(this.now, until);
  }

  #isStruck(event: Event): boolean {
    const { owner } = event;
    if (owner === undefined) return false;
    const { fate } = owner;
    if (fate !== undefined && !owner.isDead && !owner.isPaused) {
      if (fate.afterEvents <= 0) {
        owner.fate = undefined;
        fate.strike();
      } else owner.fate = { ...fate, afterEvents: fate.afterEvents - 1 };
    }
    if (owner.isDead) return true;
    if (!owner.isPaused) return false;
    owner.backlog.push(event);
    return true;
  }

  /** Lets what was woken run until it waits for the next event. */
  async #settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.underWay === 0) return;
    const until = performance.now() + (this.isCalm ? REAL_CALM_WAIT_MS : REAL_WAIT_MS);
    while (this.underWay > 0 && performance.now() < until) {
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && isBefore(heap[right] as Event, heap[child] as Event)) child = right;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}
