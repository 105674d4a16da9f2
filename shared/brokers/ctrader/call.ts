/** One request or order given to a channel, from then until it is settled; see `request-call.ts`, `order-call.ts`. */
import type { ChannelEnd, ChannelEvent } from "./channel.ts";
import type { Lane, Waiting } from "./lanes.ts";
import type { MessageName } from "./protocol/names.ts";
import type { CtraderRefusal } from "./refusal.ts";

/** What a call makes of a message that carries its id. */
export type Taken =
  /** It was the answer, and nobody else hears of it. */
  | "settled"
  /** It is an event as well, and is handed on. */
  | "event";

export interface Call extends Waiting {
  readonly name: MessageName;
  readonly lane: Lane;
  readonly payloadType: number;
  readonly timeoutMs: number;
  /** As the table of errors reads a code that it does not know. */
  readonly during: "order" | "read";
  /** Doing it twice does no harm, so that one which the broker turned away at its door is asked again. */
  readonly mayBeAskedAgain: boolean;
  /** Encodes the request under an id; throws for a body that its type does not allow. */
  frame(clientMsgId: string): Uint8Array;
  /** Asked in the moment before the bytes go to the socket. */
  mayLeave(): boolean;
  left(): void;
  /** A message with its id that is no refusal. */
  take(message: ChannelEvent): Taken;
  /** A refusal with its id. False: it was settled before, and the refusal is news to others. */
  refused(refusal: CtraderRefusal): boolean;
  /** A frame with its id could not be read. */
  unreadable(payloadType: number | undefined): void;
  timedOut(how: "not-sent" | "unknown"): void;
  /** The broker holds its kind back for longer than it may take. */
  heldTooLong(retryAfterMs: number): void;
  /** Too many wait in its lane. */
  turnedAway(): void;
  /** The channel is over, or takes nothing more. */
  ended(how: "not-sent" | "unknown", end: ChannelEnd): void;
  isSettled(): boolean;
  /** Settled, and yet messages with its id are of interest. */
  hearsMore(): boolean;
}

/** A call under way, and what the channel notes of it. */
export interface Entry extends Waiting {
  readonly call: Call;
  readonly lane: Lane;
  readonly payloadType: number;
  clientMsgId: string;
  frame: Uint8Array;
  /** By `timers.now()`. An order has one from the start, a request from its first sending. */
  deadline: number | undefined;
  /** By `timers.now()`: of the last sending; undefined while it waits in its lane. */
  sentAt: number | undefined;
  cancelTimeout: (() => void) | undefined;
}
