import type { IncomingMessage, ServerResponse } from "node:http";
import type { ErrorCode } from "../../shared/errors.ts";
import { failureAnswer } from "./failure-answer.ts";
import { writeFailure } from "./write-failure.ts";

/**
 * Looks at a request before the framework does, which would unpack and hold up to a gigabyte of body. Returns
 * whether the request may go on; otherwise it is answered already.
 */
export function admit(request: IncomingMessage, response: ServerResponse, maxBodyBytes: number): boolean {
  const refusal = refusalOf(request, maxBodyBytes);
  if (refusal === undefined) {
    if (request.headers["transfer-encoding"] !== undefined) cutOff(request, response, maxBodyBytes);
    return true;
  }
  writeFailure(response, failureAnswer(refusal));
  return false;
}

function refusalOf(request: IncomingMessage, maxBodyBytes: number): ErrorCode | undefined {
  const { "content-encoding": encoding, "content-length": length, "content-type": type } = request.headers;
  // Compressed bodies can unpack to any size; no caller of ours compresses.
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") return "REQUEST_NOT_JSON";
  if (Number(length ?? 0) > maxBodyBytes) return "REQUEST_TOO_LARGE";
  // Without a type the framework reads no body, and nobody would count it.
  const isStreamed = request.headers["transfer-encoding"] !== undefined;
  return isStreamed && type === undefined ? "REQUEST_NOT_JSON" : undefined;
}

/** Counts a body that does not tell its length, and ends the connection once it is too long. */
function cutOff(request: IncomingMessage, response: ServerResponse, maxBodyBytes: number): void {
  let received = 0;
  request.on("data", function count(chunk: Buffer) {
    received += chunk.length;
    if (received <= maxBodyBytes) return;
    request.off("data", count);
    writeFailure(response, failureAnswer("REQUEST_TOO_LARGE"), () => request.destroy());
  });
}
