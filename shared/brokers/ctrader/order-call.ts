import type { Call, Taken } from "./call.ts";
import type { ChannelEvent, OrderWatcher } from "./channel.ts";
import { encodeRequest } from "./protocol/message-reader.ts";
import type { OrderRequestName } from "./protocol/names.ts";
import { type Messages, PAYLOAD_TYPES } from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";

/** So long an order may wait to leave, and so long its first answer may take. */
export const ORDER_TIMEOUT_MS = 15_000;

/** Runs a listener of others, whose mistakes stay theirs; gives back what it gave, or undefined. */
export type Guard = <T>(listener: string, run: () => T) => T | undefined;

/** Frames with an order's id that may be its answer. */
const ANSWER_PAYLOAD_TYPES: readonly number[] = [
  PAYLOAD_TYPES.ProtoOAExecutionEvent,
  PAYLOAD_TYPES.ProtoOAOrderErrorEvent,
  PAYLOAD_TYPES.ProtoOAErrorRes,
  PAYLOAD_TYPES.ProtoErrorRes,
];

/**
 * An order request, which tells its watcher what became of it. It is settled once: by `refused`, by `ended`, or
 * by its first event, which others may follow.
 */
export class OrderCall<N extends OrderRequestName> implements Call {
  readonly name: N;
  readonly lane: Call["lane"];
  readonly payloadType: number;
  readonly timeoutMs = ORDER_TIMEOUT_MS;
  readonly during = "order";
  readonly mayBeAskedAgain = false;
  readonly #body: Messages[N];
  readonly #watcher: OrderWatcher;
  readonly #guard: Guard;
  #state: "open" | "answered" | "over" = "open";

  constructor(name: N, body: Messages[N], watcher: OrderWatcher, guard: Guard) {
    this.name = name;
    this.lane = name === "ProtoOACancelOrderReq" ? "cancels" : "orders";
    this.payloadType = PAYLOAD_TYPES[name];
    this.#body = body;
    this.#watcher = watcher;
    this.#guard = guard;
  }

  frame(clientMsgId: string): Uint8Array {
    return encodeRequest(this.name, this.#body, clientMsgId);
  }

  /** A watcher that throws has not said yes. */
  mayLeave(): boolean {
    return this.#guard("mayLeave", () => this.#watcher.mayLeave()) === true;
  }

  left(): void {
    this.#guard("left", () => this.#watcher.left());
  }

  take(message: ChannelEvent): Taken {
    if (message.name === "ProtoOAExecutionEvent") {
      this.#state = "answered";
      this.#guard("event", () => this.#watcher.event(message.body));
    }
    return "event";
  }

  refused(refusal: CtraderRefusal): boolean {
    if (this.#state !== "open") return false;
    this.#state = "over";
    this.#guard("refused", () => this.#watcher.refused(refusal));
    return true;
  }

  unreadable(payloadType: number | undefined): void {
    const mayBeAnswer = payloadType === undefined || ANSWER_PAYLOAD_TYPES.includes(payloadType);
    if (mayBeAnswer) this.#end("unknown");
  }

  timedOut(how: "not-sent" | "unknown"): void {
    this.#end(how);
  }

  heldTooLong(): void {
    this.#end("not-sent");
  }

  turnedAway(): void {
    this.#end("not-sent");
  }

  ended(how: "not-sent" | "unknown"): void {
    this.#end(how);
  }

  isSettled(): boolean {
    return this.#state !== "open";
  }

  hearsMore(): boolean {
    return this.#state === "answered";
  }

  #end(how: "not-sent" | "unknown"): void {
    if (this.#state !== "open") return;
    this.#state = "over";
    this.#guard("ended", () => this.#watcher.ended(how));
  }
}
