/**
 * Which request may leave next, and when to look again. Knows no clock and sends nothing: the moment comes with
 * each call, in milliseconds that never go back.
 *
 * 1. In any second no more than `LIMITS` leave: 45 that are not history, of which reads leave ten to orders and
 *    control, and control leaves five to orders; of history two in any half second. Cancels alone may use up the
 *    broker's fifty; after that nothing leaves for a little longer than a second.
 * 2. Of what may leave, the highest lane goes first, and within a lane what came first.
 * 3. A hold holds one payload type and nothing else, orders included.
 */

export const LANES = ["cancels", "orders", "control", "reads", "history"] as const;
export type Lane = (typeof LANES)[number];

/** Of the broker's fifty and five a second, with room for what the network pushes together on the way. */
export const LIMITS = {
  common: { windowMs: 1000, room: { orders: 45, control: 40, reads: 35 } },
  cancels: { windowMs: 1050, room: 50 },
  history: { windowMs: 500, room: 2 },
} as const;

/** So many requests may wait in a lane; orders and cancels are never turned away. */
export const LONGEST_QUEUE = 1000;

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 120_000;

export interface Waiting {
  readonly lane: Lane;
  readonly payloadType: number;
}

interface Hold {
  readonly until: number;
  readonly pauseMs: number;
}

/** Keeps what waits in its lanes. */
export class Lanes<T extends Waiting> {
  readonly #waiting: Readonly<Record<Lane, T[]>> = {
    cancels: [],
    orders: [],
    control: [],
    reads: [],
    history: [],
  };
  readonly #common = new Departures(LIMITS.cancels.room);
  readonly #history = new Departures(LIMITS.history.room);
  readonly #holds = new Map<number, Hold>();
  /** When the last cancel left for which an order would have had to wait. */
  #burstAt = Number.NEGATIVE_INFINITY;

  /** False: the lane is full, and it was not taken. */
  add(item: T): boolean {
    const lane = this.#waiting[item.lane];
    const isLimited = item.lane !== "orders" && item.lane !== "cancels";
    if (isLimited && lane.length >= LONGEST_QUEUE) return false;
    lane.push(item);
    return true;
  }

  /** Takes out what may leave now. It counts as gone only once {@link Lanes.left} is told. */
  next(now: number): T | undefined {
    for (const lane of LANES) {
      if (this.#waiting[lane].length === 0 || this.#freeAt(lane) > now) continue;
      const at = this.#waiting[lane].findIndex((item) => this.heldUntil(item.payloadType) <= now);
      if (at >= 0) return this.#waiting[lane].splice(at, 1)[0];
    }
    return undefined;
  }

  left(lane: Lane, now: number): void {
    if (lane === "cancels" && this.#freeAt("orders") > now) this.#burstAt = now;
    (lane === "history" ? this.#history : this.#common).note(now);
  }

  /** When {@link Lanes.next} may give something if nothing is added; undefined while nothing waits. */
  lookAgainAt(now: number): number | undefined {
    let earliest: number | undefined;
    for (const lane of LANES) {
      const freeAt = this.#freeAt(lane);
      for (const { payloadType } of this.#waiting[lane]) {
        const at = Math.max(freeAt, this.heldUntil(payloadType));
        if (earliest === undefined || at < earliest) earliest = at;
        // Nothing behind it in this lane may leave sooner.
        if (at <= Math.max(freeAt, now)) break;
      }
    }
    return earliest;
  }

  /**
   * The broker blocked a request of this type: nothing of it leaves for `retryAfterMs`, and for longer each time
   * that one sent after the last hold is blocked too, up to two minutes.
   */
  hold(payloadType: number, blow: { now: number; sentAt: number; retryAfterMs: number | undefined }): void {
    const { now, sentAt, retryAfterMs = 0 } = blow;
    const last = this.#holds.get(payloadType);
    // What left before the hold began says nothing new: one overrun is often answered many times.
    const isSameOverrun = last !== undefined && sentAt < last.until;
    const pauseMs = isSameOverrun ? last.pauseMs : longer(last?.pauseMs);
    const until = isSameOverrun
      ? Math.max(last.until, now + retryAfterMs)
      : now + Math.max(pauseMs, retryAfterMs);
    this.#holds.set(payloadType, { until, pauseMs });
  }

  /** A request of this type was answered: if it left after the hold, the next hold begins small again. */
  answered(payloadType: number, sentAt: number): void {
    if (sentAt >= this.heldUntil(payloadType)) this.#holds.delete(payloadType);
  }

  /** The end of the last hold of this type, in the past maybe; -Infinity where there is none. */
  heldUntil(payloadType: number): number {
    return this.#holds.get(payloadType)?.until ?? Number.NEGATIVE_INFINITY;
  }

  remove(item: T): boolean {
    const at = this.#waiting[item.lane].indexOf(item);
    if (at >= 0) this.#waiting[item.lane].splice(at, 1);
    return at >= 0;
  }

  /** Everything that waits, orders first. */
  all(): readonly T[] {
    return LANES.flatMap((lane) => this.#waiting[lane]);
  }

  #freeAt(lane: Lane): number {
    if (lane === "history") return this.#history.freeAt(LIMITS.history);
    if (lane === "cancels") return Math.min(this.#common.freeAt(LIMITS.cancels), this.#freeAt("orders"));
    const { windowMs, room } = LIMITS.common;
    return Math.max(
      this.#burstAt + LIMITS.cancels.windowMs,
      this.#common.freeAt({ windowMs, room: room[lane] }),
    );
  }
}

function longer(pauseMs: number | undefined): number {
  return pauseMs === undefined ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
}

/** The moments of the latest departures, as many as may lie in one window. */
class Departures {
  readonly #moments: number[];
  #next = 0;

  constructor(count: number) {
    this.#moments = new Array<number>(count).fill(Number.NEGATIVE_INFINITY);
  }

  note(now: number): void {
    this.#moments[this.#next] = now;
    this.#next = (this.#next + 1) % this.#moments.length;
  }

  /** From when fewer than `room` lie in the window that ends then. */
  freeAt({ windowMs, room }: { readonly windowMs: number; readonly room: number }): number {
    const count = this.#moments.length;
    const roomth = this.#moments[(this.#next - room + 2 * count) % count] ?? Number.NEGATIVE_INFINITY;
    return roomth + windowMs;
  }
}
