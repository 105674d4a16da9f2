import type { ErrorCode } from "../errors.ts";

/** Facts that help a reader; never tokens, cookies, account numbers or raw bodies. */
export type FailureDetail = Readonly<Record<string, string | number>>;

/** Something that can happen, and did. */
export interface Failure<C extends ErrorCode = ErrorCode> {
  readonly ok: false;
  readonly code: C;
  readonly detail: FailureDetail;
}

export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}

/** What a function returns when failing is part of its contract; it throws only for a bug. */
export type Result<T, C extends ErrorCode = ErrorCode> = Success<T> | Failure<C>;

export function succeed<T>(value: T): Success<T> {
  return { ok: true, value };
}

export function fail<C extends ErrorCode>(code: C, detail: FailureDetail = {}): Failure<C> {
  return { ok: false, code, detail };
}
