import type { ServerResponse } from "node:http";
import type { FailureAnswer } from "./failure-answer.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** Puts the headers on an answer that every answer carries; what answers later may replace them. */
export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
}

/** Answers a failure, or cuts the connection where an answer has begun already. */
export function writeFailure(response: ServerResponse, answer: FailureAnswer, written?: () => void): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = answer.status;
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(answer.body));
  response.end(answer.body, written);
}
