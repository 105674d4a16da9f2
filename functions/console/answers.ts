import type { z } from "zod";
import type { Failure } from "../../shared/platform/result.ts";
import { type FailureAnswer, failureAnswer } from "../http/failure-answer.ts";
import { reportIncident } from "../http/incident.ts";
import type { ConsoleContext, ConsoleDeps } from "./context.ts";

const JSON_HEADERS = { "Content-Type": "application/json; charset=utf-8" };

/** An answer with a body, which must fit its schema exactly: a field too many is a bug and throws. */
export function answerJson<T>(schema: z.ZodType<T>, body: T, status: number): Response {
  return new Response(JSON.stringify(schema.encode(body)), { status, headers: JSON_HEADERS });
}

/** The answer to what failed as it may. */
export function answerFailure(context: ConsoleContext, failure: Failure): Response {
  context.set("code", failure.code);
  const response = toResponse(failureAnswer(failure.code, failure.detail));
  const wait = failure.code === "RATE_LIMITED" ? failure.detail.retryAfterSeconds : undefined;
  if (wait !== undefined) response.headers.set("Retry-After", String(wait));
  return response;
}

/** The answer to a bug: an id, and no word more. */
export function answerIncident(deps: ConsoleDeps, context: ConsoleContext, thrown: unknown): Response {
  context.set("code", "INTERNAL");
  return toResponse(reportIncident(deps.log, thrown, { route: context.get("route") }));
}

function toResponse(answer: FailureAnswer): Response {
  return new Response(answer.body, { status: answer.status, headers: JSON_HEADERS });
}
