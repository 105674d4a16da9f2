import { type FailureDetail, fail, type Result, succeed } from "../../platform/result.ts";
import type { Call, Taken } from "./call.ts";
import type { ChannelEnd, ChannelEvent, CtraderCallFailure, RequestOptions } from "./channel.ts";
import { explain } from "./error-table.ts";
import { LONGEST_QUEUE } from "./lanes.ts";
import { encodeRequest } from "./protocol/message-reader.ts";
import {
  ANSWERS,
  type AnswerOf,
  HISTORY_REQUESTS,
  type MessageName,
  type RequestName,
} from "./protocol/names.ts";
import { type Messages, PAYLOAD_TYPES } from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";

const TIMEOUT_MS = 15_000;
/** Lists of great brokers have thousands of entries. */
const LIST_TIMEOUT_MS = 30_000;

const LISTS: ReadonlySet<MessageName> = new Set<MessageName>([
  "ProtoOAAssetListReq",
  "ProtoOASymbolsListReq",
  "ProtoOASymbolByIdReq",
  "ProtoOASymbolsForConversionReq",
  "ProtoOASymbolCategoryListReq",
  "ProtoOAReconcileReq",
]);

const CONTROL: ReadonlySet<MessageName> = new Set<MessageName>([
  "ProtoOAApplicationAuthReq",
  "ProtoOAAccountAuthReq",
  "ProtoOAAccountLogoutReq",
  "ProtoOARefreshTokenReq",
  "ProtoOAReconcileReq",
  "ProtoOAVersionReq",
]);

/** Everything else that is a request only reads, or says again what already holds. */
const ACTS: ReadonlySet<MessageName> = new Set<MessageName>([
  "ProtoOARefreshTokenReq",
  "ProtoOAMarginCallUpdateReq",
]);

/** Requests that the broker refuses where they are already done; their answers hold the account at most. */
const SAID_AGAIN: ReadonlySet<MessageName> = new Set<MessageName>([
  "ProtoOAApplicationAuthReq",
  "ProtoOAAccountAuthReq",
  "ProtoOASubscribeSpotsReq",
  "ProtoOASubscribeLiveTrendbarReq",
  "ProtoOASubscribeDepthQuotesReq",
  "ProtoOAv1PnLChangeSubscribeReq",
]);

const ERROR_PAYLOAD_TYPES: readonly number[] = [
  PAYLOAD_TYPES.ProtoErrorRes,
  PAYLOAD_TYPES.ProtoOAErrorRes,
  PAYLOAD_TYPES.ProtoOAOrderErrorEvent,
];
const ANSWER_NAMES: ReadonlySet<MessageName> = new Set(Object.values(ANSWERS));

/** Answers are never events, not even those that came too late. */
export function isAnswer(name: MessageName): boolean {
  return ANSWER_NAMES.has(name);
}

const SECRET_FIELDS = ["accessToken", "refreshToken", "clientSecret"] as const;
/** Of a secret that the end of a text has cut, so much tells nothing; and what is as short is none. */
const HARMLESS_LENGTH = 4;

/** The server's text goes on to logs, records and people: what we sent in confidence is taken out of it. */
function withoutSecrets(text: string, body: object): string {
  let clean = text;
  for (const field of SECRET_FIELDS) {
    const secret: unknown = (body as Record<string, unknown>)[field];
    if (typeof secret !== "string" || secret.length <= HARMLESS_LENGTH) continue;
    clean = clean.replaceAll(secret, "[secret]");
    for (let length = secret.length - 1; length > HARMLESS_LENGTH; length -= 1) {
      if (!clean.endsWith(secret.slice(0, length))) continue;
      clean = `${clean.slice(0, -length)}[secret]`;
      break;
    }
  }
  return clean;
}

/** A request with one answer, which settles a promise exactly once. */
export class RequestCall<N extends RequestName> implements Call {
  readonly name: N;
  readonly lane: Call["lane"];
  readonly payloadType: number;
  readonly timeoutMs: number;
  readonly during = "read";
  readonly mayBeAskedAgain: boolean;
  readonly answer: Promise<Result<AnswerOf<N>, CtraderCallFailure>>;
  readonly #body: Messages[N];
  #settle: ((result: Result<AnswerOf<N>, CtraderCallFailure>) => void) | undefined;

  constructor(name: N, body: Messages[N], options: RequestOptions = {}) {
    const isHistory = HISTORY_REQUESTS.has(name);
    this.name = name;
    this.lane = options.lane ?? (CONTROL.has(name) ? "control" : isHistory ? "history" : "reads");
    this.payloadType = PAYLOAD_TYPES[name];
    this.timeoutMs = options.timeoutMs ?? (isHistory || LISTS.has(name) ? LIST_TIMEOUT_MS : TIMEOUT_MS);
    this.mayBeAskedAgain = !ACTS.has(name);
    this.#body = body;
    const { promise, resolve } = Promise.withResolvers<Result<AnswerOf<N>, CtraderCallFailure>>();
    this.answer = promise;
    this.#settle = resolve;
  }

  frame(clientMsgId: string): Uint8Array {
    return encodeRequest(this.name, this.#body, clientMsgId);
  }

  mayLeave(): boolean {
    return true;
  }

  left(): void {}

  take(message: ChannelEvent): Taken {
    if (message.name === ANSWERS[this.name]) {
      this.#end(succeed(message.body as AnswerOf<N>));
      return "settled";
    }
    if (!isAnswer(message.name)) return "event";
    this.#fail("BROKER_REPLY_UNREADABLE", { answeredWith: message.name });
    return "settled";
  }

  refused(refusal: CtraderRefusal): boolean {
    const { brokerCode, action, retryAfterMs, maintenanceEndsAt } = refusal;
    const description = withoutSecrets(refusal.description, this.#body);
    if (action === "already-done" && SAID_AGAIN.has(this.name) && !this.#listsSeveral()) {
      this.#end(succeed(this.#saidAgain()));
      return true;
    }
    this.#fail(explain(brokerCode, description, "read").failure, {
      brokerCode,
      description,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(maintenanceEndsAt !== undefined && { maintenanceEndsAt }),
    });
    return true;
  }

  unreadable(payloadType: number | undefined): void {
    const isAnswerOrError =
      payloadType === undefined ||
      payloadType === PAYLOAD_TYPES[ANSWERS[this.name]] ||
      ERROR_PAYLOAD_TYPES.includes(payloadType);
    if (isAnswerOrError) this.#fail("BROKER_REPLY_UNREADABLE", {});
  }

  timedOut(how: "not-sent" | "unknown"): void {
    // Where it waits at the end of its time, it had been sent and was blocked.
    this.#fail(how === "unknown" ? "BROKER_TIMEOUT" : "BROKER_RATE_LIMITED", { timeoutMs: this.timeoutMs });
  }

  heldTooLong(retryAfterMs: number): void {
    this.#fail("BROKER_RATE_LIMITED", { retryAfterMs });
  }

  turnedAway(): void {
    this.#fail("BROKER_RATE_LIMITED", { waiting: LONGEST_QUEUE });
  }

  ended(how: "not-sent" | "unknown", end: ChannelEnd): void {
    const mayHaveActed = how === "unknown" && ACTS.has(this.name);
    this.#fail(mayHaveActed ? "BROKER_TIMEOUT" : "BROKER_UNREACHABLE", { network: end });
  }

  isSettled(): boolean {
    return this.#settle === undefined;
  }

  hearsMore(): boolean {
    return false;
  }

  /** Where one of several is done already, the broker may have done none of the others. */
  #listsSeveral(): boolean {
    const { symbolId } = this.#body as { readonly symbolId?: unknown };
    return Array.isArray(symbolId) && symbolId.length > 1;
  }

  /** The answer that the broker would have given the first time. */
  #saidAgain(): AnswerOf<N> {
    const { ctidTraderAccountId } = this.#body as { readonly ctidTraderAccountId?: number };
    return (ctidTraderAccountId === undefined ? {} : { ctidTraderAccountId }) as AnswerOf<N>;
  }

  #fail(code: CtraderCallFailure, detail: FailureDetail): void {
    this.#end(fail(code, { request: this.name, ...detail }));
  }

  #end(result: Result<AnswerOf<N>, CtraderCallFailure>): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(result);
  }
}
