/**
 * The calls of one channel, from being given to being settled.
 *
 * 1. Every call is settled once, and whoever is told of it may give or close whatever they like.
 * 2. A frame is written once. What the broker turned away at its door is asked again under another id, and only
 *    what does no harm.
 */
import type { Timers } from "../../platform/timers.ts";
import type { Call, Entry, Taken } from "./call.ts";
import type { ChannelEnd, ChannelEvent } from "./channel.ts";
import { Correlation } from "./correlation.ts";
import { Outbox } from "./outbox.ts";
import { readRefusal } from "./read-refusal.ts";
import type { CtraderRefusal } from "./refusal.ts";

export interface TrafficParts {
  readonly timers: Timers;
  readonly idPrefix: string;
  /** False: taken, but hold back until {@link Traffic.open}. */
  write(bytes: Uint8Array): boolean;
}

export class Traffic {
  readonly #timers: Timers;
  readonly #idPrefix: string;
  readonly #calls = new Correlation();
  readonly #outbox: Outbox;
  #count = 0;
  #end: ChannelEnd | undefined;

  constructor({ timers, idPrefix, write }: TrafficParts) {
    this.#timers = timers;
    this.#idPrefix = idPrefix;
    this.#outbox = new Outbox({
      timers,
      write,
      mayLeave: (entry) => this.#mayLeave(entry),
      left: (entry) => this.#left(entry),
    });
  }

  /** The link takes bytes: for the first time, or again. */
  open(): void {
    this.#outbox.open();
  }

  /** Writes what is no call; see {@link Outbox.slip}. */
  slip(bytes: Uint8Array): void {
    this.#outbox.slip(bytes);
  }

  /** Nothing is taken and nothing leaves any more. */
  stop(end: ChannelEnd): void {
    this.#end ??= end;
    this.#outbox.stop();
  }

  /** Settles whatever is open, after {@link Traffic.stop}. */
  settleAll(end: ChannelEnd): void {
    for (const entry of this.#calls.unsettled()) {
      entry.call.ended(entry.sentAt === undefined ? "not-sent" : "unknown", end);
      this.#note(entry);
    }
  }

  /** Takes a call. Throws, and has taken nothing, where its body is not what the protocol allows. */
  give(call: Call): void {
    const clientMsgId = this.#nextId();
    const frame = call.frame(clientMsgId);
    if (this.#end !== undefined) {
      call.ended("not-sent", this.#end);
      return;
    }
    const { lane, payloadType } = call;
    const open = { deadline: undefined, sentAt: undefined, cancelTimeout: undefined };
    const entry: Entry = { call, lane, payloadType, clientMsgId, frame, ...open };
    if (lane === "orders") this.#limit(entry);
    this.#calls.add(entry);
    this.#queue(entry);
  }

  /** Undefined: no call of ours has its id. */
  take(message: ChannelEvent): Taken | undefined {
    const entry = this.#calls.find(message.clientMsgId);
    if (entry === undefined) return undefined;
    const refusal = readRefusal(message, entry.call.during);
    if (refusal?.action !== "rate") this.#outbox.answered(entry);
    const taken = refusal === undefined ? entry.call.take(message) : this.#refuse(entry, refusal, message);
    this.#note(entry);
    return taken;
  }

  /** A frame that may have been for one of ours could not be read. */
  unreadable(clientMsgId: string | undefined, payloadType: number | undefined): void {
    const entry = this.#calls.find(clientMsgId);
    if (entry === undefined) return;
    entry.call.unreadable(payloadType);
    this.#note(entry);
  }

  #nextId(): string {
    this.#count += 1;
    return `${this.#idPrefix}${this.#count}`;
  }

  #queue(entry: Entry): void {
    if (this.#outbox.isHeldTooLong(entry)) entry.call.heldTooLong(this.#outbox.heldForMs(entry));
    else if (!this.#outbox.add(entry)) entry.call.turnedAway();
    this.#note(entry);
    this.#outbox.pump();
  }

  #limit(entry: Entry): void {
    entry.cancelTimeout?.();
    entry.deadline = this.#timers.now() + entry.call.timeoutMs;
    entry.cancelTimeout = this.#timers.after(entry.call.timeoutMs, () => {
      this.#outbox.remove(entry);
      entry.call.timedOut(entry.sentAt === undefined ? "not-sent" : "unknown");
      this.#note(entry);
    });
  }

  #mayLeave(entry: Entry): boolean {
    // Whatever was said to have not been sent must never be.
    if (entry.call.isSettled()) return false;
    const mayLeave = entry.call.mayLeave();
    // Whoever was asked may have closed the channel.
    if (mayLeave && this.#end === undefined) return true;
    entry.call.ended("not-sent", this.#end ?? "closed-by-us");
    this.#note(entry);
    return false;
  }

  #left(entry: Entry): void {
    // One that is asked again keeps the limit of its first time.
    if (entry.deadline === undefined || entry.lane === "orders") this.#limit(entry);
    entry.call.left();
  }

  #refuse(entry: Entry, refusal: CtraderRefusal, message: ChannelEvent): Taken {
    const isBlocked = refusal.action === "rate" && entry.sentAt !== undefined;
    if (isBlocked) this.#hold(entry, entry.sentAt, refusal.retryAfterMs);
    if (isBlocked && entry.call.mayBeAskedAgain) {
      this.#askAgain(entry);
      return isEventByNature(message) ? "event" : "settled";
    }
    // A later event of an order may name an error, and its watcher hears of it as of any other.
    if (!entry.call.refused(refusal)) return entry.call.take(message);
    return isEventByNature(message) ? "event" : "settled";
  }

  /** Nothing of this kind leaves for a while; who would wait for longer than they may is told at once. */
  #hold(entry: Entry, sentAt: number | undefined, retryAfterMs: number | undefined): void {
    if (sentAt === undefined) return;
    for (const overdue of this.#outbox.hold(entry, sentAt, retryAfterMs)) {
      this.#outbox.remove(overdue);
      overdue.call.heldTooLong(this.#outbox.heldForMs(overdue));
      this.#note(overdue);
    }
  }

  /** Under a new id, so that an answer to the old one can be told apart. */
  #askAgain(entry: Entry): void {
    const clientMsgId = this.#nextId();
    this.#calls.rename(entry, clientMsgId);
    entry.frame = entry.call.frame(clientMsgId);
    entry.sentAt = undefined;
    this.#queue(entry);
  }

  #note(entry: Entry): void {
    if (entry.call.isSettled()) entry.cancelTimeout?.();
    this.#calls.note(entry);
  }
}

/** Told to one who waits, it is still an event of the account. */
function isEventByNature({ name }: ChannelEvent): boolean {
  return name === "ProtoOAExecutionEvent" || name === "ProtoOAOrderErrorEvent";
}
