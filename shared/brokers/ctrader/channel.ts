/**
 * What one connection to cTrader offers, from the dialled socket to its end: typed requests and orders over
 * lanes with rate limits, heartbeats and a watchdog. A channel is used once; the session opens the next.
 * `open-channel.ts` makes it.
 *
 * 1. Every request and order given to it settles: by its answer, by an error of any of the four shapes, by its
 *    time limit, or by the channel's end.
 * 2. Events are handed on in wire order, each exactly once, those that answer a request included.
 * 3. Nothing is ever sent twice, but for a harmless read that the broker turned away at its door for its rate.
 */
import type { Result } from "../../platform/result.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type { LinkEnd, LinkPeer } from "./link.ts";
import type { AnswerOf, MessageName, OrderRequestName, RequestName } from "./protocol/names.ts";
import type { Messages, ProtoOAExecutionEvent } from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";

/** Why a channel is over. */
export type ChannelEnd =
  | LinkEnd
  /** No frame for the watchdog's time. */
  | "silent"
  /** A frame longer than the cap: the stream cannot be read on. */
  | "frame-too-long"
  /** The server said that it disconnects (2148). */
  | "disconnected-by-server";

/** A message that nobody asked for, or that is an event by nature, as it came. */
export type ChannelEvent = {
  readonly [N in MessageName]: {
    readonly name: N;
    readonly body: Messages[N];
    /** Of the request that caused it; undefined for what happened by itself or elsewhere. */
    readonly clientMsgId: string | undefined;
  };
}[MessageName];

/** A price as it came: a side that did not change is 0. Integers of 1/100,000. The object is used again: copy what you keep. */
export interface SpotReading {
  symbolId: number;
  /** 0: this side did not change. */
  bid: number;
  /** 0: this side did not change. */
  ask: number;
  /** Milliseconds since 1970; 0 where the broker gave none. */
  timestamp: number;
  /** The event also carries bars or a session close: the whole message follows as a {@link ChannelEvent}. */
  hasMore: boolean;
}

export interface ChannelEvents {
  opened(peer: LinkPeer): void;
  /** Everything but spots without bars, answers of `request`, and heartbeats. */
  event(event: ChannelEvent): void;
  spot(reading: SpotReading): void;
  /** A frame could not be read: what it told must be asked for. `payloadType`: where at least that was legible. */
  unreadable?(payloadType: number | undefined): void;
  /** Exactly once, the last event; everything that waited has been settled before. */
  ended(end: ChannelEnd): void;
}

/** What becomes of one order request. */
export interface OrderWatcher {
  /** Asked in the moment before its bytes go to the socket: false, and it is never sent. */
  mayLeave(): boolean;
  /** Its bytes went to the socket. */
  left(): void;
  /** An event that answers it; any number of them. It is handed to `ChannelEvents.event` as well, after this. */
  event(event: ProtoOAExecutionEvent): void;
  /** It was refused, by whichever shape of error. */
  refused(refusal: CtraderRefusal): void;
  /** `not-sent`: it never left. `unknown`: it left, and no answer came in its time or before the channel's end. */
  ended(how: "not-sent" | "unknown"): void;
}

/** Failure of a request. `detail` holds `brokerCode` and `description` where the server gave them. */
export type CtraderCallFailure = BrokerCallFailure;

export interface RequestOptions {
  /** From the moment of sending. Default 15 s; 30 s for lists and history. */
  readonly timeoutMs?: number;
  /** `control` comes before reads and history: authorisation, reconciliation. Default by the request's name. */
  readonly lane?: "control" | "reads" | "history";
}

export interface Channel {
  /**
   * Asks, and gives the answer or why there is none; see `open-channel.ts`. Rejects only for a body that the
   * protocol cannot hold, which is a bug.
   */
  request<N extends RequestName>(
    name: N,
    body: Messages[N],
    options?: RequestOptions,
  ): Promise<Result<AnswerOf<N>, CtraderCallFailure>>;

  /**
   * Sends an order request before everything else that waits. Settled for the watcher by its first answer:
   * by `refused`, `ended`, or the first `event`; later events still come. One that cannot leave within 15 s is
   * `not-sent`, one that has no answer 15 s after it left is `unknown`. A body that the protocol cannot hold is
   * `refused` as a fault of ours.
   */
  order<N extends OrderRequestName>(name: N, body: Messages[N], watcher: OrderWatcher): void;

  /** By `timers.now()`: when the last frame came, of whatever kind. */
  lastFrameAt(): number;
  close(): void;
}
