import { HISTORY_REQUESTS, type MessageName } from "../../../shared/brokers/ctrader/protocol/names.ts";
import type { Timers } from "../../../shared/platform/timers.ts";
import type { FaultBoard } from "./faults.ts";
import type { Refusal } from "./words.ts";

const WINDOW_MS = 1_000;

/** The limits of one connection: so many requests in any second, and a payload type that breaks them is blocked. */
export class RateGate {
  readonly #timers: Timers;
  readonly #board: FaultBoard;
  readonly #past: { readonly others: number[]; readonly history: number[] } = { others: [], history: [] };
  readonly #blockedUntil = new Map<number, number>();

  constructor(timers: Timers, board: FaultBoard) {
    this.#timers = timers;
    this.#board = board;
  }

  /** Counts a request, or says why it may not come through; a refused one does not count. */
  pass(payloadType: number, name: MessageName | undefined): Refusal | undefined {
    const now = this.#timers.now();
    const asked = this.#askedFor(payloadType);
    if (asked !== undefined) return asked;
    const until = this.#blockedUntil.get(payloadType) ?? 0;
    if (until > now) return this.#refuse((until - now) / 1_000);
    const { requestsPerSecond, historyPerSecond, retryAfterSeconds } = this.#board.faults();
    const isHistory = name !== undefined && HISTORY_REQUESTS.has(name);
    const past = isHistory ? this.#past.history : this.#past.others;
    const limit = isHistory ? historyPerSecond : requestsPerSecond;
    while (past[0] !== undefined && past[0] <= now - WINDOW_MS) past.shift();
    if (limit > 0 && past.length >= limit) {
      this.#blockedUntil.set(payloadType, now + retryAfterSeconds * 1_000);
      return this.#refuse(retryAfterSeconds);
    }
    past.push(now);
    return undefined;
  }

  #askedFor(payloadType: number): Refusal | undefined {
    const block = this.#board.faults().blockPayloadType;
    if (block === null || block.payloadType !== payloadType) return undefined;
    this.#board.turn({ blockPayloadType: block.times > 1 ? { ...block, times: block.times - 1 } : null });
    return this.#refuse(block.retryAfterSeconds);
  }

  #refuse(seconds: number): Refusal {
    const errorCode = this.#board.faults().rateLimitCode;
    if (errorCode === "REQUEST_FREQUENCY_EXCEEDED") {
      return { errorCode, description: "Request frequency is exceeded" };
    }
    return {
      errorCode,
      description: "Payload type is blocked because of the request rate",
      retryAfter: Math.max(1, Math.ceil(seconds)),
    };
  }
}
