/** What a connection says: dresses messages, disturbs answers and events as the switches say, and writes it down. */
import type { Timers } from "../../../shared/platform/timers.ts";
import type { Chance } from "./chance.ts";
import type { FaultBoard } from "./faults.ts";
import type { Journal } from "./journal.ts";
import { LateQueue } from "./late-queue.ts";
import type { Outlet } from "./outlet.ts";
import type { VenueMessage } from "./venue.ts";
import { writeFrame } from "./wire.ts";
import type { BrokerHost, Refusal } from "./words.ts";

/** Which connection it is. */
export interface Place {
  readonly host: BrokerHost;
  readonly connection: number;
}

export interface SpeakerDeps {
  readonly timers: Timers;
  readonly chance: Chance;
  readonly board: FaultBoard;
  readonly journal: Journal;
}

export class Speaker {
  readonly #deps: SpeakerDeps;
  readonly #place: Place;
  readonly #outlet: Outlet;
  readonly #events: LateQueue;

  constructor(deps: SpeakerDeps, place: Place, outlet: Outlet) {
    this.#deps = deps;
    this.#place = place;
    this.#outlet = outlet;
    this.#events = new LateQueue(deps.timers);
  }

  /** Answers a request: perhaps late, perhaps never. */
  answer(message: VenueMessage, clientMsgId: string | undefined): void {
    const { chance, board, timers } = this.#deps;
    const { silentAnswerShare, answerDelayMs, answerJitterMs } = board.faults();
    if (chance.of(silentAnswerShare)) return;
    const jitter = answerJitterMs === 0 ? 0 : chance.whole(0, answerJitterMs);
    if (answerDelayMs + jitter === 0) this.say(message, clientMsgId);
    else timers.after(answerDelayMs + jitter, () => this.say(message, clientMsgId));
  }

  /** Refuses by the message of an account (2142). */
  refuse(refusal: Refusal, clientMsgId: string | undefined, ctidTraderAccountId?: number): void {
    const account = ctidTraderAccountId === undefined ? {} : { ctidTraderAccountId };
    this.answer({ name: "ProtoOAErrorRes", body: { ...account, ...refusal } }, clientMsgId);
  }

  /** Refuses by the common message (50), which knows no account. */
  refuseCommonly(refusal: Refusal, clientMsgId: string | undefined): void {
    const { retryAfter: _, ...body } = refusal;
    this.answer({ name: "ProtoErrorRes", body }, clientMsgId);
  }

  /** Passes on what the venue says: answers, order errors and events of an account. */
  relay(message: VenueMessage, clientMsgId: string | undefined): void {
    const { name } = message;
    if (name === "ProtoOAExecutionEvent" || name === "ProtoOAOrderErrorEvent") {
      this.#relayExecution(message, clientMsgId);
    } else if (clientMsgId !== undefined) {
      this.answer(message, clientMsgId);
    } else if (name === "ProtoOASpotEvent") {
      for (const half of this.#halvesOf(message)) this.say(half, this.#idOfNobody());
    } else {
      this.say(message, this.#idOfNobody());
    }
  }

  /** Says it now. */
  say(message: VenueMessage, clientMsgId: string | undefined): void {
    if (this.#outlet.isShut) return;
    const { board, journal } = this.#deps;
    const refusal = "errorCode" in message.body ? String(message.body.errorCode) : undefined;
    journal.add({
      ...this.#place,
      direction: "out",
      message: message.name,
      ...(clientMsgId !== undefined && { clientMsgId }),
      ...(refusal !== undefined && { refusal }),
    });
    this.#outlet.send(writeFrame(message, clientMsgId, board.faults()));
  }

  #relayExecution(message: VenueMessage, clientMsgId: string | undefined): void {
    const { chance, board } = this.#deps;
    const { lateEventsMs, duplicateEventShare } = board.faults();
    const isEvent = message.name === "ProtoOAExecutionEvent";
    const id = clientMsgId ?? this.#idOfNobody();
    const times = isEvent && chance.of(duplicateEventShare) ? 2 : 1;
    for (let time = 0; time < times; time += 1) this.#events.put(lateEventsMs, () => this.say(message, id));
  }

  /** The id of an event that answers nothing: none, or as of another connection. */
  #idOfNobody(): string | undefined {
    const { chance, board } = this.#deps;
    const { foreignIdShare, emptyClientMsgId } = board.faults();
    if (chance.of(foreignIdShare)) return `foreign-${Buffer.from(chance.bytes(8)).toString("hex")}`;
    return emptyClientMsgId ? "" : undefined;
  }

  #halvesOf(message: VenueMessage & { readonly name: "ProtoOASpotEvent" }): VenueMessage[] {
    const { bid, ask, ...rest } = message.body;
    const { chance, board } = this.#deps;
    const isSplit = bid !== undefined && ask !== undefined && chance.of(board.faults().oneSidedSpotsShare);
    if (!isSplit) return [message];
    return [
      { name: message.name, body: { ...rest, bid } },
      { name: message.name, body: { ...rest, trendbar: [], ask } },
    ];
  }
}
