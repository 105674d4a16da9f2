/**
 * The right of one process to act alone for as long as it runs, held by a lease that is renewed again and again.
 *
 * 1. `isSafe` is true only while by the machine's passing time and by its clock alike more than the margin of
 *    the lease is left, counted from the moment before the last renewal that succeeded was begun. So it is false
 *    in a process that was stopped past its lease, from its first instruction on.
 * 2. `lost` is called before another process can lead, in a process that runs; and once for each `gained`.
 * 3. Each term has an epoch higher than every term of every process before.
 */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "./clock.ts";
import type { Lease, Leases } from "./lease.ts";
import type { Log } from "./log.ts";
import type { Timers } from "./timers.ts";

/** `late`: it could not be renewed in time. `taken`: another process has it. `stopped`: given up by `stop`. */
export type LossReason = "late" | "taken" | "stopped";

export interface LeadershipDeps {
  readonly leases: Leases;
  /** The machine's own, as that of every process which wants the same lease. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface LeadershipOptions {
  /** A name that no other process uses. */
  readonly holder: string;
  /** How long a lease lasts. Default 30,000. */
  readonly ttlMs?: number;
  /** Default 10,000. */
  readonly renewEveryMs?: number;
  /** How soon to try again, for a lease that another holds and for a renewal that failed. Default 2,000. */
  readonly retryAfterMs?: number;
  /** How much of the lease is not made use of: room for clocks that differ. Default 5,000. */
  readonly marginMs?: number;
}

export interface LeadershipEvents {
  gained(term: Lease): void;
  /** What the lease allowed must have ended when this returns. */
  lost(reason: LossReason): void;
}

export interface Leadership {
  start(): void;
  isSafe(): boolean;
  /** The lease of the term under way. Its fence is the epoch. */
  term(): Lease | undefined;
  /** Gives the lease back, so that another process leads at once, and never leads again. */
  stop(): Promise<void>;
}

interface Term {
  lease: Lease;
  /** Safe until then, by the timers and by the clock. */
  until: Bounds;
}

interface Bounds {
  readonly timersMs: number;
  readonly clock: Temporal.Instant;
}

/** Tries to lead `name` from `start` to `stop`. */
export function createLeadership(
  deps: LeadershipDeps,
  name: string,
  options: LeadershipOptions,
  events: LeadershipEvents,
): Leadership {
  return new LeasedLeadership(deps, name, options, events);
}

class LeasedLeadership implements Leadership {
  readonly #deps: LeadershipDeps;
  readonly #name: string;
  readonly #options: Required<LeadershipOptions>;
  readonly #events: LeadershipEvents;
  #term: Term | undefined;
  readonly #stopping = new AbortController();
  #trying: Promise<void> = Promise.resolve();
  #cancelTry = () => {};
  #cancelEnd = () => {};

  constructor(deps: LeadershipDeps, name: string, options: LeadershipOptions, events: LeadershipEvents) {
    this.#deps = deps;
    this.#name = name;
    this.#options = { ttlMs: 30_000, renewEveryMs: 10_000, retryAfterMs: 2_000, marginMs: 5_000, ...options };
    this.#events = events;
  }

  start(): void {
    this.#tryNow();
  }

  isSafe(): boolean {
    return this.#term !== undefined && this.#isWithin(this.#term.until);
  }

  term(): Lease | undefined {
    return this.#term?.lease;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTry();
    const lease = this.#term?.lease;
    this.#end("stopped");
    await this.#trying;
    if (lease !== undefined) await this.#release(lease);
  }

  #tryNow(): void {
    this.#trying = this.#try().then((pauseMs) => {
      if (this.#stopping.signal.aborted) return;
      this.#cancelTry = this.#deps.timers.after(pauseMs, () => this.#tryNow());
    });
  }

  /** Acquires or renews; gives back how long to wait before the next time. */
  async #try(): Promise<number> {
    const { renewEveryMs, retryAfterMs } = this.#options;
    const term = this.#term;
    try {
      const isLeading = await (term === undefined ? this.#acquire() : this.#renew(term));
      return isLeading ? renewEveryMs : retryAfterMs;
    } catch (error) {
      this.#deps.log.warn("lease-not-reached", { lease: this.#name, error });
      return retryAfterMs;
    }
  }

  async #acquire(): Promise<boolean> {
    const { holder } = this.#options;
    const until = this.#boundsFromNow();
    const acquired = await this.#deps.leases.acquire(this.#name, { ttl: this.#ttl(), holder });
    if (!acquired.ok) return false;
    if (this.#stopping.signal.aborted) await this.#release(acquired.value);
    if (this.#stopping.signal.aborted || !this.#isWithin(until)) return false;
    this.#term = { lease: acquired.value, until };
    this.#armEnd(this.#term);
    this.#events.gained(acquired.value);
    return true;
  }

  async #renew(term: Term): Promise<boolean> {
    const until = this.#boundsFromNow();
    const renewed = await this.#deps.leases.renew(term.lease, this.#ttl());
    // A term that ended while the answer was on its way stays ended.
    if (this.#term !== term) return false;
    if (!renewed.ok) {
      this.#end("taken");
      return false;
    }
    term.lease = renewed.value;
    term.until = until;
    this.#armEnd(term);
    return this.#term === term;
  }

  /** Ends the term while there is still some of the lease left. */
  #armEnd(term: Term): void {
    this.#cancelEnd();
    const { timers, clock } = this.#deps;
    const byClockMs = clock.now().until(term.until.clock).total("milliseconds");
    const leftMs = Math.min(term.until.timersMs - timers.now(), byClockMs);
    if (leftMs <= 0) this.#end("late");
    else this.#cancelEnd = timers.after(leftMs, () => this.#end("late"));
  }

  #end(reason: LossReason): void {
    if (this.#term === undefined) return;
    this.#term = undefined;
    this.#cancelEnd();
    this.#events.lost(reason);
  }

  async #release(lease: Lease): Promise<void> {
    try {
      await this.#deps.leases.release(lease);
    } catch (error) {
      // It ends by itself; whoever comes next waits for that.
      this.#deps.log.warn("lease-not-released", { lease: this.#name, error });
    }
  }

  #boundsFromNow(): Bounds {
    const { ttlMs, marginMs } = this.#options;
    const milliseconds = ttlMs - marginMs;
    return {
      timersMs: this.#deps.timers.now() + milliseconds,
      clock: this.#deps.clock.now().add({ milliseconds }),
    };
  }

  #isWithin({ timersMs, clock }: Bounds): boolean {
    return this.#deps.timers.now() < timersMs && Temporal.Instant.compare(this.#deps.clock.now(), clock) < 0;
  }

  #ttl(): Temporal.Duration {
    return Temporal.Duration.from({ milliseconds: this.#options.ttlMs });
  }
}
