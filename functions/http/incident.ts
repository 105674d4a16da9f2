import { randomUUID } from "node:crypto";
import type { Log, LogFields } from "../../shared/platform/log.ts";
import { type FailureAnswer, failureAnswer } from "./failure-answer.ts";
import { faultFields } from "./fault.ts";

/** Logs something that should not have been thrown under a fresh id, and makes the answer that names it. */
export function reportIncident(log: Log, thrown: unknown, fields: LogFields = {}): FailureAnswer {
  const id = randomUUID();
  log.error("request-broken", { ...fields, id, ...faultFields(thrown) });
  return failureAnswer("INTERNAL", { id });
}
