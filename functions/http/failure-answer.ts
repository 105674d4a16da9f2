import { failureSchema } from "../../shared/console/api.ts";
import { ERRORS, type ErrorCode } from "../../shared/errors.ts";
import type { FailureDetail } from "../../shared/platform/result.ts";

export interface FailureAnswer {
  readonly status: (typeof ERRORS)[ErrorCode]["status"];
  /** JSON of the one body that every failure has. */
  readonly body: string;
}

/** How a failure leaves by HTTP: the words of the error table, and nothing that is not in it or in `detail`. */
export function failureAnswer(code: ErrorCode, detail: FailureDetail = {}): FailureAnswer {
  const { status, summary, next } = ERRORS[code];
  const body = failureSchema.encode({ error: { code, message: summary, next, detail: { ...detail } } });
  return { status, body: JSON.stringify(body) };
}
