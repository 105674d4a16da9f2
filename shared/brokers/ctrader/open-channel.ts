import type { Log } from "../../platform/log.ts";
import type { Result } from "../../platform/result.ts";
import type { Timers } from "../../platform/timers.ts";
import type {
  Channel,
  ChannelEnd,
  ChannelEvent,
  ChannelEvents,
  CtraderCallFailure,
  OrderWatcher,
  RequestOptions,
} from "./channel.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { CtraderAddress, Dial, Link, LinkEnd } from "./link.ts";
import { OrderCall } from "./order-call.ts";
import { ticketInvalid } from "./order-refusals.ts";
import { createMessageReader, encodeRequest, type MessageReader } from "./protocol/message-reader.ts";
import type { AnswerOf, OrderRequestName, RequestName } from "./protocol/names.ts";
import type { Messages } from "./protocol/open-api.generated.ts";
import { isAnswer, RequestCall } from "./request-call.ts";
import { Traffic } from "./traffic.ts";

export interface ChannelDeps {
  readonly dial: Dial;
  readonly timers: Timers;
  readonly log?: Log;
}

export interface ChannelOptions {
  readonly address: CtraderAddress;
  /** Begins each id that goes with a request; different for each channel of an account. */
  readonly idPrefix: string;
  /** The longest frame that is taken. Default 16 MiB. */
  readonly maxFrameBytes?: number;
}

/**
 * Opens one connection to cTrader and gives back at once what speaks over it. Ask before it is open, if you like:
 * it leaves when the door opens.
 *
 * ```ts
 * const channel = openChannel({ dial, timers }, { address, idPrefix: "a-" }, events);
 * const trader = await channel.request("ProtoOATraderReq", { ctidTraderAccountId });
 * if (trader.ok) console.log(trader.value.trader.balance);
 * ```
 *
 * You name a message and get its answer, typed, or the reason why there is none: `BROKER_REFUSED` and its kin with
 * the broker's own words in `detail`; `BROKER_TIMEOUT`; `BROKER_RATE_LIMITED` where the broker holds this kind of
 * request back for longer than you would wait, or a thousand wait before you; `BROKER_UNREACHABLE` when the
 * connection ended, whether or not the request had left (it only reads: ask on the next connection; the two
 * requests that act, of a token and of a margin call, give `BROKER_TIMEOUT` once they have left).
 *
 * What you need not do: beat its heart, count requests a second, wait out a block, keep orders ahead of your
 * downloads, watch for a connection that died without a word, or wonder about an order. Of each order you hear
 * whether it left, what came of it, and where that is unknown, that it is.
 */
export function openChannel(deps: ChannelDeps, options: ChannelOptions, events: ChannelEvents): Channel {
  return new OpenChannel(deps, options, events);
}

/** Smallest of all frames, and always the same. */
const HEARTBEAT = encodeRequest("ProtoHeartbeatEvent", {});

class OpenChannel implements Channel {
  readonly #deps: ChannelDeps;
  readonly #options: ChannelOptions;
  readonly #events: ChannelEvents;
  readonly #traffic: Traffic;
  readonly #heartbeat: Heartbeat;
  readonly #reader: MessageReader;
  readonly #link: Link;
  #wasHeardInChunk: boolean;
  /** Set from the moment when nothing more is taken. */
  #end: ChannelEnd | undefined;

  constructor(deps: ChannelDeps, options: ChannelOptions, events: ChannelEvents) {
    const { timers } = deps;
    this.#deps = deps;
    this.#options = options;
    this.#events = events;
    this.#wasHeardInChunk = false;
    this.#traffic = new Traffic({
      timers,
      idPrefix: options.idPrefix,
      write: (bytes) => this.#write(bytes),
    });
    this.#heartbeat = new Heartbeat({
      timers,
      beat: () => this.#traffic.slip(HEARTBEAT),
      silent: () => this.#close("silent"),
    });
    this.#reader = this.#createReader();
    this.#link = this.#dial();
  }

  async request<N extends RequestName>(
    name: N,
    body: Messages[N],
    options?: RequestOptions,
  ): Promise<Result<AnswerOf<N>, CtraderCallFailure>> {
    const call = new RequestCall(name, body, options);
    this.#traffic.give(call);
    return call.answer;
  }

  order<N extends OrderRequestName>(name: N, body: Messages[N], watcher: OrderWatcher): void {
    const call = new OrderCall(name, body, watcher, (listener, run) => this.#guard(listener, run));
    try {
      this.#traffic.give(call);
    } catch (error) {
      // A body that the protocol cannot hold: nothing was noted of it, and nothing left.
      call.refused(ticketInvalid(messageOf(error)));
    }
  }

  lastFrameAt(): number {
    return this.#heartbeat.heardAt();
  }

  close(): void {
    this.#close("closed-by-us");
  }

  #dial(): Link {
    return this.#deps.dial(this.#options.address, {
      opened: (peer) => {
        if (this.#end !== undefined) return;
        this.#heartbeat.start();
        this.#guard("opened", () => this.#events.opened(peer));
        this.#traffic.open();
      },
      received: (chunk) => {
        this.#wasHeardInChunk = false;
        this.#guard("spot", () => this.#reader.push(chunk));
      },
      drained: () => this.#traffic.open(),
      ended: (end) => this.#finish(end),
    });
  }

  #createReader(): MessageReader {
    const { log } = this.#deps;
    const { maxFrameBytes } = this.#options;
    const events = this.#events;
    return createMessageReader(
      {
        // Without a guard of its own: it costs least, and a listener that throws comes out of `push`.
        spot: (reading) => {
          this.#heard();
          events.spot(reading);
        },
        heartbeat: () => this.#heard(),
        message: (message) => {
          this.#heard();
          this.#take(message);
        },
        unknown: ({ payloadType }) => {
          this.#heard();
          log?.info("channel-message-unknown", { payloadType });
        },
        unreadable: (frame) => {
          this.#heard();
          log?.warn("channel-frame-unreadable", { payloadType: frame.payloadType, reason: frame.reason });
          this.#traffic.unreadable(frame.clientMsgId, frame.payloadType);
          this.#guard("unreadable", () => events.unreadable?.(frame.payloadType));
        },
        tooLong: (length) => {
          log?.error("channel-frame-too-long", { length });
          this.#close("frame-too-long");
        },
      },
      maxFrameBytes === undefined ? {} : { maxFrameBytes },
    );
  }

  /** Once for each chunk: a spot is to cost as little as it can. */
  #heard(): void {
    if (this.#wasHeardInChunk) return;
    this.#wasHeardInChunk = true;
    this.#heartbeat.heard();
  }

  #write(bytes: Uint8Array): boolean {
    this.#heartbeat.wrote();
    return this.#link.write(bytes);
  }

  #take(message: ChannelEvent): void {
    const taken = this.#traffic.take(message);
    const isEvent = taken === undefined ? !isAnswer(message.name) : taken === "event";
    if (isEvent) this.#guard("event", () => this.#events.event(message));
    if (message.name === "ProtoOAClientDisconnectEvent") this.#close("disconnected-by-server");
  }

  /** Nothing is taken or handed on any more; the link's own end follows, and with it everything is settled. */
  #close(end: ChannelEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#stop(end);
    this.#link.close();
  }

  #stop(end: ChannelEnd): void {
    this.#reader.stop();
    this.#traffic.stop(end);
    this.#heartbeat.stop();
  }

  #finish(linkEnd: LinkEnd): void {
    this.#end ??= linkEnd;
    const end = this.#end;
    this.#stop(end);
    this.#traffic.settleAll(end);
    this.#guard("ended", () => this.#events.ended(end));
  }

  #guard<T>(listener: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#deps.log?.error("channel-listener-failed", { listener, message: messageOf(error) });
      return undefined;
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
