import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../platform/clock.ts";
import type { Http, HttpFault } from "../../../platform/http.ts";
import type { Log, LogFields } from "../../../platform/log.ts";
import type { Random } from "../../../platform/random.ts";
import { answerOf } from "../../../platform/testing/http-answers.ts";

/** A clock that stands still until somebody sleeps, and then jumps to the earliest sleeper's end. */
export interface JumpingClock extends Clock {
  /** Every sleep that was asked for, in milliseconds. */
  readonly sleepsMs: readonly number[];
  /** Moves the time while nobody sleeps. */
  advance(duration: Temporal.Duration): void;
}

export function createJumpingClock(start = "2026-01-02T14:00:00Z"): JumpingClock {
  let now = Temporal.Instant.from(start);
  const sleepers: { readonly due: Temporal.Instant; readonly wake: () => void }[] = [];
  const sleepsMs: number[] = [];

  function wakeEarliest(): void {
    sleepers.sort((a, b) => Temporal.Instant.compare(a.due, b.due));
    const next = sleepers.shift();
    if (next === undefined) return;
    if (Temporal.Instant.compare(next.due, now) > 0) now = next.due;
    next.wake();
  }

  return {
    sleepsMs,
    now: () => now,
    sleep(duration) {
      sleepsMs.push(duration.total("milliseconds"));
      return new Promise((resolve) => {
        sleepers.push({ due: now.add(duration), wake: resolve });
        // A turn later, so that everybody who sleeps by then takes part in the order.
        setImmediate(wakeEarliest);
      });
    },
    advance(duration) {
      now = now.add(duration);
    },
  };
}

/** Bytes that count upwards: never the same twice within a test, and the same in each run. */
export function createCountingRandom(): Random {
  let count = 0;
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(length - 4, ++count);
      return bytes;
    },
  };
}

/** A generator that gives one byte only: 0 for the shortest pauses, 255 for the longest. */
export function createConstantRandom(byte: number): Random {
  return { bytes: (length) => new Uint8Array(length).fill(byte) };
}

/** A log that keeps its lines. */
export interface KeptLog extends Log {
  readonly lines: { readonly subsystem: string; readonly event: string; readonly fields: LogFields }[];
}

export function createKeptLog(): KeptLog {
  const lines: KeptLog["lines"] = [];
  const under = (subsystem: string): KeptLog => {
    const write = (event: string, fields: LogFields = {}) => void lines.push({ subsystem, event, fields });
    return { lines, info: write, warn: write, error: write, for: under };
  };
  return under("test");
}

/** A call as a broker would see it. */
export interface SeenRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  /** Of a call that acts. */
  readonly body?: string;
  /** Whether the call may share a connection. */
  readonly reuse?: boolean;
}

/** Answers from a list, call by call, and fails the test when the list is too short. */
export interface ScriptedHttp {
  readonly http: Http;
  readonly seen: readonly SeenRequest[];
}

export type ScriptedAnswer = HttpFault | Response | ((request: SeenRequest) => Response | Promise<Response>);

export function createScriptedHttp(answers: readonly ScriptedAnswer[]): ScriptedHttp {
  const seen: SeenRequest[] = [];
  const left = [...answers];
  return {
    seen,
    async http({ url, method, headers, body, reuse, mayLeave }) {
      if (mayLeave?.() === false) return { kind: "not-sent", why: "withheld" };
      const request: SeenRequest = {
        ...{ url, method, headers: new Headers(headers) },
        ...(body !== undefined && { body }),
        ...(reuse !== undefined && { reuse }),
      };
      seen.push(request);
      const answer = left.shift();
      if (answer === undefined) throw new RangeError(`No answer left for call ${seen.length}.`);
      if (typeof answer === "function") return answerOf(await answer(request));
      return answer instanceof Response ? answerOf(answer) : answer;
    },
  };
}

export const json = (body: unknown, status = 200): Response =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
