import type { Timers } from "../../platform/timers.ts";
import type { Entry } from "./call.ts";
import { Lanes } from "./lanes.ts";

export interface OutboxParts {
  readonly timers: Timers;
  /** False: taken, but hold back until {@link Outbox.drained}. */
  write(bytes: Uint8Array): boolean;
  /** Asked in the moment before its bytes go; false, and it is out of the lanes for good. */
  mayLeave(entry: Entry): boolean;
  left(entry: Entry): void;
}

/** Sends what waits, as soon as the link, the limits and the holds allow. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #lanes = new Lanes<Entry>();
  #state: "closed" | "open" | "full" | "over" = "closed";
  #isPumping: boolean;
  #cancelLook: (() => void) | undefined;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#isPumping = false;
  }

  /** The link takes bytes: for the first time, or again. */
  open(): void {
    if (this.#state === "over") return;
    this.#state = "open";
    this.pump();
  }

  /** False: its lane is full. It leaves with the next {@link Outbox.pump}. */
  add(entry: Entry): boolean {
    return this.#lanes.add(entry);
  }

  remove(entry: Entry): void {
    this.#lanes.remove(entry);
  }

  /** Nothing leaves any more. */
  stop(): void {
    this.#state = "over";
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  /** Writes what counts as no request, unless others wait for the link. False: nothing was written. */
  slip(bytes: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    this.#write(bytes);
    return true;
  }

  /** Sends everything that may leave now. Called from within itself, it does nothing: it is at it. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#state === "open") {
        const entry = this.#lanes.next(this.#parts.timers.now());
        if (entry === undefined) break;
        this.#send(entry);
      }
    } finally {
      this.#isPumping = false;
      this.#planNextLook();
    }
  }

  /** The broker blocked a request of this entry's type. Gives back those that wait for longer than they may. */
  hold(entry: Entry, sentAt: number, retryAfterMs: number | undefined): readonly Entry[] {
    const now = this.#parts.timers.now();
    this.#lanes.hold(entry.payloadType, { now, sentAt, retryAfterMs });
    return this.#lanes.all().filter((one) => this.isHeldTooLong(one));
  }

  answered(entry: Entry): void {
    if (entry.sentAt !== undefined) this.#lanes.answered(entry.payloadType, entry.sentAt);
  }

  isHeldTooLong({ payloadType, deadline, call }: Entry): boolean {
    const now = this.#parts.timers.now();
    return this.#lanes.heldUntil(payloadType) > (deadline ?? now + call.timeoutMs);
  }

  /** For how long the broker still holds this type; 0 or less where it does not. */
  heldForMs({ payloadType }: Entry): number {
    return this.#lanes.heldUntil(payloadType) - this.#parts.timers.now();
  }

  #send(entry: Entry): void {
    if (!this.#parts.mayLeave(entry)) return;
    const now = this.#parts.timers.now();
    this.#lanes.left(entry.lane, now);
    // Before the bytes: from here on it counts as sent, whatever the write does.
    entry.sentAt = now;
    this.#write(entry.frame);
    this.#parts.left(entry);
  }

  #write(bytes: Uint8Array): void {
    const takesMore = this.#parts.write(bytes);
    if (!takesMore && this.#state === "open") this.#state = "full";
  }

  #planNextLook(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    if (this.#state !== "open") return;
    const now = this.#parts.timers.now();
    const at = this.#lanes.lookAgainAt(now);
    if (at === undefined) return;
    this.#cancelLook = this.#parts.timers.after(Math.max(1, Math.ceil(at - now)), () => this.pump());
  }
}
