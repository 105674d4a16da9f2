import { setImmediate as turn } from "node:timers/promises";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../clock.ts";

export interface VirtualClockOptions {
  readonly start: Temporal.Instant;
  /** Resolves when what the last step set off has come to rest, e.g. when the bus is idle. */
  readonly settle?: () => Promise<void>;
  /** Follows the machine's clock at an offset, instead of standing still between advances. */
  readonly flowing?: boolean;
}

/** A clock that is moved by hand: time passes when it is told to, and everything due on the way happens. */
export interface VirtualClock extends Clock {
  /**
   * Calls `callback` when the clock gets to `instant`; for an instant that is past, at the next step. An
   * advance waits for the promise that it returns. Gives back the way to cancel it.
   */
  at(instant: Temporal.Instant, callback: () => void | Promise<void>): () => void;

  /**
   * Moves to `instant` and fires everything due on the way: in the order of time, ties in the order of
   * registration, each at its own instant and each settled before the next. Advances queue; one that would
   * go back when its turn comes rejects with a RangeError. When callbacks reject, the clock arrives all the
   * same and then rejects with an AggregateError. Never await an advance inside a callback.
   */
  advanceTo(instant: Temporal.Instant): Promise<void>;
  /** {@link advanceTo} by `duration` from where the clock stands when its turn comes. */
  advanceBy(duration: Temporal.Duration): Promise<void>;

  /** Stops the flow, wakes no one, and lets the process end. */
  close(): void;
}

interface Timer {
  readonly due: Temporal.Instant;
  readonly fire: () => void | Promise<void>;
}

/** The longest wait that the machine's timers take is 2^31-1 ms; a shorter one notices a suspended machine. */
const LONGEST_WAIT_MS = 30_000;

export function createVirtualClock(options: VirtualClockOptions): VirtualClock {
  return new SteppedClock(options);
}

class SteppedClock implements VirtualClock {
  readonly #settle: () => Promise<void>;
  /** Sorted by time, ties by registration. */
  readonly #timers: Timer[] = [];
  /** Where the clock stands, or stood when the flow was last set. */
  #stand: Temporal.Instant;
  /** The machine's time at `#stand`; undefined while the clock does not flow. */
  #flowsFrom: Temporal.Instant | undefined;
  #advances: Promise<void> = Promise.resolve();
  #wakeUp: NodeJS.Timeout | undefined;
  readonly #isFlowing: boolean;
  #phase: "open" | "closed" = "open";

  constructor({ start, settle, flowing = false }: VirtualClockOptions) {
    this.#stand = start;
    this.#settle = settle ?? (async () => undefined);
    this.#isFlowing = flowing;
    this.#flow();
  }

  now(): Temporal.Instant {
    if (this.#flowsFrom === undefined) return this.#stand;
    const passed = this.#flowsFrom.until(Temporal.Now.instant());
    return passed.sign > 0 ? this.#stand.add(passed) : this.#stand;
  }

  at(instant: Temporal.Instant, callback: () => void | Promise<void>): () => void {
    return this.#register({ due: instant, fire: callback });
  }

  async sleep(duration: Temporal.Duration, signal?: AbortSignal): Promise<void> {
    if (duration.sign <= 0 || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#register({ due: this.now().add(duration), fire: wake });
      function wake(): void {
        cancel();
        signal?.removeEventListener("abort", wake);
        resolve();
      }
      signal?.addEventListener("abort", wake);
    });
  }

  advanceTo(instant: Temporal.Instant): Promise<void> {
    return this.#enqueue(() => instant);
  }

  advanceBy(duration: Temporal.Duration): Promise<void> {
    return this.#enqueue(() => this.now().add(duration));
  }

  close(): void {
    this.#phase = "closed";
    this.#freeze();
  }

  #register(timer: Timer): () => void {
    const after = this.#timers.findIndex((other) => Temporal.Instant.compare(other.due, timer.due) > 0);
    this.#timers.splice(after === -1 ? this.#timers.length : after, 0, timer);
    this.#armWakeUp();
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index !== -1) this.#timers.splice(index, 1);
      this.#armWakeUp();
    };
  }

  #enqueue(target: () => Temporal.Instant): Promise<void> {
    const advance = this.#advances.then(async () => {
      const goal = target();
      if (Temporal.Instant.compare(goal, this.now()) < 0) {
        throw new RangeError(`The clock does not go back from ${this.now()} to ${goal}.`);
      }
      this.#freeze();
      try {
        await this.#run(goal);
      } finally {
        this.#flow();
      }
    });
    this.#advances = advance.catch(() => undefined);
    return advance;
  }

  /** Steps through everything due up to `goal` and arrives there. */
  async #run(goal: Temporal.Instant): Promise<void> {
    const errors: unknown[] = [];
    await this.#rest();
    for (;;) {
      const next = this.#takeDue(goal);
      if (next === undefined) break;
      if (Temporal.Instant.compare(next.due, this.#stand) > 0) this.#stand = next.due;
      await fire(next).catch((error: unknown) => errors.push(error));
      await this.#rest();
    }
    this.#stand = goal;
    if (errors.length > 0) throw new AggregateError(errors, "Some of what was due on the way failed.");
  }

  #takeDue(instant: Temporal.Instant): Timer | undefined {
    const first = this.#timers[0];
    return first && Temporal.Instant.compare(first.due, instant) <= 0 ? this.#timers.shift() : undefined;
  }

  /** Lets what was woken run until it waits for something else, then waits for what the owner waits for. */
  async #rest(): Promise<void> {
    await turn();
    await this.#settle();
    await turn();
  }

  #freeze(): void {
    this.#stand = this.now();
    this.#flowsFrom = undefined;
    clearTimeout(this.#wakeUp);
    this.#wakeUp = undefined;
  }

  #flow(): void {
    if (!this.#isFlowing || this.#phase === "closed") return;
    this.#flowsFrom = Temporal.Now.instant();
    this.#armWakeUp();
  }

  /** While the clock flows, has the machine wake it for the first timer. */
  #armWakeUp(): void {
    if (this.#flowsFrom === undefined) return;
    clearTimeout(this.#wakeUp);
    const first = this.#timers[0];
    if (first === undefined) return;
    const leftMs = Math.ceil(this.now().until(first.due).total("milliseconds"));
    this.#wakeUp = setTimeout(() => this.#fireDue(), Math.min(Math.max(leftMs, 0), LONGEST_WAIT_MS));
  }

  /** While the clock flows, fires what is due without waiting for it, as a machine's timers do. */
  #fireDue(): void {
    const now = this.now();
    for (let due = this.#takeDue(now); due !== undefined; due = this.#takeDue(now)) void fire(due);
    this.#armWakeUp();
  }
}

async function fire(timer: Timer): Promise<void> {
  await timer.fire();
}
