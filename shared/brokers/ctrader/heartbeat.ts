import type { Timers } from "../../platform/timers.ts";

/** The broker wants a sign of life at least as often. */
export const HEARTBEAT_AFTER_MS = 10_000;
/** The broker itself speaks every 25 to 30 seconds on a quiet connection. */
export const SILENT_AFTER_MS = 60_000;

export interface HeartbeatParts {
  readonly timers: Timers;
  /** Nothing was written for ten seconds. */
  beat(): void;
  /** No frame came for a minute. Said once. */
  silent(): void;
}

/** Both directions of being alive on one connection. Each is one timer, whatever passes over the connection. */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  #wroteAt: number;
  #heardAt: number;
  #cancelBeat: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#wroteAt = parts.timers.now();
    this.#heardAt = this.#wroteAt;
  }

  /** The connection is open: both count from now. */
  start(): void {
    this.wrote();
    this.heard();
    this.#cancelBeat = this.#parts.timers.after(HEARTBEAT_AFTER_MS, () => this.#lookAtWrites());
    this.#cancelWatch = this.#parts.timers.after(SILENT_AFTER_MS, () => this.#lookAtFrames());
  }

  stop(): void {
    this.#cancelBeat?.();
    this.#cancelWatch?.();
  }

  wrote(): void {
    this.#wroteAt = this.#parts.timers.now();
  }

  heard(): void {
    this.#heardAt = this.#parts.timers.now();
  }

  /** By `timers.now()`. Before the first frame: when it was made or started. */
  heardAt(): number {
    return this.#heardAt;
  }

  #lookAtWrites(): void {
    const { timers, beat } = this.#parts;
    let left = this.#wroteAt + HEARTBEAT_AFTER_MS - timers.now();
    if (left <= 0) {
      beat();
      left = HEARTBEAT_AFTER_MS;
    }
    this.#cancelBeat = timers.after(left, () => this.#lookAtWrites());
  }

  #lookAtFrames(): void {
    const { timers, silent } = this.#parts;
    const left = this.#heardAt + SILENT_AFTER_MS - timers.now();
    if (left <= 0) silent();
    else this.#cancelWatch = timers.after(left, () => this.#lookAtFrames());
  }
}
